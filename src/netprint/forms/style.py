"""How the pages of a form look: cell formats, each made once, in the direction of the form's language."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook

DARK, LIGHT, PALE, GREY = "#1F4E79", "#9DC3E6", "#DDEBF7", "#595959"
_LINE = 15.0


class Style:
    """The formats of one workbook. ``rtl`` says that its language is written from right to left."""

    def __init__(self, book: Workbook, rtl: bool) -> None:
        self.book, self.rtl = book, rtl
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        """A format with these properties of XlsxWriter."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"valign": "top", **properties})
        return self.made[key]

    def words(self, **properties: Any) -> Any:
        """Text in the form's language, broken into lines."""
        return self(text_wrap=True, reading_order=2 if self.rtl else 1, **properties)

    def heading(self, size: int, **properties: Any) -> Any:
        """Text in the form's language that runs over the cells beside it."""
        return self(font_size=size, reading_order=2 if self.rtl else 1, **properties)

    def code(self, **properties: Any) -> Any:
        """English words and numbers, at the side where the language begins."""
        return self(align="right" if self.rtl else "left", **properties)


def height(text: str, width: float) -> float:
    """The height in points of ``text`` broken into a column of ``width`` characters: some programs leave rows
    as high as one line."""
    wide = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
    return _LINE * max(1, -(-wide // width))
