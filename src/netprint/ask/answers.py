"""What the catalogue answers to an index as an assessment would ask it: formulas followed, stand-ins taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netprint import places
from netprint.load import release
from netprint.load.factor import Factor
from netprint.load.factors import catalog

if TYPE_CHECKING:
    from netprint.engine.resolve import Found, Resolver

SEED = 1429
PROBE = "2023"
"""A year to see which factors a formula asks for."""

Row = dict[str, Any]
Index = tuple[str, ...]


def resolver() -> Resolver:
    """The answers of the catalogue in use; what was asked once is kept."""
    return _resolver(release.chosen())


@lru_cache(maxsize=2)
def _resolver(chosen: release.Release | None) -> Resolver:
    from netprint.engine.resolve import Resolver

    return Resolver((catalog(),), catalog().cards, places.load().groups)


def _found(asked: tuple[str, Index]) -> Found | None:
    """The row that answers; None for a gap."""
    from netprint.engine.resolve import Found

    found = resolver()(asked)
    return found if isinstance(found, Found) else None


def point(name: str, index: Index) -> float | None:
    """The value at an index in the factor's unit, a formula evaluated; None for a gap."""
    found = _found((name, index))
    if found is None:
        return None
    if found.formula is None:
        return found.factor.value
    from netprint.engine.coefficients import Coefficients

    drawn = Coefficients(resolver(), SEED, 0).factor((name, index))
    return float(drawn[0]) / found.factor.card.measure.scale


def status(name: str, index: Index) -> str:
    """``verified`` where the row that answers is, and all that its formula rests on; else ``provisional``."""
    found = _found((name, index))
    below = () if found is None else (found.factor.status, *(r["status"] for r in inputs(name, index)))
    return "verified" if below and set(below) == {"verified"} else "provisional"


def is_answered_by(row: Factor, index: Index) -> bool:
    """Whether an index is answered by this row, and by no other that goes before it."""
    found = _found((row.card.name, index))
    return found is not None and found.factor.index == row.index


def index_of(name: str, labels: Mapping[str, str], year: str) -> Index:
    """The index at these labels; of the latest year that the catalogue has there where none is given."""
    card = catalog().cards[name]
    if "year" in card.index:
        labels = {**labels, "year": year or max(years(name, labels), default="")}
    return tuple(labels[c] for c in card.index)


def years(name: str, labels: Mapping[str, str]) -> list[str]:
    """The years that the catalogue has for a factor at the other labels, those of a formula's inputs included."""
    rest = tuple((c, labels.get(c, "")) for c in catalog().cards[name].index if c != "year")
    return list(_known_years(release.chosen(), name, rest))


@lru_cache(maxsize=4096)
def _known_years(_: release.Release | None, name: str, rest: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(sorted(set(_years(name, dict(rest)))))


def _years(name: str, labels: Mapping[str, str]) -> Iterator[str]:
    card = catalog().cards[name]
    if "year" not in card.index:
        return
    rest = tuple(labels.get(c, "") for c in card.index if c != "year")
    for held, told in _series(release.chosen(), name):
        if all(h in ("", r) for h, r in zip(held, rest, strict=True)):
            yield from told
    probe = _found((name, tuple(PROBE if c == "year" else labels.get(c, "") for c in card.index)))
    for below, index in probe.inputs if probe else ():
        under = catalog().cards[below].index
        yield from _years(below, {c: i for c, i in zip(under, index, strict=True) if c != "year"})


@lru_cache(maxsize=64)
def _series(_: release.Release | None, name: str) -> tuple[tuple[Index, tuple[str, ...]], ...]:
    """The years of a factor by the rest of its index."""
    at, found = catalog().cards[name].index.index("year"), dict[Index, list[str]]()
    for index in catalog().rows.get(name, {}):
        if index[at]:
            found.setdefault((*index[:at], *index[at + 1 :]), []).append(index[at])
    return tuple((rest, tuple(told)) for rest, told in found.items())


def inputs(name: str, index: Index) -> list[Row]:
    """The factor rows that a formula's value rests on, with what stands in for what; none for a stated value."""
    return list(_inputs(_found((name, index)), set()))


def _inputs(found: Found | None, seen: set[tuple[str, Index]]) -> Iterator[Row]:
    for asked in found.inputs if found else ():
        below = _found(asked)
        if asked in seen or below is None:
            continue
        seen.add(asked)
        row: Factor = below.factor
        yield {
            "factor": asked[0], "asked": list(asked[1]), "found": [i or "any" for i in row.index],
            "value": point(*asked), "unit": row.card.unit, "status": row.status,
            "proxy": below.proxy.text if below.proxy else "", "source": row.source,
            "formula": row.text if below.formula is not None else "",
        }  # fmt: skip
        yield from _inputs(below, seen)
