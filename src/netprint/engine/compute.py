"""From collapsed rows to a result: resolve, evaluate, contract, derive, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.coefficients import Coefficients
from netprint.engine.contract import Quantities
from netprint.engine.derive import Derived
from netprint.engine.indicators import indicators
from netprint.engine.lines import Lines, expand
from netprint.engine.plan import Plan
from netprint.engine.resolve import Found, Gap, Resolver
from netprint.engine.rows import Rows
from netprint.engine.run import Run, add_to_view, with_totals
from netprint.formula.evaluate import Asked
from netprint.formula.parse import Name, Tree, walk
from netprint.load.factor import FactorTable
from netprint.result import STATISTICS, Table, stacked, statistics, table

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


def views_of(plan: Plan) -> dict[str, Key]:
    """The views of a result; by approach where a method books the calculation method of a guidance."""
    approach = tuple(c for c in ("approach", "quality") if c in plan.cell)
    return {**VIEWS, "approach": ("year", "scope", "category", *approach)} if approach else VIEWS


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
    contradictions: list[str]
    draws: dict[tuple[str, str, str], Array]
    run: Run


def compute(model: Model, rows: Rows, completeness: Completeness) -> Computed:
    """Assess collapsed rows. ``completeness`` answers for the labels of a cell."""
    run = model.run(rows)
    run.check_axes()
    by = tuple(b for b in model.plan.by if b not in ("account",))
    shares = cell_shares(run)
    shown = views_of(model.plan)
    found: dict[str, dict[Key, Array]] = {name: {} for name in shown}
    parts: list[Table] = []
    for block in run.blocks(by):
        cells: dict[Key, Array] = {}
        add_to_view(run, block, by, cells)
        parts.append(_table(run, by, with_totals(run, cells, by), shares, completeness))
        for name, dims in shown.items():
            add_to_view(run, block, dims, found[name])
    views = {name: with_totals(run, view, shown[name]) for name, view in found.items()}
    year = {(k[0], k[1], k[2]): v for k, v in views["year"].items()}
    told, contradictions = indicators(run, by, completeness)
    return Computed(
        cells=stacked(parts) if parts else _table(run, by, {}, shares, completeness),
        views={n: _table(run, shown[n], v, shares, completeness) for n, v in views.items()},
        indicators=told,
        contradictions=contradictions,
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
