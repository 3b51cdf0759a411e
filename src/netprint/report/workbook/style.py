"""How the sheets look: the palette of the inventory form, one format for each kind of column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook

DARK, PALE, GREY, INPUT = "#1F4E79", "#DDEBF7", "#595959", "#FFF8E1"
GREEN, RED = "#E2EFDA", "#F8CBAD"
#: The kinds of columns. What may be changed to see what follows, and remarks, are not locked.
LOOKS: dict[str, dict[str, Any]] = {
    "text": {"indent": 1},
    "id": {"num_format": "0", "font_color": GREY},
    "count": {"num_format": "#,##0"},
    "amount": {"num_format": "#,##0.00"},
    "factor": {"num_format": "General"},
    "value": {"num_format": "#,##0.00", "font_color": GREY, "italic": True},
    "plain": {"num_format": "General", "font_color": GREY, "italic": True},
    "share": {"num_format": "0.0%", "font_color": GREY, "italic": True},
    "input": {"num_format": "General", "bg_color": INPUT, "locked": False},
    "remark": {"bg_color": INPUT, "locked": False, "text_wrap": True},
    "verdict": {"align": "center", "bold": True},
}


class Style:
    """The formats of one workbook, each made once. ``rtl``: its language is written from right to left."""

    def __init__(self, book: Workbook, rtl: bool) -> None:
        self.book, self.rtl = book, rtl
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"valign": "top", **properties})
        return self.made[key]

    def look(self, name: str, **more: Any) -> Any:
        return self(**{**LOOKS[name], **more})

    def words(self, **properties: Any) -> Any:
        """Text in the workbook's language."""
        return self(reading_order=2 if self.rtl else 1, **properties)
