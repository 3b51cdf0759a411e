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


def prepared(
    view: str, steps: Sequence[Step], holdings: Sequence[Holding], context: Context
) -> tuple[str, list[Note]]:
    """The view after every step, and last after what the organisation answers for of each entity."""
    notes: list[Note] = []
    if steps or holdings:  # steps look at the rows more than once; they are read once
        view = context.copied(view)
    for step in steps:
        view, told = FUNCTIONS[step.name](view, step.options, context)
        view = context.copied(view)
        notes += told
    if holdings:
        view, told = consolidate(view, holdings, context)
        notes += told
    return view, notes
