"""Measurements of energy before and after a practice: read, checked and put in the order of time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from csv import DictReader
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.errors import InputError, Problems, UsageError
from netprint.units import UnitError, parse

Array = NDArray[np.float64]
#: How periods may be written, and the day by which each is checked.
_FORMS = (
    ("YYYY-MM", r"\d{4}-\d\d", "{}-01"),
    ("YYYY-MM-DD", r"\d{4}-\d\d-\d\d", "{}"),
    ("YYYY-Www", r"\d{4}-W\d\d", "{}-1"),
)
PHASES = ("before", "after")


@dataclass(frozen=True)
class Measurements:
    """Periods in order of time: energy in ``unit``, whether each is after the practice, and the drivers by name."""

    energy: Array
    after: NDArray[np.bool_]
    drivers: Mapping[str, Array]
    periods: tuple[str, ...]
    unit: str

    def design(self, rows: NDArray[np.bool_]) -> Array:
        return np.stack([np.ones(int(rows.sum())), *(d[rows] for d in self.drivers.values())], axis=1)


def read(measurements: str | Path | Sequence[Mapping[str, Any]]) -> Measurements:
    """The rows of a CSV file or mappings. Raises :class:`InputError` with every cell that cannot be read."""
    problems = Problems()
    if isinstance(measurements, str | Path):
        name = str(measurements)
        if not Path(name).is_file():
            raise UsageError(f"There is no file '{name}'.")
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            rows: list[Mapping[str, Any]] = list(DictReader(file))
    else:
        name, rows = "measurements", list(measurements)
    columns = list(rows[0]) if rows else []
    for column in ("period", "phase", "energy", "unit"):
        if column not in columns:
            problems.add(
                name, 1, column, found=f"there is no column {column!r}", expected="period, phase, energy, unit",
                remedy="Add the column.",
            )  # fmt: skip
    problems.raise_if_any()
    ordered = _in_time(rows, name, problems)
    drivers = [c for c in columns if c not in ("period", "phase", "energy", "unit", "note")]
    numbers = {
        c: np.array([_number(r, c, i, name, problems) for i, r in ordered]) for c in ("energy", *drivers)
    }
    for i, row in ordered:
        if row["phase"] not in PHASES:
            problems.add(
                name, i + 2, "phase", found=f"the phase is {row['phase']!r}", expected="before or after",
                remedy="Leave out the periods in which the practice was being introduced.",
            )  # fmt: skip
    units = {str(r["unit"]) for _, r in ordered}
    for unit in sorted(units):
        if wrong := _unit(unit):
            problems.add(
                name, None, "unit", found=wrong, expected="the unit of an activity, like kWh or MWh",
                remedy="Write the unit of the meter.",
            )  # fmt: skip
    if len(units) > 1:
        problems.add(
            name, None, "unit", found=f"the units are {', '.join(sorted(units))}", expected="one unit",
            remedy="Convert the energy.",
        )  # fmt: skip
    periods = tuple(str(r["period"]).strip() for _, r in ordered)
    for twice in sorted({p for p in periods if periods.count(p) > 1}):
        problems.add(
            name, None, "period", found=f"the period {twice} stands twice", expected="each period once",
            remedy="Sum the meters of one period first.",
        )  # fmt: skip
    if len(problems):
        raise InputError(problems)
    after = np.array([r["phase"] == "after" for _, r in ordered], dtype=bool)
    return Measurements(numbers["energy"], after, {c: numbers[c] for c in drivers}, periods, units.pop())


def _in_time(
    rows: Sequence[Mapping[str, Any]], name: str, problems: Problems
) -> list[tuple[int, Mapping[str, Any]]]:
    """The rows by their period, each with its place in the file: residuals correlate in time, not in the file."""
    forms: set[str] = set()
    for i, row in enumerate(rows):
        form = _form(str(row["period"]).strip())
        forms |= {form} - {""}
        if not form:
            problems.add(
                name, i + 2, "period", found=f"{row['period']!r} is no period that can be put in order",
                expected="a period like 2023-01, 2023-01-15 or 2023-W05", remedy="Write it year first.",
            )  # fmt: skip
    if len(forms) > 1:
        problems.add(
            name, None, "period", found=f"the periods are written as {' and '.join(sorted(forms))}",
            expected="one way of writing", remedy="Write all periods alike.",
        )  # fmt: skip
    return sorted(enumerate(rows), key=lambda row: str(row[1]["period"]).strip())


def _form(period: str) -> str:
    """How a period is written: ``YYYY-MM``, ``YYYY-MM-DD`` or ``YYYY-Www``; empty where it is none of them."""
    for form, pattern, made in _FORMS:
        if re.fullmatch(pattern, period, re.ASCII):
            try:
                date.fromisoformat(made.format(period))
            except ValueError:
                return ""
            return form
    return ""


def _unit(text: str) -> str:
    """What is wrong with the unit of the measurements; empty where an activity is in such a unit."""
    from netprint.load.activities import load_activities

    try:
        dims = parse(text).dims
    except UnitError as error:
        return str(error)
    held = [parse(a.unit) for a in load_activities().values()]
    return "" if any(u.dims == dims for u in held) else f"no activity is in {text!r}"


def _number(row: Mapping[str, Any], column: str, i: int, name: str, problems: Problems) -> float:
    try:
        value = float(row[column])
    except (TypeError, ValueError):
        value = float("nan")
    if not np.isfinite(value):
        problems.add(
            name, i + 2, column, found=f"{row[column]!r} is no number", expected="a number like 1234.5",
            remedy="Leave the period out where it was not measured.",
        )  # fmt: skip
    return value
