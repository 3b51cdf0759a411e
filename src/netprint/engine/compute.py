"""From collapsed rows to a result: resolve, evaluate, contract, derive, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.coefficients import Coefficients
from netprint.engine.contract import Quantities
from netprint.engine.derive import Derived, Summand, derive, has_grain
from netprint.engine.labels import labels
from netprint.engine.lines import Lines, expand
from netprint.engine.plan import Plan
from netprint.engine.resolve import Found, Gap, Resolver
from netprint.engine.rows import Rows
from netprint.engine.run import CLIMATE, Run, add_to_view, with_totals
from netprint.formula.evaluate import Asked
from netprint.formula.parse import Name, Tree, walk
from netprint.load.factor import FactorTable
from netprint.load.method import ACCOUNTS
from netprint.result import STATISTICS, Table, stacked, statistics, table
from netprint.units import parse

Array = NDArray[np.float64]
Key = tuple[str, ...]
Completeness = Callable[[Mapping[str, str]], float | None]

VIEWS: dict[str, Key] = {
    "all": (),
    "year": ("year",),
    "scope": ("year", "scope"),
    "category": ("year", "scope", "category"),
    "flow": ("year", "flow"),
}


@dataclass(frozen=True)
class Model:
    """Everything but the rows: what a set of collapsed rows is assessed with."""

    plan: Plan
    tables: Sequence[FactorTable]
    groups: Callable[[str], Sequence[str]]
    aliases: Mapping[str, str]
    seed: int
    draws: int
    mapped: Mapping[str, Tree] = field(default_factory=dict)
    period: tuple[int, int] | None = None

    def resolver(self) -> Resolver:
        return Resolver(self.tables, self.plan.cards, self.groups, self.aliases, self.mapped)

    def run(self, rows: Rows) -> Run:
        resolver = self.resolver()
        lines = expand(rows, self.plan, resolver)
        quantities = Quantities(rows, self.plan.key, self.seed, self.draws)
        return Run(self.plan, lines, quantities, Coefficients(resolver, self.seed, self.draws), self.period)


@dataclass
class Computed:
    """The tables of a result, before they are given a title and tags."""

    cells: Table
    views: dict[str, Table]
    indicators: Table
    draws: dict[tuple[str, str, str], Array]
    run: Run


def compute(model: Model, rows: Rows, completeness: Completeness) -> Computed:
    """Assess collapsed rows. ``completeness`` answers for the labels of a cell."""
    run = model.run(rows)
    run.check_axes()
    by = tuple(b for b in model.plan.by if b not in ("account",))
    shares = cell_shares(run)
    found: dict[str, dict[Key, Array]] = {name: {} for name in VIEWS}
    parts: list[Table] = []
    for block in run.blocks(by):
        cells: dict[Key, Array] = {}
        add_to_view(run, block, by, cells)
        parts.append(_table(run, by, with_totals(run, cells, by), shares, completeness))
        for name, dims in VIEWS.items():
            add_to_view(run, block, dims, found[name])
    views = {name: with_totals(run, view, VIEWS[name]) for name, view in found.items()}
    year = {(k[0], k[1], k[2]): v for k, v in views["year"].items()}
    return Computed(
        cells=stacked(parts) if parts else _table(run, by, {}, shares, completeness),
        views={n: _table(run, VIEWS[n], v, shares, completeness) for n, v in views.items()},
        indicators=_indicators(run, by, completeness),
        draws={**year, **{("", k[0], k[1]): v for k, v in views["all"].items()}},
        run=run,
    )


def _table(
    run: Run,
    dims: Key,
    found: Mapping[Key, Array],
    shares: Shares,
    completeness: Completeness,
) -> Table:
    keys = sorted(found)
    if not keys:
        return table([], [*dims, "account", "impact", "unit", *STATISTICS])
    columns: dict[str, Any] = {d: [k[i] for k in keys] for i, d in enumerate(dims)}
    columns["account"] = [k[-2] for k in keys]
    columns["impact"] = [k[-1] for k in keys]
    columns["unit"] = [run.unit(k[-1]) for k in keys]
    measures = [
        shares.of(dict(zip(dims, k, strict=False)), run.plan.totals.get(k[-2], (k[-2],))) for k in keys
    ]
    wide = [found[k] for k in keys]
    stats = [statistics(np.stack(wide[i : i + 256])) for i in range(0, len(wide), 256)]
    for name in STATISTICS:
        values = np.concatenate([s[name] for s in stats])
        columns[name] = np.where([m["coverage"] == 0 for m in measures], np.nan, values)
    columns["coverage"] = np.array([m["coverage"] for m in measures])
    complete = [completeness(dict(zip(dims, k, strict=False))) for k in keys]
    columns["completeness"] = np.array([np.nan if c is None else c for c in complete])
    columns["provisional_share"] = np.array([m["provisional"] for m in measures])
    columns["proxy_share"] = np.array([m["proxy"] for m in measures])
    return Table(columns)


class Shares:
    """Per finest cell: records covered, and how much of the point rests on provisional values and on proxies."""

    def __init__(self, dims: Sequence[str], parts: list[tuple[dict[str, str], dict[str, float]]]) -> None:
        self.dims, self.parts = dims, parts
        self._sums: dict[tuple[str, ...], dict[tuple[Key, str], dict[str, float]]] = {}

    def of(self, at: Mapping[str, str], accounts: Sequence[str]) -> dict[str, float]:
        names = tuple(at)
        if names not in self._sums:
            sums: dict[tuple[Key, str], dict[str, float]] = {}
            for cell, measures in self.parts:
                key = (tuple(cell.get(n, "") for n in names), cell["account"])
                into = sums.setdefault(key, dict.fromkeys(_MEASURED, 0.0))
                for name in _MEASURED:
                    into[name] += measures[name]
            self._sums[names] = sums
        found = [s for a in accounts if (s := self._sums[names].get((tuple(at.values()), a))) is not None]
        total = {name: sum(f[name] for f in found) for name in _MEASURED}
        return {
            "coverage": total["covered"] / total["records"] if total["records"] else 1.0,
            "provisional": total["provisional"] / total["amount"] if total["amount"] else 0.0,
            "proxy": total["proxied"] / total["amount"] if total["amount"] else 0.0,
        }


_MEASURED = ("records", "covered", "amount", "provisional", "proxied")


def cell_shares(run: Run) -> Shares:
    """Coverage by records, and shares of the absolute point contributions, for every finest cell."""
    booking, groups = run.booking, run.groups
    lines = run.all_lines
    uniques = lines.uniques
    states = [(bool(u.gaps), *rests_on(run, u.needs, u.term.status)) for u in uniques]
    at = lines.unique[booking]
    row = lines.row[booking]
    rows = run.quantities.rows
    coefficient = np.array(
        [0.0 if u.gaps or not u.flow else float(run.impact_coefficient(i)[0]) for i, u in enumerate(uniques)]
    )
    amount = np.abs(coefficient[at] * rows.quantity[row]) if len(at) else np.zeros(0)
    flags = np.array(states, dtype=bool).reshape(-1, 3)[at] if len(at) else np.zeros((0, 3), dtype=bool)
    weight, covered = _records(run, row, flags[:, 0])
    count = rows.count[row] * weight
    cell = groups.group[: len(booking)]
    n = len(groups)
    sums = {
        "records": np.bincount(cell, count, n),
        "covered": np.bincount(cell, count * covered, n),
        "amount": np.bincount(cell, amount, n),
        "provisional": np.bincount(cell, amount * flags[:, 1], n),
        "proxied": np.bincount(cell, amount * flags[:, 2], n),
    }
    inherited = Inherited(run)
    for i, (_, derived) in enumerate(run.extra):
        c = groups.group[len(booking) + i]
        provisional, proxied = rests_on(run, derived.needs, derived.term.status)
        value = 0.0 if derived.value is None else abs(float(run._impact_of(derived)[0]))
        sums["records"][c] += 1
        sums["covered"][c] += 0.0 if derived.value is None else inherited(derived)
        sums["amount"][c] += value
        sums["provisional"][c] += value * provisional
        sums["proxied"][c] += value * proxied
    parts = [(groups.label(c), {k: float(v[c]) for k, v in sums.items()}) for c in range(n)]
    return Shares(run.plan.cell, parts)


class Inherited:
    """The coverage of a cell term: the least of the terms that it sums, in its own cell."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lacking = {u.term.id for u in run.all_lines.uniques if u.gaps}
        self._known: dict[tuple[str, Key], dict[Key, tuple[float, float]]] = {}

    def __call__(self, derived: Derived) -> float:
        named = {n.id for n in walk(derived.term.formula) if isinstance(n, Name)} & self.lacking
        return min((self._share(name, derived.cell) for name in named), default=1.0)

    def _share(self, term: str, cell: Mapping[str, str]) -> float:
        grain = tuple(cell)
        if (term, grain) not in self._known:
            self._known[term, grain] = self._count(term, grain)
        covered, records = self._known[term, grain].get(tuple(cell.values()), (1.0, 1.0))
        return covered / records

    def _count(self, term: str, grain: Key) -> dict[Key, tuple[float, float]]:
        lines, rows = self.run.all_lines, self.run.quantities.rows
        counts: dict[Key, tuple[float, float]] = {}
        of_term = np.array([u.term.id == term for u in lines.uniques], dtype=bool)[lines.unique]
        for i in np.flatnonzero(of_term).tolist():
            key = tuple(_label_of(lines, rows, c, i) for c in grain)
            covered, records = counts.get(key, (0.0, 0.0))
            count = float(rows.count[lines.row[i]])
            counts[key] = covered + count * (not self.run.gap[i]), records + count
        return counts


