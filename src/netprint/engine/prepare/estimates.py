"""replace_estimates: an estimated reading gives way to the real one that came later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.engine.prepare.context import Context, Note, days_of, series_of

ESTIMATED = ("estimated", "modelled")
REAL = ("metered", "billed")


def replace(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """Each row of tier `estimated` or `modelled` keeps the part of its days for which the same meter or site has no
    row of tier `metered` or `billed`; one that is covered on all its days is left out."""
    columns = context.columns(view)
    series = series_of(columns, "replace_estimates", context.problems)
    if "tier" not in columns or context.problems:
        return view, []
    first, last = days_of(columns, context.calendar)
    dated = context.view(
        f"SELECT *, {first} AS _first, {last} AS _last, row_number() OVER () AS _id FROM {view}"
    )
    context.connection.execute(f"CREATE TEMP TABLE {dated}_rows AS SELECT * FROM {dated}")
    rows = f"{dated}_rows"
    same = " AND ".join(f'e."{c}" = r."{c}"' for c in series)
    if "time" in columns:
        same += " AND (e.time IS NULL) = (r.time IS NULL) AND coalesce(e.time = r.time, true)"
    covered = context.copied(
        f"SELECT e._id, sum(least(e._last, r._last) - greatest(e._first, r._first) + 1) AS days "
        f"FROM {rows} AS e JOIN {rows} AS r ON {same} AND e._first <= r._last AND e._last >= r._first "
        f"WHERE e.tier IN {ESTIMATED} AND r.tier IN {REAL} GROUP BY 1"
    )
    part = "greatest(1 - coalesce(c.days, 0)::DOUBLE / (v._last - v._first + 1), 0)"
    kept = context.view(
        f"SELECT v.* EXCLUDE (_first, _last, _id) REPLACE "
        f"(CASE WHEN c.days IS NULL THEN v.quantity ELSE v.quantity * {part} END AS quantity) "
        f"FROM {rows} AS v LEFT JOIN {covered} AS c USING (_id) WHERE {part} > 0"
    )
    count = context.connection.execute(f"SELECT count(*) FROM {covered}").fetchone()
    told = f"{count[0] if count else 0:,} estimated records gave way to metered or billed ones."
    return kept, [Note("replace_estimates", told)] if count and count[0] else []
