"""compare: the difference of two results as a waterfall whose bars add up to it, and the factor rows that differ.

From A to B one ingredient at a time: first the quantities change at A's coefficients, then the coefficients at B's
quantities. A coefficient's change is the GWP set's where the flow's GWP changes, else the method's where the formula
of the term does, else the factors'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from netprint.assess import Prepared, model, rerun, restore, within
from netprint.bundle import read
from netprint.bundle.chain import supersedes
from netprint.bundle.provenance import catalogue
from netprint.bundle.withheld import missing
from netprint.engine import audit
from netprint.engine.bridge import STRUCTURE
from netprint.errors import UsageError, did_you_mean
from netprint.explain import number
from netprint.merge import unlike
from netprint.result import Result, statistics

Row = dict[str, Any]
CLIMATE = "climate change"
#: What is left of two floats that are equal but for their last bits.
ROUNDING = Fraction(1, 10**12)
#: The bars, in the order in which the ingredients are swapped.
BARS = (
    "year", STRUCTURE, "boundary", "coverage", "activity data", "factors", "method",
    "method and factors", "GWP set", "cell terms",
)  # fmt: skip
ABOUT = {
    "year": "years that only one of the two has",
    STRUCTURE: "entities that only one of the two has",
    "boundary": "terms that only one of the two methods has",
    "coverage": "gaps of one that the other does not have",
    "activity data": "quantities",
    "factors": "factor rows",
    "method": "formulas of terms",
    "method and factors": "formulas of terms and their factors, changed together",
    "GWP set": "global warming potentials",
    "cell terms": "terms computed from the sums of cells, all causes together",
}
_YEAR = re.compile(r"\byear \d{4}\b")


@dataclass(frozen=True)
class Comparison:
    """B minus A for one account or total.

    ``bars``: cause, contribution; they add up to ``difference``. ``lines``: the same by term and labels, the largest
    first. ``interval``: the 95 % interval of the difference from draws that A and B have in common, None where they
    have none (``note`` says why). ``factors``: the factor rows that differ. ``supersedes``: which replaces the other.
    """

    a: str
    b: str
    total: str
    unit: str
    years: tuple[tuple[str, ...], tuple[str, ...]]
    points: tuple[float, float]
    difference: float
    bars: tuple[Row, ...]
    lines: tuple[Row, ...]
    factors: tuple[Row, ...]
    interval: tuple[float, float] | None = None
    note: str = ""
    supersedes: str = ""

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def __str__(self) -> str:
        years = [", ".join(y) for y in self.years]
        parts = [
            f"{self.total}, {self.unit}",
            f"  {number(self.points[0])}  {self.a} ({years[0]})",
        ]
        parts += [f"  {signed(bar['contribution'])}  {bar['cause']}: {bar['about']}" for bar in self.bars]
        parts.append(f"  {number(self.points[1])}  {self.b} ({years[1]})")
        spread = ""
        if self.interval is not None:
            spread = f", 95 % interval {signed(self.interval[0])} to {signed(self.interval[1])}"
        parts.append(f"Difference: {signed(self.difference)} {self.unit}{spread}")
        parts += [said for said in (self.note, self.supersedes) if said]
        if self.lines:
            parts += ["", "The largest changes:"]
            parts += [f"  {signed(r['contribution'])}  {r['cause']}: {r['what']}" for r in self.lines[:10]]
        if self.factors:
            parts += ["", f"{len(self.factors)} factor rows differ:"]
            parts += [f"  {r['factor']}: {r['a']} -> {r['b']}" for r in self.factors[:10]]
        return "\n".join(parts)


def compare(
    a: str | Path | Result, b: str | Path | Result, total: str | None = None, year: str | None = None
) -> Comparison:
    """Split the difference of two results into its causes.

    ``total``: an account or a total across accounts; by default the first total that both form. ``year``: one year, or
    ``2022:2023`` for one of each; by default all years, or the only year of each. Raises :class:`UsageError` where the
    results have nothing to compare.
    """
    one, two = (x if isinstance(x, Result) else read(x) for x in (a, b))
    for result in (one, two):
        if not len(result.lines) and result.collapsed is None:
            raise UsageError(f"'{result.title}' is a public bundle: it has no trace to compare.")
    name = _total(one, two, total)
    years = _years(one, two, year)
    mapped = len(years[0]) == len(years[1]) == 1 and years[0] != years[1]
    sides = _Side(one, name, years[0], mapped), _Side(two, name, years[1], mapped)
    swapped = None if mapped else _swapped(one, two, name, years[1])
    changes = [c for key in sorted({*sides[0].lines, *sides[1].lines}) for c in _changes(sides, key, swapped)]
    sums = {cause: sum((c for w, c, _ in changes if w == cause), Fraction(0)) for cause in BARS}
    bars = tuple(
        {"cause": cause, "about": ABOUT[cause], "contribution": float(value)}
        for cause, value in sums.items()
        if value
    )
    lines: list[Row] = [
        {"cause": cause, "contribution": float(value), "what": what}
        for cause, value, what in changes
        if value
    ]
    lines.sort(key=lambda r: (-abs(r["contribution"]), r["what"]))
    interval, note = _interval(one, two, name, years)
    return Comparison(
        one.title, two.title, name, _unit(one), years, (float(sides[0].sum), float(sides[1].sum)),
        float(sum(sums.values(), Fraction(0))), bars, tuple(lines), tuple(factor_changes(one, two)), interval, note,
        _superseded((a, one), (b, two)),
    )  # fmt: skip


def _superseded(a: tuple[str | Path | Result, Result], b: tuple[str | Path | Result, Result]) -> str:
    """Which of the two replaces the other; empty where none does."""
    for (_, newer), (given, older) in ((b, a), (a, b)):
        if supersedes(newer, given):
            return f"'{newer.title}' supersedes '{older.title}'; its base year stands on another basis."
    return ""


# -- what is compared ------------------------------------------------------------------------------------------------


def _accounts(result: Result) -> list[str]:
    found = {str(r["account"]) for r in result.views["year"] if r["impact"] == CLIMATE}
    return [*(t for t in result.tags["totals"] if t in found), *sorted(found - set(result.tags["totals"]))]


def _total(one: Result, two: Result, total: str | None) -> str:
    both = [name for name in _accounts(one) if name in _accounts(two)]
    if total is None and both:
        return both[0]
    if total in both:
        return str(total)
    if not both:
        raise UsageError(
            f"'{one.title}' and '{two.title}' have no account in common; there is nothing to compare."
        )
    known = f"these are: {', '.join(both)}. {did_you_mean(str(total), both)}"
    raise UsageError(f"'{total}' is no account that both results have; {known}".strip())


def _years(one: Result, two: Result, year: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    held = [tuple(sorted({str(r["year"]) for r in x.views["year"]})) for x in (one, two)]
    if year is None:
        return held[0], held[1]
    first, _, second = year.partition(":")
    asked = first, second or first
    for wanted, known, result in zip(asked, held, (one, two), strict=True):
        if wanted not in known:
            raise UsageError(f"'{result.title}' has no year {wanted}; it has {', '.join(known)}.")
    return (asked[0],), (asked[1],)


def _unit(result: Result) -> str:
    return next(str(r["unit"]) for r in result.views["all"] if r["impact"] == CLIMATE)


@dataclass
class _Line:
    """The lines of one term and one set of labels, added up. ``quantity`` is None of a cell term."""

    row: Row
    quantity: Fraction | None
    value: Fraction


class _Side:
    """One of the two results: its lines of the total and years compared."""

    def __init__(self, result: Result, total: str, years: Sequence[str], mapped: bool) -> None:
        self.result, self.years = result, years
        accounts = result.tags["totals"].get(total, (total,))
        self.terms = {t["term"]: t for t in result.tags["terms"]}
        gwp = [r for r in result.factors if r["named"] == "gwp" and r["value"] is not None]
        self.gwp = {str(r["asked"]): Fraction(r["value"]) for r in gwp}
        self.gaps = {str(r["term"]) for r in result.gaps}
        self.entities: set[str] = set()
        self.lines: dict[tuple[str, ...], _Line] = {}
        for row in result.lines:
            if row["account"] in accounts and row["impact"] == CLIMATE and row["year"] in years:
                self._add(row, mapped)
        self.sum = sum((line.value for line in self.lines.values()), Fraction(0))

    def _add(self, row: Row, mapped: bool) -> None:
        self.entities.add(str(row.get("entity") or ""))
        labels = _YEAR.sub("year", row["labels"]) if mapped else row["labels"]
        cell = [str(row[c]) for c in ("scope", "category", "account", "flow", *self.result.by) if c != "year"]
        key = (row["term"], "" if mapped else row["year"], labels, *dict.fromkeys(cell))
        quantity = None if row["quantity"] is None else Fraction(row["quantity"])
        held = self.lines.get(key)
        if held is None:
            self.lines[key] = _Line(row, quantity, Fraction(row["contribution"]))
        else:
            held.value += Fraction(row["contribution"])
            held.quantity = None if quantity is None or held.quantity is None else held.quantity + quantity


# -- bars ------------------------------------------------------------------------------------------------------------


def _swapped(one: Result, two: Result, total: str, years: Sequence[str]) -> _Side | None:
    """B's collapsed table assessed as A was: what cell terms need, whose quantities are no sums of rows.

    None where one of the two cannot be assessed again, or has other columns or units.
    """
    if not all(_again(x) for x in (one, two)):
        return None
    if not any(row["quantity"] is None for x in (one, two) for row in x.lines):
        return None
    prepared = restore(one)
    rows = within(two.collapsed, (int(two.tags["period"][0]), int(two.tags["period"][1])))
    if not set(prepared.plan.key) <= set(rows.labels) or other_units(prepared, restore(two)):
        return None
    run = replace(model(prepared.study, prepared.plan), draws=1).run(rows)
    return _Side(replace(one, lines=audit.trace(run, {})), total, years, False)


def _again(result: Result) -> bool:
    """Whether a result can be assessed again here: its rows, its catalogue and all its factors are at hand."""
    whole = result.collapsed is not None and not missing(result)
    return whole and result.versions.get("catalogue") == catalogue()


def other_units(a: Prepared, b: Prepared) -> bool:
    """Whether a number of B's rows would mean another thing in A."""
    return any(
        what.startswith("unit of the column") or (what.startswith("unit of the activity") and x and y)
        for what, x, y in unlike(a, b)
    )


