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
from netprint.engine.prepare.context import Calendar, Context, Note, days_of
from netprint.engine.prepare.periods import split
from netprint.engine.reading.checks import DETAILED

ELECTRICITY, INSTRUMENT, UNMATCHED = "electricity", "instrument", "instrument_unmatched"
_LENGTH = {"month": "INTERVAL 1 MONTH", "hour": "INTERVAL 1 HOUR"}


def match(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """Instruments of each entity and market split into what electricity of the same slot of time they cover, and the
    rest. With ``spread: flat`` a record that says nothing finer than its days is spread evenly over their slots; else
    it is a problem where its entity has instruments in its market."""
    by, flat = options["by"], options["spread"] == "flat"
    if by == "month":
        view, _ = split(view, {"by": "month"}, context)
    slot = _slot(by, context.columns(view), context.calendar)
    add_place_code(context.connection)
    columns = context.columns(view)
    market = (
        "coalesce(place_code(nullif(market, '')), nullif(market, ''), country)"
        if "market" in columns
        else "country"
    )
    first, last = days_of(columns, context.calendar)
    view = context.copied(f"SELECT *, row_number() OVER () AS _id FROM {view}")
    held = context.copied(
        f"SELECT *, {market} AS _market, {slot} AS _slot, {first} AS _first, {last} AS _last FROM {view} "
        f"WHERE activity IN ('{ELECTRICITY}', '{INSTRUMENT}')"
    )
    if not flat and _without_slot(held, by, context):
        return view, []
    slotted = context.view(_slotted(held, by))
    sums = context.copied(
        f"SELECT entity, _market, _at, "
        f"greatest(sum(_amount ORDER BY _amount) FILTER (activity = '{ELECTRICITY}'), 0) AS used, "
        f"sum(_amount ORDER BY _amount) FILTER (activity = '{INSTRUMENT}') AS offered FROM {slotted} GROUP BY ALL"
    )
    covers = context.copied(
        f"SELECT entity, _market, _at, least(coalesce(used, 0) / nullif(offered, 0), 1) AS share FROM {sums} "
        "WHERE offered > 0"
    )
    shares = context.copied(
        "SELECT _id, sum(_amount * coalesce(share, 0) ORDER BY _at) / nullif(sum(_amount ORDER BY _at), 0) AS share "
        f"FROM {slotted} LEFT JOIN {covers} USING (entity, _market, _at) WHERE activity = '{INSTRUMENT}' GROUP BY _id"
    )
    matched = (
        "SELECT v.* EXCLUDE (_id) REPLACE (v.quantity * coalesce(s.share, 1) AS quantity) "
        f"FROM {view} AS v LEFT JOIN {shares} AS s USING (_id)"
    )
    rest = (
        f"SELECT v.* EXCLUDE (_id) REPLACE ('{UNMATCHED}' AS activity, v.quantity * (1 - s.share) AS quantity) "
        f"FROM {view} AS v JOIN {shares} AS s USING (_id) WHERE s.share < 1"
    )
    return context.view(f"{matched} UNION ALL BY NAME {rest}"), _told(sums, by, context)


def _slot(by: str, columns: Mapping[str, str], calendar: Calendar) -> str:
    """SQL for the slot of a row, NULL where the row says nothing so fine."""
    if by == "year":
        return "make_date(TRY_CAST(year AS INTEGER), 1, 1)::TIMESTAMP"
    if by == "month":
        return f"make_date({calendar.calendar_year()}, TRY_CAST(nullif(month, '') AS BIGINT), 1)::TIMESTAMP"
    return "date_trunc('hour', time)" if "time" in columns else "NULL::TIMESTAMP"


def _slotted(held: str, by: str) -> str:
    """SQL for the amount of each row in each slot; a row without slot is spread over those of its days."""
    whole = f"SELECT *, _slot AS _at, quantity AS _amount FROM {held} WHERE _slot IS NOT NULL"
    if by == "year":
        return whole
    begin = "date_trunc('month', _first)" if by == "month" else "_first::TIMESTAMP"
    slots = f"generate_series({begin}, _last::TIMESTAMP + INTERVAL 23 HOUR, {_LENGTH[by]})"
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
