"""expand: the join of collapsed rows and terms. A line is a row × a term × a point of its axes; also the trace."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from netprint.engine.labels import Groups, Labels, group, labels
from netprint.engine.multipliers import columns_named, multipliers
from netprint.engine.plan import HOLDING, Plan
from netprint.engine.resolve import Gap, Resolver
from netprint.engine.rows import Rows
from netprint.errors import InputError, Problem, did_you_mean, nearest
from netprint.formula.evaluate import Asked, NoWholeNumber, label, needed
from netprint.formula.parse import Name, Text, Tree, walk
from netprint.load.entities import INVESTMENT
from netprint.load.method import ACCOUNTS, Items, Range, Term, label_names
from netprint.units import parse as parse_unit

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Unique:
    """One distinct evaluation: a term at one set of labels. ``values``: numeric columns and axes, coherent units.

    ``times`` multiplies it (a practice, an adoption, the weight of a reference). ``flow`` is what it books.
    """

    term: Term
    labels: Mapping[str, str]
    values: Mapping[str, float]
    times: Tree | None
    flow: str
    needs: tuple[Asked, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Lines:
    """L lines. ``row``, ``unique`` (L,); ``cell``: the labels of the result cell each one belongs to."""

    row: Codes
    unique: Codes
    uniques: tuple[Unique, ...]
    cell: Mapping[str, Labels]

    def __len__(self) -> int:
        return len(self.row)

    def only(self, keep: NDArray[np.bool_]) -> Lines:
        rows = np.flatnonzero(keep).astype(np.int64)
        return replace(
            self,
            row=self.row[rows],
            unique=self.unique[rows],
            cell={k: v.take(rows) for k, v in self.cell.items()},
        )


@dataclass
class _Growing:
    times: Mapping[str, Tree]
    by_times: set[str]
    uniques: list[Unique] = field(default_factory=list)
    known: dict[object, int] = field(default_factory=dict)
    rows: list[Codes] = field(default_factory=list)
    ids: list[Codes] = field(default_factory=list)
    booked: list[tuple[dict[str, str], int]] = field(default_factory=list)


def expand(rows: Rows, plan: Plan, resolver: Resolver) -> Lines:
    """Every line of the study. Lines whose factors are gaps are in it too; their unique says which.

    Raises :class:`InputError` for a multiplier or an account of the rows that does not hold.
    """
    times = multipliers(rows, plan)
    growing = _Growing(times, columns_named(times, plan))
    activity = rows.labels["activity"]
    reached = np.zeros(len(rows), dtype=bool)
    for term in plan.terms:
        if term.activity in activity.values:
            fed = np.flatnonzero(activity.codes == activity.values.index(term.activity)).astype(np.int64)
            before = len(growing.rows)
            _expand_term(term, rows, fed, plan, resolver, growing)
            for chosen in growing.rows[before:]:
                reached[chosen] = True
    _check_accounts(growing)
    _unreached(rows, plan, resolver, ~reached, growing)
    row = np.concatenate(growing.rows) if growing.rows else np.zeros(0, dtype=np.int64)
    unique = np.concatenate(growing.ids) if growing.ids else np.zeros(0, dtype=np.int64)
    return Lines(row, unique, tuple(growing.uniques), _cells(plan, rows, row, growing.booked))


def _expand_term(
    term: Term, rows: Rows, fed: Codes, plan: Plan, resolver: Resolver, growing: _Growing
) -> None:
    used = _columns_used(term, plan, growing.by_times)
    groups = group({c: rows.labels[c].take(fed) for c in used}, len(fed))
    members = _members(groups)
    for g in range(len(groups)):
        at = groups.label(g)
        for point in points(term, at, resolver):
            times = growing.times.get(at.get("times", ""))
            try:
                unique, booked = _unique(term, {**at, **point}, point, times, plan, resolver)
            except NoWholeNumber as error:
                raise InputError([no_whole_number(term, error)]) from None
            key = (term.id, tuple(sorted(unique.labels.items())), at.get("times", ""))
            if key not in growing.known:
                growing.known[key] = len(growing.uniques)
                growing.uniques.append(unique)
            chosen = fed[members[g]]
            growing.rows.append(chosen)
            growing.ids.append(np.full(len(chosen), growing.known[key], dtype=np.int64))
            growing.booked.append((booked, len(chosen)))


def no_whole_number(term: Term, error: NoWholeNumber) -> Problem:
    return Problem(
        term.file, term.line, f"{term.id}.formula", str(error), "a whole number in every row",
        "Fill the column, or compute it under `columns:`.",
    )  # fmt: skip


def _check_accounts(growing: _Growing) -> None:
    """Accounts that come with the rows are those of the engine; a misspelt one would be missing from its total."""
    problems = []
    for unique, (booked, _) in zip((growing.uniques[i[0]] for i in growing.ids), growing.booked, strict=True):
        account = booked.get("account", "inventory")
        if account not in ACCOUNTS:
            told = (
                f"the account {account!r}, which the term {unique.term.id} books",
                ", ".join(ACCOUNTS),
                did_you_mean(account, ACCOUNTS) or "Write one of these for each row.",
            )
            problems.append(Problem("activities", None, "account", *told))
    if problems:
        raise InputError(problems)


def _unreached(
    rows: Rows, plan: Plan, resolver: Resolver, missing: NDArray[np.bool_], growing: _Growing
) -> None:
    """Rows that a term would take but whose axes have no point (an item that no table lists) are gaps, not zeros."""
    activity = rows.labels["activity"]
    for term in plan.terms:
        axis = next((a for a in term.over.values() if isinstance(a, Items)), None)
        if axis is None or term.activity not in activity.values or "flow" not in term.books:
            continue
        code = activity.values.index(term.activity)
        columns = [c for c in plan.cards[axis.factor].index if c in rows.labels]
        for i in np.flatnonzero(missing & (activity.codes == code)).tolist():
            asked = tuple(rows.labels[c].values[rows.labels[c].codes[i]] for c in columns)
            known = {i[0] for t in resolver.tables_of(axis.factor) for i in t.rows.get(axis.factor, {})}
            near = tuple(nearest(asked[0], known)) if asked else ()
            gap = Gap(axis.factor, asked, near or ("it has no row for this index",))
            labels_ = dict(zip(columns, asked, strict=True))
            growing.rows.append(np.array([i], dtype=np.int64))
            growing.ids.append(np.array([len(growing.uniques)], dtype=np.int64))
            growing.uniques.append(Unique(term, labels_, {}, None, "?", (), (gap,)))
            booked = {k: t.value for k, t in term.books.items() if isinstance(t, Text)}
            growing.booked.append((booked, 1))
            missing[i] = False


def _members(groups: Groups) -> list[Codes]:
    order = np.argsort(groups.group, kind="stable").astype(np.int64)
    return [
        p.astype(np.int64)
        for p in np.split(order, np.searchsorted(groups.group[order], np.arange(1, len(groups))))
    ]


def _columns_used(term: Term, plan: Plan, by_times: set[str]) -> list[str]:
    """The columns of the key on which a term's value or booking depends; ``by_times``: what multipliers name."""
    named = by_times | {n.id for n in walk(term.formula) if isinstance(n, Name)}
    for tree in term.books.values():
        named |= label_names(tree)
    return [c for c in plan.key if c in named or c in ("times", HOLDING) or _indexes_items(term, c)]


