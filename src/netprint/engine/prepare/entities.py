"""What the organisation answers for of its entities' activity data, and what they do for each other.

GHG Protocol Corporate Standard, ch. 3 (consolidation), ch. 5 (acquisitions within the year); Scope 3 Standard, category
15 (what is held and not consolidated).
"""

from __future__ import annotations

from collections.abc import Sequence

from netprint.engine.prepare.context import Context, Note, days_of
from netprint.engine.reading.checks import DETAILED
from netprint.engine.reading.tables import literal
from netprint.errors import did_you_mean
from netprint.load.entities import Holding

_SHOWN = 20


def consolidate(view: str, holdings: Sequence[Holding], context: Context) -> tuple[str, list[Note]]:
    """Each row times the share that the organisation answers for on the row's days; the column `holding` is added.

    A row without dates counts for every day of its year. Rows between two consolidated entities (`counterparty`) are
    taken out for the part that both have in common; what the two say of one exchange is compared.
    """
    columns = context.columns(view)
    _unknown(view, columns, holdings, context)
    table = context.table(
        {"entity": "VARCHAR", "first": "DATE", "last": "DATE", "share": "DOUBLE", "holding": "VARCHAR"},
        [(h.entity, h.start, h.end, h.share, h.holding) for h in holdings],
    )
    days = days_of(columns, context.calendar)
    share, join = "h.share", ""
    if "counterparty" in columns:
        join = (
            f" LEFT JOIN {table} AS c ON c.entity = v.counterparty AND c.first = h.first AND c.last = h.last "
            "AND c.holding = '' AND h.holding = ''"
        )
        share = "(h.share - least(h.share, coalesce(c.share, 0)))"
    overlap = "(least(v._last, h.last) - greatest(v._first, h.first) + 1)::DOUBLE / (v._last - v._first + 1)"
    dated = context.copied(
        f"SELECT *, {days[0]} AS _first, {days[1]} AS _last, row_number() OVER () AS _id FROM {view}"
    )
    both = context.view(
        f"SELECT v.*, h.holding, {overlap} AS _part, {share} AS _share, h.share AS _held FROM {dated} AS v "
        f"JOIN {table} AS h ON h.entity = v.entity AND v._first <= h.last AND v._last >= h.first{join}"
    )
    # one row for each row and holding, however many stretches of days it was cut into: its error stays whole
    parts = context.copied(
        f"SELECT _id, holding, sum(_part * _share ORDER BY _part, _share) AS _kept FROM {both} "
        "WHERE _share > 0 GROUP BY ALL"
    )
    kept = context.view(
        "SELECT v.* EXCLUDE (_first, _last, _id) REPLACE (CASE WHEN abs(p._kept - 1) < 1e-12 THEN v.quantity "
        f"ELSE v.quantity * p._kept END AS quantity), p.holding FROM {dated} AS v JOIN {parts} AS p USING (_id)"
    )
    notes = [
        *_outside(dated, table, context),
        *_misspelt(view, columns, holdings, context),
        *_eliminated(both, columns, context),
    ]
    return kept, notes


def _unknown(view: str, columns: dict[str, str], holdings: Sequence[Holding], context: Context) -> None:
    """Add a problem for every row whose entity is never held, or whose counterparty is its own entity."""
    known = {h.entity for h in holdings}
    listed = ", ".join(map(literal, known))
    rows = context.connection.execute(
        f"SELECT source_file, _row, entity FROM {view} WHERE entity NOT IN ({listed}) ORDER BY 1, 2 LIMIT {DETAILED}"
    ).fetchall()
    for file, row, entity in rows:
        context.problems.add(
            file, row, "entity", found=f"'{entity}'" if entity else "no entity",
            expected=f"an entity of which the organisation holds a part: {', '.join(sorted(known)[:8])}",
            remedy=did_you_mean(entity, known)
            or "Add the entity with its share to the table, or state `entity:` in the study.",
        )  # fmt: skip
    if "counterparty" not in columns:
        return
    rows = context.connection.execute(
        f"SELECT source_file, _row, entity FROM {view} WHERE entity = counterparty AND entity <> '' "
        f"ORDER BY 1, 2 LIMIT {DETAILED}"
    ).fetchall()
    for file, row, entity in rows:
        context.problems.add(
            file, row, "counterparty", found=f"'{entity}', which is the row's own entity",
            expected="another entity, or somebody outside", remedy="Name the other side, or leave the cell empty.",
        )  # fmt: skip


def _misspelt(
    view: str, columns: dict[str, str], holdings: Sequence[Holding], context: Context
) -> list[Note]:
    """Counterparties that look like an entity and are none: nothing is taken out for them."""
    if "counterparty" not in columns:
        return []
    known = {h.entity for h in holdings}
    named = context.connection.execute(
        f"SELECT DISTINCT counterparty FROM {view} WHERE counterparty <> ''"
    ).fetchall()
    return [
        Note("entities", f"The counterparty '{name}' is no entity of the table. {remedy}")
        for (name,) in sorted(named)
        if name not in known and (remedy := did_you_mean(name, known))
    ]


def _outside(dated: str, table: str, context: Context) -> list[Note]:
    """Rows on whose days the organisation held nothing of the entity."""
    found = context.connection.execute(
        f"SELECT v.entity, count(*) FROM {dated} AS v ANTI JOIN {table} AS h "
        "ON h.entity = v.entity AND v._first <= h.last AND v._last >= h.first GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return [
        Note("entities", f"{count:,} records of {entity} lie before it was held or after it was given up.")
        for entity, count in found
    ]


def _eliminated(both: str, columns: dict[str, str], context: Context) -> list[Note]:
    """What consolidated entities do for each other, and where the two sides of an exchange differ."""
    if "counterparty" not in columns:
        return []
    named = [c for c in ("item", "year") if c in columns]
    at = ", ".join(named)
    rows = context.connection.execute(
        f"""WITH internal AS (SELECT least(entity, counterparty) AS one, greatest(entity, counterparty) AS other,
            entity, activity, {at}, abs(quantity * _part) AS amount FROM {both} WHERE _share < _held)
        SELECT one, other, activity, {at}, sum(amount) FILTER (entity = one) AS first,
            sum(amount) FILTER (entity = other) AS second, count(*) FROM internal GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    notes = []
    for one, other, activity, *rest in rows[:_SHOWN]:
        *labels, first, second, _ = rest
        what = ", ".join([activity, *(str(v) for v in labels if v)])
        unit = context.activities[activity].unit if activity in context.activities else ""
        notes.append(Note("entities", _told(what, unit, (one, first), (other, second))))
    total = sum(row[-1] for row in rows)
    if len(rows) > _SHOWN:
        notes.append(
            Note("entities", f"… and {len(rows) - _SHOWN} more exchanges; {total:,} records in all.")
        )
    return notes


def _told(what: str, unit: str, one: tuple[str, float | None], other: tuple[str, float | None]) -> str:
    (a, first), (b, second) = one, other
    begin = f"Taken out between {a} and {b}: {what}"
    if first is None or second is None:
        side, lacking, amount = (b, a, second) if first is None else (a, b, first)
        return f"{begin}, {amount:,.6g} {unit} by {side}; {lacking} states nothing of it."
    if abs(first - second) <= 1e-9 * max(first, second):
        return f"{begin}, {first:,.6g} {unit}, as both state it."
    differ = f"they differ by {first - second:+,.6g} {unit}"
    return f"{begin}, {first:,.6g} {unit} by {a} and {second:,.6g} {unit} by {b}: {differ}."
