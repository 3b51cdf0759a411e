"""The steps between reading and summing: named functions from a view of rows to a view of rows.

Each step takes the name of a DuckDB view in the form that :func:`netprint.engine.reading.read.read` gives it, and
returns the name of another one of the same columns (it may add some), with what a reader must be told. A step adds to
the problems what it cannot use; it drops nothing in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from netprint.engine.prepare import estimates, matching, meters, months, periods
from netprint.engine.prepare.context import Context, Note
from netprint.engine.prepare.entities import consolidate
from netprint.engine.reading.nested import overlapping
from netprint.engine.reading.tables import literal
from netprint.load.entities import Holding
from netprint.load.prepare import Step

Function = Callable[[str, Mapping[str, Any], Context], tuple[str, list[Note]]]
FUNCTIONS: Mapping[str, Function] = {
    "replace_estimates": estimates.replace,
    "net_meters": meters.net,
    "split_periods": periods.split,
    "fill_months": months.fill,
    "match_instruments": matching.match,
}


#: The steps that take out what is counted twice; what still overlaps after them is told.
_ONCE = ("replace_estimates", "net_meters")


def prepared(
    view: str, steps: Sequence[Step], holdings: Sequence[Holding], context: Context
) -> tuple[str, list[Note]]:
    """The view after every step, and last after what the organisation answers for of each entity."""
    notes = [Note("reading", told) for told in stocks_by_date(view, context)]
    if steps or holdings:  # steps look at the rows more than once; they are read once
        view = context.copied(view)
    for step in (s for s in steps if s.name in _ONCE):
        view, notes = _taken(step, view, notes, context)
    notes += [Note("reading", told) for told in overlapping(view, context.connection)]
    for step in (s for s in steps if s.name not in _ONCE):
        view, notes = _taken(step, view, notes, context)
    if holdings:
        view, told = consolidate(view, holdings, context)
        notes += told
    return view, notes


def _taken(step: Step, view: str, notes: list[Note], context: Context) -> tuple[str, list[Note]]:
    made, told = FUNCTIONS[step.name](view, step.options, context)
    return context.copied(made), [*notes, *told]


def stocks_by_date(view: str, context: Context) -> list[str]:
    """What is told of stocks (subscribers, floor area) that are given for parts of a year, and would be added up."""
    columns = context.columns(view)
    stocks = ", ".join(literal(a.name) for a in context.activities.values() if a.kind == "stock")
    if not stocks or not {"start", "time"} & columns.keys() or context.splits:
        return []
    dated = " OR ".join(f"{c} IS NOT NULL" for c in ("start", "time") if c in columns)
    found = context.connection.execute(
        f"SELECT activity, count(*) FROM {view} WHERE activity IN ({stocks}) AND ({dated}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return [
        f"{count:,} records of {activity}, a stock, have dates and are added up; `prepare: [split_periods]` takes "
        "their mean over the days of the year."
        for activity, count in found
    ]
