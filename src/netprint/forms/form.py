"""A form as it was asked for, and where things stand on its sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from netprint import places
from netprint.forms.offers import lists, words
from netprint.forms.profiles import Column, Profile, Sheet

#: The rows of a sheet, counted from 0: title, what it is for, headings in the language, example, header, data.
TITLE, ABOUT, HEADINGS, EXAMPLE, HEADER, FIRST = range(6)
#: The last row that formulas count, and the last that drop-downs serve.
COUNTED, LAST = FIRST + 9_999, 1_048_575


@dataclass(frozen=True)
class Form:
    """What a form is written for. ``texts`` are the explanations in ``lang``, ``countries`` codes; ``factor_lines`` are
    the lines of an example of ``factors.csv``."""

    profile: Profile
    lang: str
    texts: Mapping[str, str]
    organisation: str
    countries: tuple[str, ...]
    period: tuple[int, int]
    factor_lines: Sequence[str]

    @property
    def title(self) -> str:
        return self.say("study_title")

    @property
    def span(self) -> str:
        """The period as a study states it."""
        first, last = self.period
        return str(first) if first == last else f"{first}..{last}"

    @property
    def place(self) -> str:
        """The country of the examples, by its name in the form's language."""
        return places.load().name(self.countries[0] if self.countries else "KEN", self.lang)

    def say(self, key: str) -> str:
        """An explanation, with the study's period where it has a place for it."""
        return self.texts[key].replace("{period}", self.span)

    @cached_property
    def lists(self) -> dict[str, tuple[str | int, ...]]:
        """What the drop-downs offer, by the name of the list."""
        return lists(self.profile, self.lang, self.countries, self.period)

    def needed(self, sheet: Sheet) -> tuple[str, ...]:
        """The columns that no row may leave empty, for what the study states holds for all rows."""
        stated = {"country"} if len(self.countries) == 1 else set()
        stated |= {"year"} if self.period[0] == self.period[1] else set()
        return tuple(column for column in sheet.needed if column not in stated)

    def example(self, sheet: Sheet, column: Column) -> str:
        """What the example of a sheet holds in a column, as it is shown."""
        if column.name == "country":
            return self.place
        if column.name in ("year", "vintage") and column.name in sheet.needed:
            return str(self.period[0])
        return str(sheet.example.get(column.name, "")).replace("{year}", str(self.period[0]))

    def listed(self, sheet: Sheet, column: Column) -> str | None:
        """The source of a column's drop-down as a formula for the first row of data, or None.

        Units and items depend on the activity of the row; ``INDIRECT`` finds the list that bears its name.
        """
        if column.name in ("unit", "item", "type") or column.rules:
            return self._dependent(sheet, "item" if column.name == "type" else column.name)
        name = f"{column.name}_{sheet.name}" if column.name == "activity" else column.name
        return f"=list_{name}" if name in self.lists else None

    def _dependent(self, sheet: Sheet, kind: str) -> str | None:
        if f"{kind}_{sheet.name}" not in self.lists:
            return None
        whole, own = f"list_{kind}_{sheet.name}", words(sheet)
        if len(own) == 1:
            return f"={whole}"
        found = f'INDIRECT("list_{kind}_"&${letters(sheet.at("activity"))}{FIRST + 1})'
        return f"=IF(ISERROR({found}),{whole},{found})"


def letters(column: int) -> str:
    """0 is ``A``, 26 ``AA``."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def area(sheet: Sheet, column: str) -> str:
    """The cells of a column that formulas count, as another sheet names them."""
    letter = letters(sheet.at(column))
    return f"{sheet.name}!${letter}${FIRST + 1}:${letter}${COUNTED + 1}"
