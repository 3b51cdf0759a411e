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
    rows = context.copied(f"SELECT *, {first} AS _first, {last} AS _last FROM {view}")
    pairs = context.copied(_pairs(rows, columns))
    _several_wholes(pairs, rows, context)
    parts = context.copied(
        f"SELECT source_file, _row, sum(amount ORDER BY amount) AS shown FROM {pairs} GROUP BY ALL"
    )
    _exceeding(view, parts, context)
    rest = "greatest(v.quantity - coalesce(s.shown, 0), 0)"
    kept = context.view(
        f"SELECT v.* REPLACE (CASE WHEN s.shown IS NULL THEN v.quantity ELSE {rest} END AS quantity, "
        f"CASE WHEN s.shown IS NULL OR {rest} = 0 THEN v.sd ELSE v.sd * v.quantity / {rest} END AS sd) "
        f"FROM {view} AS v LEFT JOIN {parts} AS s USING (source_file, _row)"
    )
    return kept, _told(rows, pairs, parts, context)


def _pairs(rows: str, columns: Mapping[str, str]) -> str:
    """SQL for each part and whole on common days: what the part shows of them, and how many days they are."""
    moment = " AND coalesce(p.time = c.time, true)" if "time" in columns else ""
    overlap = "(least(p._last, c._last) - greatest(p._first, c._first) + 1)"
    return " UNION ".join(
        f"SELECT p.source_file, p._row, c.source_file AS _file, c._row AS _part, {overlap} AS days, "
        f"c._last - c._first + 1 AS whole, c.quantity * {overlap} / (c._last - c._first + 1) AS amount "
        f"FROM {rows} AS p JOIN {rows} AS c ON p.{name} = c.part_of AND p.activity = c.activity "
        f"AND p.entity = c.entity AND p._first <= c._last AND p._last >= c._first{moment} "
        "AND (p.source_file <> c.source_file OR p._row <> c._row) "
        f"WHERE c.part_of <> '' AND p.{name} <> ''"
        for name in ("record_id", "meter")
        if name in columns
    )


def _several_wholes(pairs: str, rows: str, context: Context) -> None:
    """Add a problem for each part of which several rows are the whole on the same days."""
    found = context.connection.execute(
        f"SELECT p._file, p._part, any_value(c.part_of) FROM {pairs} AS p JOIN {rows} AS c "
        "ON c.source_file = p._file AND c._row = p._part GROUP BY 1, 2 "
        f"HAVING sum(p.days) > any_value(p.whole) ORDER BY 1, 2 LIMIT {DETAILED}"
    ).fetchall()
    for file, row, parent in found:
        context.problems.add(
            file, row, "part_of", found=f"'{parent}', which stands in several rows on the same days",
            expected="one row for the whole", remedy="Add the registers of the parent up in one row.",
        )  # fmt: skip


def _told(rows: str, pairs: str, parts: str, context: Context) -> list[Note]:
    netted = context.connection.execute(f"SELECT count(*) FROM {parts}").fetchone()
    alone = context.connection.execute(
        f"SELECT DISTINCT part_of FROM {rows} WHERE part_of <> '' "
        f"AND (source_file, _row) NOT IN (SELECT (_file, _part) FROM {pairs}) ORDER BY 1"
    ).fetchall()
    notes = []
    if netted and netted[0]:
        notes.append(
            Note("net_meters", f"{netted[0]:,} meters count only what their sub-meters do not show.")
        )
    if alone:
        named = ", ".join(f"'{name}'" for (name,) in alone[:5]) + (" and others" if len(alone) > 5 else "")
        told = f"Sub-meters name parents that no row of their entity, activity and days has: {named}."
        notes.append(Note("net_meters", told))
    return notes


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
