"""Worksheets that write numbers, texts and formulas of one line faster than XlsxWriter does; the same cells."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from netprint.report.workbook.grid import letters

#: What must be escaped or kept by a mark; XlsxWriter does that.
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|^\s|\s$|_x[0-9A-Fa-f]{4}_|^$")
_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@cache
def page_class() -> Any:
    """The class of the sheets. It is made when a workbook is: XlsxWriter is imported only then."""
    from xlsxwriter.worksheet import Worksheet

    class Page(Worksheet):  # type: ignore[misc]
        """Does not look for functions of newer Excel in each formula: these formulas use none."""

        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            return formula.removeprefix("=")

        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            written = None if cell.format is None else _written(cell)
            if written is None:
                super()._write_cell(row, col, cell)
            else:
                kind, content = written
                look = cell.format._get_xf_index()
                self.fh.write(f'<c r="{_letters(col)}{row + 1}" s="{look}"{kind}>{content}</c>')

    return Page


def _written(cell: Any) -> tuple[str, str] | None:
    """The type and the content of a cell; None where XlsxWriter shall write it."""
    match type(cell).__name__:
        case "Number":
            return "", f"<v>{_number(cell.number)}</v>"
        case "String" if not _SPECIAL.search(cell.string):
            return ' t="inlineStr"', f"<is><t>{cell.string}</t></is>"
        case "Formula" if not isinstance(cell.value, str):
            return "", f"<f>{cell.formula.translate(_MARKS)}</f><v>{_number(cell.value)}</v>"
    return None


def _number(value: float) -> str:
    """A number in full."""
    return repr(int(value)) if isinstance(value, int) else repr(float(value))


@cache
def _letters(column: int) -> str:
    return letters(column)
