"""The page of instructions of the inventory form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netprint.forms.form import FIRST, Form
from netprint.forms.offers import units, words
from netprint.forms.profiles import LISTS, ORGANISATION, OVERVIEW
from netprint.forms.style import DARK, PALE, Style, height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_STEPS = 7
_WIDTHS = (24, 28, 90, 34)


class ReadMe:
    """The page while it is written, from top to bottom; ``row`` is the next one."""

    def __init__(self, page: Worksheet, form: Form, style: Style) -> None:
        self.page, self.form, self.style, self.row = page, form, style, 0

    def write(self) -> None:
        page = self.page
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width)
        page.hide_gridlines(2)
        page.protect()
        self.title()
        self.steps()
        self.sheets()
        self.tiers()
        self.columns()
        self.activities()
        self.factors()

    def title(self) -> None:
        style, form = self.style, self.form
        named = f"{form.say('form_title')} – {form.say(f'profile_{form.profile.name}')}"
        lines = (
            (named, style.heading(16, bold=True, font_color=DARK), 24),
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
            text = self.form.say(f"step_{number}")
            width = _WIDTHS[1] + _WIDTHS[2]
            self.page.set_row(self.row, height(text, width))
            self.page.merge_range(self.row, 1, self.row, 2, text, self.style.words())
            self.row += 1

    def sheets(self) -> None:
        self.head("sheets_head")
        link = self.style.code(font_color="blue", underline=1)
        own = {sheet.name: FIRST + 1 for sheet in self.form.profile.sheets}
        for name in (OVERVIEW, ORGANISATION, *own, LISTS):
            self.page.write_url(self.row, 0, f"internal:'{name}'!A{own.get(name, 1)}", link, name)
            self.page.write(self.row, 1, self.form.say(f"title_{name}"), self.style.words())
            self.explain(f"sheet_{name}", f"title_{name}")

    def tiers(self) -> None:
        """How the four tiers are told apart, and which uncertainty is usual for each."""
        self.head("tiers_head", "tiers_note")
        for tier in ("metered", "billed", "estimated", "modelled"):
            self.page.write(self.row, 0, tier, self.style.code(bold=True))
            self.explain(f"tier_{tier}")

    def columns(self) -> None:
        self.head("columns_head", "columns_note")
        seen = dict.fromkeys(c for sheet in self.form.profile.sheets for c in sheet.names)
        for column in seen:
            self.page.write(self.row, 0, column, self.style.code(bold=True))
            self.page.write(self.row, 1, self.form.say(f"label_{column}"), self.style.words())
            self.explain(f"column_{column}")

    def activities(self) -> None:
        self.head("activities_head", "activities_note")
        self.titles("activity", "sheet", "meaning", "units")
        for sheet in self.form.profile.sheets:
            for word in words(sheet):
                offered = ", ".join(units(word))
                self.page.write(self.row, 0, word, self.style.code())
                self.page.write(self.row, 1, sheet.name, self.style.code())
                self.page.write(self.row, 3, offered, self.style.code(text_wrap=True))
                self.explain(f"activity_{word}", least=height(offered, _WIDTHS[3]))

    def factors(self) -> None:
        self.head("factors_head")
        self.explain("factors_note")
        typed = self.style(font_name="Consolas", reading_order=1, align="left", text_wrap=True)
        for line in self.form.factor_lines:
            self.page.set_row(self.row, height(line, 0.85 * _WIDTHS[2]))
            self.page.write(self.row, 2, line, typed)
            self.row += 1

    def head(self, key: str, note: str = "") -> None:
        """A heading after an empty row, and a note below it."""
        self.row += 1
        self.page.set_row(self.row, 20)
        look = self.style.heading(13, bold=True, font_color=DARK)
        self.page.write(self.row, 0, self.form.say(key), look)
        self.row += 1
        if note:
            self.page.write(self.row, 0, self.form.say(note), self.style.heading(10, italic=True))
            self.row += 1

    def titles(self, *keys: str) -> None:
        """The header of a table."""
        look = self.style.words(bold=True, bg_color=PALE)
        self.page.write_row(self.row, 0, [self.form.say(f"head_{key}") for key in keys], look)
        self.row += 1

    def explain(self, key: str, beside: str = "", least: float = 0, **properties: Any) -> None:
        """An explanation in the third column, which closes the row. ``beside``: the text in the second column."""
        text = self.form.say(key)
        other = height(self.form.say(beside), _WIDTHS[1]) if beside else least
        self.page.set_row(self.row, max(height(text, _WIDTHS[2]), other))
        self.page.write(self.row, 2, text, self.style.words(**properties))
        self.row += 1