def _label_of(lines: Lines, rows: Rows, column: str, line: int) -> str:
    if column in lines.cell:
        return str(lines.cell[column].values[lines.cell[column].codes[line]])
    held = rows.labels.get(column)
    return "" if held is None else str(held.values[held.codes[lines.row[line]]])


def _records(run: Run, row: NDArray[np.int64], gap: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """For every booking line: one over the number of its record's lines in one account (a fuel with four gases is one
    record), and whether none of them is a gap."""
    account = run.all_lines.cell["account"].codes[run.booking]
    pair = row * (int(account.max(initial=0)) + 1) + account
    _, inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)
    return 1.0 / counts[inverse], ~np.isin(pair, pair[gap])


def rests_on(
    run: Run, needs: Sequence[Asked], status: str, above: frozenset[Asked] = frozenset()
) -> tuple[bool, bool]:
    """(provisional, proxy): whether any factor below a formula, or its term, is one."""
    provisional, proxy = status != "verified", False
    for asked in needs:
        answer = run.coefficients.resolver(asked)
        if (
            isinstance(answer, Found) and asked not in above
        ):  # a scenario's formula may name the factor itself
            inner = rests_on(run, answer.inputs, "verified", above | {asked})
            provisional |= answer.provisional or inner[0]
            proxy |= answer.proxy is not None or inner[1]
    return provisional, proxy


