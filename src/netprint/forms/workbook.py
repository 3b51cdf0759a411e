"""The XLSX form of an inventory: instructions, an overview, a sheet for each topic, and the lists of its drop-downs.

A sheet for data has its header, in English, in the fifth row; the four rows above hold no cell, only text boxes with
title, explanations and an example, so that nothing but the header and the user's rows is ever read. Every sheet is
protected without a password; what is to be typed into is not locked.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from netprint.forms import form as at
from netprint.forms.form import Form, letters
from netprint.forms.guard import guard, highlight
from netprint.forms.organisation import write_lines, write_organisation
from netprint.forms.overview import Overview
from netprint.forms.profiles import LISTS, ORGANISATION, OVERVIEW, READ_ME, Column, Sheet
from netprint.forms.readme import ReadMe
from netprint.forms.style import DARK, GREY, LIGHT, PALE, SHADE, Style, height, lines, pixels

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_A4 = 9
_LAST_COLUMN = 16_383
_ALLOWED = {
    "format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True,
    "sort": True, "autofilter": True,
}  # fmt: skip
_FORMATS = {"year": "0", "date": "yyyy-mm-dd", "percent": "General", "code": "@", "factor": "0.0####"}
_BOX_LINE = 12.5


def write_form(form: Form) -> bytes:
    """The workbook as bytes."""
    import xlsxwriter

    stream = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, plain)
    book.set_properties(
        {"title": form.title, "company": form.organisation, "comments": form.say("form_about")}
    )
    style = Style(book, form.lang == "ar")
    named = (READ_ME, OVERVIEW, ORGANISATION, *(sheet.name for sheet in form.profile.sheets), LISTS)
    pages = {name: book.add_worksheet(name) for name in named}
    ReadMe(pages[READ_ME], form, style).write()
    areas = write_lists(pages[LISTS], form, style)
    for name, where in areas.items():
        book.define_name(f"list_{name}", f"={where}")
    Overview(pages[OVERVIEW], form, style, areas).write()
    write_organisation(pages[ORGANISATION], form, style)
    for sheet in form.profile.sheets:
        write_data(pages[sheet.name], sheet, form, style)
    for page in pages.values():
        page.set_paper(_A4)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer("&L&F&C&A&R&P / &N")
        if style.rtl:
            page.right_to_left()
    pages[READ_ME].activate()
    book.close()
    return stream.getvalue()


def write_lists(page: Worksheet, form: Form, style: Style) -> dict[str, str]:
    """One column for each drop-down; returns the area of each."""
    areas = {}
    page.write(0, 0, form.say("lists_about"), style.heading(11, italic=True))
    for column, (name, values) in enumerate(form.lists.items()):
        page.set_column(column, column, 30 if name == "country" else 24)
        page.write(1, column, name.replace("_", ": ", 1), style.code(bold=True, bg_color=PALE))
        page.write_column(2, column, values, style.code())
        areas[name] = f"{LISTS}!${letters(column)}$3:${letters(column)}${2 + len(values)}"
    page.freeze_panes(2, 0)
    page.repeat_rows(1)
    page.protect()
    return areas


def write_data(page: Worksheet, sheet: Sheet, form: Form, style: Style) -> None:
    """One sheet to type in."""
    open_cells = style(locked=False)
    page.set_column(0, _LAST_COLUMN, 12, open_cells)
    for place, column in enumerate(sheet.columns):
        dark = column.name in form.needed(sheet)
        colours = {"bg_color": DARK, "font_color": "white"} if dark else {"bg_color": LIGHT}
        header = style.code(bold=True, indent=1, border=1, border_color="white", **colours)
        page.set_column(place, place, column.width, _cells(sheet, column, style))
        page.write(at.HEADER, place, column.name, header)
        guard(page, sheet, column, form)
    if sheet.role == "entities":
        write_lines(page, sheet, style)
    highlight(page, sheet, form, style)
    _write_head(page, sheet, form, style)
    page.autofilter(at.HEADER, 0, at.COUNTED, len(sheet.columns) - 1)
    page.freeze_panes(at.FIRST, 1)
    page.set_tab_color(DARK)
    page.repeat_rows(at.HEADER)
    page.protect("", _ALLOWED)


def _cells(sheet: Sheet, column: Column, style: Style) -> Any:
    """The format of a column's input cells."""
    if column.name == "quantity":
        return style(num_format="#,##0." + "0" * sheet.decimals, locked=False)
    if column.kind == "formula":
        return style.code()
    shown = _FORMATS.get(column.kind)
    return style(num_format=shown, locked=False) if shown else style.code(indent=1, locked=False)


def _write_head(page: Worksheet, sheet: Sheet, form: Form, style: Style) -> None:
    """Title, explanations and example in text boxes over rows that stay empty and locked."""
    widths = [column.width for column in sheet.columns]
    told = [form.say(f"column_{column.name}") for column in sheet.columns]
    deepest = max(lines(text, width * 1.05) for text, width in zip(told, widths, strict=True))
    across = sum(pixels(width) for width in widths)
    about = f"{form.say(f'sheet_{sheet.name}')} {form.say('sheet_note')}"
    heights = {
        at.TITLE: 24.0,
        at.ABOUT: 6 + 0.95 * height(about, across / 6.2),
        at.HEADINGS: 30 + _BOX_LINE * deepest,
        at.EXAMPLE: 20.0,
    }
    for row, points in heights.items():
        page.set_row(row, points, style())
    tall = {row: points * 4 / 3 for row, points in heights.items()}
    style.box(page, at.TITLE, 0, form.say(f"title_{sheet.name}"), (across, tall[at.TITLE]),
              size=14, bold=True, color=DARK)  # fmt: skip
    style.box(page, at.ABOUT, 0, about, (across, tall[at.ABOUT]), size=9)
    for place, column in enumerate(sheet.columns):
        wide = pixels(column.width)
        style.box(page, at.HEADINGS, place, form.say(f"label_{column.name}"), (wide, 24),
                  size=9, bold=True, fill=PALE)  # fmt: skip
        style.box(page, at.HEADINGS, place, told[place], (wide, tall[at.HEADINGS] - 24), offset=24, size=8)
        page.write_blank(at.EXAMPLE, place, None, style(bg_color=SHADE))
        shown = form.example(sheet, column)
        if shown:
            style.box(page, at.EXAMPLE, place, shown, (wide, tall[at.EXAMPLE]),
                      size=9, italic=True, color=GREY)  # fmt: skip
