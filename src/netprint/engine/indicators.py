"""Indicators: recomputed for every cell shown, never summed, and checked against what their terms state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.derive import Derived, Summand, derive, has_grain
from netprint.engine.labels import labels
from netprint.engine.plan import HOLDING
from netprint.engine.run import CLIMATE, Run
from netprint.errors import InputError, Problem
from netprint.formula.parse import Name, walk, write
from netprint.formula.parse import parse as parse_formula
from netprint.load.entities import INVESTMENT
from netprint.load.method import ACCOUNTS, Term
from netprint.result import STATISTICS, Table, statistics, table
from netprint.units import parse

Array = NDArray[np.float64]
Key = tuple[str, ...]
Completeness = Callable[[Mapping[str, str]], float | None]
#: Two ways to one indicator agree where their points differ by no more than this share.
AGREE = 0.001
#: The approaches that rest on data of suppliers: GHG Protocol Scope 3 Standard, ch. 11.
OF_SUPPLIERS = (
    "supplier-specific", "hybrid", "fuel-based", "site-specific", "asset-specific", "lessor-specific",
    "lessee-specific", "franchise-specific", "investment-specific",
)  # fmt: skip
#: What is held and not consolidated is booked so; its own activity data are the group's, and no investee stated them.
OF_INVESTEES = "investment-specific"
SCOPE_3 = "3"
#: The sums behind the share: Scope 3 of a year, and what of it was calculated from data of suppliers.
OF_SCOPE_3, FROM_SUPPLIERS = "scope_3", "scope_3_from_suppliers"
SUPPLIER_SHARE = Term(
    "supplier_share",
    parse_formula(f"{FROM_SUPPLIERS} / {OF_SCOPE_3}"),
    unit="1",
    title="Share of Scope 3 calculated from data of suppliers",
    cites="GHG Protocol Scope 3 Standard, ch. 11",
    status="verified",
)


def indicators(run: Run, by: Key, completeness: Completeness) -> tuple[Table, list[str]]:
    """The table of indicators and of the cell terms that book nothing, and warnings of those that contradict their
    cross-check. Raises :class:`InputError` with every indicator that lies outside its valid range."""
    grain = tuple(b for b in by if b in run.plan.key)
    found = in_cells(run, grain)
    _refuse_invalid(found)
    contradictions = [text for d in found if (text := _contradiction(d, run))]
    found += supplier_shares(run)
    partial = incomplete(run)
    columns = [
        *grain,
        "cell",
        "indicator",
        "title",
        "unit",
        *STATISTICS,
        "completeness",
        "note",
        "cites",
        "status",
    ]
    return table([_indicator_row(d, grain, completeness, partial) for d in found], columns), contradictions


def in_cells(run: Run, grain: Key) -> list[Derived]:
    """The cell terms that book nothing, then the indicators: in the cells of ``grain``, and by year.

    Activity data of what is held and not consolidated are no part of an indicator.
    """
    found = [d for d in run.derived if "flow" not in d.term.books]
    if run.plan.indicators:
        add_accounts(run, grain)
    held = (HOLDING,) if HOLDING in run.plan.key else ()
    for term in run.plan.indicators:
        grains = [grain] if has_grain(term, grain, run.sums) else []
        grains += [("year",)] if set(grain) != {"year"} else []
        for cells in grains:
            derived = derive(term, (*cells, *held), run.sums, run.plan, run.coefficients)
            found += [d for d in derived if not d.cell.get(HOLDING)]
    return found


def _refuse_invalid(found: list[Derived]) -> None:
    problems = []
    for derived in found:
        term, valid = derived.term, derived.term.valid
        if valid is not None and derived.value is not None:
            point = float(derived.value[0]) / parse(term.unit).scale
            if not valid[0] <= point <= valid[1]:
                problems.append(
                    Problem(
                        term.file, term.line, term.id,
                        f"{term.title or term.id} is {point:.6g} {term.unit} ({_cell(derived)})".replace(" 1 (", " ("),
                        _range(valid), f"Check the activity data behind `{write(term.formula)}`.",
                    )
                )  # fmt: skip
    if problems:
        raise InputError(problems)


def _cell(derived: Derived) -> str:
    return ", ".join(f"{k} {v}" for k, v in derived.cell.items() if v) or "every row"


def _range(valid: tuple[float, float]) -> str:
    low, high = valid
    if high == math.inf:
        return f"at least {low:g}"
    return f"at most {high:g}" if low == -math.inf else f"from {low:g} to {high:g}"


def _contradiction(derived: Derived, run: Run) -> str:
    """What is told where an indicator and its cross-check, another way to the same number, differ."""
    term = derived.term
    if term.equals is None or derived.value is None:
        return ""
    other = derive(
        replace(term, formula=term.equals), tuple(derived.cell), run.sums, run.plan, run.coefficients
    )
    values = [d.value for d in other if d.cell == derived.cell and d.value is not None]
    if not values:
        return ""
    one, two = (float(v[0]) / parse(term.unit).scale for v in (derived.value, values[0]))
    if abs(one - two) <= AGREE * max(abs(one), abs(two)):
        return ""
    return (
        f"{term.title or term.id} ({_cell(derived)}) is {one:.6g}, and {two:.6g} by `{write(term.equals)}`: "
        "the data contradict each other."
    )


def supplier_shares(run: Run) -> list[Derived]:
    """The share of Scope 3 that was calculated from data of suppliers and other partners, for each year: GHG Protocol
    Scope 3 Standard, ch. 11. Of the accounts :func:`scope_3_accounts`, by the approaches :func:`of_suppliers`.

    The two sums behind it are made known to the run under :data:`OF_SCOPE_3` and :data:`FROM_SUPPLIERS`.
    """
    if "approach" not in run.plan.cell:
        return []
    accounts, approaches = scope_3_accounts(run), of_suppliers(run)
    found: dict[str, list[tuple[str, Array]]] = {OF_SCOPE_3: [], FROM_SUPPLIERS: []}
    for (year, scope, approach, account, impact), value in run.view(("year", "scope", "approach")).items():
        if scope == SCOPE_3 and account in accounts and impact == CLIMATE:
            found[OF_SCOPE_3].append((year, value))
            if approach in approaches:
                found[FROM_SUPPLIERS].append((year, value))
    for name, parts in found.items():
        values = [v for _, v in parts]

        def total(part: NDArray[np.int64], values: list[Array] = values) -> Array:
            return np.asarray(np.sum([values[i] for i in part.tolist()], axis=0))

        run.sums.summands[name] = Summand({"year": labels(y for y, _ in parts)}, len(parts), total)
    shares = []
    for (year,) in sorted(run.sums.cells(OF_SCOPE_3, ("year",))):
        whole = run.sums.at(OF_SCOPE_3, ("year",), (year,))
        part = run.sums.at(FROM_SUPPLIERS, ("year",), (year,))
        if whole is not None and (whole > 0).all():
            share = np.zeros(1) if part is None else part / whole
            shares.append(Derived(SUPPLIER_SHARE, {"year": year}, share))
    return shares


def scope_3_accounts(run: Run) -> tuple[str, ...]:
    """The accounts that Scope 3 adds: those of the location-based total where the methods form one, for category 15
    holds the electricity of what is held and not consolidated; else the inventory."""
    return tuple(run.plan.totals.get("location-based", ("inventory",)))


def of_suppliers(run: Run) -> tuple[str, ...]:
    """The approaches that count as data of suppliers; without :data:`OF_INVESTEES` where entities that the study holds
    and does not consolidate are booked so from their own activity data: the two are not told apart there."""
    holding = run.quantities.rows.labels.get(HOLDING)
    moved = holding is not None and bool(holding.having(INVESTMENT).any())
    return tuple(a for a in OF_SUPPLIERS if not (moved and a == OF_INVESTEES))


def incomplete(run: Run) -> set[str]:
    """The terms, accounts and totals that lack something because a factor is a gap."""
    names = {u.term.id for u in run.all_lines.uniques if u.gaps} | {d.term.id for d in run.derived if d.gaps}
    account = run.all_lines.cell["account"]
    accounts = {account.values[c] for c in np.unique(account.codes[run.gap]).tolist()}
    accounts |= {cell["account"] for cell, derived in run.extra if derived.gaps}
    totals = {name for name, parts in run.plan.totals.items() if accounts & set(parts)}
    return names | {n.replace("-", "_") for n in accounts | totals}


def _indicator_row(
    derived: Derived, grain: Key, completeness: Completeness, partial: set[str]
) -> dict[str, Any]:
    term, cell = derived.term, {k: v for k, v in derived.cell.items() if k != HOLDING or v}
    row: dict[str, Any] = {c: cell.get(c, "") for c in grain}
    row["cell"] = ", ".join(f"{k} {v}" for k, v in cell.items() if v and k not in grain)
    if (term.indicator and len(cell) < len(grain)) or (
        "year" not in grain and term.indicator and cell.keys() == {"year"}
    ):
        row["cell"] = f"all of {cell['year']}"
    row |= {"indicator": term.id, "title": term.title, "unit": term.unit or "1", "cites": term.cites}
    row |= {"status": term.status, "note": ""}
    if derived.value is None:
        row |= dict.fromkeys(STATISTICS, np.nan)
        row["note"] = f"undefined: {derived.undefined}" if derived.undefined else "gap"
    else:
        row |= {
            k: float(v[0]) for k, v in statistics((derived.value / parse(term.unit).scale)[None, :]).items()
        }
        if partial & {n.id for n in walk(term.formula) if isinstance(n, Name)}:
            row["note"] = "incomplete: it rests on a sum from which something is missing (see the gaps)"
    complete = completeness(cell)
    row["completeness"] = np.nan if complete is None else complete
    return row


def add_accounts(run: Run, grain: Key) -> dict[str, list[Key]]:
    """Make accounts and totals known to the run as names that an indicator may use, `-` written as `_`; their cells, by
    ``grain`` and year."""
    dims = tuple(dict.fromkeys([*grain, "year"]))
    view = {k[:-1]: v for k, v in run.view(dims).items() if k[-1] == CLIMATE}
    cells = {}
    for account in dict.fromkeys([*ACCOUNTS, *run.plan.totals]):
        name, held = account.replace("-", "_"), [(k[:-1], v) for k, v in view.items() if k[-1] == account]
        columns = {c: labels(k[i] for k, _ in held) for i, c in enumerate(dims)}
        values = [v for _, v in held]

        def total(part: NDArray[np.int64], values: list[Array] = values) -> Array:
            return np.asarray(np.sum([values[i] for i in part.tolist()], axis=0))

        if name not in run.sums.summands:
            run.sums.summands[name] = Summand(columns, len(held), total)
            cells[name] = [k for k, _ in held]
    return cells
