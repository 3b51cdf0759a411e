"""fill_months: days between the first and the last record of a meter or site that no record covers.

What is missing is what a declared model says of a day of that month, times the days missing. The error of what is
filled is shared by all that is filled of an activity and entity; its size is the root mean square of the relative
errors with which the model predicts the months that are known, each left out in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.prepare.context import Calendar, Context, Note, named, replacing, series_of
from netprint.engine.prepare.models import MODELS, error
from netprint.engine.prepare.periods import split
from netprint.engine.reading.tables import literal

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Owner = tuple[str, str]
#: Months that the model must be judged by before its own error is believed.
FEWEST = 6
#: Standard deviations from the mean to the ends of a 95 % interval.
_Z95 = 1.959964


@dataclass(frozen=True)
class Months:
    """What is known. ``first``: month 0, in months since the year 0. ``rate`` (S, M): the amount of a day, NaN where
    nothing is known. ``missing`` (S, M): the days that no record covers. ``activity``, ``entity``, ``group`` (S,)."""

    first: int
    rate: Array
    missing: Array
    activity: Sequence[str]
    entity: Sequence[str]
    group: NDArray[np.int64]

    @property
    def years(self) -> NDArray[np.int64]:
        return (self.first + np.arange(self.rate.shape[1])) // 12


def fill(view: str, options: Mapping[str, Any], context: Context) -> tuple[str, list[Note]]:
    """The rows of ``view`` by month, and a row of tier `modelled` for each month of a series in which days are missing.

    A series begins with its first record and ends with its last; what lies before or after is not filled. Adds a
    problem for an activity whose months are too few to judge the model by, where the step states no uncertainty.
    """
    before = len(context.problems)
    series = series_of(context.columns(view), "fill_months", context.problems)
    if len(context.problems) > before:
        return view, []
    monthly, notes = split(view, {"by": "month"}, context)
    columns = context.columns(monthly)
    series += [c for c in context.key if c in columns and c not in (*series, *_OF_RECORDS)]
    told_apart = context.copied(
        f"SELECT *, row_number() OVER (ORDER BY {_listed(series)}) - 1 AS _series FROM "
        f"(SELECT DISTINCT {_listed(series)} FROM {monthly} AS v WHERE {named(columns, 'v')} AND {_fillable(context)})"
    )
    alike = " AND ".join(f'v."{c}" IS NOT DISTINCT FROM s."{c}"' for c in series)
    numbered = context.copied(
        f"SELECT v.*, s._series, {_month(columns, context.calendar)} AS _ym FROM {monthly} AS v "
        f"JOIN {told_apart} AS s ON {alike}"
    )
    months = _gathered(numbered, columns, context)
    if months is None or not (months.missing > 0).any():
        return monthly, notes
    predicted = MODELS[options["model"]](months.rate, months.years, months.group)
    spreads = _spreads(months, predicted, options, context)
    rows, told = _filled(months, predicted, spreads, options, context)
    table = context.table(
        {"_series": "BIGINT", "_month": "BIGINT", "_amount": "DOUBLE", "_sd": "DOUBLE"}, rows
    )
    added = context.view(_rows(numbered, columns, table, context.calendar))
    return context.view(f"SELECT * FROM {monthly} UNION ALL BY NAME SELECT * FROM {added}"), [*notes, *told]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)


#: Columns of the key that say something of a record and not of what it measures.
_OF_RECORDS = ("year", "month", "tier", "error_group", "times", "holding", "data_quality", "approach")


def _fillable(context: Context) -> str:
    """SQL for rows of what goes on from day to day: activities and stocks, and no contractual instruments."""
    kept = [
        a.name for a in context.activities.values() if a.name not in ("instrument", "instrument_unmatched")
    ]
    return f"v.activity IN ({', '.join(literal(name) for name in kept)})"


def _month(columns: Mapping[str, str], calendar: Calendar) -> str:
    """SQL for the month of a row, in months since the year 0: of its time, its dates, else its year and month."""
    parts = ["year(v.time) * 12 + month(v.time) - 1"] if "time" in columns else []
    parts += ["year(v.start) * 12 + month(v.start) - 1"] if "start" in columns else []
    stated = f"{calendar.calendar_year('v.')} * 12 + TRY_CAST(v.month AS BIGINT) - 1"
    return f"coalesce({', '.join([*parts, stated])})"


def _gathered(numbered: str, columns: Mapping[str, str], context: Context) -> Months | None:
    """The amounts and the days covered of every series and month; None where no row has a month."""
    days = "day(last_day(make_date(_ym // 12, _ym % 12 + 1, 1)))"
    spans = ["sum(_days)"] if "end" in columns else []
    timed = ["nullif(count(DISTINCT time::DATE), 0)"] if "time" in columns else []
    begins = ["day(min(start))"] * bool(spans) + ["day(min(time))"] * bool(timed)
    ends = ['day(max("end"))'] * bool(spans) + ["day(max(time))"] * bool(timed)
    found: Any = context.connection.sql(
        f"SELECT _series, _ym, sum(quantity ORDER BY quantity) AS amount, "
        f"least(coalesce({', '.join([*spans, *timed, days])}), {days}) AS covered, "
        f"coalesce({', '.join([*begins, '1'])}) AS begins, coalesce({', '.join([*ends, days])}) AS ends, "
        f"any_value(activity) AS activity, any_value(country) AS country, any_value(entity) AS entity "
        f"FROM ({_covering(numbered, columns)}) WHERE _ym IS NOT NULL GROUP BY _series, _ym ORDER BY _series, _ym"
    ).to_arrow_table()
    if not found.num_rows:
        return None
    at, months, begin, end = (
        found.column(c).to_numpy().astype(np.int64) for c in ("_series", "_ym", "begins", "ends")
    )
    first, shape = int(months.min()), (int(at.max()) + 1, int(months.max() - months.min()) + 1)
    rate, held = np.full(shape, np.nan), np.zeros(shape)
    amounts, share = found.column("amount").to_numpy(), found.column("covered").to_numpy().astype(float)
    rate[at, months - first], held[at, months - first] = amounts / share, share
    whole = _between(at, months - first, begin, end, shape, first)
    owners = [tuple(found.column(c).to_pylist()) for c in ("activity", "country", "entity")]
    activity, entity, group = [""] * shape[0], [""] * shape[0], np.zeros(shape[0], dtype=np.int64)
    codes: dict[tuple[str, str, str], int] = {}
    for i, a, c, e in zip(at.tolist(), *owners, strict=True):
        activity[i], entity[i], group[i] = a, e, codes.setdefault((a, c, e), len(codes))
    return Months(first, rate, np.maximum(whole - held, 0.0), activity, entity, group)


def _covering(numbered: str, columns: Mapping[str, str]) -> str:
    """SQL for the rows with the days that each covers and none before it does."""
    if "end" not in columns:
        return f"SELECT * FROM {numbered}"
    before = (
        'max("end") OVER (PARTITION BY _series, _ym ORDER BY start, "end", source_file, _row '
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    begins = f"greatest(start, coalesce({before} + 1, start))"
    return f'SELECT *, CASE WHEN "end" IS NOT NULL THEN greatest("end" - {begins} + 1, 0) END AS _days FROM {numbered}'


def _between(at: Codes, month: Codes, begin: Codes, end: Codes, shape: tuple[int, int], first: int) -> Array:
    """The days of each month that lie between a series' first and last record; ``(S, M)``."""
    whole = np.tile(np.array([_days_in(first + m) for m in range(shape[1])], dtype=float), (shape[0], 1))
    known = np.zeros(shape, dtype=bool)
    known[at, month] = True
    opening, closing = known.argmax(axis=1), shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    span = np.arange(shape[1])[None, :]
    outside = (span < opening[:, None]) | (span > closing[:, None]) | ~known.any(axis=1, keepdims=True)
    whole[outside] = 0.0
    days = whole[np.arange(shape[0]), closing].copy()
    at_opening, at_closing = month == opening[at], month == closing[at]
    whole[at[at_closing], month[at_closing]] -= days[at[at_closing]] - end[at_closing]
    whole[at[at_opening], month[at_opening]] -= begin[at_opening] - 1
    return whole