def _indicators(run: Run, by: Key, completeness: Completeness) -> Table:
    """Indicators, recomputed for every cell shown and never summed, and the cell terms that book nothing."""
    grain = tuple(b for b in by if b in run.plan.key)
    found = [d for d in run.derived if "flow" not in d.term.books]
    _add_accounts(run, grain)
    for term in run.plan.indicators:
        if has_grain(term, grain, run.sums):
            found += derive(term, grain, run.sums, run.plan, run.coefficients)
        if set(grain) != {"year"}:
            found += derive(term, ("year",), run.sums, run.plan, run.coefficients)
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
    return table([_indicator_row(d, grain, completeness, partial) for d in found], columns)


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
    term, cell = derived.term, derived.cell
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


def _add_accounts(run: Run, grain: Key) -> None:
    """Accounts and totals as names that an indicator may use, `-` written as `_`."""
    if not run.plan.indicators:
        return
    dims = tuple(dict.fromkeys([*grain, "year"]))
    view = {k[:-1]: v for k, v in run.view(dims).items() if k[-1] == CLIMATE}
    for account in dict.fromkeys([*ACCOUNTS, *run.plan.totals]):
        held = [(k[:-1], v) for k, v in view.items() if k[-1] == account]
        columns = {c: labels(k[i] for k, _ in held) for i, c in enumerate(dims)}
        values = [v for _, v in held]

        def total(part: NDArray[np.int64], values: list[Array] = values) -> Array:
            return np.asarray(np.sum([values[i] for i in part.tolist()], axis=0))

        run.sums.summands.setdefault(account.replace("-", "_"), Summand(columns, len(held), total))


def gaps(run: Run) -> Table:
    """Every gap once: the factor, what was asked, the term, the amount that is not assessed."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    held: dict[tuple[str, str], set[int]] = {}
    lines = run.all_lines
    quantity = run.quantities.rows.quantity
    for i, unique in enumerate(lines.uniques):
        for gap in unique.gaps:
            row = rows.setdefault((str(gap), unique.term.id), _gap_row(gap, unique.term.id, "", 0.0))
            row["unit"] = run.plan.activities[str(unique.term.activity)].unit
            held.setdefault((str(gap), unique.term.id), set()).update(lines.row[lines.unique == i].tolist())
    for key, members in held.items():  # a fuel with four gases is missing once
        rows[key]["quantity"] = float(np.sum(quantity[sorted(members)]))
    for derived in run.derived:
        for gap in derived.gaps:
            rows.setdefault((str(gap), derived.term.id), _gap_row(gap, derived.term.id, "", float("nan")))
    return table(list(rows.values()), ["state", "factor", "asked", "term", "quantity", "unit", "near"])


def _gap_row(gap: Gap, term: str, unit: str, quantity: float) -> dict[str, Any]:
    return {
        "state": "NE", "factor": gap.factor, "asked": ", ".join(gap.asked), "term": term,
        "quantity": quantity, "unit": unit, "near": "; ".join(gap.near),
    }  # fmt: skip
