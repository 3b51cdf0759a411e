"""coverage: which countries, years and items the catalogue covers, and with what quality; how well stand-ins hold.

The quality of an answer is the worst that it rests on: a factor given by a formula is as good as its inputs.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netprint import places
from netprint.ask import answers
from netprint.engine.resolve import Found, Gap, Resolver
from netprint.errors import UsageError, did_you_mean
from netprint.load.factor import Card
from netprint.load.factors import CATALOG, catalog

QUALITIES = ("verified", "provisional", "year", "group", "world", "gap")
"""Best first: the place's own row, verified or not; another year's; the mean of its group; the world's; none."""
LABELS = {
    "verified": "own value, verified", "provisional": "own value, provisional", "year": "of another year",
    "group": "mean of the region", "world": "of the world", "gap": "none",
}  # fmt: skip

Row = dict[str, Any]
Index = tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """One factor over all countries: ``at`` the rest of the index, ``places`` code to quality, ``values`` to value."""

    factor: str
    title: str
    at: dict[str, str]
    places: dict[str, str]
    values: dict[str, str]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(self.places.values())
        return {q: found[q] for q in QUALITIES}

    def regions(self) -> list[Row]:
        """The counts by region of M49, all places last."""
        known = places.load()
        by: dict[str, Counter[str]] = {}
        for code, quality in self.places.items():
            region = (known.within.get(code) or ("",))[-1]
            by.setdefault(known.name(region) if region else "no region", Counter())[quality] += 1
        rows: list[Row] = [{"region": name, **{q: by[name][q] for q in QUALITIES}} for name in sorted(by)]
        return [*rows, {"region": "all", **self.counts}]

    def as_dict(self) -> Row:
        known = places.load()
        told = [{"country": c, "name": known.name(c), "quality": q, "value": self.values.get(c, "")}
                for c, q in self.places.items()]  # fmt: skip
        return {"factor": self.factor, "title": self.title, "at": self.at, "counts": self.counts,
                "regions": self.regions(), "places": told, "calibration": calibration(self.factor)}  # fmt: skip


def overview() -> list[Row]:
    """Each factor: rows by status, places, years, items."""
    table, known, found = catalog(), set(places.load().countries), []
    for name, rows in sorted(table.rows.items()):
        card = table.cards[name]
        if name.startswith("proxy:"):
            continue
        entries = {c: {i[at] for i in rows} - {""} for at, c in enumerate(card.index)}
        years = sorted(entries.get("year", ()))
        others = [len(v) for c, v in entries.items() if c not in ("country", "year")]
        status = Counter(r.status for r in rows.values())
        found.append({
            "factor": name, "rows": len(rows), "verified": status["verified"],
            "provisional": len(rows) - status["verified"], "countries": len(entries.get("country", set()) & known),
            "years": f"{years[0]} to {years[-1]}" if years else "", "items": max(others, default=0),
            "fallback": " ".join(card.fallback), "title": card.title,
        })  # fmt: skip
    return found


def calibration(factor: str = "") -> list[dict[str, str]]:
    """How well values that were left out fall inside the 95 % intervals of their stand-ins (``tools/release.py``)."""
    path = CATALOG / "release" / "calibration.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if factor in ("", row["factor"])]


def coverage(factor: str, *, year: str = "", item: str = "") -> Coverage:
    """Every country's quality for one factor; the year and item that most countries have where none is given.

    Raises :class:`UsageError` for a factor that is unknown or has no country.
    """
    table, known = catalog(), places.load()
    card = table.cards.get(factor)
    if card is None:
        shown = [name for name in table.cards if not name.startswith("proxy:")]
        raise UsageError(f"The catalogue has no factor '{factor}'. {did_you_mean(factor, shown)}".strip())
    if "country" not in card.index:
        held = ", ".join(card.index)
        raise UsageError(
            f"The factor {factor} has no index 'country', so there is no map of it; it has {held or 'none'}. "
            f"`netprint factors show {factor}` lists its rows."
        )
    resolver = answers.resolver()
    at = _rest(card, resolver, year, item)
    quality, values = {}, {}
    for code in known.countries:
        found = resolver((factor, tuple(code if c == "country" else at[c] for c in card.index)))
        quality[code] = QUALITIES[_rank(found, resolver)]
        if isinstance(found, Found) and found.formula is None:
            values[code] = f"{found.factor.value:.4g} {card.unit}"
    return Coverage(factor, card.title, at, quality, values)


def _rest(card: Card, resolver: Resolver, year: str, item: str) -> dict[str, str]:
    """The index without the country: what was asked for, else what most rows have."""
    given = {"year": year, "item": item}
    found = {}
    for place, column in enumerate(card.index):
        if column != "country":
            held = Counter(i[place] for i in _rows(card, resolver) if i[place])
            found[column] = given.get(column) or max(held, key=lambda v: (held[v], v), default="")
    if "year" in found and not found["year"]:
        found["year"] = year or _year_of_inputs(card, resolver)
    return found


def _rows(card: Card, resolver: Resolver) -> Iterator[Index]:
    yield from resolver.tables[0].rows.get(card.name, {})


def _year_of_inputs(card: Card, resolver: Resolver) -> str:
    years = {i[card.index.index("year")] for i in _rows(card, resolver)} - {""}
    return max(years, default="2023")


def _rank(found: Found | Gap, resolver: Resolver) -> int:
    """The place in :data:`QUALITIES` of the worst that an answer rests on."""
    if isinstance(found, Gap):
        return QUALITIES.index("gap")
    own = QUALITIES.index(
        found.proxy.level if found.proxy else "provisional" if found.provisional else "verified"
    )
    place = found.factor.card.index.index("country") if "country" in found.factor.card.index else -1
    if place >= 0 and found.factor.index[place] == places.WORLD and found.asked[place] != places.WORLD:
        own = max(own, QUALITIES.index("world"))
    return max([own, *(_rank(resolver(i), resolver) for i in found.inputs)])
