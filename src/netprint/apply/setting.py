"""The study that practices are applied to: its plan with the columns they select by, its collapsed rows, its year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.apply.parameters import Given, kept_table
from netprint.assess import Prepared, collapse_activities, model, prepare, restore, within
from netprint.bundle import read
from netprint.engine.compute import Model
from netprint.engine.contract import Quantities
from netprint.engine.labels import labels
from netprint.engine.lines import expand
from netprint.engine.plan import plan
from netprint.engine.rows import Rows
from netprint.engine.run import CLIMATE, Run
from netprint.engine.scenarios import selected
from netprint.errors import Problems, UsageError, did_you_mean
from netprint.formula.parse import Binary, Compare, Name, Tree
from netprint.load.activities import load_activities
from netprint.load.factors import catalog
from netprint.load.scenario import Scenario
from netprint.load.selector import columns_of
from netprint.result import MEMO, Result

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Study = str | Path | Mapping[str, Any] | Result


@dataclass(frozen=True)
class Setting:
    """One year of a study: ``rows`` of that year and those without one, and the total that is looked at."""

    prepared: Prepared
    rows: Rows
    year: str
    total: str
    title: str
    view: Mapping[tuple[str, ...], Array]
    run: Run
    lacking: frozenset[str] = frozenset()
    known: dict[tuple[str, bytes], Array] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        return self.prepared.study.draws

    @cached_property
    def model(self) -> Model:
        return model(self.prepared.study, self.prepared.plan)

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        return self.prepared.plan.totals.get(self.total, (self.total,))

    @cached_property
    def baseline(self) -> Array:
        """The total of the year, kg CO2e; ``(1 + N,)``."""
        return self.of_view(self.view)

    @cached_property
    def linear(self) -> bool:
        """Whether the total is a sum over rows: no cell term books into it (a market-based total has some)."""
        return not any(cell["account"] in self.accounts for cell, _ in self.run.extra)

    def amount(self, run: Run) -> Array:
        """The total of a run in this year, kg CO2e; ``(1 + N,)``."""
        return self.of_view(run.view(("year",)))

    def of_view(self, view: Mapping[tuple[str, ...], Array]) -> Array:
        found = [view[k] for a in self.accounts if (k := (self.year, a, CLIMATE)) in view]
        return np.broadcast_to(np.sum(found, axis=0) if found else np.zeros(1), (self.draws + 1,))

    def of_rows(self, mask: Mask) -> Array:
        """What these rows alone emit, without cell terms; kg CO2e, ``(1 + N,)``."""
        return self.once("emissions", mask, self._of_rows)

    def once(self, what: str, mask: Mask, found: Callable[[Mask], Array]) -> Array:
        """What was found for a set of rows, found once."""
        key = (what, mask.tobytes())
        if key not in self.known:
            self.known[key] = found(mask)
        return self.known[key]

    def _of_rows(self, mask: Mask) -> Array:
        part = self.rows.take(np.flatnonzero(mask).astype(np.int64))
        alone = replace(self.model, plan=replace(self.prepared.plan, cell_terms=()))
        return self.amount(alone.run(part))

    def with_kept(self, group: NDArray[np.int64], kept: Sequence[Array]) -> Array:
        """The total with every row of group g multiplied by ``kept[g]``; rows of group -1 stay as they are."""
        names = {f"practice_keeps_{g}": array for g, array in enumerate(kept)}
        before = self.rows.labels["times"].texts()
        texts = [
            t if g < 0 else f"({t}) * practice_keeps_{g}" if t else f"practice_keeps_{g}"
            for t, g in zip(before, group.tolist(), strict=True)
        ]
        table = kept_table(names)
        planned = replace(self.prepared.plan, cards={**self.prepared.plan.cards, **table.cards})
        changed = replace(self.model, plan=planned, tables=(table, *self.model.tables))
        rows = self.rows.relabelled("times", labels(texts))
        resolver = changed.resolver()
        lines = expand(rows, planned, resolver)
        quantities = Quantities(rows, planned.key, changed.seed, changed.draws)
        coefficients = Given(resolver, changed.seed, changed.draws, names)
        return self.amount(Run(planned, lines, quantities, coefficients, changed.period))

    def select(self, tree: Tree) -> Mask:
        """The rows that a selector takes, of activities only."""
        return selected(self.rows, tree)

    def quantity(self, mask: Mask) -> Array:
        """Σ of the rows' quantities, in the activity's own unit; ``(1 + N,)``."""
        return self.once("quantity", mask, self._quantity)

    def _quantity(self, mask: Mask) -> Array:
        total = self.run.quantities.sum(np.flatnonzero(mask).astype(np.int64))
        return np.broadcast_to(total, (self.draws + 1,))

    def driver(self, name: str, tree: Tree) -> float | None:
        """The amount of a driver (sites, subscribers) in the year, where its rows say so of what the selector takes
        (its network, country, site); None where the inventory has none."""
        held = self.rows.labels["activity"].having(name)
        if not held.any():
            return None
        told = {
            c
            for c in columns_of(tree) - {"activity", "item", "tier"}
            if any(self.rows.labels[c].take(np.flatnonzero(held)).texts())
        }
        held = held & self.select(without(tree, columns_of(tree) - told))
        return float(self.rows.quantity[held].sum())


def without(tree: Tree, columns: Set[str]) -> Tree:
    """The selector with comparisons of these columns always true."""
    match tree:
        case Binary(operator, left, right):
            return Binary(operator, without(left, columns), without(right, columns))
        case Compare(left=Name(name)) if name in columns:
            return Compare("==", Name("activity"), Name("activity"))
    return tree


def open_setting(
    study: Study,
    selectors: Mapping[str, Tree],
    year: str | None = None,
    total: str | None = None,
    draws: int | None = None,
) -> Setting:
    """Read a study or bundle so that these selectors can be evaluated on its rows; ``draws`` in place of the study's.

    A study is read again with the columns that they name; a bundle holds the columns that it was made with. Raises what
    assessing raises, and :class:`UsageError` for a year or total that it has not.
    """
    prepared, rows = _read(study, selectors)
    if draws is not None:
        prepared = replace(prepared, study=replace(prepared.study, draws=draws))
    kept = within(rows, prepared.study.period)
    at = _year(prepared, kept, year)
    held = kept.labels["year"].having(at) | kept.labels["year"].having("")
    kept = kept.take(np.flatnonzero(held).astype(np.int64))
    named = {c for tree in selectors.values() for c in columns_of(tree)}
    run = model(prepared.study, prepared.plan).run(kept)
    view = run.view(("year",))
    name = _total(prepared, view, at, total)
    return Setting(
        prepared, kept, at, name, prepared.study.title, view, run, frozenset(named - set(kept.labels))
    )


def _read(study: Study, selectors: Mapping[str, Tree]) -> tuple[Prepared, Rows]:
    path = Path(study) if isinstance(study, str | Path) else None
    if isinstance(study, Result) or (path is not None and path.suffix not in (".yaml", ".yml")):
        kept = study if isinstance(study, Result) else read(path or "")
        return restore(kept), kept.collapsed
    assert not isinstance(study, Result)
    prepared = planned_for(prepare(study), selectors)
    return prepared, collapse_activities(prepared).rows


def planned_for(prepared: Prepared, selectors: Mapping[str, Tree]) -> Prepared:
    """The study planned again with the selectors' columns in the key."""
    study, problems = prepared.study, Problems()
    scenarios = [*study.sensitivities, *(Scenario(name, select=tree) for name, tree in selectors.items())]
    planned = plan(
        study.methods, study.by, {**catalog().cards, **study.own.cards}, load_activities(), study.columns, scenarios,
        problems, study.file, counted=tuple(c for c in study.completeness if c != "stated"),
        held=bool(study.holdings),
    )  # fmt: skip
    problems.raise_if_any()
    return replace(prepared, plan=planned)


def _year(prepared: Prepared, rows: Rows, year: str | None) -> str:
    held = sorted(set(rows.labels["year"].texts()) - {""})
    if year is None:
        return held[-1] if held else str(prepared.study.period[1])
    if str(year) not in held:
        raise UsageError(f"'{prepared.study.title}' has no year {year}; it has {', '.join(held)}.")
    return str(year)


def _total(prepared: Prepared, view: Mapping[tuple[str, ...], Array], year: str, total: str | None) -> str:
    held = {k[1] for k in view if k[0] == year and k[2] == CLIMATE}
    totals = [t for t in prepared.plan.totals if t in held]
    names = [*totals, *sorted(held - set(totals) - set(MEMO))]
    if total is None and names:
        return names[0]
    if total in held:
        return str(total)
    if not names:
        raise UsageError(f"'{prepared.study.title}' has no emissions in {year} that a practice could avoid.")
    near = did_you_mean(str(total), held)
    raise UsageError(f"'{total}' is no account of the study; these are: {', '.join(names)}. {near}".strip())
