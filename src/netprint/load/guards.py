"""Guards: what in a factor table nobody should believe before a second look.

They run over the whole catalogue in the tests, over a user's own table by `netprint factors check`, and over a study's
own factors, where what they find becomes a warning of the result. An *error* is a value that is nearly certainly
another quantity than its row says; a *warning* one to look at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from netprint.errors import Problem
from netprint.load.factor import Factor, FactorTable
from netprint.load.factors import catalog, sources
from netprint.load.guard_tables import Band, bands, gwp_sets, reviewed, same_flow
from netprint.load.series import outliers
from netprint.units import DIMENSIONLESS, same_dimension

CLOSE = 0.003
"""Two values that differ by less are the same published one, rounded."""
SLIP, FAR = (500.0, 2000.0), 10.0
FIRST_YEAR, AHEAD = 1960, 2
_GWP = re.compile(r"gwp_(ar\d)")
_OTHER_BASE = re.compile(r"\b(deliver|consum|sold|sale|billed)", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """What a guard found. ``guard``: its name; ``error``: nearly certainly wrong, not only unusual."""

    guard: str
    error: bool
    factor: str
    index: tuple[str, ...]
    problem: Problem

    def __str__(self) -> str:
        return f"{'error' if self.error else 'warning'} ({self.guard}): {self.problem}"

    def as_dict(self) -> dict[str, object]:
        return {"guard": self.guard, "error": self.error, "factor": self.factor, **self.problem.as_dict()}


def guard(table: FactorTable, known: FactorTable | None = None) -> list[Finding]:
    """What the guards find in a table, errors first, then by place.

    ``known``: the catalogue beside which a user's own table stands; none where the table is the catalogue itself.
    """
    look = _Look(table, known)
    found = [f for factor in look.factors for check in _ROW_CHECKS for f in check(look, factor)]
    found += [f for check in _TABLE_CHECKS for f in check(look)]
    return sorted(found, key=lambda f: (not f.error, f.problem.file, f.problem.line or 0, f.guard))


def guard_catalog() -> list[Finding]:
    """What the guards find in the catalogue and nobody has looked at: `catalog/guards/reviewed.csv` says who did."""
    seen = reviewed()
    return [f for f in guard(catalog()) if (f.guard, f.factor, " ".join(f.index)) not in seen]


def own_warnings(own: FactorTable) -> list[str]:
    """What the guards find in a study's own factors, as warnings of its result."""
    rows = {name: {i: f for i, f in of.items() if f.own} for name, of in own.rows.items()}
    mine = FactorTable(own.cards, {name: of for name, of in rows.items() if of})
    return [f"Own factor, {f.problem}" for f in guard(mine, catalog())] if mine.rows else []


@dataclass(frozen=True)
class _Look:
    """A table under guard, and the catalogue it is compared with."""

    table: FactorTable
    known: FactorTable | None

    @cached_property
    def factors(self) -> list[Factor]:
        """Rows that state a value."""
        return [f for rows in self.table.rows.values() for f in rows.values() if f.formula is None]

    @cached_property
    def cards(self) -> FactorTable:
        return self.known or self.table

    @cached_property
    def newest(self) -> int:
        """The newest year of the catalogue: what is much newer cannot have been measured."""
        years = [int(y) for f in catalog().rows.get("grid_lifecycle", {}) for y in f if y.isdigit()]
        return max(years, default=2025) + AHEAD

    @cached_property
    def sets(self) -> Mapping[str, Mapping[str, float]]:
        return _sets()

    def like(self, factor: Factor) -> Factor | None:
        """The catalogue's row for the same index, else for the same index in the nearest year."""
        if self.known is None:
            return None
        rows = self.known.rows.get(factor.card.name, {})
        if factor.card != self.known.cards.get(factor.card.name):
            return None
        exact = rows.get(factor.index)
        if exact is not None or "year" not in factor.card.index:
            return exact if exact is not None and exact.formula is None else None
        at = factor.card.index.index("year")
        rest = (*factor.index[:at], *factor.index[at + 1 :])
        near = [f for i, f in rows.items() if (*i[:at], *i[at + 1 :]) == rest and f.formula is None and i[at]]
        return min(near, key=lambda f: _apart(f.index[at], factor.index[at]), default=None)


