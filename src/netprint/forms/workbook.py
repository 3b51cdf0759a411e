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

from netprint import places
from netprint.forms.sheets import REQUIRED, SHEETS, UNITS, Sheet, columns, list_of, lists

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

READ_ME = "Read me"
LISTS = "Lists"
_LAST_ROW = 1_048_575
_DARK, _LIGHT, _PALE = "#1F4E79", "#9DC3E6", "#DDEBF7"
_WIDTHS = {"activity": 20, "entity": 18, "site": 16, "country": 20, "year": 8, "item": 20, "quantity": 16,
           "unit": 11, "uncertainty": 13, "instrument_factor": 17, "note": 40}  # fmt: skip
_FORMATS = {
    "year": "0",
    "start": "yyyy-mm-dd",
    "end": "yyyy-mm-dd",
    "record_id": "@",
    "instrument_factor": "0.0####",
}
#: Lists whose drop-down only warns: a user may have factors, units or years that the list does not know.
_OPEN = ("item", "unit", "year")
#: Which examples the Read me page shows, by column; what is missing stays empty.
_EXAMPLES: tuple[dict[str, Any], ...] = (
    {"activity": "electricity", "site": "NBO-0147", "start": "{year}-01-01", "end": "{year}-01-31", "quantity": 1250.5,
     "unit": "kWh", "tier": "billed", "uncertainty": 2, "record_id": "E-000123"},
    {"activity": "fuel", "site": "NBO-0147", "item": "diesel", "quantity": 400, "unit": "L", "tier": "estimated",
     "uncertainty": 20},
    {"activity": "refrigerant", "site": "NBO-DC1", "item": "R-410A", "quantity": 2.5, "unit": "kg", "tier": "metered",
     "uncertainty": 5},
    {"activity": "instrument", "item": "I-REC", "quantity": 120, "unit": "MWh", "instrument_factor": 0},
)  # fmt: skip


@dataclass(frozen=True)
class Form:
    """What a form is written for. ``texts`` are the explanations in ``lang``; ``factor_lines`` are the lines of an
    example of ``factors.csv``."""

    lang: str
    texts: Mapping[str, str]
    title: str
    organisation: str
    period: tuple[int, int]
    factor_lines: Sequence[str]

    def say(self, key: str) -> str:
        first, last = self.period
        return self.texts[key].replace("{period}", str(first) if first == last else f"{first}..{last}")


