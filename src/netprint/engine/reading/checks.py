"""The checks of the rows of one source: counted in one aggregate pass, told in detail only where they fail.

Labels (activity, unit, country, year, tier) are judged once for each distinct combination, numbers and dates
by SQL; Python never walks over the rows of a sound table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netprint.engine.reading import remedies
from netprint.engine.reading.columns import Source
from netprint.engine.reading.remedies import Told
from netprint.engine.reading.tables import literal, quoted
from netprint.errors import Problem, Problems
from netprint.load.activities import Activity, Schema

if TYPE_CHECKING:
    import duckdb

DETAILED = 1000
REJECTED = 100_000
COMBINATIONS = 1_000_000
LABELS = ("activity", "unit", "country", "year", "tier")
_SEPARATOR = "\x1f"
_TEXT_COLUMNS = (
    "activity",
    "unit",
    "country",
    "year",
    "tier",
    "quantity",
    "uncertainty",
    "start",
    "end",
    "time",
)


@dataclass(frozen=True)
class Check:
    """Rows where ``where`` holds are wrong in ``field``; ``tell`` says why, from the ``shown`` values (SQL)."""

    field: str
    where: str
    shown: tuple[str, ...]
    tell: Callable[..., Told]


@dataclass(frozen=True)
class Profile:
    """What the aggregate pass found: how each label maps, and which checks failed for how many rows."""

    activities: Mapping[tuple[str, str], Activity]
    countries: Mapping[str, str]
    years: frozenset[str]
    tiers: frozenset[str]
    failed: Mapping[Check, int]


def profile(
    source: Source, schema: Schema, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Profile:
    """One pass over the source: its distinct labels, and the count of rows that fail each check."""
    checks = row_checks(source, schema)
    quantity = source.number("quantity").value
    counted = [f"count(*) FILTER (WHERE {check.where})" for check in checks]
    labels = [source.text(label) for label in LABELS]
    columns = [*labels, "count(*)", f"count(*) FILTER (WHERE {quantity} < 0)", *counted]
    named = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(columns))
    query = f"SELECT {named} FROM {source.relation} AS s GROUP BY ALL LIMIT {COMBINATIONS}"
    groups: Any = connection.sql(query).to_arrow_table()
    values = [[value or "" for value in groups.column(at).to_pylist()] for at in range(len(LABELS))]
    rows, below = groups.column(5).to_pylist(), groups.column(6).to_pylist()
    judged = _Judge(source, schema, values, rows, below)
    if len(rows) == COMBINATIONS:
        problems.add(source.name, None, None, expected="columns that repeat their values",
                     found=f"{COMBINATIONS} or more combinations of {', '.join(LABELS)}",
                     remedy="Check that no column holds what belongs into another.")  # fmt: skip
    failed = dict(judged.failures())
    for at, check in enumerate(checks):
        count = sum(groups.column(7 + at).to_pylist())
        if count:
            failed[check] = count
    return Profile(judged.activities, judged.countries, frozenset(values[3]), frozenset(values[4]), failed)


class _Judge:
    """Judges the distinct labels of a source."""

    def __init__(
        self, source: Source, schema: Schema, values: list[list[str]], rows: list[int], below: list[int]
    ) -> None:
        self.source, self.schema = source, schema
        self.rows, self.below = rows, below
        activity, unit, self.country, self.year, self.tier = values
        self.pairs = list(zip(activity, unit, strict=True))
        chosen = {
            pair: remedies.choose(pair[0].strip(), pair[1].strip(), schema)
            for pair in dict.fromkeys(self.pairs)
        }
        self.activities = {pair: found for pair, found in chosen.items() if isinstance(found, Activity)}
        self.refused = {pair: found for pair, found in chosen.items() if isinstance(found, Told)}
        nowhere = None if "country" in schema.keep else ""  # a study that asks for no country needs none
        found = {t: schema.countries.find(t.strip()) if t else nowhere for t in set(self.country)}
        self.countries = {text: code for text, code in found.items() if code is not None}

    def failures(self) -> Iterable[tuple[Check, int]]:
        """The checks that labels fail, each with its number of rows."""
        known = {*self.schema.activities, *self.schema.families}
        unknown = {a: told for (a, _), told in self.refused.items() if a.strip() not in known}
        units = {_joined(*pair): told for pair, told in self.refused.items() if pair[0].strip() in known}
        keys = [_joined(*pair) for pair in self.pairs]
        pair = f"concat({self.source.label('activity')}, {literal(_SEPARATOR)}, {self.source.label('unit')})"
        yield from self._listed("activity", unknown, [a for a, _ in self.pairs])
        yield from self._listed("unit", units, keys, pair)
        countries = {
            t: remedies.country(t.strip(), self.schema) for t in set(self.country) - set(self.countries)
        }
        yield from self._listed("country", countries, self.country)
        years = {
            text: remedies.year(text.strip()) for text in set(self.year) if text or not _datable(self.source)
        }
        yield from self._listed("year", {t: told for t, told in years.items() if told}, self.year)
        tiers = {text: remedies.tier(text) for text in set(self.tier) - {"", *remedies.TIERS}}
        yield from self._listed("tier", tiers, self.tier)
        signs = {_joined(*p): found for p, found in self.activities.items() if found.sign == "positive"}
        count = sum(n for key, n in zip(keys, self.below, strict=True) if key in signs)
        if count:
            quantity = self.source.number("quantity")
            where = f"{quantity.value} < 0 AND {pair} IN ({_list(signs)})"
            yield Check("quantity", where, (quantity.raw, pair),
                        lambda text, key: remedies.negative(text, signs[key])), count  # fmt: skip

    def _listed(
        self, field: str, wrong: Mapping[str, Told], values: list[str], key: str | None = None
    ) -> Iterable[tuple[Check, int]]:
        """The check for rows whose label is among ``wrong``."""
        if wrong:
            key = key or self.source.label(field)
            count = sum(n for value, n in zip(values, self.rows, strict=True) if value in wrong)
            yield Check(field, f"{key} IN ({_list(wrong)})", (key,), lambda value: wrong[value]), count


def _joined(activity: str, unit: str) -> str:
    return f"{activity}{_SEPARATOR}{unit}"


def _list(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _datable(source: Source) -> bool:
    """Whether a year may come from the row's time or dates."""
    return source.has("time") or source.has("start")