def _apart(a: str, b: str) -> int:
    return abs(int(a) - int(b)) if a.isdigit() and b.isdigit() else 10_000


def _found(
    name: str, error: bool, factor: Factor, found: str, expected: str, remedy: str, field: str = "value"
) -> Finding:
    problem = Problem(factor.file, factor.line, field, f"{factor.label}: {found}", expected, remedy)
    return Finding(name, error, factor.card.name, factor.index, problem)


def _text(value: float, factor: Factor) -> str:
    unit = factor.card.unit
    return f"{value:.4g}" if unit in ("", "1") else f"{value:.4g} {unit}"


# -- one row ---------------------------------------------------------------------------------------------------------


def _band_of(factor: Factor) -> Band | None:
    """The band of a factor: by a label of its index, by its name, else by its unit where it has no card of its own."""
    at = dict(zip(factor.card.index, factor.index, strict=True))
    fits = [b for b in bands().get(factor.card.name, ()) if not b.column or at.get(b.column) == b.label]
    if not fits and factor.card.name not in catalog().cards:
        fits = [b for b in bands()[""] if same_dimension(b.measure, factor.card.measure)]
    found = max(fits, key=lambda b: bool(b.column), default=None)
    return found if found is not None and same_dimension(found.measure, factor.card.measure) else None


def _plausible(look: _Look, factor: Factor) -> Iterator[Finding]:
    band = _band_of(factor)
    if band is None:
        return
    low, high = band.within(factor.card.measure)
    value, expected = factor.value, f"{band.low:g} to {band.high:g} {band.unit.replace('1', '', 1)}".strip()
    if value == 0:
        if band.zero:
            yield from _zero(factor, band, expected)
    elif not low <= value <= high:
        share = _is_share(factor) and high <= 3
        if share and low <= value / 100 <= high and value > high:
            remedy = "Write the share as a fraction, or give the unit %."
            yield _found(
                "percent", True, factor, f"{value:g} looks like a percentage in a share", expected, remedy
            )
        elif share and low <= value * 100 <= high:
            remedy = "Write 8 with the unit %, or 0.08 with the unit 1, not 0.08 with the unit %."
            yield _found(
                "percent", True, factor, f"{value:g} looks like a share that was given in %", expected, remedy
            )
        else:
            yield _found(
                "band",
                True,
                factor,
                f"the value is {_text(value, factor)}",
                expected,
                _slip(value, low, high),
            )


def _is_share(factor: Factor) -> bool:
    return same_dimension(factor.card.measure, DIMENSIONLESS)


def _zero(factor: Factor, band: Band, expected: str) -> Iterator[Finding]:
    never = band.zero == "never"
    remedy = (
        "A residual of zero is a null residual: all generation was claimed. Leave the row out: absence is not zero."
        if "residual" in factor.card.name or "grid" in factor.card.name
        else "Leave the row out where the value is not known: absence is not zero."
    )
    yield _found("zero", never, factor, "the value is zero", expected, remedy)


def _slip(value: float, low: float, high: float) -> str:
    """What may have happened: a slip of 1000, or something else."""
    for times in (1000.0, 1e6):
        if value > high and low <= value / times <= high:
            return f"It would fit divided by {times:g}: kg given as t or g as kg, W as kW? Mend the value or its unit."
        if value < low and low <= value * times <= high:
            return f"It would fit times {times:g}: t given as kg or kg as g, kW as W? Mend the value or its unit."
    return "Mend the value or its unit, or give another quantity a name of its own."


