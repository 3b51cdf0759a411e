"""The overview of a form: what is filled in, what is still missing, and totals in one unit, all by formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from netprint.forms.form import COUNTED, FIRST, Form, area, letters
from netprint.forms.guard import lacking
from netprint.forms.offers import Measure, measures, words
from netprint.forms.profiles import Sheet
from netprint.forms.style import AMBER, DARK, PALE, Style, height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = (21, 60, 14, 14, 16, 34, 30)
_COUNT = "#,##0"
#: Pairs of which the first is a part of the second.
_PARTS = (("it_electricity", "electricity"), ("instrument", "electricity"))


class Overview:
    """The page while it is written, from top to bottom; ``row`` is the next one. ``areas``: where the lists stand."""

    def __init__(self, page: Worksheet, form: Form, style: Style, areas: Mapping[str, str]) -> None:
        self.page, self.form, self.style, self.areas, self.row = page, form, style, areas, 0
        self.sheets = form.profile.sheets
        self.totals: dict[str, str] = {}

    def write(self) -> None:
        for column, width in enumerate(_WIDTHS):
            self.page.set_column(column, column, width)
        self.page.hide_gridlines(2)
        self.page.set_tab_color("#70AD47")
        self.head("overview_title", 16)
        self.note("overview_about")
        self.rows()
        self.amounts()
        self.checks()
        self.page.protect("", {"format_columns": True, "format_rows": True})

    # ---- what is there

    def rows(self) -> None:
        """A row for each sheet: rows begun, rows that lack something, and whether the topic applies."""
        self.titles("sheet", "holds", "rows", "incomplete", "applies", "reason", "state")
        first = self.row + 1
        yes, no = self.form.say("yes"), self.form.say("no")
        for sheet in self.sheets:
            self.label(sheet)
            here = self.row + 1
            self.count(2, f"=SUMPRODUCT(--(({begun(sheet)})>0))", 0)
            self.count(3, f"=SUMPRODUCT(--(({begun(sheet)})>0),--(({incomplete(sheet, self.form)})>0))", 0)
            open_cell = self.style.words(locked=False, border=1, border_color="#BFBFBF")
            self.page.write_blank(self.row, 4, None, open_cell)
            self.page.write_blank(self.row, 5, None, open_cell)
            self.page.data_validation(self.row, 4, self.row, 4, {"validate": "list", "source": [yes, no],
                                      "error_message": self.form.say("error_list")})  # fmt: skip
            beyond = f"COUNTA({beyond_counted(sheet)})>0"
            say = self.quoted
            state = (
                f"=IF({beyond},{say('state_beyond')},IF(D{here}>0,D{here}&{say('state_incomplete', ' ')},"
                f"IF(C{here}>0,IF(E{here}={text(no)},{say('state_contradiction')},{say('state_complete')}),"
                f'IF(E{here}={text(no)},IF(F{here}="",{say("state_reason")},{say("state_none")}),'
                f"{say('state_missing')}))))"
            )
            self.page.write_formula(self.row, 6, state, self.style.words(), self.form.say("state_missing"))
            self.row += 1
        self.sum_up(first, self.row)

    def sum_up(self, first: int, last: int) -> None:
        """The number of topics of which something is missing, below the table."""
        look = self.style.words(bold=True, bg_color=PALE)
        self.page.write(self.row, 0, "", look)
        self.page.write(self.row, 1, self.form.say("open_topics"), look)
        done = [self.form.say("state_complete"), self.form.say("state_none")]
        counted = "+".join(f"COUNTIF(G{first}:G{last},{text(word)})" for word in done)
        self.page.write_formula(self.row, 2, f"={last - first + 1}-({counted})",
                                self.style(bold=True, bg_color=PALE, num_format=_COUNT), last - first + 1)  # fmt: skip
        self.page.conditional_format(first - 1, 6, last - 1, 6, {
            "type": "formula", "format": self.style(bg_color=AMBER),
            "criteria": "=AND(" + ",".join(f"$G{first}<>{text(word)}" for word in done) + ")",
        })  # fmt: skip
        self.row += 1

    # ---- amounts

    def amounts(self) -> None:
        """The total of each activity in the unit in which netprint keeps it."""
        self.head("totals_head", 13)
        self.note("totals_note")
        self.titles("activity", "meaning", "rows", "total", "unit", "other_units", "")
        for sheet in (s for s in self.sheets if "unit" in s.names):
            for word in words(sheet):
                for number, measure in enumerate(measures(word)):
                    self.amount(sheet, word, number, measure)

    def amount(self, sheet: Sheet, word: str, number: int, measure: Measure) -> None:
        quantity, unit = area(sheet, "quantity"), area(sheet, "unit")
        own = f"{area(sheet, 'activity')},{text(word)}," if "activity" in sheet.names else ""
        some = "" if own else f'{quantity},"<>",'
        each = ",".join(f"{value:.15g}" for value in measure.worth)
        listed = ",".join(text(u) for u in measure.units)
        total = f"=SUMPRODUCT(SUMIFS({quantity},{own}{unit},{{{listed}}}),{{{each}}})"
        self.page.write(self.row, 0, word if number == 0 else "", self.style.code())
        self.page.write(
            self.row, 1, self.form.say(f"activity_{word}") if number == 0 else "", self.style.words()
        )
        if number == 0:
            self.page.set_row(self.row, height(self.form.say(f"activity_{word}"), _WIDTHS[1]))
            rows = f'=COUNTIFS({own}{some}{quantity},"<>")'
            self.count(2, rows, 0)
            known = f'SUM(COUNTIFS({own}{quantity},"<>",{unit},list_unit_{word}))'
            self.count(5, f'=COUNTIFS({own}{some}{quantity},"<>")-SUMPRODUCT({known[4:-1]})', 0)
        self.page.write_formula(self.row, 3, total, self.style(num_format="#,##0.##"), 0)
        self.page.write(self.row, 4, measure.base, self.style.code(indent=1))
        self.totals.setdefault(word, f"D{self.row + 1}")
        self.row += 1

    def checks(self) -> None:
        """Parts that are larger than the whole."""
        pairs = [pair for pair in _PARTS if set(pair) <= set(self.totals)]
        if not pairs:
            return
        self.head("checks_head", 13)
        for part, whole in pairs:
            self.page.write(self.row, 0, part, self.style.code())
            self.page.write(self.row, 1, self.form.say(f"check_{part}"), self.style.words())
            fine, wrong = self.quoted("check_fine"), self.quoted("check_wrong")
            asked = f"=IF({self.totals[part]}>{self.totals[whole]},{wrong},{fine})"
            self.page.write_formula(self.row, 6, asked, self.style.words(), self.form.say("check_fine"))
            self.row += 1

    # ---- how it is written

    def label(self, sheet: Sheet) -> None:
        link = self.style.code(font_color="blue", underline=1)
        self.page.write_url(self.row, 0, f"internal:'{sheet.name}'!A{FIRST + 1}", link, sheet.name)
        title = self.form.say(f"title_{sheet.name}")
        self.page.write(self.row, 1, title, self.style.words())

    def head(self, key: str, size: int) -> None:
        if self.row:
            self.row += 1
        self.page.set_row(self.row, 1.6 * size)
        look = self.style.heading(size, bold=True, font_color=DARK)
        self.page.write(self.row, 0, self.form.say(key), look)
        self.row += 1

    def note(self, key: str) -> None:
        self.page.write(self.row, 0, self.form.say(key), self.style.heading(10, italic=True))
        self.row += 1

    def titles(self, *keys: str) -> None:
        told = [self.form.say(f"head_{key}") if key else "" for key in keys]
        self.page.set_row(self.row, max(height(t, 0.8 * w) for t, w in zip(told, _WIDTHS, strict=True)))
        self.page.write_row(self.row, 0, told, self.style.words(bold=True, bg_color=PALE))
        self.row += 1

    def count(self, column: int, formula: str, value: int) -> None:
        self.page.write_formula(self.row, column, formula, self.style(num_format=_COUNT), value)

    def quoted(self, key: str, before: str = "") -> str:
        return text(before + self.form.say(key))


def begun(sheet: Sheet) -> str:
    """For each row, how many of its cells are filled."""
    return "+".join(f'({area(sheet, column)}<>"")' for column in sheet.typed)


def incomplete(sheet: Sheet, form: Form) -> str:
    """For each row, how many of the columns that it needs are empty."""
    asked = (lacking(sheet, column) for column in form.needed(sheet))
    return "+".join("*".join(f'({area(sheet, column)}="")' for column in columns) for columns in asked)


def beyond_counted(sheet: Sheet) -> str:
    """The cells of the first needed column below the rows that are counted."""
    letter = letters(sheet.at(sheet.needed[0]))
    return f"{sheet.name}!${letter}${COUNTED + 2}:${letter}$1048576"


def text(value: str) -> str:
    """A text as a formula writes it."""
    return '"' + value.replace('"', '""') + '"'
