"""What the cells of a sheet accept, and how a row that lacks something shows it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from netprint.forms.form import FIRST, LAST, Form, letters
from netprint.forms.profiles import Column, Sheet
from netprint.forms.style import AMBER, RED, Style

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

#: Lists whose drop-down only warns: a user may have factors, units, words or years that the list does not know.
_OPEN = ("item", "unit", "year", "type", "treatment", "network", "technology", "tenancy", "data_quality")
_ANY_NUMBER = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
_NOT_NEGATIVE = {"validate": "decimal", "criteria": ">=", "value": 0}
#: The message and the rule of the kinds that hold numbers and dates.
_RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "number": ("error_quantity", _NOT_NEGATIVE),
    "factor": ("error_quantity", _NOT_NEGATIVE),
    "percent": ("error_uncertainty", {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1000}),
    "date": ("error_date", {
        "validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2100, 12, 31),
    }),
}  # fmt: skip


def guard(page: Worksheet, sheet: Sheet, column: Column, form: Form) -> None:
    """The validation of one column to the last row, with what it means for who selects a cell."""
    if column.kind == "formula":
        return
    place = sheet.at(column.name)
    asked = {
        "input_title": form.say(f"label_{column.name}"),
        "input_message": form.say(f"column_{column.name}"),
    }
    page.data_validation(FIRST, place, LAST, place, {**asked, **_rule(sheet, column, form)})


def _rule(sheet: Sheet, column: Column, form: Form) -> dict[str, Any]:
    title = form.say("error_title")
    listed = form.listed(sheet, column)
    if listed is not None:
        warns = column.name in _OPEN
        told = {"unit": "warning_unit", "year": "warning_year"}.get(column.name, "warning_item")
        return {
            "validate": "list",
            "source": listed,
            "error_type": "warning" if warns else "stop",
            "error_title": form.say("warning_title") if warns else title,
            "error_message": form.say(told if warns else "error_list"),
        }
    if column.kind in _RULES:
        message, accepted = _RULES[column.kind]
        rule = _ANY_NUMBER if column.name == "quantity" and sheet.credits else accepted
        return {**rule, "error_title": title, "error_message": form.say(message)}
    return {"validate": "any"}


def highlight(page: Worksheet, sheet: Sheet, form: Form, style: Style) -> None:
    """Amber: a cell that the row still needs. Red: a text where a number belongs."""
    row, last = FIRST + 1, letters(len(sheet.typed) - 1)
    amber, red = style(bg_color=AMBER), style(bg_color=RED)
    for column in form.needed(sheet):
        place = sheet.at(column)
        begun = f"COUNTA($A{row}:${last}{row})>0"
        empty = ",".join(f'${letters(sheet.at(c))}{row}=""' for c in lacking(sheet, column))
        page.conditional_format(FIRST, place, LAST, place, {
            "type": "formula", "criteria": f"=AND({begun},{empty})", "format": amber,
        })  # fmt: skip
    for place in (sheet.at(c.name) for c in sheet.columns if c.kind in _RULES):
        cell = f"${letters(place)}{row}"
        page.conditional_format(FIRST, place, LAST, place, {
            "type": "formula", "criteria": f"=ISTEXT({cell})", "format": red,
        })  # fmt: skip


def lacking(sheet: Sheet, column: str) -> tuple[str, ...]:
    """The columns that are all empty where ``column`` is missing: dates stand in for a year."""
    return ("year", "start") if column == "year" and "start" in sheet.names else (column,)
