"""net_meters: what sub-meters show is taken out of their parent, so that both may stand in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.engine.prepare.context import Context, Note, days_of
from netprint.engine.reading.checks import DETAILED

#: Sub-meters may show so much more than their parent, as a share of it, before they contradict it.
TOLERANCE = 0.001


def net(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """Each parent (`record_id` or `meter`, which other rows name in `part_of`) keeps what none of its parts shows.

    A part counts for the days that it has in common with its parent and for the same activity. The parent keeps its
    absolute error. Adds a problem where the parts show more than the whole.
    """
    columns = context.columns(view)
    if "part_of" not in columns:
        return view, []
    first, last = days_of(columns, context.calendar)
    rows = context.view(f"SELECT *, {first} AS _first, {last} AS _last FROM {view}")
    names = [name for name in ("record_id", "meter") if name in columns]
    is_whole = " OR ".join(f"(p.{name} <> '' AND p.{name} = c.part_of)" for name in names)
    moment = " AND coalesce(p.time = c.time, true)" if "time" in columns else ""
    overlap = "(least(p._last, c._last) - greatest(p._first, c._first) + 1)"
    parts = context.view(
        f"SELECT p.source_file, p._row, sum(c.quantity * {overlap} / (c._last - c._first + 1)) AS shown "
        f"FROM {rows} AS p JOIN {rows} AS c ON ({is_whole}) AND p.activity = c.activity AND p._first <= c._last "
        f"AND p._last >= c._first{moment} AND (p.source_file <> c.source_file OR p._row <> c._row) "
        "WHERE c.part_of <> '' GROUP BY ALL"
    )
    _exceeding(view, parts, context)
    rest = "greatest(v.quantity - coalesce(s.shown, 0), 0)"
    kept = context.view(
        f"SELECT v.* REPLACE (CASE WHEN s.shown IS NULL THEN v.quantity ELSE {rest} END AS quantity, "
        f"CASE WHEN s.shown IS NULL OR {rest} = 0 THEN v.sd ELSE v.sd * v.quantity / {rest} END AS sd) "
        f"FROM {view} AS v LEFT JOIN {parts} AS s USING (source_file, _row)"
    )
    count = context.connection.execute(f"SELECT count(*) FROM {parts}").fetchone()
    told = f"{count[0] if count else 0:,} meters count only what their sub-meters do not show."
    return kept, [Note("net_meters", told)] if count and count[0] else []


def _exceeding(view: str, parts: str, context: Context) -> None:
    found = context.connection.execute(
        f"SELECT source_file, _row, v.quantity, s.shown FROM {view} AS v JOIN {parts} AS s USING (source_file, _row) "
        f"WHERE s.shown > v.quantity * (1 + {TOLERANCE}) ORDER BY 1, 2 LIMIT {DETAILED}"
    ).fetchall()
    for file, row, whole, shown in found:
        context.problems.add(
            file, row, "quantity", found=f"{whole:,.6g}, of which sub-meters show {shown:,.6g}",
            expected="parts that are no more than the whole", remedy="Check the readings and the column 'part_of'.",
        )  # fmt: skip