def year_of(day: str, schema: Schema) -> str:
    """SQL for the study's year that a date or time (SQL) lies in."""
    month, first, named_by_end = schema.year_begins
    if (month, first) == (1, 1):
        return f"year({day})"
    return f"(year({day} - INTERVAL {month - 1} MONTH - INTERVAL {first - 1} DAY) + {int(named_by_end)})"


def derived_year(source: Source, schema: Schema) -> str:
    """SQL for the year of a row that states none: of its time, or of dates that lie in one year."""
    parts = []
    if source.has("time"):
        parts.append(year_of(source.time("time").value, schema))
    if source.has("start") and source.has("end"):
        start, end = (year_of(source.date(c).value, schema) for c in ("start", "end"))
        parts.append(f"CASE WHEN {start} = {end} THEN {start} END")
    return f"CAST(coalesce({', '.join([*parts, 'NULL'])}) AS VARCHAR)"


def row_checks(source: Source, schema: Schema) -> list[Check]:
    """The checks that look at numbers, dates and error values, row by row in SQL."""
    quantity = source.number("quantity")
    checks = [
        Check("quantity", quantity.empty, (),
              lambda: remedies.missing("a number", "Write the quantity; write 0 only where it is truly zero.")),
        Check("quantity", quantity.bad, (quantity.raw,), remedies.number),
    ]  # fmt: skip
    if source.has("uncertainty"):
        spread = source.number("uncertainty", percent=True)
        beyond = f"{spread.value} NOT BETWEEN 0 AND 1000 AND NOT {spread.bad}"
        checks.append(Check("uncertainty", spread.bad, (spread.raw,), remedies.number))
        checks.append(Check("uncertainty", beyond, (spread.raw,), remedies.uncertainty))
    for column in schema.numeric:
        if column in source.types:
            cell = source.number(column)
            checks.append(Check(column, cell.bad, (cell.raw,), remedies.number))
    checks += _date_checks(source, schema)
    if source.trimmed:
        seen = {*_TEXT_COLUMNS, *schema.numeric}
        for column in (c for c in source.types if c not in seen):
            own = f"s.{quoted(column)}"
            checks.append(
                Check(column, f"{own} IN ({_list(remedies.ERROR_VALUES)})", (own,), remedies.error_value)
            )
    return checks


