"""search: the series of the catalogue that fit words best, by item, factor, kind, place, year and source.

The years of one series are one answer. A word counts by where it stands (name, item, title, kind, note, source) and
by whether it stands there whole. A place chooses: of each factor its own row, else the nearest group's, else the
world's; rows for any place fit every place, less well, but a formula over the place answers for it and is evaluated.
Where some series have everything asked for, series that have all but one follow them; a factor's full name keeps to
that factor. A word that the catalogue does not know is left out, and told (:func:`unknown`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from netprint import places
from netprint.ask import answers
from netprint.ask.index import KIND, Catalogue, Index, Series, catalogue, split
from netprint.ask.words import Asked, asked, folded, pieces
from netprint.load.factor import Factor

HERE, GROUP, WORLD, ANYWHERE = 4.0, 2.0, 1.0, 0.6
"""How well a row fits a place."""
USED, EMITS, YEAR = 0.5, 0.2, 1.0
"""What it adds that a method of the catalogue names the factor, that it is one of emissions, that it has the year."""
FEW = 3
"""With fewer answers than this that have everything, those that have all but one are told too."""
FIRST = ("CO2", "CO2e")
"""Of the gases of one item these go first."""


@dataclass(frozen=True)
class Hit:
    """One answer. ``found``: how many of the things asked for it has, ``score`` how well.

    ``at``: the index at which a formula answers; empty without one.
    """

    series: Series
    row: Factor
    found: int
    score: float
    at: Index = ()

    @cached_property
    def value(self) -> float | None:
        """What the formula gives there, in the factor's unit; None without one."""
        return answers.point(self.series.card.name, self.at) if self.at else None

    @property
    def status(self) -> str:
        """That of the row, and of all that its formula rests on."""
        return answers.status(self.series.card.name, self.at) if self.at else self.row.status


def search(text: str, *, place: str = "", year: str = "", item: str = "", kind: str = "") -> list[Hit]:
    """What fits ``text`` best, first. ``place`` (a code), ``year``, ``item`` and ``kind`` narrow it further."""
    known = catalogue()
    question, within = _question(known, text)
    codes = (*question.places, *([place] if place else ()))
    terms = tuple(t for t in question.terms if known.term(t))
    found = _weighed(known, Asked(terms or question.terms[:1], codes, ""), within)
    wanted = year or question.year
    hits = [_hit(known, known.series[e], n, w, codes, wanted)
            for e, (n, w) in found.items() if _fits(known.series[e], item, kind)]  # fmt: skip
    return sorted(filter(None, hits), key=_order)


def unknown(text: str) -> list[str]:
    """The words of ``text`` that nothing in the catalogue has; the others are searched for without them."""
    known = catalogue()
    missing = {" ".join(t[0]) for t in _question(known, text)[0].terms if not known.term(t)}
    written = {" ".join(pieces(word)): word.strip(".,;:!?()") for word in text.split()}
    return [written.get(word, word) for word in sorted(missing)]


def _question(known: Catalogue, text: str) -> tuple[Asked, set[int] | None]:
    """What is asked for, and the series of the factors that are named in full."""
    named = [name for name in known.names if name in pieces(text)]
    question = asked(text, {*known.postings, *named})
    within = {e for name in named for e in known.names[name]} if named else None
    terms = tuple(t for t in question.terms if t[0] not in [(n,) for n in named])
    return Asked(terms, question.places, question.year), within


def _hit(known: Catalogue, series: Series, found: int, score: float, codes: Index, year: str) -> Hit | None:
    """The row of a series, or what its formula gives for the place; None where a row of the place goes before it."""
    name = series.card.name
    row = known.table.rows[name][series.chosen(year)]
    score += USED * (name in known.used) + EMITS * (
        "CO2e" in series.card.unit or "by gas" in series.card.kind
    )
    if row.formula is None or not (series.by_place or all(row.index)) or (series.by_place and not codes):
        return Hit(series, row, found, score + YEAR * (year in (y for y, _ in series.years if y)))
    labels = dict(zip(series.card.index, row.index, strict=True)) | (
        {"country": codes[0]} if series.by_place else {}
    )
    at = answers.index_of(name, labels, year) if series.by_place else row.index
    if not answers.is_answered_by(row, at):
        return None
    return Hit(series, row, found, score + YEAR * (year in at if year else 0), at)


def _order(hit: Hit) -> tuple[int, float, bool, str, bool, Index]:
    """The best first; of equals zeros last, those of one factor together, CO2 before the other gases."""
    zero = hit.row.formula is None and not hit.row.value
    index = hit.series.card.index
    other = "gas" in index and hit.row.index[index.index("gas")] not in FIRST
    return -hit.found, -round(hit.score, 6), zero, hit.series.card.name, other, hit.series.rest


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
        everything = {
            e for e in everything if e in near or not (known.series[e].place or known.series[e].meant)
        }
    found = {e: (sum(e in p for p in parts), sum(p.get(e, 0.0) for p in parts)) for e in everything}
    most = max((n for n, _ in found.values()), default=0)
    few = sum(n == most for n, _ in found.values()) < FEW
    more = within is None and most > 1 and (few or len(parts) > 2)
    return {e: told for e, told in found.items() if told[0] >= most - more}


def _near(known: Catalogue, codes: Index, alone: bool) -> dict[int, float]:
    """Series for the places, of each factor and item the nearest only; ``alone``: where nothing else is asked for,
    rows for any place do not count."""
    places_ = places.load()
    found: dict[int, float] = {}
    for code in codes:
        chain = (code, *places_.groups(code))
        best: dict[tuple[str, Index], tuple[int, int]] = {}
        computed: set[str] = set()
        for entry in known.at.get("", ()):
            series = known.series[entry]
            if series.by_place and not any(series.rest):
                computed.add(series.card.name)
                found[entry] = HERE
            elif not alone and series.meant in ("", *chain):
                found.setdefault(entry, ANYWHERE)
        for rank, held in enumerate(chain):
            for entry in known.at.get(held, ()):
                series = known.series[entry]
                at = series.card.index.index("country")
                rest = (*series.rest[:at], *series.rest[at + 1 :])
                best.setdefault((series.card.name, rest), (rank, entry))
        for entry, weight in known.term((split(places_.name(code)),)).items():
            if weight > KIND:  # an item that bears the place's name
                found[entry] = HERE
        for (name, _), (rank, entry) in best.items():
            weight = HERE if rank == 0 else WORLD if chain[rank] == places.WORLD else GROUP
            if rank == 0 or not (alone or name in computed):
                found[entry] = weight
    return found
