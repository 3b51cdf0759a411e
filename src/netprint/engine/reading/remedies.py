"""What is told about a cell that cannot be used: what was found, what was expected, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import NamedTuple

from netprint.errors import did_you_mean
from netprint.load.activities import Activity, Schema
from netprint.units import Unit, UnitError, parse, same_dimension

FIRST_YEAR, LAST_YEAR = 1990, 2100
ERROR_VALUES = (
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA",
)  # fmt: skip
TIERS = ("metered", "billed", "estimated", "modelled")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d[\d.,' \u00a0\u202f\u2009’]*\d")
_WITH_UNIT = re.compile(r"(?P<number>[+-]?[\d.,]*\d)\s*(?P<unit>[^\W\d][^\s]*|%)")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_BACKWARD = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_MONTHS = "January February March April May June July August September October November December".split()


class Told(NamedTuple):
    """The three parts of a :class:`~netprint.errors.Problem` that depend on the value."""

    found: str
    expected: str
    remedy: str


def error_value(text: str) -> Told:
    """A spreadsheet's error value."""
    return Told(f"the error value {text}", "a value", "Mend the formula of the cell or write its value.")


def missing(what: str, remedy: str) -> Told:
    """An empty cell that must be filled."""
    return Told("an empty cell", what, remedy)


def number(text: str) -> Told:
    """A cell that holds no plain, finite number."""
    if text in ERROR_VALUES:
        return error_value(text)
    plain = "a plain number such as 1234.5"
    if text.casefold().lstrip("+-") in ("nan", "inf", "infinity") or _PLAIN.fullmatch(text):
        return Told(f"'{text}', which is not a finite number", plain, "Write the number that was measured.")
    if _GROUPED.fullmatch(text):
        return Told(f"'{text}', with a decimal comma or thousands separators", plain, _ungrouped(text))
    match = _WITH_UNIT.fullmatch(text)
    if match and _is_unit(match["unit"]):
        remedy = f"Write the number alone and put '{match['unit']}' where the unit belongs."
        return Told(f"'{text}', a number with a unit", plain, remedy)
    return Told(f"'{text}', which is not a number", plain, "Write the number in digits.")


def _is_unit(text: str) -> bool:
    try:
        parse(text)
    except UnitError:
        return False
    return True


def _ungrouped(text: str) -> str:
    """What to write for a number with separators; both readings where it has two."""
    bare = re.sub(r"[' \u00a0\u202f\u2009’]", "", text)
    commas, points = bare.count(","), bare.count(".")
    if commas and points:
        mark = max(",.", key=bare.rfind)
        if bare.count(mark) == 1:
            return f"Write {bare.replace(',' if mark == '.' else '.', '').replace(',', '.')}."
        return "Write it with a point as the decimal mark and without separators."
    if commas == 1 and re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", bare):
        thousand, decimal = bare.replace(",", ""), bare.replace(",", ".")
        return f"Write {thousand} if the comma separates thousands, or {decimal} if it is the decimal mark."
    if commas == 1:
        return f"Write {bare.replace(',', '.')}."
    return f"Write {bare.replace(',', '').replace('.', '') if commas or points > 1 else bare}."


def negative(text: str, activity: Activity) -> Told:
    """A quantity below zero of an activity that knows none."""
    return Told(f"{text}, below zero", f"a quantity of {activity.name} that is zero or more",
                "Write the quantity without its sign, or correct the row that it reverses.")  # fmt: skip


def uncertainty(text: str) -> Told:
    """An uncertainty out of range."""
    return Told(f"{text} %", "an uncertainty from 0 to 1000 %, as ± % at 95 % confidence",
                "Write 5 for ± 5 %.")  # fmt: skip


def moment(text: str, *, time: bool) -> Told:
    """A cell that holds no ISO date (``time``: or time)."""
    if text in ERROR_VALUES:
        return error_value(text)
    expected = "a time as YYYY-MM-DDTHH:MM, with Z or an offset" if time else "a date as YYYY-MM-DD"
    slashed, backward = _SLASHED.match(text), _BACKWARD.match(text)
    if slashed:
        first, second, year = (int(group) for group in slashed.groups())
        if first != second and first <= 12 and second <= 12:
            readings = (f"{first} {_MONTHS[second - 1]}", f"{second} {_MONTHS[first - 1]}")
            return Told(f"'{text}', which may be {readings[0]} or {readings[1]} {year}", expected,
                        f"Write {year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}.")  # fmt: skip
        day, month = (first, second) if first > 12 else (second, first)
        return Told(f"'{text}'", expected, f"Write {year}-{month:02}-{day:02}.")
    if backward:
        year, month, day = (int(group) for group in backward.groups())
        return Told(f"'{text}'", expected, f"Write {year}-{month:02}-{day:02}.")
    if re.fullmatch(r"[34567]\d{4}(\.\d+)?", text):
        day_shown = date(1899, 12, 30) + timedelta(days=int(float(text)))
        remedy = f"Write {day_shown} if that is meant, and format the column as a date."
        return Told(f"'{text}', the day number of a spreadsheet", expected, remedy)
    if re.match(r"\d{4}-\d{2}-\d{2}", text):
        found = (
            f"'{text}', which the calendar does not have or which lies outside {FIRST_YEAR} to {LAST_YEAR}"
        )
        return Told(found, expected, "Correct the year, the month, the day or the time.")
    return Told(f"'{text}', which is no ISO date", expected, "Write year, month and day with hyphens.")