def _date_checks(source: Source, schema: Schema) -> list[Check]:
    """Dates and times: ISO, plausible, in order, and in agreement with the year."""
    checks = []
    given = f"nullif({source.text('year')}, '')"
    asked = f"TRY_CAST({given} AS INTEGER)"
    if source.has("time"):
        cell = source.time("time")
        off = f"abs({asked} - {year_of(cell.value, schema)}) > 1"
        checks.append(Check("time", cell.bad, (cell.raw,), lambda text: remedies.moment(text, time=True)))
        checks.append(Check("year", off, (given, cell.raw), _other_year))
    for column in ("start", "end"):
        if source.has(column):
            cell = source.date(column)
            checks.append(
                Check(column, cell.bad, (cell.raw,), lambda text: remedies.moment(text, time=False))
            )
    split = ""
    if source.has("start") or source.has("end"):
        start, end = source.date("start"), source.date("end")
        lone = f"({start.empty}) <> ({end.empty})"
        checks.append(Check("start", lone, (start.raw, end.raw), _lone_date))
        checks.append(Check("end", f"{end.value} < {start.value}", (start.raw, end.raw), _backward))
        outside = f"{asked} NOT BETWEEN {year_of(start.value, schema)} AND {year_of(end.value, schema)}"
        ordered = f"{outside} AND {end.value} >= {start.value}"
        checks.append(Check("year", ordered, (given, f"concat({start.raw}, ' to ', {end.raw})"), _other_year))
        split = f" AND {start.empty}" if schema.split_periods else ""
    if _datable(source):
        bad = " OR ".join(f"coalesce({check.where}, false)" for check in checks)
        where = f"{given} IS NULL AND {derived_year(source, schema)} IS NULL{split} AND NOT ({bad})"
        if schema.defaults.get("year"):
            empty = [source.time("time").empty] if source.has("time") else []
            empty += [source.date("start").empty] if source.has("start") else []
            where += f" AND NOT ({' AND '.join(empty)})"
        checks.append(Check("year", where, (), _no_year))
    return checks


def _no_year() -> Told:
    return Told("no year, and no dates that lie in one year", "a year for each row",
                "Write the year, or state `prepare: [split_periods]` in the study.")  # fmt: skip


def _lone_date(start: str | None, end: str | None) -> Told:
    there, lacking = ("start", "end") if start else ("end", "start")
    return Told(
        f"{there} {start or end} without {lacking}", "both or neither", f"Write the date in '{lacking}' too."
    )


def _backward(start: str, end: str) -> Told:
    return Told(
        f"{end}, before the start {start}", "an end on or after the start", "Exchange or correct the dates."
    )


def _other_year(year: str, dates: str) -> Told:
    return Told(
        f"the year {year} for {dates}", "a year that the dates touch", "Correct the year or the dates."
    )


# ---- telling


def report(
    source: Source, failed: Mapping[Check, int], connection: duckdb.DuckDBPyConnection
) -> list[Problem]:
    """Every failing row as a problem, up to ``REJECTED`` of each check; the first of each check come first."""
    found: list[tuple[int, Problem]] = []
    for check in failed:
        shown = "".join(f", CAST({sql} AS VARCHAR)" for sql in check.shown)
        rows = connection.execute(
            f"SELECT {source.file} AS f, s._row AS r{shown} FROM {source.relation} AS s "
            f"WHERE {check.where} ORDER BY f, r LIMIT {REJECTED}"
        ).fetchall()
        tell = lru_cache(maxsize=None)(check.tell)
        for rank, (file, row, *values) in enumerate(rows):
            found.append((rank, Problem(file, row, check.field, *tell(*values))))
    return [problem for _, problem in sorted(found, key=lambda item: (item[0], item[1].line or 0))]


def keep(found: list[Problem], failed: Mapping[Check, int], source: Source, problems: Problems) -> None:
    """Add the first ``DETAILED`` problems, of each kind some, and a count of the others."""
    problems.extend(found[:DETAILED])
    more = Counter[str]()
    for check, rows in failed.items():
        more[check.field] += rows
    more -= Counter(problem.field or "" for problem in found[:DETAILED])
    if more:
        kinds = ", ".join(f"{field} {count}" for field, count in sorted(more.items()))
        count = "1 more problem" if more.total() == 1 else f"{more.total()} more problems"
        problems.add(source.name, None, None, found=f"{count} ({kinds})", expected="none",
                     remedy=f"Mend the kinds that the other {DETAILED} show.")  # fmt: skip


def reason(problem: Problem) -> str:
    """A problem without its place."""
    return f"{problem.found}; expected {problem.expected}. {problem.remedy}"
