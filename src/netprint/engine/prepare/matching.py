"""match_instruments: contractual instruments cover electricity of their own year, month or hour, and no other.

GHG Protocol Scope 2 Guidance (2015), ch. 7, asks for a vintage close to the period of use; its revision under way asks
for the hour. What an instrument generates in another hour than that of use covers nothing: it becomes the activity
`instrument_unmatched`, which is told and not used. Matching by volume within entity, market and year follows in the
method, on what is left here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.engine.computed import add_place_code
from netprint.engine.prepare.context import Context, Note, days_of
from netprint.engine.prepare.periods import split
from netprint.engine.reading.checks import DETAILED

ELECTRICITY, INSTRUMENT, UNMATCHED = "electricity", "instrument", "instrument_unmatched"
_SLOTS = {
    "year": "make_date(TRY_CAST(year AS INTEGER), 1, 1)::TIMESTAMP",
    "month": "make_date(TRY_CAST(year AS INTEGER), TRY_CAST(nullif(month, '') AS INTEGER), 1)::TIMESTAMP",
    "hour": "date_trunc('hour', time)",
}
_LENGTH = {"month": "INTERVAL 1 MONTH", "hour": "INTERVAL 1 HOUR"}


def match(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """Instruments of each entity and market split into what electricity of the same slot of time they cover, and the
    rest. With ``spread: flat`` a record that says nothing finer than its days is spread evenly over their slots; else
    it is a problem where its entity has instruments in its market."""
    by, flat = options["by"], options["spread"] == "flat"
    if by == "month":
        view, _ = split(view, {"by": "month"}, context)
    slot = _slot(by, context.columns(view))
    add_place_code(context.connection)
    columns = context.columns(view)
    market = (
        "coalesce(place_code(nullif(market, '')), nullif(market, ''), country)"
        if "market" in columns
        else "country"
    )
    first, last = days_of(columns, context.calendar)
    held = context.view(
        f"SELECT *, {market} AS _market, {slot} AS _slot, {first} AS _first, {last} AS _last FROM {view} "
        f"WHERE activity IN ('{ELECTRICITY}', '{INSTRUMENT}')"
    )
    if not flat and _without_slot(held, by, context):
        return view, []
    slotted = context.view(_slotted(held, by))
    sums = context.copied(
        f"SELECT entity, _market, _at, greatest(sum(_amount) FILTER (activity = '{ELECTRICITY}'), 0) AS used, "
        f"sum(_amount) FILTER (activity = '{INSTRUMENT}') AS offered FROM {slotted} GROUP BY ALL"
    )
    covers = context.copied(
        f"SELECT entity, _market, _at, least(coalesce(used, 0) / nullif(offered, 0), 1) AS share FROM {sums} "
        "WHERE offered > 0"
    )
    shares = context.copied(
        f"SELECT source_file, _row, sum(_amount * coalesce(share, 0)) / nullif(sum(_amount), 0) AS share "
        f"FROM {slotted} LEFT JOIN {covers} USING (entity, _market, _at) "
        f"WHERE activity = '{INSTRUMENT}' GROUP BY ALL"
    )
    matched = (
        f"SELECT v.* REPLACE (v.quantity * coalesce(s.share, 1) AS quantity) FROM {view} AS v "
        f"LEFT JOIN {shares} AS s ON v.activity = '{INSTRUMENT}' AND s.source_file = v.source_file "
        "AND s._row = v._row"
    )
    rest = (
        f"SELECT v.* REPLACE ('{UNMATCHED}' AS activity, v.quantity * (1 - s.share) AS quantity) FROM {view} AS v "
        f"JOIN {shares} AS s ON v.activity = '{INSTRUMENT}' AND s.source_file = v.source_file AND s._row = v._row "
        "WHERE s.share < 1"
    )
    return context.view(f"{matched} UNION ALL BY NAME {rest}"), _told(sums, by, context)


def _slot(by: str, columns: Mapping[str, str]) -> str:
    """SQL for the slot of a row, NULL where the row says nothing so fine."""
    if by == "hour" and "time" not in columns:
        return "NULL::TIMESTAMP"
    return _SLOTS[by]


def _slotted(held: str, by: str) -> str:
    """SQL for the amount of each row in each slot; a row without slot is spread over those of its days."""
    whole = f"SELECT *, _slot AS _at, quantity AS _amount FROM {held} WHERE _slot IS NOT NULL"
    if by == "year":
        return whole
    slots = f"generate_series(_first::TIMESTAMP, _last::TIMESTAMP + INTERVAL 23 HOUR, {_LENGTH[by]})"
    spread = f"SELECT *, unnest({slots}) AS _at, quantity / len({slots}) AS _amount FROM {held} WHERE _slot IS NULL"
    return f"{whole} UNION ALL BY NAME {spread}"


def _without_slot(held: str, by: str, context: Context) -> bool:
    owners = f"SELECT entity, _market FROM {held} WHERE activity = '{INSTRUMENT}'"
    found = context.connection.execute(
        f"SELECT source_file, _row, activity FROM {held} WHERE _slot IS NULL AND (entity, _market) IN ({owners}) "
        f"ORDER BY 1, 2 LIMIT {DETAILED}"
    ).fetchall()
    for file, row, activity in found:
        context.problems.add(
            file, row, "time" if by == "hour" else "start", found=f"{activity} without its {by}",
            expected=f"the {by} of use or generation, as the instruments are matched by {by}",
            remedy="Give the time, or have such records spread evenly: "
            f"`match_instruments: {{by: {by}, spread: flat}}`.",
        )  # fmt: skip
    return bool(found)


def _told(sums: str, by: str, context: Context) -> list[Note]:
    found = context.connection.execute(
        f"SELECT sum(used), sum(offered), sum(least(coalesce(used, 0), coalesce(offered, 0))) FROM {sums}"
    ).fetchone()
    used, offered, covered = (float(v or 0) for v in (found or (0, 0, 0)))
    if not offered:
        return []
    told = (
        f"Matched by {by}, instruments of {offered:,.6g} kWh cover {covered:,.6g} kWh of {used:,.6g} kWh of "
        f"electricity ({covered / used:.1%}); {offered - covered:,.6g} kWh of other times cover nothing."
        if used
        else f"Instruments of {offered:,.6g} kWh cover nothing: there is no electricity."
    )
    return [Note("match_instruments", told)]