def _changes(
    sides: tuple[_Side, _Side], key: tuple[str, ...], swapped: _Side | None
) -> Iterable[tuple[str, Fraction, str]]:
    """The causes of the change of one line: cause, contribution, what changed."""
    a, b = (side.lines.get(key) for side in sides)
    what = f"{key[0]} ({key[2]})" if key[2] else key[0]
    what += f", {key[1]}" if key[1] else ""
    if a is None or b is None:
        yield (
            _alone(sides, key, a, b),
            (b.value if b else Fraction(0)) - (a.value if a else Fraction(0)),
            what,
        )
        return
    if a.quantity is None or b.quantity is None:
        between = swapped.lines.get(key) if swapped is not None else None
        if between is None:
            yield "cell terms", b.value - a.value, what
        else:
            yield "activity data", between.value - a.value, what
            yield _cause(sides, a.row, b.row), b.value - between.value, what
        return
    old = a.value / a.quantity if a.quantity else b.value / b.quantity if b.quantity else Fraction(0)
    by_quantity = (b.quantity - a.quantity) * old
    new = b.value / b.quantity if b.quantity else old
    flow = str(a.row["flow"])
    g = [side.gwp.get(flow, Fraction(1)) for side in sides]
    by_gwp = b.quantity * (new / g[1]) * (g[1] - g[0]) if g[0] and g[1] else Fraction(0)
    rest = b.value - a.value - by_quantity - by_gwp
    if abs(rest) <= ROUNDING * (abs(a.value) + abs(b.value)):
        by_quantity, rest = by_quantity + rest, Fraction(0)
    yield "activity data", by_quantity, what
    yield "GWP set", by_gwp, what
    yield _cause(sides, a.row, b.row), rest, what


