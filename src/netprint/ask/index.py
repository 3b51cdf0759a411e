"""The words of the catalogue: which series have them, where, and with what weight."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from netprint import places
from netprint.ask.words import folded, pieces, warm
from netprint.load import release
from netprint.load.factor import Card, Factor
from netprint.load.factors import CATALOG, catalog, sources

NAME, ITEM, TITLE, KIND, NOTE, SOURCE = 4.0, 5.0, 3.0, 2.0, 1.0, 0.5
MORE = 0.1
"""How much less a word counts for each word that stands in the item."""
PREFIX = 0.6
"""How much a word counts that is the beginning of another."""
SHORTEST = 3
COMMON = ("kg", "CO2e", "1")
"""Units that tell nothing apart."""
_WORDS = re.compile(r"\w+")
_MEANT = re.compile(r"\(([^()]+)\)$")

Index = tuple[str, ...]


@dataclass
class Series:
    """The rows of one factor that differ in their year only.

    ``place``: empty for any; ``meant``: the place that an item names in brackets, like `diesel (China)`;
    ``by_place``: a formula for any place gives the value of each.
    """

    card: Card
    rest: Index
    place: str
    meant: str = ""
    by_place: bool = False
    years: list[tuple[str, Index]] = field(default_factory=list)

    def chosen(self, year: str) -> Index:
        """The index of the year asked for, else of the nearest; the latest where none is asked for."""
        if not year or not self.years[0][0]:
            return self.years[-1][1]
        return min(self.years, key=lambda y: (abs(int(y[0]) - int(year)), y[0]))[1]

    @property
    def span(self) -> str:
        first, last = self.years[0][0], self.years[-1][0]
        return first if first == last else f"{first} to {last}"


class Catalogue:
    """The words of a catalogue: built once, then asked in milliseconds."""

    def __init__(self) -> None:
        self.table, self.series = catalog(), list[Series]()
        self.postings: dict[str, dict[int, float]] = {}
        self.names: dict[str, list[int]] = {}
        self.asks: dict[str, set[str]] = {}
        self.at: dict[str, list[int]] = {}
        known = sources()
        told = {s: f"{s} {r.get('title', '')} {r.get('publisher', '')}" for s, r in known.items()}
        warm()
        for name in sorted(self.table.rows):
            if name in self.table.cards and not name.startswith("proxy:"):
                self._take(self.table.cards[name], told)

    def _take(self, card: Card, told: Mapping[str, str]) -> None:
        first = len(self.series)
        year = card.index.index("year") if "year" in card.index else -1
        held: dict[Index, int] = {}
        rows = self.table.rows[card.name]
        for index in rows:
            rest = tuple(i for at, i in enumerate(index) if at != year)
            if rest not in held:
                held[rest] = len(self.series)
                place = index[card.index.index("country")] if "country" in card.index else ""
                items = " ".join(
                    i for c, i in zip(card.index, index, strict=True) if c not in ("country", "year")
                )
                self.at.setdefault(place, []).append(held[rest])
                gas = index[card.index.index("gas")] if "gas" in card.index else ""
                self.series.append(Series(card, rest, place, _meant(rest)))
                self._post(held[rest], items, ITEM - MORE * len(items.removesuffix(gas).split()))
            self.series[held[rest]].years.append((index[year] if year >= 0 else "", index))
        here = range(first, len(self.series))
        weights: dict[str, float] = {}
        unit = " ".join(w for w in re.split(r"[\s/()]+", card.unit) if w not in COMMON)
        for text, weight in ((card.note, NOTE), (f"{unit} {card.kind} {card.boundary}", KIND), (card.title, TITLE),
                             (card.name.replace("_", " "), NAME)):  # fmt: skip
            weights.update(dict.fromkeys(split(text), weight))
        for word, weight in weights.items():
            posting = self.postings.setdefault(word, {})
            posting.update((e, weight) for e in here if weight > posting.get(e, 0.0))
        for entry in here:
            self.series[entry].years.sort()
            source, note, value = _told(rows, self.series[entry].years[-1][1])
            if value.startswith("="):
                self.series[entry].by_place = not self.series[entry].place and "country" in card.index
                self.asks.setdefault(card.name, set()).update(_WORDS.findall(value))
            self._post(entry, note, NOTE)
            self._post(entry, told.get(source, source), SOURCE)
        self.names[folded(card.name)] = list(here)

    def _post(self, entry: int, text: str, weight: float) -> None:
        for word in split(text):
            held = self.postings.setdefault(word, {})
            if weight > held.get(entry, 0.0):
                held[entry] = weight

    @cached_property
    def used(self) -> set[str]:
        """The words of the methods that are shipped, and of the formulas of the factors that they name."""
        texts = (path.read_text("utf-8") for path in (CATALOG / "methods").glob("*.yaml"))
        found = set(_WORDS.findall(" ".join(texts))) | {n for n in self.names if n.startswith("gwp_")}
        waiting = [name for name in self.asks if name in found]
        while waiting:
            more = self.asks[waiting.pop()] - found
            found |= more
            waiting += [name for name in more if name in self.asks]
        return found

    @cached_property
    def vocabulary(self) -> list[str]:
        return sorted(self.postings)

    def matches(self, word: str) -> dict[int, float]:
        """Series that have the word, or a word that begins with it, with weight."""
        found = dict(self.postings.get(word, {}))
        for other in self._longer(word):
            for entry, weight in self.postings[other].items():
                if weight * PREFIX > found.get(entry, 0.0):
                    found[entry] = weight * PREFIX
        return found

    def _longer(self, word: str) -> Iterator[str]:
        if word.endswith("s") and len(word) > SHORTEST:
            yield from (w for w in (word[:-1],) if w in self.postings)
        if len(word) < SHORTEST:
            return
        for other in self.vocabulary[bisect_left(self.vocabulary, word) :]:
            if not other.startswith(word):
                return
            if other != word:
                yield other

    def term(self, spellings: Iterable[Index]) -> dict[int, float]:
        """Series that have all words of one of the spellings, with the best weight."""
        best: dict[int, float] = {}
        for words in spellings:
            parts = [self.matches(w) for w in words]
            for entry in set(parts[0]).intersection(*parts[1:]):
                weight = sum(p[entry] for p in parts) / len(parts)
                best[entry] = max(weight, best.get(entry, 0.0))
        return best


def _meant(index: Index) -> str:
    """The code of the place that an item names in brackets; empty where none does."""
    told = [m[1] for i in index if (m := _MEANT.search(i))]
    return next(filter(None, map(places.load().find, told)), None) or ""


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pieces(text)))


def _told(rows: Mapping[Index, Factor], index: Index) -> tuple[str, str, str]:
    """Source, note and value of a row, without making a record of it where that is not needed."""
    lines = getattr(rows, "lines", None)
    if lines is None:
        return rows[index].source, rows[index].note, rows[index].text
    sheet, _, cells = lines[index]
    return sheet.cell(cells, "source"), sheet.cell(cells, "note"), sheet.cell(cells, "value")


def catalogue() -> Catalogue:
    """The words of the catalogue in use."""
    return _catalogue(release.chosen())


@lru_cache(maxsize=2)
def _catalogue(chosen: release.Release | None) -> Catalogue:
    return Catalogue()
