"""HTML that is safe by construction: what is not :class:`Html` is escaped when it becomes part of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Part = object


def text(part: Part) -> Html:
    """HTML as it stands; anything else escaped, None as nothing."""
    if isinstance(part, Html):
        return part
    return Html("" if part is None else escape(str(part), quote=True))


def join(parts: Iterable[Part], between: str = "") -> Html:
    return Html(text(between).join(text(p) for p in parts))


def tag(name: str, *children: Part, **attributes: str | bool | int | None) -> Html:
    """An element. ``cls`` is the class; a trailing ``_`` is dropped, an inner one is a hyphen; None is left out."""
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        spelled = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
        written.append(f" {spelled}" if value is True else f' {spelled}="{escape(str(value), quote=True)}"')
    return Html(f"<{name}{''.join(written)}>{join(children)}</{name}>")


def link(target: str, *children: Part) -> Html:
    """A link to an element of the page."""
    return tag("a", *children, href=f"#{target}")


def outside(address: str, *children: Part) -> Html:
    """A link to the web, where the address is one; else the text alone."""
    if address.startswith(("https://", "http://")):
        return tag("a", *children, href=address, rel="noreferrer")
    return join(children)


def foreign(part: Part) -> Html:
    """A user's text, in whatever script it is written."""
    return tag("bdi", part) if text(part) else Html("")


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells, an anchor, a class."""

    cells: Sequence[Part]
    id: str | None = None
    cls: str | None = None


@dataclass(frozen=True)
class Column:
    """A column: its heading, and whether it holds numbers."""

    heading: Part
    number: bool = False


def table(caption: Part, columns: Sequence[Column], rows: Iterable[Row], cls: str | None = None) -> Html:
    """A table in a box of its own that scrolls when it is wider than the page."""
    head = [tag("th", c.heading, scope="col", cls="n" if c.number else None) for c in columns]
    body = join(_row(columns, row) for row in rows)
    inner = tag("table", tag("thead", tag("tr", *head)), tag("tbody", body))
    box = tag("div", inner, cls="scroll", tabindex="0", role="region", aria_label=_bare(caption))
    return tag("div", tag("p", caption, cls="caption"), box, cls=f"table {cls}" if cls else "table")


def _row(columns: Sequence[Column], row: Row) -> Html:
    if len(row.cells) == 1 < len(columns):
        cells = [tag("th", row.cells[0], colspan=len(columns), scope="rowgroup")]
    else:
        cells = [
            tag("td", cell, cls="n" if column.number else None)
            for cell, column in zip(row.cells, columns, strict=True)
        ]
    return tag("tr", *cells, id=row.id, cls=row.cls)


def _bare(part: Part) -> str:
    """Text without tags, for an attribute."""
    return unescape(re.sub(r"<[^>]*>", "", text(part)))


def definitions(pairs: Iterable[tuple[Part, Part]], cls: str | None = None) -> Html:
    """A list of names and what is said of them."""
    return tag("dl", join(tag("div", tag("dt", name), tag("dd", said)) for name, said in pairs), cls=cls)


def listing(items: Iterable[Part]) -> Html:
    return tag("ul", join(tag("li", item) for item in items))
