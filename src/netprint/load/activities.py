"""The kinds of activity the catalogue knows, and what a table of activity data must look like."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Protocol

from netprint.errors import Problems, did_you_mean

SIGNS = ("positive", "any")
KINDS = ("activity", "driver", "stock")
_REQUIRED = ("activity", "unit")


@dataclass(frozen=True)
class Activity:
    """One kind of activity or driver, and the unit in which its quantity is kept.

    ``sign`` is ``positive`` where a quantity below zero makes no sense and ``any`` where a credit note may be
    negative. ``kind`` is ``activity`` (it causes impact), ``driver`` (it does not) or
    ``stock`` (a driver that is counted at a time, as subscribers, and not summed over time). ``family`` is the word
    that a user may write instead of the name; the unit's dimension then chooses the member.
    """

    name: str
    unit: str
    sign: str = "positive"
    kind: str = "activity"
    family: str = ""
    title: str = ""
    note: str = ""


class Countries(Protocol):
    """What ``read`` asks of the list of countries (:mod:`netprint.places` answers it)."""

    def find(self, text: str) -> str | None:
        """The code of a country or group given by code or name, or None."""

    def nearest(self, text: str) -> list[str]:
        """The known countries that look most like ``text``, as ``KEN (Kenya)``."""


@dataclass(frozen=True)
class Schema:
    """What the rows of a study's activity tables may hold.

    ``keep`` are columns that the result must have (filled with empty text where a table lacks them), ``numeric`` maps a
    column to the unit in which a formula uses it, ``defaults`` gives the value that the study states for all rows (used
    where the column is missing or a cell is empty). ``split_periods`` says that a later step divides rows over the
    years they span, so that such a row needs no year; ``nested`` that one takes sub-meters out of their parents, so
    that both may stand in the tables. ``year_begins``: month and day on which the study's years begin, and whether they
    are named after the year in which they end.
    """

    activities: Mapping[str, Activity]
    families: Mapping[str, tuple[str, ...]]
    countries: Countries
    years: tuple[int, int]
    keep: tuple[str, ...] = ()
    numeric: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    split_periods: bool = False
    nested: bool = False
    year_begins: tuple[int, int, bool] = (1, 1, False)


def families(activities: Iterable[Activity]) -> dict[str, tuple[str, ...]]:
    """Family word to the names of its members, in the order given."""
    members: dict[str, list[str]] = {}
    for activity in activities:
        if activity.family:
            members.setdefault(activity.family, []).append(activity.name)
    return {family: tuple(names) for family, names in members.items()}


def load_activities(path: Path | None = None) -> Mapping[str, Activity]:
    """The activities of the catalogue by name, or those of the table at ``path``.

    The columns are ``activity, family, unit, sign, kind, title, item, note``. Raises
    :class:`~netprint.errors.InputError` with every problem of the table.
    """
    if path is None:
        return _catalogue()
    return _parsed(path.read_text("utf-8-sig"), str(path))


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, Activity]:
    found: dict[str, Activity] = {}
    for table in sorted((resources.files("netprint") / "catalog/activities").iterdir(), key=lambda t: t.name):
        if table.name.endswith(".csv"):
            found |= _parsed(table.read_text("utf-8-sig"), f"catalog/activities/{table.name}")
    return found


def _parsed(text: str, name: str) -> Mapping[str, Activity]:
    """The table of activities in ``text``, which messages call ``name``."""
    problems = Problems()
    found: dict[str, Activity] = {}
    reader = csv.DictReader(text.splitlines())
    for column in _REQUIRED:
        if column not in (reader.fieldnames or ()):
            problems.add(name, 1, column, found="no such column", expected=f"a column '{column}'",
                         remedy="Add it to the header.")  # fmt: skip
    problems.raise_if_any()
    for row in reader:
        cells = {key: (value or "").strip() for key, value in row.items() if key is not None}
        activity = _activity(cells, name, reader.line_num, problems)
        if activity.name in found:
            problems.add(name, reader.line_num, "activity", found=f"'{activity.name}' a second time",
                         expected="each activity once", remedy="Remove one of the two rows.")  # fmt: skip
        found[activity.name] = activity
    problems.raise_if_any()
    return found


def _activity(cells: Mapping[str, str], name: str, line: int, problems: Problems) -> Activity:
    """One row as an :class:`Activity`; what is wrong with it goes to ``problems``."""
    for column, known in (("sign", SIGNS), ("kind", KINDS)):
        value = cells.get(column) or known[0]
        if value not in known:
            problems.add(name, line, column, found=f"'{value}'", expected=" or ".join(known),
                         remedy=did_you_mean(value, known) or "Write one of these.")  # fmt: skip
    return Activity(
        name=cells["activity"],
        unit=cells["unit"],
        sign=cells.get("sign") or SIGNS[0],
        kind=cells.get("kind") or KINDS[0],
        family=cells.get("family", ""),
        title=cells.get("title", ""),
        note=cells.get("note", ""),
    )
