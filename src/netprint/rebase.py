"""The bridge of the base year between two results, by total and scope: in every draw where both can be assessed again,
else from their traces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from netprint.assess import Prepared, model, restore, within
from netprint.bundle.provenance import catalogue
from netprint.bundle.withheld import missing
from netprint.compare import ABOUT, CLIMATE, compare, other_units
from netprint.engine.bridge import (
    BOUNDARY,
    DATA,
    FACTORS,
    GWP,
    METHOD,
    STRUCTURE,
    Amounts,
    Bridge,
    Side,
    bridge,
    cells,
    scaled,
    without,
)
from netprint.engine.labels import constant
from netprint.engine.prepare.context import Calendar
from netprint.engine.rows import Rows
from netprint.errors import NetprintError, UsageError
from netprint.load import release
from netprint.load.study import Study
from netprint.merge import own_factors, terms_of
from netprint.result import Result, statistics

Row = dict[str, object]
Array = NDArray[np.float64]
#: What is left of two sums of floats that are equal but for their last bits.
ROUNDING = 1e-11
#: The parts of a structural change.
OUT, IN = f"{STRUCTURE} (out)", f"{STRUCTURE} (in)"
#: How many entities are told one by one.
TOLD = 30
SAID = {
    **ABOUT,
    STRUCTURE: "entities acquired, sold, insourced or outsourced, and changed shares",
    BOUNDARY: "scopes and categories that only one of the two has",
    DATA: "corrected or better activity data of what stays",
    FACTORS: "another release of the catalogue, or other own factors",
}


@dataclass(frozen=True)
class Measured:
    """A total, or a scope of it, before the change; ``bars``: its causes. ``(1 + N,)``, or ``(1,)`` without draws; the
    point first. ``structure``: what left and what came, where both did."""

    total: str
    scope: str
    before: Array
    bars: Mapping[str, Array]
    structure: Mapping[str, Array] = field(default_factory=dict)

    @property
    def alone(self) -> dict[str, Array]:
        """What may be significant by itself: each cause, but of the structural change what left apart from what came,
        so that a sale does not hide a purchase."""
        return {
            **{c: v for c, v in self.bars.items() if c != STRUCTURE or not self.structure},
            **self.structure,
        }


@dataclass(frozen=True)
class Rebased:
    """``bars``: cause, about, contribution, low, high of the total shown; ``interval``: of their sum. ``entities``:
    the structural change by entity. ``notes``: what could not be told."""

    bars: tuple[Row, ...]
    interval: tuple[float, float] | None
    measured: tuple[Measured, ...]
    entities: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


def rebased(one: Result, two: Result, year: str, shown: str, totals: Sequence[str]) -> Rebased:
    """The bridge of ``year`` from ``one`` to ``two`` of the total ``shown``, and what each total and scope changes by.

    By runs in the draws of ``two``; where one of the two cannot be assessed again, from the traces, which tell points
    alone. Raises :class:`UsageError` where a public bundle has no trace either.
    """
    try:
        sides = [_side(result, year, two) for result in (one, two)]
    except NetprintError as error:
        return _by_lines(one, two, year, shown, totals, str(error))
    return _by_runs(one, two, year, shown, totals, sides)


# -- by runs: in every draw --------------------------------------------------------------------------------------------


def _by_runs(
    one: Result, two: Result, year: str, shown: str, totals: Sequence[str],
    sides: Sequence[tuple[Side, Prepared]],
) -> Rebased:  # fmt: skip
    (a, first), (b, second) = sides
    told = all("" not in s.entities for s in (a, b))
    joined = (DATA, METHOD) if other_units(first, second) else ()
    made = bridge(a, b, year, _changed(one, two, first, second), structure=told, joined=joined)
    parts = {t: tuple(two.tags["totals"].get(t, (t,))) for t in totals}
    measured = tuple(_measures(made, parts))
    main = next(m for m in measured if m.total == shown and not m.scope)
    bars = tuple(_bar(cause, values) for cause, values in main.bars.items() if _matters(values, main.before))
    approaches = [str(r.tags["consolidation"] or "none stated") for r in (one, two)]
    if approaches[0] != approaches[1]:
        about = f"{SAID[STRUCTURE]} (consolidation: {approaches[0]}, now {approaches[1]})"
        bars = tuple({**bar, "about": about} if bar["cause"] == STRUCTURE else bar for bar in bars)
    whole = statistics(np.sum(list(main.bars.values()), axis=0)[None, :])
    notes = (
        () if told else ("Some records have no entity: structural change is not told from activity data.",)
    )
    interval = float(whole["low"][0]), float(whole["high"][0])
    return Rebased(bars, interval, measured, tuple(_entities(made, a, b, parts[shown], year)), notes)


def _side(result: Result, year: str, drawn_as: Result) -> tuple[Side, Prepared]:
    """A result as the engine takes it, with its own release of the catalogue. Raises :class:`UsageError` where it
    cannot be assessed again, or comes out otherwise."""
    if missing(result):
        raise UsageError(f"'{result.title}' lacks factors that were withheld for their licence.")
    with release.using(_release(result)):
        prepared = restore(result)
        base = model(prepared.study, prepared.plan)
    base = replace(base, seed=drawn_as.tags["seed"], draws=drawn_as.tags["draws"])
    rows = _of_year(prepared, within(result.collapsed, prepared.study.period), year)
    found = cells(replace(base, draws=1).run(rows), year)
    for row in result.views["year"]:
        if row["year"] == year and row["impact"] == CLIMATE and row["account"] not in result.tags["totals"]:
            again = sum(float(v[0]) for (_, _, account), v in found.items() if account == row["account"])
            if row["point"] is not None and abs(again - row["point"]) > 1e-9 * abs(row["point"]):
                raise UsageError(
                    f"'{result.title}' comes out otherwise with the catalogue and methods at hand."
                )
    return Side(base, rows, _shares(prepared.study, year)), prepared


def _release(result: Result) -> release.Release | None:
    """The release of the catalogue that a result was made with; that in use where it is the same, or none is at hand:
    then it serves if the result comes out as it was."""
    held = result.versions.get("catalogue")
    if held == catalogue():
        return release.chosen()
    return next((known for known in release.releases() if known.hash == held), release.chosen())


def _of_year(prepared: Prepared, rows: Rows, year: str) -> Rows:
    """The rows of the base year; all, where a term books another year than its rows', or across years."""
    terms = (*prepared.plan.terms, *prepared.plan.cell_terms)
    if any("year" in t.books or (t.each is not None and "year" not in t.each) for t in terms):
        return rows
    label = rows.labels.get("year", constant("", len(rows)))
    return rows.take(np.flatnonzero(label.having(year)).astype(np.int64))