def _indexes_items(term: Term, column: str) -> bool:
    """An axis from a factor's table depends on the row's other indices, which may be any column."""
    return any(isinstance(a, Items) for a in term.over.values()) and column in ("item", "country", "year")


def points(term: Term, at: Mapping[str, str], resolver: Resolver) -> Iterator[dict[str, str]]:
    """The points of a term's axes at the labels of a row; one empty point where it has none."""
    axes = {}
    for name, axis in term.over.items():
        if isinstance(axis, Items):
            axes[name] = _items(name, axis.factor, at, resolver)
        else:
            axes[name] = axis.labels() if isinstance(axis, Range) else axis
    for combination in itertools.product(*axes.values()):
        yield dict(zip(axes, combination, strict=True))


def _items(name: str, factor: str, at: Mapping[str, str], resolver: Resolver) -> tuple[str, ...]:
    """The labels that a factor's tables have for an index, where its other indices are those of the row.

    Where none has the row's year and the card falls back on other years, those of the nearest year.
    """
    card = resolver.cards[factor]
    place = card.index.index(name)
    indices = [i for t in resolver.tables_of(factor) for i in t.rows.get(factor, {})]

    def fits(index: tuple[str, ...], columns: Mapping[str, str]) -> bool:
        return all(
            c == name or not i or i == columns.get(c, i) for c, i in zip(card.index, index, strict=True)
        )

    found = {i[place] for i in indices if fits(i, at)}
    if not found and "year" in card.fallback and at.get("year", "").isdigit():
        year, others = card.index.index("year"), {c: v for c, v in at.items() if c != "year"}
        near = [i for i in indices if fits(i, others) and i[year].isdigit()]
        nearest_year = min(
            (i[year] for i in near), key=lambda y: (abs(int(y) - int(at["year"])), y), default=""
        )
        found = {i[place] for i in near if i[year] == nearest_year}
    return tuple(sorted(found))