def _days_in(month: int) -> int:
    from calendar import monthrange

    return monthrange(month // 12, month % 12 + 1)[1]


def _spreads(
    months: Months, predicted: Array, options: Mapping[str, Any], context: Context
) -> dict[Owner, float]:
    """The relative standard deviation of what is filled, by activity and entity: stated, else the model's own error."""
    stated = options["uncertainty"] / 100 / _Z95
    owner = list(zip(months.activity, months.entity, strict=True))
    lacking = [o for o, m in zip(owner, months.missing, strict=True) if m.any()]
    found = {}
    for one in dict.fromkeys(lacking):
        at = np.array([o == one for o in owner])
        off, judged = error(months.rate[at], predicted[at])
        found[one] = stated or off
        if not stated and judged < FEWEST:
            of = f"{one[0]} of {one[1]}" if one[1] else one[0]
            context.problems.add(
                "study", None, "prepare.fill_months",
                found=f"{judged} known months of {of} to judge the model {options['model']!r} by",
                expected=f"{FEWEST} or more, or an uncertainty", remedy="State `uncertainty: 30` (± % at 95 %).",
            )  # fmt: skip
    return found


def _filled(
    months: Months,
    predicted: Array,
    spreads: Mapping[Owner, float],
    options: Mapping[str, Any],
    context: Context,
) -> tuple[list[tuple[object, ...]], list[Note]]:
    """The rows to add, and what is told of each activity."""
    rows: list[tuple[object, ...]] = []
    amounts: dict[Owner, tuple[int, float]] = {}
    for s, m in np.argwhere((months.missing > 0) & ~np.isnan(predicted)).tolist():
        one, amount = (months.activity[s], months.entity[s]), float(predicted[s, m] * months.missing[s, m])
        rows.append((s, months.first + m, amount, spreads[one]))
        count, total = amounts.get(one, (0, 0.0))
        amounts[one] = count + 1, total + amount
    notes = []
    for (activity, entity), (count, total) in amounts.items():
        filled = f"{total:,.6g} {context.activities[activity].unit}"
        spread = f"± {100 * _Z95 * spreads[activity, entity]:.3g} % at 95 %, one error for all of it"
        model = f"which the model '{options['model']}' filled with {filled} ({spread})"
        of = f"{activity} of {entity}" if entity else activity
        notes.append(Note("fill_months", f"{count:,} months of {of} lacked days, {model}."))
    unknown = int(((months.missing > 0) & np.isnan(predicted)).sum())
    if unknown:
        told = f"{unknown:,} months lack days that the model '{options['model']}' cannot tell; they are not filled."
        notes.append(Note("fill_months", told))
    return rows, notes


def _rows(numbered: str, columns: Mapping[str, str], table: str, calendar: Calendar) -> str:
    """SQL for the rows to add: the labels of the series' first row, and what was filled."""
    labels = f"SELECT * FROM {numbered} QUALIFY row_number() OVER (PARTITION BY _series ORDER BY source_file, _row) = 1"
    values = {
        "source_file": literal("fill_months"),
        "_row": "0::BIGINT",
        "record_id": "''",
        "quantity": "t._amount",
        "sd": "t._sd",
        "has_uncertainty": "true",
        "tier": "'modelled'",
        "error_group": "concat('filled|', v.activity, '|', v.entity)",
        "year": f"((t._month - {calendar.month - 1}) // 12 + {int(calendar.named_by_end)})::VARCHAR",
        "month": "(t._month % 12 + 1)::VARCHAR",
    }
    if "start" in columns:
        values["start"] = "make_date(t._month // 12, t._month % 12 + 1, 1)"
        values["end"] = "last_day(make_date(t._month // 12, t._month % 12 + 1, 1))"
    if "time" in columns:
        values["time"] = "NULL::TIMESTAMP"
    star = replacing(columns, values, "v").replace("v.*", "v.* EXCLUDE (_series, _ym)", 1)
    return f"SELECT {star} FROM ({labels}) AS v JOIN {table} AS t USING (_series)"