def _shares(study: Study, year: str) -> dict[str, float]:
    """The consolidated share of each entity in the year, by days; empty where the study has no table of entities."""
    calendar = Calendar(*study.year_begins)
    first, last = calendar.first(int(year)), calendar.last(int(year))
    found: dict[str, float] = {}
    for held in study.holdings:
        days = (min(held.end, last) - max(held.start, first)).days + 1
        if days > 0 and not held.holding:
            part = held.share * days / ((last - first).days + 1)
            found[held.entity] = found.get(held.entity, 0.0) + part
    return found


def _changed(one: Result, two: Result, a: Prepared, b: Prepared) -> list[str]:
    """Which of factors, method and GWP set differ."""
    own = own_factors("a", a.study.own, "b", b.study.own)
    columns = [{n: c.formula for n, c in p.plan.columns.items()} for p in (a, b)]
    found = {
        FACTORS: bool(own) or one.versions.get("catalogue") != two.versions.get("catalogue"),
        METHOD: terms_of(a.study.methods) != terms_of(b.study.methods) or columns[0] != columns[1],
        GWP: a.study.gwp != b.study.gwp,
    }
    return [cause for cause, differs in found.items() if differs]


def _measures(made: Bridge, parts: Mapping[str, tuple[str, ...]]) -> Iterator[Measured]:
    """Each total, and each scope of it once: a scope that two totals share is the same in both."""
    n = max((len(v) for end in made.ends for v in end.values()), default=1)
    seen = set()
    for total, accounts in parts.items():
        held = {k for amounts in (*made.ends, *made.bars.values()) for k in amounts if k[1] in accounts}
        for scope in ("", *sorted({k[0] for k in held if k[0]})):
            keys = tuple(sorted(k for k in held if not scope or k[0] == scope))
            if scope and (scope, keys) in seen:
                continue
            seen.add((scope, keys))
            bars = {cause: _sum(amounts, keys, n) for cause, amounts in made.bars.items()}
            before = _sum(made.ends[0], keys, n)
            pair = dict(zip((OUT, IN), (_sum(part, keys, n) for part in made.structure), strict=True))
            both = all(_matters(v, before) for v in pair.values())
            yield Measured(total, scope, before, bars, pair if both else {})


