"""The point result of a bundle, computed again from its collapsed table: what the live formulas are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from netprint.assess import model, restore, within
from netprint.bundle.withheld import forbids, shareable
from netprint.engine.audit import all_needs, leaves
from netprint.engine.compute import rests_on
from netprint.engine.derive import Derived
from netprint.engine.indicators import add_accounts, in_cells, supplier_shares
from netprint.engine.plan import Plan
from netprint.engine.resolve import Found
from netprint.engine.rows import Rows
from netprint.engine.run import Run
from netprint.errors import UsageError
from netprint.formula.evaluate import Asked, Names, label
from netprint.load import release
from netprint.result import Result
from netprint.units import Unit

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Recomputed:
    """``run`` has no draws: every array in it holds the point alone. ``rows``: those of the study's period.

    ``same_catalogue``: whether the catalogue is that of the bundle.
    """

    result: Result
    run: Run
    rows: Rows
    same_catalogue: bool

    @property
    def plan(self) -> Plan:
        return self.run.plan

    def names(
        self,
        at: Mapping[str, str],
        values: Mapping[str, float],
        sums: Mapping[tuple[str, tuple[str, ...]], float] | None = None,
    ) -> Names:
        """What the names of a formula stand for at these labels, at the point."""
        coefficients = self.run.coefficients
        return Names(
            at,
            {k: np.array([v]) for k, v in values.items()},
            coefficients.factor,
            coefficients.resolver.held,
            {k: np.array([v]) for k, v in (sums or {}).items()},
            strict=False,
        )

    @cached_property
    def factors(self) -> list[tuple[Asked, Found]]:
        """Every (factor, index) that a number rests on, with the row that answers it; by factor and index."""
        needs = [*all_needs(self.run), *(a for d in self.indicators for a in d.needs)]
        needs += [("gwp", (flow,)) for d in self.run.derived if (flow := self.gas(d))]
        return sorted(
            leaves(self.run, list(dict.fromkeys(needs))), key=lambda f: (f[1].factor.card.name, f[0])
        )

    def gas(self, derived: Derived) -> str:
        """The flow that a cell term books where it needs a global warming potential; else empty."""
        if derived.value is None or "flow" not in derived.term.books:
            return ""
        flow = label(derived.term.books["flow"], derived.cell)
        return "" if flow in ("", "CO2e") or flow in self.plan.impacts else flow

    @property
    def grain(self) -> tuple[str, ...]:
        """The labels of the indicators of the result."""
        by = tuple(b for b in self.result.by if b != "account")
        return tuple(b for b in by if b in self.plan.key)

    @cached_property
    def accounts(self) -> Mapping[str, tuple[tuple[str, ...], frozenset[tuple[str, ...]]]]:
        """Accounts and totals as indicators name them: the accounts they add, and their cells by ``account_dims``.

        Their sums are made known to the run.
        """
        totals = {name.replace("-", "_"): parts for name, parts in self.plan.totals.items()}
        return {
            name: (tuple(totals.get(name, (name,))), frozenset(cells))
            for name, cells in add_accounts(self.run, self.grain).items()
        }

    @property
    def account_dims(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.grain, "year"]))

    @cached_property
    def indicators(self) -> list[Derived]:
        """The cell terms that book nothing, the indicators, then the share of suppliers' data: as in the result's
        table."""
        _ = self.accounts
        return [*in_cells(self.run, self.grain), *supplier_shares(self.run)]

    def rests_on(self, needs: tuple[Asked, ...], status: str) -> tuple[bool, bool]:
        """(provisional, proxy): whether a factor below, or the term, is one."""
        return rests_on(self.run, needs, status)


def recompute(result: Result) -> Recomputed:
    """Compute a result again, at the point, with the catalogue of its release where that is at hand.

    Raises :class:`UsageError` for a public bundle, and where the licence of a factor keeps its value back.
    """
    if result.collapsed is None:
        raise UsageError(
            f"'{result.title}' is a public bundle: it holds neither the summed activity data nor the values of the "
            "factors, so no workbook with live formulas can be written from it. Take the bundle that was written "
            "without --public, or write the page: --to html."
        )
    kept = [
        f"{r['factor']} ({r['licence']})"
        for r in result.factors
        if r["whose"] == "own" and forbids(r["licence"])
    ]
    if kept:
        raise UsageError(
            f"A workbook with live formulas holds the value of every factor, and the licence forbids to hand on "
            f"{', '.join(dict.fromkeys(kept))}. Write the page instead: --to html."
        )
    wanted = result.versions.get("catalogue")
    with release.using(_release(wanted)):
        prepared = restore(result)
        rows = within(result.collapsed, prepared.study.period)
        run = replace(model(prepared.study, prepared.plan), draws=0).run(rows)
        found = Recomputed(
            shareable(result), run, rows, wanted in (release.content(), None) or release.chosen() is not None
        )
        _ = found.factors  # resolved while this release of the catalogue is open
    return found


def _release(wanted: str | None) -> release.Release | None:
    """The release with that content; None for the catalogue as it is shipped."""
    if wanted in (None, release.content()):
        return None
    return next((r for r in release.releases() if r.hash == wanted), None)


def base(unit: Unit) -> str:
    """The base unit of a unit: what its amounts are computed in."""
    return str(Unit(1.0, unit.dims))
