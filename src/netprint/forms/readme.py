"""The page of instructions of the inventory form. Examples stand only here, so that they can never be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netprint import places
from netprint.forms.sheets import COLUMNS, LISTS, REQUIRED, SHEETS, UNITS
from netprint.forms.style import DARK, GREY, PALE, Style, height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from netprint.forms.workbook import Form

_STEPS = 6
_WIDTHS = (21, 74, 19, 19, 19, 19)
_EXAMPLES: tuple[Mapping[str, Any], ...] = (
    {"activity": "electricity", "site": "NBO-0147", "start": "{year}-01-01", "end": "{year}-01-31",
     "quantity": 1250.5, "unit": "kWh", "tier": "billed", "uncertainty": 2, "record_id": "E-000123"},
    {"activity": "fuel", "site": "NBO-0147", "item": "diesel", "quantity": 400, "unit": "L", "tier": "estimated",
     "uncertainty": 20},
    {"activity": "refrigerant", "site": "NBO-DC1", "item": "R-410A", "quantity": 2.5, "unit": "kg",
     "tier": "metered", "uncertainty": 5},
    {"activity": "instrument", "item": "I-REC", "quantity": 120, "unit": "MWh", "instrument_factor": 0},
)  # fmt: skip


class ReadMe:
    """The page while it is written, from top to bottom; ``row`` is the next one."""

    def __init__(self, page: Worksheet, form: Form, style: Style) -> None:
        self.page, self.form, self.style, self.row = page, form, style, 0

    def write(self) -> None:
        page = self.page
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width)
        page.hide_gridlines(2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.protect()
        self.title()
        self.steps()
        self.sheets()
        self.columns()
        self.activities()
        self.factors()

    def title(self) -> None:
        style, form = self.style, self.form
        lines = (
            (form.say("form_title"), style.heading(16, bold=True, font_color=DARK), 24),
            (form.organisation or form.title, style.heading(12), 18),
            (form.say("form_about"), style.heading(11, italic=True), 18),
        )
        for text, look, points in lines:
            self.page.set_row(self.row, points)
            self.page.write(self.row, 0, text, look)
            self.row += 1

    def steps(self) -> None:
        self.head("steps_head")
        for number in range(1, _STEPS + 1):
            self.page.write(self.row, 0, number, self.style(align="center"))
            self.explain(f"step_{number}")

    def sheets(self) -> None:
        self.head("sheets_head")
        link = self.style.code(font_color="blue", underline=1)
        for name in (*(sheet.name for sheet in SHEETS), LISTS):
            self.page.write_url(self.row, 0, f"internal:'{name}'!A1", link, name)
            self.explain(f"sheet_{name}")

    def columns(self) -> None:
        self.head("columns_head", "columns_note")
        self.titles("column", "meaning", *["example"] * len(_EXAMPLES))
        grey = self.style.code(italic=True, font_color=GREY)
        for column in COLUMNS:
            self.page.write(self.row, 0, column, self.style.code(bold=column in REQUIRED))
            self.page.write_row(self.row, 2, [self.example(e, column) for e in _EXAMPLES], grey)
            self.explain(f"column_{column}")

    def activities(self) -> None:
        self.head("activities_head", "activities_note")
        self.titles("activity", "title", "sheet", "units", "", "")
        for sheet in SHEETS:
            for activity in sheet.activities:
                self.page.write(self.row, 0, activity, self.style.code())
                self.page.write_row(self.row, 2, [sheet.name, ", ".join(UNITS[activity])], self.style.code())
                self.explain(f"activity_{activity}")

    def factors(self) -> None:
        self.head("factors_head")
        self.explain("factors_note")
        typed = self.style(font_name="Consolas", reading_order=1, align="left", text_wrap=True)
        for line in self.form.factor_lines:
            self.page.set_row(self.row, height(line, 0.85 * _WIDTHS[1]))
            self.page.write(self.row, 1, line, typed)
            self.row += 1

    def head(self, key: str, note: str = "") -> None:
        """A heading after an empty row, and a note below it."""
        self.row += 1
        self.page.set_row(self.row, 20)
        look = self.style.heading(13, bold=True, font_color=DARK)
        self.page.write(self.row, 0, self.form.say(key), look)
        self.row += 1
        if note:
            self.explain(note, italic=True)

    def titles(self, *keys: str) -> None:
        """The header of a table."""
        look = self.style.words(bold=True, bg_color=PALE)
        self.page.write_row(self.row, 0, [self.form.say(f"head_{key}") if key else "" for key in keys], look)
        self.row += 1

    def explain(self, key: str, **properties: Any) -> None:
        """An explanation in the second column, which closes the row."""
        text = self.form.say(key)
        self.page.set_row(self.row, height(text, _WIDTHS[1]))
        self.page.write(self.row, 1, text, self.style.words(**properties))
        self.row += 1

    def example(self, example: Mapping[str, Any], column: str) -> Any:
        year = self.form.period[0]
        if column == "country":
            return places.load().name("KEN", self.form.lang)
        if column == "year":
            return year
        value = example.get(column, "")
        return value.replace("{year}", str(year)) if isinstance(value, str) else value