def _like_catalogue(look: _Look, factor: Factor) -> Iterator[Finding]:
    other = look.like(factor)
    if other is None or not other.value or not factor.value or _GWP.fullmatch(factor.card.name):
        return
    times = abs(factor.value / other.value)
    told = f"the value is {_text(factor.value, factor)}, {times:.3g} times that of the catalogue"
    expected = f"something like {_text(other.value, other)} ({other.source})"
    if _is_share(factor) and (80 <= times <= 125 or 80 <= 1 / times <= 125):
        if any(f.guard == "percent" for f in _plausible(look, factor)):
            return
        yield _found(
            "percent",
            True,
            factor,
            told,
            expected,
            "A factor of 100 is per cent: mend the value or its unit.",
        )
        return
    up, down = SLIP[0] <= times <= SLIP[1], SLIP[0] <= 1 / times <= SLIP[1]
    if up or down:
        words = "kg against t, or W against kW"
        yield _found(
            "slip", True, factor, told, expected, f"A factor of 1000 is {words}: mend the value or its unit."
        )
    elif times > FAR or times < 1 / FAR:
        remedy = "See that it is the same quantity and boundary; if it is, keep it and say why in the note."
        yield _found("far", False, factor, told, expected, remedy)


def _gwp_label(look: _Look, factor: Factor) -> Iterator[Finding]:
    match = _GWP.fullmatch(factor.card.name)
    if match is None or not factor.value:
        return
    own, flow, value = match[1].upper(), factor.index[0], factor.value
    values = {name: v for name, held in look.sets.items() for f, v in held.items() if same_flow(f, flow)}
    right = [
        v for name, v in values.items() if name == own or (name.startswith(f"{own},") and "20" not in name)
    ]
    if not right or any(abs(value / v - 1) <= CLOSE for v in right if v):
        return
    others = [name for name, v in values.items() if name != own and v and abs(value / v - 1) <= CLOSE]
    known = f"{own} says {' or '.join(f'{v:g}' for v in dict.fromkeys(right))}"
    if others:
        told = f"{value:g} is the {' and '.join(others[:3])} value, labelled {own}"
        yield _found(
            "gwp set", True, factor, told, known, f"Give the {own} value, or name the set it is from."
        )
    elif all(abs(value / v - 1) > 0.02 for v in right if v):
        remedy = "Look it up in the report's table, and say in the note which one."
        yield _found("gwp value", look.known is not None and value > 10 * max(right), factor, f"the value is {value:g}",
                     known, remedy)  # fmt: skip


def _sets() -> Mapping[str, Mapping[str, float]]:
    """Warming potentials by set and flow: an independent table, the catalogue's, and blends of the catalogue's."""
    held = {name: dict(values) for name, values in gwp_sets().items()}
    known = catalog()
    for name in ("AR4", "AR5", "AR6"):
        rows = known.rows.get(f"gwp_{name.lower()}", {})
        here = {i[0]: f.value for i, f in rows.items() if f.formula is None}
        held[name] = here | held.get(name, {})
        held[name] = _blends(known, here) | held[name]
    return held


def _blends(known: FactorTable, gwp: Mapping[str, float]) -> dict[str, float]:
    """The potential of each refrigerant blend whose every gas has one."""
    parts: dict[str, list[float]] = {}
    for table in ("blend", "blend_outside_kyoto"):
        for (item, gas), share in known.rows.get(table, {}).items():
            parts.setdefault(item, []).append(share.value * gwp.get(gas, float("nan")))
    sums = {item: sum(values) for item, values in parts.items()}
    return {item: total for item, total in sums.items() if total == total}


def _losses_base(look: _Look, factor: Factor) -> Iterator[Finding]:
    text = f"{factor.card.kind} {factor.card.name}"
    if "loss" not in text:
        return
    produced = "produced" in factor.card.kind
    base, other = ("produced", "delivered") if produced else ("delivered", "produced")
    remedy = (
        f"Convert it: per unit {base} = {'x / (1 + x)' if produced else 'x / (1 - x)'}, x per unit {other}."
    )
    near = look.like(factor)
    if near is not None and 0 < near.value < 1:
        swapped = near.value / (1 - near.value) if produced else near.value / (1 + near.value)
        if abs(factor.value / swapped - 1) < 0.01 and abs(factor.value / near.value - 1) > 0.03:
            told = f"{factor.value:.4g} is the catalogue's {near.value:.4g} per unit {other}"
            yield _found("losses base", True, factor, told, f"a loss per unit {base}", remedy)
            return
    if produced and _OTHER_BASE.search(f"{factor.note} {factor.page}") and "produced" not in factor.note:
        told = f"the note speaks of another base ({factor.note or factor.page})"
        yield _found("losses base", False, factor, told, f"a loss per unit {base}", remedy, "note")