def _unique(
    term: Term,
    at: Mapping[str, str],
    point: Mapping[str, str],
    times: Tree | None,
    plan: Plan,
    resolver: Resolver,
) -> tuple[Unique, dict[str, str]]:
    trees = [term.formula] if times is None else [term.formula, times]
    named = {n.id for t in trees for n in walk(t) if isinstance(n, Name)}
    flow = label(term.books["flow"], at) if "flow" in term.books else ""
    kept = {c: t for c, t in at.items() if c in named or c in point} | {"flow": flow}
    values = {
        c: float(t) * plan.numeric[c].scale for c, t in kept.items() if c in plan.numeric and c in named
    }
    for name in point:
        axis = term.over[name]
        if isinstance(axis, Range):
            values[name] = float(point[name]) * parse_unit(axis.unit).scale
    needs = [a for t in trees for a in needed(t, kept, {**values, "quantity": 1}, plan.cards, resolver.held)]
    if flow and flow != "CO2e" and flow not in plan.impacts:
        needs.append(("gwp", (flow,)))
    needs = list(dict.fromkeys(needs))
    gaps = tuple(a for a in map(resolver, needs) if isinstance(a, Gap))
    booked = as_held({k: label(t, at) for k, t in term.books.items()}, at)
    return Unique(term, kept, values, times, flow, tuple(needs), gaps), booked


def as_held(booked: dict[str, str], at: Mapping[str, str]) -> dict[str, str]:
    """What a term books, moved to category 15 of Scope 3 where the entity is held and not consolidated: GHG Protocol
    Scope 3 Standard, ch. 5, category 15."""
    if at.get(HOLDING) != INVESTMENT or "flow" not in booked:
        return booked
    return {**booked, "scope": "3", "category": "15 investments", "approach": "investment-specific"}


def _cells(plan: Plan, rows: Rows, row: Codes, booked: list[tuple[dict[str, str], int]]) -> dict[str, Labels]:
    """The labels of the cell that each line is booked to: what its term books, else its row's own column."""
    cell = {}
    lengths = np.array([n for _, n in booked], dtype=np.int64)
    for dim in plan.cell:
        default = "inventory" if dim == "account" else ""
        column = rows.labels.get(dim)
        if column is None:
            texts = labels([b.get(dim, default) for b, _ in booked])
            cell[dim] = Labels(np.repeat(texts.codes, lengths), texts.values)
        elif not any(dim in b for b, _ in booked):
            cell[dim] = _filled(column.take(row), default)
        else:
            own = _filled(column.take(row), default)
            values = dict.fromkeys([*own.values, *(b[dim] for b, _ in booked if dim in b)])
            code = {v: i for i, v in enumerate(values)}
            said = np.repeat(
                np.array([code[b[dim]] if dim in b else -1 for b, _ in booked], dtype=np.int64), lengths
            )
            cell[dim] = Labels(np.where(said >= 0, said, own.codes), tuple(values))
    return cell


def _filled(column: Labels, default: str) -> Labels:
    """A column whose empty labels are the default."""
    if not default or "" not in column.values:
        return column
    return labels([column.values[c] or default for c in column.codes])