def _sum(amounts: Amounts, keys: Sequence[tuple[str, str]], n: int) -> Array:
    total = np.zeros(n)
    for key in keys:
        if key in amounts:
            total = total + amounts[key]
    return total


def _bar(cause: str, values: Array) -> Row:
    told = {k: float(v[0]) for k, v in statistics(values[None, :]).items()}
    about = " and ".join(SAID[part] for part in cause.split(" and "))
    return {
        "cause": cause, "about": about, "contribution": told["point"], "low": told["low"], "high": told["high"],
    }  # fmt: skip


def _matters(values: Array, before: Array) -> bool:
    return bool(np.max(np.abs(values)) > ROUNDING * max(float(np.max(np.abs(before))), 1e-300))


def _entities(made: Bridge, a: Side, b: Side, accounts: Sequence[str], year: str) -> Iterator[Row]:
    """The structural change by entity, one after the other, so that the rows add up to its bar."""

    def amount(side: Side, rows: Rows) -> float:
        found = cells(replace(side.model, draws=1).run(rows), year)
        return sum(float(v[0]) for (_, _, account), v in found.items() if account in accounts)

    steps: list[tuple[str, str, Side, float, Callable[[Rows], Rows]]] = [
        *((e, "only in the old inventory", a, 1.0, lambda r, e=e: without(r, [e])) for e in made.left),
        *((e, f"share from {100 * x:.4g} % to {100 * y:.4g} %", a, 1.0, lambda r, e=e, x=x, y=y: scaled(r, {e: (x, y)}))
          for e, (x, y) in made.moved.items()),
        *((e, "only in the new inventory", b, -1.0, lambda r, e=e: without(r, [e])) for e in made.joined),
    ]  # fmt: skip
    rows, before = [a.rows, b.rows], [amount(a, a.rows), amount(b, b.rows)]
    for i, (entity, what, side, sign, step) in enumerate(steps):
        at = int(side is b)
        rows[at] = step(rows[at])
        if i < TOLD:
            after = amount(side, rows[at])
            yield {"entity": entity, "what": what, "contribution": sign * (after - before[at])}
            before[at] = after
    if len(steps) > TOLD:
        rest = amount(a, rows[0]) - before[0] - (amount(b, rows[1]) - before[1])
        yield {"entity": f"{len(steps) - TOLD} more", "what": "entities together", "contribution": rest}


# -- by lines: points alone --------------------------------------------------------------------------------------------


def _by_lines(one: Result, two: Result, year: str, shown: str, totals: Sequence[str], why: str) -> Rebased:
    """The bars of the two traces. A scope is told only as a whole, since the bars of a trace are those of a total."""
    measured: list[Measured] = []
    bars: tuple[Row, ...] = ()
    for total in totals:
        found = compare(one, two, total, f"{year}:{year}")
        if total == shown:
            bars = tuple({**bar, "low": None, "high": None} for bar in found.bars)
        values = {str(bar["cause"]): np.array([bar["contribution"]]) for bar in found.bars}
        measured.append(Measured(total, "", np.array([found.points[0]]), values))
    note = f"{why} The bars are those of the two traces, without draws, and scopes are not told apart."
    return Rebased(bars, None, tuple(measured), (), (note,))


__all__ = ["ROUNDING", "Measured", "Rebased", "rebased"]