def _spread(look: _Look, factor: Factor) -> Iterator[Finding]:
    """A spread that is no factor; a value outside its own limits is refused when the table is read."""
    if factor.shape.gsd > 5:
        remedy = "A gsd is a factor: 1.1 for about ± 20 %. Give ± 20 % as p2_5 and p97_5."
        told = f"the geometric standard deviation is {factor.shape.gsd:.3g}"
        yield _found("gsd", False, factor, told, "1 to 3 for nearly every factor", remedy, "gsd")


def _year(look: _Look, factor: Factor) -> Iterator[Finding]:
    if "year" not in factor.card.index:
        return
    text = factor.index[factor.card.index.index("year")]
    if text and not re.fullmatch(r"\d{4}", text):
        yield _found(
            "year",
            True,
            factor,
            f"the year is {text!r}",
            "one year, like 2023",
            "Give a row for each.",
            "year",
        )
    elif text and not FIRST_YEAR <= int(text) <= look.newest:
        remedy = "A projection is no measured value: give it a name of its own, or take it out."
        yield _found(
            "year", False, factor, f"the year is {text}", f"{FIRST_YEAR} to {look.newest}", remedy, "year"
        )
    elif text:
        published = max(
            re.findall(r"\d{4}", sources().get(factor.source, {}).get("published", "")), default=text
        )
        if text > published:
            told = f"the year is {text}, but its source was published in {published}"
            yield _found(
                "year", False, factor, told, "a year that the source could know", "Name its source.", "year"
            )


# -- the whole table -------------------------------------------------------------------------------------------------


def _series(look: _Look) -> Iterator[Finding]:
    for name, rows in look.table.rows.items():
        names = look.cards.cards.get(name) or next(iter(rows.values())).card
        if "year" in names.index and not name.startswith("proxy:"):
            for factor, times in outliers([f for f in rows.values() if f.formula is None]):
                told = (
                    f"the value is {_text(factor.value, factor)}, {times:.3g} times that of the year before"
                )
                remedy = "Look it up again; if it is right, say in the note what happened that year."
                yield _found("series", False, factor, told, "a step like the others of its series", remedy)


def _cards(look: _Look) -> Iterator[Finding]:
    """Factors of the user that take the name of one of the catalogue and are another thing."""
    for name, rows in look.table.rows.items() if look.known else ():
        known = look.known.cards.get(name) if look.known else None
        factor = next(iter(rows.values()))
        if known is None or factor.card == known:
            continue
        what = "unit" if not same_dimension(known.measure, factor.card.measure) else "index"
        mine = factor.card.unit if what == "unit" else " ".join(factor.card.index) or "no index"
        theirs = known.unit if what == "unit" else " ".join(known.index) or "no index"
        told = f"the {what} is {mine}, so it stands in place of the catalogue's {name} altogether"
        yield _found("dimension", what == "unit", factor, told, f"{theirs}, or a name of its own",
                     "Convert it, or give it another name.", what)  # fmt: skip


def _twins(look: _Look) -> Iterator[Finding]:
    """Two rows for one index, once labels are compared without case and spaces."""
    for rows in look.table.rows.values():
        seen: dict[tuple[str, ...], Factor] = {}
        for index, factor in rows.items():
            key = tuple(" ".join(i.casefold().split()) for i in index)
            twin = seen.setdefault(key, factor)
            if twin is not factor:
                told = f"it differs from {twin.label} in {twin.file}:{twin.line} only in letters and spaces"
                yield _found(
                    "twin", True, factor, told, "one row for one index", "Remove one of them.", "factor"
                )


_ROW_CHECKS: tuple[Callable[[_Look, Factor], Iterator[Finding]], ...] = (
    _plausible, _like_catalogue, _gwp_label, _losses_base, _spread, _year,
)  # fmt: skip
_TABLE_CHECKS: tuple[Callable[[_Look], Iterator[Finding]], ...] = (_series, _cards, _twins)
