"""What several sections of a page share: a section, a figure with its table, cells with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netprint.report import charts, numbers
from netprint.report.facts import Facts
from netprint.report.markup import Column, Html, Part, Row, foreign, join, table, tag, text
from netprint.report.words import Words


class Page:
    """What a section writes from: the facts, the words, and the anchors of the trace."""

    def __init__(self, facts: Facts, words: Words, anchors: Mapping[tuple[str, ...], str]) -> None:
        self.facts, self.words, self.anchors = facts, words, anchors
        self.terms = {str(t["term"]): f"t{i}" for i, t in enumerate(facts.tags.get("terms") or ())}

    @property
    def unit(self) -> str:
        return self.facts.shown_unit

    # -- numbers with their unit in the heading ----------------------------------------------------------------------

    def point(self, row: Mapping[str, Any] | None, key: str = "point") -> Html:
        return text("–") if row is None else numbers.point(row, self.facts.scale, key)

    def interval(self, row: Mapping[str, Any] | None) -> Html:
        return text("–") if row is None else numbers.interval(row, self.facts.scale)

    def amount(self, row: Mapping[str, Any]) -> Html:
        """A number and its unit in running text; NE where it was not estimated."""
        if row.get("point") is None:
            return self.words("not_estimated")
        return join([numbers.point(row, self.facts.scale), numbers.THIN, self.unit])

    def both(self, row: Mapping[str, Any] | None) -> Html:
        """A point with its interval below it."""
        if row is None or row.get("point") is None:
            return text("–") if row is None else self.words("not_estimated")
        return join([self.point(row), tag("small", self.interval(row), cls="below")])

    def value(self, amount: float | None, digits: int = 4) -> Html:
        """An amount in the result's own unit, as it is shown."""
        return numbers.isolated(
            "–" if amount is None else numbers.fixed(*_places(amount * self.facts.scale, digits))
        )

    def share(self, share: float | None) -> Html:
        return numbers.isolated(numbers.percent(share))

    def complete(self, share: float | None) -> Html:
        return self.words("not_stated") if share is None else self.share(share)

    # -- building blocks ---------------------------------------------------------------------------------------------

    def columns(self, *keys: str) -> list[Column]:
        """Columns by text key; a key that ends in ``#`` holds numbers, in ``@`` numbers in the page's unit."""
        found = []
        for key in keys:
            heading: Part = self.words(key.rstrip("#@"))
            if key.endswith("@"):
                heading = join([heading, tag("small", self.unit)], " ")
            found.append(Column(heading, key[-1] in "#@"))
        return found

    def section(self, ident: str, *body: Part) -> Html:
        """A section under the heading ``h_<ident>``, with what it says about itself first."""
        parts = [tag("h2", self.words(f"h_{ident}"))]
        if f"p_{ident}" in self.words.texts:
            parts.append(tag("p", self.words(f"p_{ident}"), cls="lead"))
        return tag("section", *parts, *body, id=ident)

    def figure(self, spec: charts.Spec, title: str, largest: str, beside: Html) -> Html:
        """A chart with its title, its alternative text and its table."""
        said = self.words.plain("chart_alt", about=largest)
        drawn = charts.draw(spec, title, said)
        return tag("div", tag("figure", tag("figcaption", title), drawn), beside, cls="pair")

    def title(self, *parts: str) -> str:
        """The title of a chart."""
        return self.words.plain("comma").join(parts)

    def named(self, row: Mapping[str, Any]) -> str:
        """`Name, 12 300 t CO₂e` for an alternative text."""
        value = row.get("value")
        return str(row["name"]) if value is None else f"{row['name']}, {numbers.number(value)} {self.unit}"

    def cut(self, shown: int, of: int, file: str) -> Html:
        """How many rows are left out, and where they are."""
        if of <= shown:
            return Html("")
        return tag(
            "p",
            self.words("more", shown=numbers.count(shown), more=numbers.count(of - shown), file=file),
            cls="note",
        )


def scaled(row: Mapping[str, Any], scale: float) -> dict[str, Any]:
    """value, low and high of a row for a chart."""
    return {
        k: None if row.get(s) is None else row[s] * scale
        for k, s in (("value", "point"), ("low", "low"), ("high", "high"))
    }


def _places(value: float, digits: int) -> tuple[float, int]:
    return value, numbers.decimals(value, digits)


def told(value: Any) -> Html:
    """A statement of the reporter: a text, a list or a mapping."""
    if isinstance(value, Mapping):
        said = [
            tag("span", tag("b", foreign(str(k).replace("_", " "))), ": ", told(v)) for k, v in value.items()
        ]
        return join(said, "; ")
    if isinstance(value, list | tuple):
        return tag("ul", join(tag("li", told(v)) for v in value)) if value else Html("")
    if isinstance(value, bool) or value is None:
        return foreign("" if value is None else str(value).lower())
    return foreign(value)


def simple(
    caption: Part, columns: Sequence[Column], rows: Sequence[Sequence[Part]], cls: str | None = None
) -> Html:
    return table(caption, columns, [Row(cells) for cells in rows], cls)
