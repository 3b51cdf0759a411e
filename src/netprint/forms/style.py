"""How the pages of a form look: cell formats, each made once, in the direction of the form's language."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

DARK, LIGHT, PALE, GREY, SHADE = "#1F4E79", "#9DC3E6", "#DDEBF7", "#595959", "#F2F2F2"
AMBER, RED = "#FFE699", "#F8CBAD"
FONT = "Calibri"
_LINE = 15.0
_EMBED, _END = "\u202b", "\u202c"


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
        side = "right" if self.rtl else "left"
        return self(**{"text_wrap": True, "align": side, "reading_order": 2 if self.rtl else 1, **properties})

    def heading(self, size: int, **properties: Any) -> Any:
        """Text in the form's language that runs over the cells beside it."""
        return self(font_size=size, reading_order=2 if self.rtl else 1, **properties)

    def code(self, **properties: Any) -> Any:
        """English words and numbers, at the side where the language begins."""
        return self(align="right" if self.rtl else "left", **properties)

    def box(
        self, page: Worksheet, row: int, column: int, text: str, extent: tuple[float, float], **font: Any
    ) -> None:
        """A text box in the form's language that covers cells and puts nothing into them.

        ``extent`` is width and height in pixels; ``font`` as XlsxWriter takes it, with ``fill`` for the ground and
        ``offset`` for the pixels from the upper edge of the row.
        """
        fill, offset = font.pop("fill", None), font.pop("offset", 0)
        shown = f"{_EMBED}{text}{_END}" if self.rtl else text
        page.insert_textbox(row, column, shown, {
            "width": extent[0], "height": extent[1], "y_offset": offset, "object_position": 1, "line": {"none": True},
            "fill": {"color": fill} if fill else {"none": True}, "font": {"name": FONT, **font},
            "align": {"vertical": "top", "text": "right" if self.rtl else "left"},
        })  # fmt: skip


def lines(text: str, width: float) -> int:
    """How many lines ``text`` takes in a column of ``width`` characters; those of East Asia are two wide."""
    wide = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
    return max(1, -(-wide // max(1, int(width))))


def height(text: str, width: float) -> float:
    """The height in points of ``text`` broken into a column of ``width`` characters: some programs leave rows
    as high as one line."""
    return _LINE * lines(text, width)


def pixels(width: float) -> int:
    """The width in pixels of a column of ``width`` characters."""
    return int(width * 7 + 5)
