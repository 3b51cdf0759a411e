"""Guards: what in a factor table nobody should believe before a second look.

They run over the whole catalogue in the tests, over a user's own table by `netprint factors check`, and over a study's
own factors, where what they find becomes a warning of the result. An *error* is a value that is nearly certainly
another quantity than its row says; a *warning* one to look at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from netprint.load.factor import Factor, FactorTable
from netprint.load.factors import catalog, sources
from netprint.load.guard_tables import Band, bands, reviewed, same_flow
from netprint.load.guards_grid import direct, losses_base
from netprint.load.guards_look import Finding, Look, finding, text_of
from netprint.load.series import outliers
from netprint.units import DIMENSIONLESS, same_dimension

CLOSE = 0.003
"""Two values that differ by less are the same published one, rounded."""
SLIP, FAR = (500.0, 2000.0), 10.0
FIRST_YEAR = 1960
_GWP = re.compile(r"gwp_(ar\d)")


def guard(table: FactorTable, known: FactorTable | None = None) -> list[Finding]:
    """What the guards find in a table, errors first, then by place.

    ``known``: the catalogue beside which a user's own table stands; none where the table is the catalogue itself.
    """
    look = Look(table, known)
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


# -- one row ---------------------------------------------------------------------------------------------------------


def _band_of(factor: Factor) -> Band | None:
    """The band of a factor: by a label of its index, by its name, else by its unit where it has no card of its own."""
    at = dict(zip(factor.card.index, factor.index, strict=True))
    fits = [b for b in bands().get(factor.card.name, ()) if not b.column or at.get(b.column) == b.label]
    if not fits and factor.card.name not in catalog().cards:
        fits = [b for b in bands()[""] if same_dimension(b.measure, factor.card.measure)]
    found = max(fits, key=lambda b: bool(b.column), default=None)
    return found if found is not None and same_dimension(found.measure, factor.card.measure) else None


def _plausible(look: Look, factor: Factor) -> Iterator[Finding]:
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
            yield finding(
                "percent", True, factor, f"{value:g} looks like a percentage in a share", expected, remedy
            )
        elif share and low <= value * 100 <= high:
            remedy = "Write 8 with the unit %, or 0.08 with the unit 1, not 0.08 with the unit %."
            yield finding(
                "percent", True, factor, f"{value:g} looks like a share that was given in %", expected, remedy
            )
        else:
            yield finding(
                "band",
                True,
                factor,
                f"the value is {text_of(value, factor)}",
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
    yield finding("zero", never, factor, "the value is zero", expected, remedy)


def _slip(value: float, low: float, high: float) -> str:
    """What may have happened: a slip of 1000, or something else."""
    for times in (1000.0, 1e6):
        if value > high and low <= value / times <= high:
            return f"It would fit divided by {times:g}: kg given as t or g as kg, W as kW? Mend the value or its unit."
        if value < low and low <= value * times <= high:
            return f"It would fit times {times:g}: t given as kg or kg as g, kW as W? Mend the value or its unit."
    return "Mend the value or its unit, or give another quantity a name of its own."


def _like_catalogue(look: Look, factor: Factor) -> Iterator[Finding]:
    other = look.like(factor)
    if other is None or not other.value or not factor.value or _GWP.fullmatch(factor.card.name):
        return
    times = abs(factor.value / other.value)
    told = f"the value is {text_of(factor.value, factor)}, {times:.3g} times that of the catalogue"
    expected = f"something like {text_of(other.value, other)} ({other.source})"
    if _is_share(factor) and (80 <= times <= 125 or 80 <= 1 / times <= 125):
        if any(f.guard == "percent" for f in _plausible(look, factor)):
            return
        yield finding(
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
        yield finding(
            "slip", True, factor, told, expected, f"A factor of 1000 is {words}: mend the value or its unit."
        )
    elif times > FAR or times < 1 / FAR:
        remedy = "See that it is the same quantity and boundary; if it is, keep it and say why in the note."
        yield finding("far", False, factor, told, expected, remedy)


def _gwp_label(look: Look, factor: Factor) -> Iterator[Finding]:
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
        yield finding(
            "gwp set", True, factor, told, known, f"Give the {own} value, or name the set it is from."
        )
    elif all(abs(value / v - 1) > 0.02 for v in right if v):
        remedy = "Look it up in the report's table, and say in the note which one."
        far = look.known is not None and value > 10 * max(right)
        yield finding("gwp value", far, factor, f"the value is {value:g}", known, remedy)


def _spread(look: Look, factor: Factor) -> Iterator[Finding]:
    """A spread that is no factor; a value outside its own limits is refused when the table is read."""
    if factor.shape.gsd > 5:
        remedy = "A gsd is a factor: 1.1 for about ± 20 %. Give ± 20 % as p2_5 and p97_5."
        told = f"the geometric standard deviation is {factor.shape.gsd:.3g}"
        yield finding("gsd", False, factor, told, "1 to 3 for nearly every factor", remedy, "gsd")


def _year(look: Look, factor: Factor) -> Iterator[Finding]:
    if "year" not in factor.card.index:
        return
    text = factor.index[factor.card.index.index("year")]
    if text and not re.fullmatch(r"\d{4}", text):
        yield finding(
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
        yield finding(
            "year", False, factor, f"the year is {text}", f"{FIRST_YEAR} to {look.newest}", remedy, "year"
        )
    elif text:
        published = max(
            re.findall(r"\d{4}", sources().get(factor.source, {}).get("published", "")), default=text
        )
        if text > published:
            told = f"the year is {text}, but its source was published in {published}"
            yield finding(
                "year", False, factor, told, "a year that the source could know", "Name its source.", "year"
            )


# -- the whole table -------------------------------------------------------------------------------------------------


def _series(look: Look) -> Iterator[Finding]:
    for name, rows in look.table.rows.items():
        names = look.cards.cards.get(name) or next(iter(rows.values())).card
        if "year" in names.index and not name.startswith("proxy:"):
            for factor, times in outliers([f for f in rows.values() if f.formula is None]):
                told = (
                    f"the value is {text_of(factor.value, factor)}, {times:.3g} times that of the year before"
                )
                remedy = "Look it up again; if it is right, say in the note what happened that year."
                yield finding("series", False, factor, told, "a step like the others of its series", remedy)


def _cards(look: Look) -> Iterator[Finding]:
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
        yield finding("dimension", what == "unit", factor, told, f"{theirs}, or a name of its own",
                     "Convert it, or give it another name.", what)  # fmt: skip


def _twins(look: Look) -> Iterator[Finding]:
    """Two rows for one index, once labels are compared without case and spaces."""
    for rows in look.table.rows.values():
        seen: dict[tuple[str, ...], Factor] = {}
        for index, factor in rows.items():
            key = tuple(" ".join(i.casefold().split()) for i in index)
            twin = seen.setdefault(key, factor)
            if twin is not factor:
                told = f"it differs from {twin.label} in {twin.file}:{twin.line} only in letters and spaces"
                yield finding(
                    "twin", True, factor, told, "one row for one index", "Remove one of them.", "factor"
                )


_ROW_CHECKS: tuple[Callable[[Look, Factor], Iterator[Finding]], ...] = (
    _plausible, _like_catalogue, _gwp_label, losses_base, _spread, _year,
)  # fmt: skip
_TABLE_CHECKS: tuple[Callable[[Look], Iterator[Finding]], ...] = (_series, direct, _cards, _twins)
