"""search: the series of the catalogue that fit words best, by item, factor, kind, place, year and source.

The years of one series are one answer. A word counts by where it stands (name, item, title, kind, note, source) and
by whether it stands there whole. A place chooses: of each factor its own row, else the nearest group's, else the
world's; rows for any place fit every place, less well. Where some series have everything asked for, series that have
all but one follow them; a factor's full name keeps to that factor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from netprint import places
from netprint.ask.words import Asked, asked, folded, pieces, warm
from netprint.load import release
from netprint.load.factor import Card, Factor
from netprint.load.factors import catalog, sources

NAME, ITEM, TITLE, KIND, NOTE, SOURCE = 4.0, 5.0, 3.0, 2.0, 1.0, 0.5
MORE = 0.1
"""How much less a word counts for each word that stands in the item."""
PREFIX = 0.6
"""How much a word counts that is the beginning of another."""
SHORTEST = 3
HERE, GROUP, WORLD, ANYWHERE = 4.0, 2.0, 1.0, 0.6
"""How well a row fits a place."""

Index = tuple[str, ...]


@dataclass
class Series:
    """The rows of one factor that differ in their year only. ``place``: empty for any."""

    card: Card
    rest: Index
    place: str
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


@dataclass(frozen=True)
class Hit:
    """One answer. ``found``: how many of the things asked for it has, ``score`` how well."""

    series: Series
    row: Factor
    found: int
    score: float


class Catalogue:
    """The words of a catalogue: built once, then asked in milliseconds."""

    def __init__(self) -> None:
        self.table, self.series = catalog(), list[Series]()
        self.postings: dict[str, dict[int, float]] = {}
        self.names: dict[str, list[int]] = {}
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
                self.series.append(Series(card, rest, place))
                items = " ".join(
                    i for c, i in zip(card.index, index, strict=True) if c not in ("country", "year")
                )
                self._post(held[rest], items, ITEM - MORE * len(items.split()))
            self.series[held[rest]].years.append((index[year] if year >= 0 else "", index))
        here = range(first, len(self.series))
        for text, weight in ((card.name.replace("_", " "), NAME), (card.title, TITLE),
                             (f"{card.kind} {card.boundary}", KIND), (card.note, NOTE)):  # fmt: skip
            for entry in here:
                self._post(entry, text, weight)
        for entry in here:
            self.series[entry].years.sort()
            source, note = _told(rows, self.series[entry].years[-1][1])
            self._post(entry, note, NOTE)
            self._post(entry, told.get(source, source), SOURCE)
        self.names[folded(card.name)] = list(here)

    def _post(self, entry: int, text: str, weight: float) -> None:
        for word in _pieces(text):
            held = self.postings.setdefault(word, {})
            if weight > held.get(entry, 0.0):
                held[entry] = weight

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


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pieces(text)))


def _told(rows: Mapping[Index, Factor], index: Index) -> tuple[str, str]:
    """Source and note of a row, without making a record of it where that is not needed."""
    lines = getattr(rows, "lines", None)
    if lines is None:
        return rows[index].source, rows[index].note
    sheet, _, cells = lines[index]
    return sheet.cell(cells, "source"), sheet.cell(cells, "note")


def catalogue() -> Catalogue:
    """The words of the catalogue in use."""
    return _catalogue(release.chosen())


@lru_cache(maxsize=2)
def _catalogue(chosen: release.Release | None) -> Catalogue:
    return Catalogue()


def search(text: str, *, place: str = "", year: str = "", item: str = "", kind: str = "") -> list[Hit]:
    """What fits ``text`` best, first. ``place`` (a code), ``year``, ``item`` and ``kind`` narrow it further."""
    known = catalogue()
    named = [name for name in known.names if name in pieces(text)]
    question = asked(text, {*known.postings, *named})
    within = {e for name in named for e in known.names[name]} if named else None
    terms = [t for t in question.terms if t[0] not in [(n,) for n in named]]
    found = _weighed(known, Asked(tuple(terms), (*question.places, *([place] if place else ())), ""), within)
    wanted = year or question.year
    hits = [Hit(s, known.table.rows[s.card.name][s.chosen(wanted)], n, w + _fit(s, wanted))
            for e, (n, w) in found.items() if (s := known.series[e]) and _fits(s, item, kind)]  # fmt: skip
    return sorted(hits, key=_order)


def _order(hit: Hit) -> tuple[int, float, str, bool, Index]:
    """The best first; of equals those of one factor together, zeros last."""
    zero = hit.row.formula is None and not hit.row.value
    return -hit.found, -round(hit.score, 6), hit.series.card.name, zero, hit.series.rest


def _fit(series: Series, year: str) -> float:
    """Series that hold the year go before those that do not."""
    return 1.0 if year and any(y == year for y, _ in series.years) else 0.0


def _fits(series: Series, item: str, kind: str) -> bool:
    items = {i.casefold() for i in series.rest}
    return (not item or item.casefold() in items) and all(
        w in folded(f"{series.card.kind} {series.card.boundary}") for w in pieces(kind)
    )


def _weighed(known: Catalogue, question: Asked, within: set[int] | None) -> dict[int, tuple[int, float]]:
    """(things found, weight) of the series that have everything asked for, or all but one."""
    parts = [known.term(t) for t in question.terms]
    if not all(parts) or (within is None and not parts and not question.places):
        return {}
    if question.places:
        near = _near(known, question.places, alone=not parts and within is None)
        parts.append(near)
    everything = within if within is not None else set().union(*parts)
    if question.places:  # a row for another place answers nothing
        everything = everything & {e for e in everything if e in near or not known.series[e].place}
    found = {e: (sum(e in p for p in parts), sum(p.get(e, 0.0) for p in parts)) for e in everything}
    most = max((n for n, _ in found.values()), default=0)
    full = most == len(parts)
    least = most if within is not None or len(parts) < 3 else most - 1
    if not full and len(parts) < 3:
        least = max(most, 1)
    return {e: told for e, told in found.items() if told[0] >= least}


def _near(known: Catalogue, codes: Index, alone: bool) -> dict[int, float]:
    """Series for the places, of each factor and item the nearest only; ``alone``: where nothing else is asked for,
    rows for any place do not count."""
    places_ = places.load()
    found: dict[int, float] = {}
    for code in codes:
        chain = (code, *places_.groups(code))
        best: dict[tuple[str, Index], tuple[int, int]] = {}
        for entry, series in enumerate(known.series):
            if not series.place:
                if not alone:
                    found.setdefault(entry, ANYWHERE)
            elif series.place in chain:
                at = series.card.index.index("country")
                rest = (*series.rest[:at], *series.rest[at + 1 :])
                rank = chain.index(series.place)
                held = best.get((series.card.name, rest))
                if held is None or rank < held[0]:
                    best[series.card.name, rest] = rank, entry
        for entry, weight in known.term((_pieces(places_.name(code)),)).items():
            if weight > KIND:  # an item that bears the place's name
                found[entry] = HERE
        for rank, entry in best.values():
            weight = HERE if rank == 0 else WORLD if chain[rank] == places.WORLD else GROUP
            if rank == 0 or not alone:
                found[entry] = weight
    return found
