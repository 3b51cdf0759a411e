"""What a step of the preparation knows beside its view, and what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from netprint.engine.reading.tables import new_name, quoted
from netprint.errors import Problems
from netprint.load.activities import Activity

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Calendar:
    """The years of a study: which day each begins, and whether it is named after the year in which it ends."""

    month: int = 1
    day: int = 1
    named_by_end: bool = False

    def first(self, year: int) -> date:
        return date(year - self.named_by_end, self.month, self.day)

    def last(self, year: int) -> date:
        return self.first(year + 1) - timedelta(days=1)

    def calendar_year(self, alias: str = "") -> str:
        """SQL for the calendar year of a row that gives its year and month."""
        shift = f" - {int(self.named_by_end)} + (TRY_CAST({alias}month AS BIGINT) < {self.month})::BIGINT"
        return f"(TRY_CAST({alias}year AS BIGINT){'' if self.plain else shift})"

    @property
    def plain(self) -> bool:
        return (self.month, self.day) == (1, 1)


#: Rows of one INSERT: row by row, DuckDB takes milliseconds for each.
_AT_ONCE = 500


def _batched(rows: Iterable[tuple[object, ...]], size: int) -> Iterator[list[tuple[object, ...]]]:
    """The rows in lists of at most ``size``."""
    waiting = iter(rows)
    while part := list(islice(waiting, size)):
        yield part


def _selected(query: str) -> str:
    return query if " " in query else f"SELECT * FROM {query}"


@dataclass(frozen=True)
class Context:
    """The connection, where problems go, the activities, the study's years, the columns that tell rows
    apart, and whether a step divides rows by their dates."""

    connection: duckdb.DuckDBPyConnection
    problems: Problems
    activities: Mapping[str, Activity]
    period: tuple[int, int]
    key: tuple[str, ...] = ()
    splits: bool = False
    calendar: Calendar = field(default_factory=Calendar)

    def columns(self, view: str) -> dict[str, str]:
        """The columns of a view and their types."""
        return {str(row[0]): str(row[1]) for row in self.connection.execute(f"DESCRIBE {view}").fetchall()}

    def view(self, query: str) -> str:
        """A new view of ``query``, by its name."""
        name = new_name()
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
        return name

    def copied(self, query: str) -> str:
        """A new table of what ``query`` (or the view of that name) gives now, by its name."""
        name = new_name()
        self.connection.execute(f"CREATE TEMP TABLE {name} AS FROM ({_selected(query)})")
        return name

    def table(self, columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> str:
        """A new table of ``rows``, by its name; ``columns`` gives each its SQL type."""
        name = new_name()
        listed = ", ".join(f"{quoted(c)} {kind}" for c, kind in columns.items())
        self.connection.execute(f"CREATE TEMP TABLE {name} ({listed})")
        one = f"({', '.join('?' for _ in columns)})"
        for part in _batched(rows, _AT_ONCE):
            values = [value for row in part for value in row]
            self.connection.execute(f"INSERT INTO {name} VALUES {', '.join([one] * len(part))}", values)
        return name


def days_of(columns: Mapping[str, str], calendar: Calendar) -> tuple[str, str]:
    """SQL for the first and last day that a row stands for: of its time, its dates, else of its year."""
    first, last = [], []
    if "time" in columns:
        first.append("time::DATE")
        last.append("time::DATE")
    if {"start", "end"} <= columns.keys():
        first.append("start")
        last.append('"end"')
    begins = f"make_date(TRY_CAST(year AS INTEGER) - {int(calendar.named_by_end)}, {calendar.month}, {calendar.day})"
    first.append(begins)
    last.append(f"({begins} + INTERVAL 1 YEAR - INTERVAL 1 DAY)::DATE")
    return f"coalesce({', '.join(first)})", f"coalesce({', '.join(last)})"


#: What tells one meter, or the use of one site, from another, where the tables have it.
SERIES = (
    "entity",
    "activity",
    "item",
    "country",
    "site",
    "meter",
    "network",
    "supplier",
    "counterparty",
    "part_of",
)


def series_of(columns: Mapping[str, str], step: str, problems: Problems) -> list[str]:
    """The columns that tell series apart; without a site or a meter there is none to tell."""
    if not {"site", "meter"} & columns.keys():
        problems.add(
            "study", None, f"prepare.{step}", found="tables without a column 'site' or 'meter'",
            expected="a column that says which records belong together", remedy="Add the column 'site' or 'meter'.",
        )  # fmt: skip
    return [c for c in SERIES if c in columns]


def named(columns: Mapping[str, str], alias: str) -> str:
    """SQL for rows that name their site or meter: without either nothing tells whose records belong together."""
    return "(" + " OR ".join(f"{alias}.{c} <> ''" for c in ("site", "meter") if c in columns) + ")"


@dataclass(frozen=True)
class Note:
    """What a step did that a reader of the result must know."""

    step: str
    text: str


def replacing(columns: Mapping[str, str], values: Mapping[str, str], alias: str = "") -> str:
    """SQL for all of a view's columns with some replaced, or added where the view lacks them."""
    star = f"{alias}.*" if alias else "*"
    there = ", ".join(f"{sql} AS {quoted(c)}" for c, sql in values.items() if c in columns)
    added = "".join(f", {sql} AS {quoted(c)}" for c, sql in values.items() if c not in columns)
    return f"{star} REPLACE ({there}){added}" if there else f"{star}{added}"