def _alone(sides: tuple[_Side, _Side], key: tuple[str, ...], a: _Line | None, b: _Line | None) -> str:
    """Why a line is in one result only."""
    other = sides[1] if b is None else sides[0]
    line = a or b
    assert line is not None
    if key[1] and key[1] not in other.years:
        return "year"
    if all(other.entities) and line.row.get("entity") and line.row["entity"] not in other.entities:
        return STRUCTURE
    if key[0] not in other.terms:
        return "boundary"
    if key[0] in other.gaps:
        return "coverage"
    return "cell terms" if line.quantity is None else "activity data"


def _cause(sides: tuple[_Side, _Side], a: Row, b: Row) -> str:
    formulas = [side.terms[a["term"]].get("formula") for side in sides]
    if formulas[0] == formulas[1]:
        return "factors"
    return "method" if a["factors"] == b["factors"] else "method and factors"


# -- the interval of the difference, and the factors -----------------------------------------------------------------


def _interval(
    one: Result, two: Result, total: str, years: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[tuple[float, float] | None, str]:
    """From common draws: what both results share cancels."""
    apart = "The interval of the difference is not known: "
    if one.tags["seed"] != two.tags["seed"] or one.tags["draws"] != two.tags["draws"]:
        return None, f"{apart}the two were drawn with another seed or number of draws."
    drawn = []
    for result in (one, two):
        if not result.draws:
            if not _again(result):
                return None, f"{apart}'{result.title}' cannot be assessed again with this netprint."
            result = rerun(result)
        drawn.append(result.draws)
    sums = []
    for draws, chosen in zip(drawn, years, strict=True):
        parts = [values for (year, account, impact), values in draws.items()
                 if year in chosen and account == total and impact == CLIMATE]  # fmt: skip
        sums.append(np.sum(np.broadcast_arrays(*parts), axis=0))
    found = statistics((sums[1] - sums[0])[None, :])
    return (float(found["low"][0]), float(found["high"][0])), ""


def factor_changes(one: Result, two: Result) -> list[Row]:
    """Factor rows asked for by both that are answered differently."""
    a, b = ({(str(r["named"]), str(r["asked"])): r for r in x.factors} for x in (one, two))
    found = []
    for key in sorted(a.keys() & b.keys()):
        if any(a[key][c] != b[key][c] for c in ("value", "found", "source", "proxy", "factor")):
            label = f"{key[0]}[{key[1]}]" if key[1] else key[0]
            found.append({"factor": label, "a": _said(a[key]), "b": _said(b[key])})
    return found


def _said(row: Mapping[str, Any]) -> str:
    proxy = f", proxy {row['proxy']}" if row["proxy"] else ""
    return f"{number(row['value'])} {row['unit']} ({row['factor']}[{row['found']}]{proxy}, {row['source']})"


def signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value)}"


__all__ = ["ABOUT", "BARS", "CLIMATE", "Comparison", "compare", "factor_changes", "other_units", "signed"]