def write_form(form: Form) -> bytes:
    """The workbook as bytes."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": form.title, "company": form.organisation, "comments": form.say("form_about")})
    _Pages(book, form).write()
    book.close()
    return stream.getvalue()


class _Pages:
    """The pages of one workbook while it is written."""

    def __init__(self, book: Workbook, form: Form) -> None:
        self.book, self.form = book, form
        self.rtl = form.lang == "ar"
        self.looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, **properties: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.looks:
            self.looks[key] = self.book.add_format({"valign": "top", **properties})
        return self.looks[key]

    def words(self, **properties: Any) -> Any:
        """The format of an explanation, in the direction of its language."""
        return self.look(text_wrap=True, reading_order=2 if self.rtl else 1, **properties)

    def write(self) -> None:
        names = (READ_ME, *(sheet.name for sheet in SHEETS), LISTS)
        pages = {name: self.book.add_worksheet(name) for name in names}
        self.read_me(pages[READ_ME])
        self.lists(pages[LISTS])
        for sheet in SHEETS:
            self.data(pages[sheet.name], sheet)
        for page in pages.values():
            page.set_paper(9)  # A4
            page.set_footer("&L&F&C&A&R&P / &N")
            if self.rtl:
                page.right_to_left()
        pages[READ_ME].activate()

    # ---- Read me

    def read_me(self, page: Worksheet) -> None:
        """Instructions, explanations and examples; nothing on it is counted."""
        say, bold = self.form.say, self.words(bold=True, bg_color=_PALE)
        page.set_column(0, 0, 21)
        page.set_column(1, 1, 74)
        page.set_column(2, 5, 19)
        page.hide_gridlines(2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.protect()
        direction = 2 if self.rtl else 1
        page.write(0, 0, say("form_title"), self.look(bold=True, font_size=16, reading_order=direction))
        about = self.form.title if not self.form.organisation else f"{self.form.organisation} · {self.form.title}"
        page.write(1, 0, about, self.look(font_size=12, reading_order=direction))
        page.write(2, 0, say("form_about"), self.look(italic=True, reading_order=direction))

        row = self.head(page, 4, "steps_head")
        for number in range(1, 7):
            page.write(row, 0, number, self.look(align="center"))
            page.write(row, 1, say(f"step_{number}"), self.words())
            row += 1

        row = self.head(page, row + 1, "sheets_head")
        for name in (*(sheet.name for sheet in SHEETS), LISTS):
            page.write_url(row, 0, f"internal:'{name}'!A1", self.look(font_color="blue", underline=1), name)
            page.write(row, 1, say(f"sheet_{name}"), self.words())
            row += 1

        row = self.head(page, row + 1, "columns_head", "columns_note")
        page.write_row(row, 0, [say("head_column"), say("head_meaning")], bold)
        for at in range(len(_EXAMPLES)):
            page.write(row, 2 + at, say("head_example"), bold)
        for row, column in enumerate(columns(), start=row + 1):  # noqa: B020
            page.write(row, 0, column, self.look(bold=column in REQUIRED))
            page.write(row, 1, say(f"column_{column}"), self.words())
            for at, example in enumerate(_EXAMPLES):
                value = self.example(example, column)
                page.write(row, 2 + at, value, self.look(italic=True, align="left", font_color="#595959"))

        row = self.head(page, row + 2, "activities_head", "activities_note")
        page.write_row(row, 0, [say(f"head_{key}") for key in ("activity", "title", "sheet", "units")], bold)
        page.write_row(row, 4, ["", ""], bold)
        for sheet in SHEETS:
            for activity in sheet.activities:
                row += 1
                page.write(row, 0, activity)
                page.write(row, 1, say(f"activity_{activity}"), self.words())
                page.write(row, 2, sheet.name)
                page.write(row, 3, ", ".join(UNITS[activity]))

        row = self.head(page, row + 2, "factors_head", "factors_note")
        for row, line in enumerate(self.form.factor_lines, start=row):  # noqa: B020
            page.write(row, 1, line, self.look(font_name="Consolas", text_wrap=True, reading_order=1, align="left"))

    def head(self, page: Worksheet, row: int, *keys: str) -> int:
        """A heading and the notes below it; the row after them."""
        page.write(row, 0, self.form.say(keys[0]), self.look(bold=True, font_size=13, font_color=_DARK,
                                                             reading_order=2 if self.rtl else 1))  # fmt: skip
        for key in keys[1:]:
            row += 1
            page.write(row, 1, self.form.say(key), self.words(italic=True))
        return row + 1

    def example(self, example: Mapping[str, Any], column: str) -> Any:
        year = self.form.period[0]
        if column == "country":
            return places.load().name("KEN", self.form.lang)
        if column == "year":
            return year
        value = example.get(column, "")
        return value.replace("{year}", str(year)) if isinstance(value, str) else value

    # ---- Lists

    def lists(self, page: Worksheet) -> None:
        """One column for each drop-down, as a named range."""
        page.write(0, 0, self.form.say("lists_about"), self.look(italic=True))
        found = lists(self.form.lang, self.form.period)
        for column, (name, values) in enumerate(found.items()):
            page.write(1, column, name.replace("_", ": "), self.look(bold=True, bg_color=_PALE))
            page.write_column(2, column, values, self.look(align="left"))
            page.set_column(column, column, 30 if name == "country" else 24)
            letter = _letters(column)
            area = f"={LISTS}!${letter}$3:${letter}${2 + len(values)}"
            self.book.define_name(f"list_{name}", area)
        page.freeze_panes(2, 0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(1)
        page.protect()

    # ---- data

    def data(self, page: Worksheet, sheet: Sheet) -> None:
        """One sheet to type in: a table that grows with its rows, every column guarded to the last row."""
        heads = []
        for at, column in enumerate(sheet.columns):
            colours = {"bg_color": _DARK, "font_color": "white"} if column in REQUIRED else {"bg_color": _LIGHT}
            header = self.look(bold=True, reading_order=1, border=1, border_color="white", **colours)
            heads.append({"header": column, "header_format": header})
            number = "#,##0." + "0" * sheet.decimals if column == "quantity" else _FORMATS.get(column)
            cells = self.look(num_format=number) if number else self.look()
            page.set_column(at, at, _WIDTHS.get(column, 14), cells)
            page.write_comment(0, at, self.form.say(f"column_{column}"), {"width": 300, "height": 110, "font_size": 9})
            self.guard(page, sheet, column, at)
        table = {"columns": heads, "name": f"data_{sheet.name}", "style": "Table Style Light 1"}
        page.add_table(0, 0, 1, len(heads) - 1, table)
        page.freeze_panes(1, 1)
        page.set_tab_color(_DARK)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)

    def guard(self, page: Worksheet, sheet: Sheet, column: str, at: int) -> None:
        """What the cells of a column accept, and that the header stays as it is."""
        say = self.form.say
        refused = {"error_title": say("error_title")}
        page.data_validation(0, at, 0, at, {
            "validate": "custom", "value": f'=EXACT({_letters(at)}$1,"{column}")', "ignore_blank": False,
            "error_message": say("error_header"), **refused,
        })  # fmt: skip
        rule: dict[str, Any] | None = None
        listed = list_of(sheet, column)
        if listed and column in _OPEN:
            rule = {"validate": "list", "source": f"=list_{listed}", "error_type": "warning",
                    "error_title": say("warning_title"), "error_message": say(f"warning_{column}")}  # fmt: skip
        elif listed:
            rule = {"validate": "list", "source": f"=list_{listed}", "error_message": say("error_list"), **refused}
        elif column in ("quantity", "instrument_factor"):
            rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": say("error_quantity"), **refused}
        elif column == "uncertainty":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1000,
                    "error_message": say("error_uncertainty"), **refused}  # fmt: skip
        elif column in ("start", "end"):
            rule = {"validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2100, 12, 31),
                    "error_message": say("error_date"), **refused}  # fmt: skip
        if rule is not None:
            page.data_validation(1, at, _LAST_ROW, at, rule)


def _letters(column: int) -> str:
    """0 is ``A``, 26 ``AA``."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
