"""The XLSX form of an inventory: a page of instructions, a sheet for each topic, and the lists of its drop-downs.

*Read me* and *Lists* are protected (without a password), because nothing is to be typed there. The sheets for
data are not: Excel would lock every cell that is pasted into a protected sheet. Their header is guarded by a
validation that accepts only the column's own name.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from netprint.forms.readme import ReadMe
from netprint.forms.sheets import LISTS, READ_ME, REQUIRED, SHEETS, Sheet, list_of, lists
from netprint.forms.style import DARK, LIGHT, PALE, Style, height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_LAST_ROW = 1_048_575
_A4 = 9
_WIDTHS = {"activity": 20, "entity": 18, "site": 16, "country": 20, "year": 8, "item": 20, "quantity": 16,
           "unit": 11, "uncertainty": 13, "instrument_factor": 17, "note": 40}  # fmt: skip
_FORMATS = {
    "year": "0",
    "start": "yyyy-mm-dd",
    "end": "yyyy-mm-dd",
    "instrument_factor": "0.0####",
    "uncertainty": "General",
    "record_id": "@",
}
#: Lists whose drop-down only warns: a user may have factors, units or years that the list does not know.
_OPEN = ("item", "unit", "year")


@dataclass(frozen=True)
class Form:
    """What a form is written for. ``texts`` are the explanations in ``lang``; ``factor_lines`` are the lines of an
    example of ``factors.csv``."""

    lang: str
    texts: Mapping[str, str]
    organisation: str
    period: tuple[int, int]
    factor_lines: Sequence[str]

    @property
    def title(self) -> str:
        return self.say("study_title")

    def say(self, key: str) -> str:
        """An explanation, with the study's period where it has a place for it."""
        first, last = self.period
        return self.texts[key].replace("{period}", str(first) if first == last else f"{first}..{last}")


def write_form(form: Form) -> bytes:
    """The workbook as bytes."""
    import xlsxwriter

    stream = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, plain)
    about = {"title": form.title, "company": form.organisation, "comments": form.say("form_about")}
    book.set_properties(about)
    style = Style(book, form.lang == "ar")
    pages = {name: book.add_worksheet(name) for name in (READ_ME, *(sheet.name for sheet in SHEETS), LISTS)}
    ReadMe(pages[READ_ME], form, style).write()
    for name, area in _write_lists(pages[LISTS], form, style).items():
        book.define_name(name, area)
    for sheet in SHEETS:
        _write_data(pages[sheet.name], sheet, form, style)
    for page in pages.values():
        page.set_paper(_A4)
        page.set_footer("&L&F&C&A&R&P / &N")
        if style.rtl:
            page.right_to_left()
    pages[READ_ME].activate()
    book.close()
    return stream.getvalue()


def _write_lists(page: Worksheet, form: Form, style: Style) -> dict[str, str]:
    """One column for each drop-down; the areas by the names under which validations call them."""
    areas = {}
    page.write(0, 0, form.say("lists_about"), style.heading(11, italic=True))
    for column, (name, values) in enumerate(lists(form.lang, form.period).items()):
        page.set_column(column, column, 30 if name == "country" else 24)
        page.write(1, column, name.replace("_", ": "), style.code(bold=True, bg_color=PALE))
        page.write_column(2, column, values, style.code())
        letter = _letters(column)
        areas[f"list_{name}"] = f"={LISTS}!${letter}$3:${letter}${2 + len(values)}"
    page.freeze_panes(2, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(1)
    page.protect()
    return areas


def _write_data(page: Worksheet, sheet: Sheet, form: Form, style: Style) -> None:
    """One sheet to type in: a table that grows with its rows, every column guarded to the last row."""
    heads = []
    for at, column in enumerate(sheet.columns):
        dark = column in REQUIRED
        colours = {"bg_color": DARK, "font_color": "white"} if dark else {"bg_color": LIGHT}
        header = style.code(bold=True, indent=1, border=1, border_color="white", **colours)
        heads.append({"header": column, "header_format": header})
        shown = "#,##0." + "0" * sheet.decimals if column == "quantity" else _FORMATS.get(column)
        cells = style(num_format=shown) if shown else style.code(indent=1)
        page.set_column(at, at, _WIDTHS.get(column, 15), cells)
        note = form.say(f"column_{column}")
        page.write_comment(0, at, note, {"width": 280, "height": 24 + 1.3 * height(note, 44), "font_size": 9})
        _guard(page, sheet, column, at, form)
    table = {"columns": heads, "name": f"data_{sheet.name}", "style": "Table Style Light 1"}
    page.add_table(0, 0, 1, len(heads) - 1, table)
    page.freeze_panes(1, 1)
    page.set_tab_color(DARK)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _guard(page: Worksheet, sheet: Sheet, column: str, at: int, form: Form) -> None:
    """What the cells of a column accept, and that its header stays as it is."""
    title = form.say("error_title")
    page.data_validation(0, at, 0, at, {
        "validate": "custom", "value": f'=EXACT({_letters(at)}$1,"{column}")', "ignore_blank": False,
        "error_title": title, "error_message": form.say("error_header"),
    })  # fmt: skip
    listed = list_of(sheet, column)
    if listed is not None:
        warns = column in _OPEN
        rule: dict[str, Any] = {
            "validate": "list",
            "source": f"=list_{listed}",
            "error_type": "warning" if warns else "stop",
            "error_title": form.say("warning_title") if warns else title,
            "error_message": form.say(f"warning_{column}" if warns else "error_list"),
        }
    elif column in _RULES:
        message, accepted = _RULES[column]
        if column == "quantity" and sheet.credits:
            accepted = _ANY_NUMBER
        rule = {**accepted, "error_title": title, "error_message": form.say(message)}
    else:
        return
    page.data_validation(1, at, _LAST_ROW, at, rule)


_ANY_NUMBER = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
_NOT_NEGATIVE = {"validate": "decimal", "criteria": ">=", "value": 0}
_DAY = {
    "validate": "date",
    "criteria": "between",
    "minimum": date(1990, 1, 1),
    "maximum": date(2100, 12, 31),
}
#: The message and the rule of the columns that hold numbers and dates.
_RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "quantity": ("error_quantity", _NOT_NEGATIVE),
    "instrument_factor": ("error_quantity", _NOT_NEGATIVE),
    "uncertainty": (
        "error_uncertainty",
        {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1000},
    ),
    "start": ("error_date", _DAY),
    "end": ("error_date", _DAY),
}


def _letters(column: int) -> str:
    """0 is ``A``, 26 ``AA``."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
