"""The sheet for the statements of a report: what a reader must know and no table says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netprint.forms.form import FIRST, Form, letters
from netprint.forms.profiles import Sheet, statements
from netprint.forms.style import DARK, GREY, PALE, Style, height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = (24, 44, 60, 60)
FIRST_STATEMENT = 4
_ENTITIES = 60


def write_organisation(page: Worksheet, form: Form, style: Style) -> None:
    """A row for each statement: what is asked, a cell for the answer, and the line for ``study.yaml`` by a formula."""
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.hide_gridlines(2)
    page.set_tab_color("#70AD47")
    page.set_row(0, 24)
    page.write(0, 0, form.say("title_Organisation"), style.heading(14, bold=True, font_color=DARK))
    page.write(1, 0, form.say("organisation_about"), style.heading(10, italic=True))
    heads = [form.say(f"head_{key}") for key in ("statement", "meaning", "answer", "line")]
    page.write_row(FIRST_STATEMENT - 1, 0, heads, style.words(bold=True, bg_color=PALE))
    page.freeze_panes(FIRST_STATEMENT, 0)
    for row, name in enumerate(statements(), start=FIRST_STATEMENT):
        told = form.say(f"statement_{name}")
        page.set_row(row, max(32, height(told, _WIDTHS[1])))
        page.write(row, 0, name, style.code(bold=True))
        page.write(row, 1, told, style.words())
        answer = form.organisation if name == "organisation" else ""
        page.write(row, 2, answer, style.words(locked=False, border=1, border_color="#BFBFBF"))
        line = style.code(font_name="Consolas", font_color=GREY, text_wrap=True)
        page.write_formula(row, 3, _line(name, f"C{row + 1}"), line, "")
    page.data_validation(FIRST_STATEMENT, 2, FIRST_STATEMENT + len(statements()) - 1, 2, {
        "validate": "length", "criteria": "<=", "value": 4000,
        "error_title": form.say("error_title"), "error_message": form.say("error_length"),
    })  # fmt: skip
    page.protect("", {"format_columns": True, "format_rows": True})


def write_lines(page: Worksheet, sheet: Sheet, style: Style) -> None:
    """The rows of a sheet of entities as lines for ``study.yaml``, by formulas."""
    look = style.code(font_name="Consolas", font_color=GREY)
    where = {name: letters(sheet.at(name)) for name in sheet.names}
    for row in range(FIRST, FIRST + _ENTITIES):
        cells = {name: f"{letter}{row + 1}" for name, letter in where.items()}
        parts = [f'"  - {{entity: "&{_quoted(cells["entity"])}']
        parts += [_when(cells[name], name, _quoted(cells[name])) for name in ("parent", "control")]
        parts.append(_when(cells["share"], "share", f'SUBSTITUTE({cells["share"]}&"",",",".")'))
        parts += [_when(cells[name], name, _day(cells[name])) for name in ("from", "to")]
        line = "&".join(parts)
        page.write_formula(row, sheet.at("line"), f'=IF({cells["entity"]}="","",{line}&"}}")', look, "")


def _when(cell: str, name: str, shown: str) -> str:
    return f'IF({cell}="","",", {name}: "&{shown})'


def _day(cell: str) -> str:
    """A date as YAML; the codes of ``TEXT`` differ between languages."""
    return f'YEAR({cell})&"-"&RIGHT("0"&MONTH({cell}),2)&"-"&RIGHT("0"&DAY({cell}),2)'


def _line(name: str, cell: str) -> str:
    """The answer as a line of YAML; nothing where there is no answer."""
    return f'=IF({cell}="","","{name}: "&{_quoted(cell)})'


def _quoted(cell: str) -> str:
    """The text of a cell as a double-quoted YAML scalar."""
    plain = f'SUBSTITUTE(SUBSTITUTE({cell},"\\","\\\\"),"""","\\""")'
    for code, escape in ((10, "\\n"), (13, ""), (9, " ")):
        plain = f'SUBSTITUTE({plain},CHAR({code}),"{escape}")'
    return f'""""&{plain}&""""'
