"""split_periods: bills over the years, and months, that they span, in proportion to the days.

The days of a bill are its `start` and `end`, both included. Its relative error is that of each year's part; the parts
of its months have larger ones, so that they add up to that again. What is a stock (subscribers, floor area) is not
divided: a year's amount is the mean over its days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from netprint.engine.prepare.context import Context, Note, replacing
from netprint.engine.reading.tables import literal


def split(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """Each row with `start` and `end` becomes one row for each year (``by: month``: each month) that it touches.

    The year of such a row is that of the study's calendar; `month` (1 to 12) is filled where months are asked for.
    """
    columns = context.columns(view)
    months = options["by"] == "month"
    if not {"start", "end"} <= columns.keys():
        return _timed(view, columns, months, context), []
    spans = context.table(
        {
            "label": "VARCHAR",
            "month": "VARCHAR",
            "first": "DATE",
            "last": "DATE",
            "days": "INTEGER",
            "begins": "DATE",
            "ends": "DATE",
        },
        _spans(*_reach(view, context), months, context),
    )
    stocks = ", ".join(literal(a.name) for a in context.activities.values() if a.kind == "stock") or "''"
    overlap = '(least(v."end", p.last) - greatest(v.start, p.first) + 1)'
    whole = f'CASE WHEN v.activity IN ({stocks}) THEN p.days ELSE v."end" - v.start + 1 END'
    in_year = '(least(v."end", p.ends) - greatest(v.start, p.begins) + 1)'
    values = {
        "quantity": f"CASE WHEN p.label IS NULL THEN v.quantity ELSE v.quantity * ({overlap}::DOUBLE / ({whole})) END",
        "sd": f"CASE WHEN p.label IS NULL THEN v.sd ELSE v.sd * sqrt({in_year}::DOUBLE / {overlap}) END",
        "year": "coalesce(p.label, v.year)",
        "start": "coalesce(greatest(v.start, p.first), v.start)",
        "end": 'coalesce(least(v."end", p.last), v."end")',
    }
    timed = _timed(view, columns, months, context)
    there = context.columns(timed)
    if months:
        values["month"] = "coalesce(p.month, v.month)"
    prepared = context.view(
        f"SELECT {replacing(there, values, 'v')} FROM {timed} AS v "
        f'LEFT JOIN {spans} AS p ON v.start <= p.last AND v."end" >= p.first'
    )
    count = _spanning(view, spans, context)
    told = f"{count:,} records span several {options['by']}s and were divided by their days."
    return prepared, [Note("split_periods", told)] if count else []


def _timed(view: str, columns: Mapping[str, str], months: bool, context: Context) -> str:
    """Rows with a time, in the years of the study's calendar, and the month of each row where months are asked for."""
    calendar = context.calendar
    values = {}
    if "time" in columns and not calendar.plain:
        shifted = f"time - INTERVAL {calendar.month - 1} MONTH - INTERVAL {calendar.day - 1} DAY"
        of_time = f"(year({shifted}) + {int(calendar.named_by_end)})::VARCHAR"
        values["year"] = f"CASE WHEN time IS NULL THEN year ELSE {of_time} END"
    if months:
        own = "month::VARCHAR" if "month" in columns else "''"
        values["month"] = (
            f"CASE WHEN time IS NULL THEN {own} ELSE month(time)::VARCHAR END" if "time" in columns else own
        )
    return context.view(f"SELECT {replacing(columns, values)} FROM {view}") if values else view


def _reach(view: str, context: Context) -> tuple[date | None, date | None]:
    found = context.connection.execute(f'SELECT min(start), max("end") FROM {view}').fetchone()
    assert found is not None
    return found[0], found[1]


def _spans(
    first: date | None, last: date | None, months: bool, context: Context
) -> Iterator[tuple[str, str, date, date, int, date, date]]:
    """Year, month, first and last day of every span; the days of its year, the first and the last of them."""
    if first is None or last is None:
        return
    for year in range(first.year - 1, last.year + 2):
        begin, end = context.calendar.first(year), context.calendar.last(year)
        days = (end - begin).days + 1
        if end < first or begin > last:
            continue
        if not months:
            yield str(year), "", begin, end, days, begin, end
            continue
        at = begin
        while at <= end:
            after = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
            until = min(after - timedelta(days=1), end)
            yield str(year), str(at.month), at, until, days, begin, end
            at = after


def _spanning(view: str, spans: str, context: Context) -> int:
    found = context.connection.execute(
        f"SELECT count(*) FROM {view} AS v WHERE (SELECT count(*) FROM {spans} AS p "
        f'WHERE v.start <= p.last AND v."end" >= p.first) > 1'
    ).fetchone()
    return int(found[0]) if found else 0
