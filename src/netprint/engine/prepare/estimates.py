"""replace_estimates: an estimated reading gives way to the real one that came later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.engine.prepare.context import Context, Note, days_of, named, replacing, series_of

ESTIMATED = ("estimated", "modelled")
REAL = ("metered", "billed")


def replace(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """Each row of tier `estimated` or `modelled` keeps the days on which the same meter or site has no row of tier
    `metered` or `billed`: a row for each stretch of them, with its dates. Rows without site and meter stay."""
    columns = context.columns(view)
    before = len(context.problems)
    series = series_of(columns, "replace_estimates", context.problems)
    if "tier" not in columns or len(context.problems) > before:
        return view, []
    first, last = days_of(columns, context.calendar)
    rows = context.copied(
        f"SELECT *, {first} AS _first, {last} AS _last, row_number() OVER () AS _id FROM {view}"
    )
    same = " AND ".join(f'e."{c}" = r."{c}"' for c in series)
    if "time" in columns:
        same += " AND (e.time IS NULL) = (r.time IS NULL) AND coalesce(e.time = r.time, true)"
    both = context.copied(
        f"SELECT e._id, r._first, r._last FROM {rows} AS e JOIN {rows} AS r "
        f"ON {same} AND e._first <= r._last AND e._last >= r._first "
        f"WHERE e.tier IN {ESTIMATED} AND r.tier IN {REAL} AND {named(columns, 'e')}"
    )
    days = (
        f"SELECT _id, unnest(range(_first, _last + 1, INTERVAL 1 DAY))::DATE AS _day FROM {rows} "
        f"WHERE _id IN (SELECT _id FROM {both})"
    )
    stretches = context.copied(
        f"SELECT _id, min(_day) AS _from, max(_day) AS _to, count(*) AS _days FROM (SELECT _id, _day, "
        "_day - (row_number() OVER (PARTITION BY _id ORDER BY _day))::INTEGER AS _run "
        f"FROM ({days}) AS d ANTI JOIN {both} AS b ON b._id = d._id AND d._day BETWEEN b._first AND b._last) "
        "GROUP BY _id, _run"
    )
    values = {"quantity": "v.quantity * (s._days::DOUBLE / (v._last - v._first + 1))"}
    if {"start", "end"} <= columns.keys():
        values |= {"start": "s._from", "end": "s._to"}
    untouched = f"SELECT * EXCLUDE (_first, _last, _id) FROM {rows} WHERE _id NOT IN (SELECT _id FROM {both})"
    left = replacing(columns, values, "v").replace("v.*", "v.* EXCLUDE (_first, _last, _id)", 1)
    kept = context.view(
        f"{untouched} UNION ALL BY NAME SELECT {left} FROM {rows} AS v JOIN {stretches} AS s USING (_id)"
    )
    count = context.connection.execute(f"SELECT count(DISTINCT _id) FROM {both}").fetchone()
    told = f"{count[0] if count else 0:,} estimated records gave way to metered or billed ones."
    return kept, [Note("replace_estimates", told)] if count and count[0] else []