def year(text: str) -> Told | None:
    """What is wrong with the year, or None."""
    expected = f"a whole year from {FIRST_YEAR} to {LAST_YEAR}"
    if not text:
        return missing(expected, "Write the year, or start and end dates that lie in one year.")
    if text in ERROR_VALUES:
        return error_value(text)
    if re.fullmatch(r"[+-]?\d+", text):
        if FIRST_YEAR <= int(text) <= LAST_YEAR and text[0] not in "+-":
            return None
        return Told(f"'{text}'", expected, "Write the year with four digits.")
    match = re.search(r"(?<!\d)(?:19|20)\d{2}(?!\d)", text)
    remedy = f"Write {match[0]} if that is meant." if match else "Write the year with four digits."
    return Told(f"'{text}', which is not a whole year", expected, remedy)


def country(text: str, schema: Schema) -> Told:
    """A country that is empty or unknown."""
    expected = "a country as ISO 3166-1 alpha-3, such as KEN, or its name"
    if not text:
        return missing(expected, "Write the country; WORLD where it is truly not known.")
    if text in ERROR_VALUES:
        return error_value(text)
    near = schema.countries.nearest(text)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Write its three-letter code."
    return Told(f"unknown country '{text}'", expected, remedy)


def tier(text: str) -> Told:
    """An unknown tier."""
    if text in ERROR_VALUES:
        return error_value(text)
    return Told(f"unknown tier '{text}'", ", ".join(TIERS[:-1]) + f" or {TIERS[-1]}",
                did_you_mean(text, TIERS) or "Write one of these or leave the cell empty.")  # fmt: skip


def activity(text: str, schema: Schema) -> Told:
    """An activity that is empty or unknown."""
    known = list(dict.fromkeys([*schema.families, *schema.activities]))
    if not text:
        return missing("an activity such as electricity", "Write what the quantity is of.")
    if text in ERROR_VALUES:
        return error_value(text)
    remedy = did_you_mean(text, known) or f"Known are {', '.join(known[:30])}."
    return Told(f"unknown activity '{text}'", "an activity that the catalogue or the method knows", remedy)


def choose(text: str, unit: str, schema: Schema) -> Activity | Told:
    """The activity that ``text`` and ``unit`` together mean; for a family the unit's dimension decides."""
    own = schema.activities.get(text)
    names = [name for name in schema.families.get(text, ()) if name != text]
    members = ([own] if own else []) + [schema.activities[name] for name in names]
    if not members:
        return activity(text, schema)
    units = " or ".join(dict.fromkeys(member.unit for member in members))
    if not unit:
        return missing(f"a unit for {text}, such as {units}", "Write the unit of the quantity.")
    if unit in ERROR_VALUES:
        return error_value(unit)
    try:
        given = parse(unit)
    except UnitError as error:
        return Told(error.found, f"a unit for {text}, such as {units}", error.remedy)
    for member in members:
        if same_dimension(given, parse(member.unit)):
            return member
    return _wrong_dimension(text, unit, given, members, units)


def _wrong_dimension(text: str, unit: str, given: Unit, members: list[Activity], units: str) -> Told:
    """A unit that measures something else."""
    expected = f"a unit of the dimension of {units}"
    dims = dict(given.dims)
    if any({**dims, basis: 1} == dict(parse(m.unit).dims) for m in members for basis in ("net", "gross")):
        remedy = f"Write '{unit}_net' or '{unit}_gross': say on which calorific value the energy is stated."
        return Told(f"{text} in '{unit}', an energy without its calorific value", expected, remedy)
    return Told(f"{text} in '{unit}', a unit of another dimension", expected,
                f"Write the quantity in {members[0].unit}, or correct the activity.")  # fmt: skip


def misspelt(names: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    """Columns that are a known column in all but spelling: name as written to name as known.

    ``names`` maps the casefolded name to the name as written. Case, blanks and hyphens count as spelling, and
    so does a letter or two in a long name.
    """
    found = {}
    for key, written in names.items():
        if written in known:
            continue
        plain = re.sub(r"[\s-]+", "_", key)
        near = get_close_matches(plain, known, n=1, cutoff=1.0 if len(plain) < 6 else 0.9)
        if near and near[0] not in names.values():
            found[written] = near[0]
    return found
