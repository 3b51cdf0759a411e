"""Writing: one table a sheet, with title, explanation, frozen header, filter and protection."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netprint.errors import UsageError
from netprint.report.workbook.formulas import ROW, Live
from netprint.report.workbook.grid import MOST_ROWS, Grid, in_order
from netprint.report.workbook.style import DARK, GREEN, GREY, PALE, RED, Style

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_LONGEST_TEXT = 32_000
#: The column of the values of a summary above a table.
_SUMMARY = 3
#: What a program that reads a text cell might take for the beginning of a formula.
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_ALLOWED = {
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}


def fits(grid: Grid, by: Mapping[str, int]) -> None:
    """Raise :class:`UsageError` where a sheet would be longer than Excel takes; ``by``: the labels of each column that
    the study asks for."""
    if grid.above + grid.count <= MOST_ROWS:
        return
    widest = sorted(by.items(), key=lambda item: -item[1])[:3]
    named = " or ".join(f"{name} ({count:,} labels)" for name, count in widest if count > 1)
    remedy = (
        f"Leave {named} out of the study's `by`, assess it again and write the workbook from that bundle."
        if named
        else "Split the study by year or by entity and write a workbook for each bundle."
    )
    raise UsageError(
        f"The sheet {grid.name} would have {grid.above + grid.count:,} rows; a sheet holds {MOST_ROWS:,}. {remedy}"
    )


def plain(text: str) -> str:
    """A text as it may be written: of bounded length, and never taken for the markup of a formatted text."""
    cut = text[:_LONGEST_TEXT]
    return f"{cut} " if cut.startswith("<r>") and cut.endswith("</r>") else cut


class Writer:
    """Writes the cells of one sheet by their types."""

    def __init__(self, page: Worksheet, style: Style) -> None:
        self.page, self.style = page, style

    def table(
        self,
        grid: Grid,
        title: str,
        about: str,
        rows: Iterable[Mapping[str, Any]],
        summary: Sequence[tuple[str, Live]] = (),
    ) -> None:
        """Title, explanation, a line for each entry of ``summary``, header and rows of a grid."""
        page, style = self.page, self.style
        for at, column in enumerate(grid.columns):
            page.set_column(at, at, column.width)
        page.write_string(0, 0, plain(title), style.words(bold=True, font_size=14, font_color=DARK))
        page.write_string(1, 0, about, style.words(italic=True, font_color=GREY))
        for at, (name, live) in enumerate(summary, 2):
            page.write_string(at, 0, name, style.words(bold=True))
            page.write_formula(at, _SUMMARY, f"={live.text}", style(bold=True, align="left"), live.value)
        head = style.words(bold=True, bg_color=DARK, font_color="white", text_wrap=True, valign="vcenter")
        header = grid.above - 1
        page.set_row(header, 32)
        for at, column in enumerate(grid.columns):
            page.write_string(header, at, column.head, head)
        looks = [style.look(c.look) for c in grid.columns]
        quoted = [style.look(c.look, quote_prefix=True) for c in grid.columns]
        places = {c.key: at for at, c in enumerate(grid.columns)}
        line = grid.above
        for i, row in enumerate(rows):
            values = in_order(grid, row)
            for key, number in grid.keyed(i):
                values[places[key]] = number
            self._row(line, values, looks, quoted)
            line += 1
        self._finish(grid, header)

    def _row(self, line: int, values: list[Any], looks: list[Any], quoted: list[Any]) -> None:
        page, number = self.page, str(line + 1)
        for at, value in enumerate(values):
            if value is None:
                if looks[at].locked == 0:
                    page.write_blank(line, at, None, looks[at])
            elif isinstance(value, Live):
                shown = (
                    "" if isinstance(value.value, float) and not math.isfinite(value.value) else value.value
                )
                page.write_formula(line, at, f"={value.text.replace(ROW, number)}", looks[at], shown)
            elif isinstance(value, str):
                if value:
                    look = quoted[at] if value.startswith(_RISKY) else looks[at]
                    page.write_string(line, at, plain(value), look)
                elif looks[at].locked == 0:
                    page.write_blank(line, at, None, looks[at])
            elif isinstance(value, int | float | np.number) and math.isfinite(value):
                page.write_number(line, at, value, looks[at])

    def _finish(self, grid: Grid, header: int) -> None:
        page, last = self.page, len(grid.columns) - 1
        page.freeze_panes(header + 1, 1)
        page.autofilter(header, 0, max(header + grid.count, header), last)
        self.finish()
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(header)
        for at, column in enumerate(grid.columns):
            if column.look == "verdict" and grid.count:
                self.coloured(grid.above, at, grid.above + grid.count - 1)

    def finish(self) -> None:
        """Paper, footer, direction and protection (without a password)."""
        self.page.ignore_errors({"number_stored_as_text": f"A1:XFD{MOST_ROWS}"})  # years are labels
        self.page.set_paper(9)
        self.page.set_footer("&L&F&C&A&R&P / &N")
        self.page.protect("", _ALLOWED)
        if self.style.rtl:
            self.page.right_to_left()

    def coloured(self, first: int, column: int, last: int) -> None:
        """Green where a verdict is OK, red where it is not."""
        for text, colour in (("OK", GREEN), ("NOT OK", RED)):
            rule = {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": self._fill(colour)}
            self.page.conditional_format(first, column, last, column, rule)

    def _fill(self, colour: str) -> Any:
        return self.style(bg_color=colour)

    def tinted(self, **more: Any) -> Any:
        return self.style.words(bold=True, bg_color=PALE, **more)
