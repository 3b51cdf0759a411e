"""A form as a table: every field at every place, with its number or the key and reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netprint.exchange.exports import pact
from netprint.exchange.exports.crosswalk import TARGETS, Field, fields_of
from netprint.exchange.exports.fill import UNDIVIDED, Filled, fill
from netprint.exchange.exports.held import Absent, Held
from netprint.result import Result, Table, table

PLACES = ("year", "entity", "country", "site")
COLUMNS = (
    "table", *PLACES, "field", "title", "value", "unit", "low", "high", "notation", "reason", "coverage",
    "provisional_share", "field_status", "citation", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Export:
    """A form filled from a result.

    ``rows``: the columns :data:`COLUMNS`; a row has a value, or a notation key and a reason. ``header``: what a reader
    must know first. ``footprints``: for PACT, one ProductFootprint a year with what could be filled.
    """

    target: str
    title: str
    header: tuple[str, ...]
    rows: Table
    footprints: tuple[Mapping[str, Any], ...] = ()
    missing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "title": self.title,
            "header": list(self.header),
            "rows": list(self.rows),
        }


def exported(result: Result, target: str, product: Mapping[str, Any] | None = None) -> Export:
    """The form ``target``, filled from a result. Raises :class:`netprint.errors.UsageError` for an unknown form."""
    fields, held = fields_of(target), Held(result)
    described = pact.described(product)
    if target == "pact":
        footprints = [pact.Footprint(result, year, described) for year in held.years()]
        rows = [_row(f, {"year": p.year}, p.fill(f)) for p in footprints for f in fields]
        return Export(
            target, result.title, _header(result, target, fields, rows), table(rows, COLUMNS),
            tuple(p.document(fields) for p in footprints), tuple(m for p in footprints for m in p.missing(fields)),
        )  # fmt: skip
    rows = []
    for per in dict.fromkeys(f.per for f in fields):
        chosen = [f for f in fields if f.per == per]
        for at, shown in _applying(held, list(_places(held, per)), chosen):
            rows += [_row(f, shown, fill(f, held, at, shown)) for f in chosen]
    return Export(target, result.title, _header(result, target, fields, rows), table(rows, COLUMNS))


def _places(held: Held, per: tuple[str, ...]) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """(the labels by which the bundle is asked, the labels shown) of each row of a table, in order.

    A column that the study does not group by, and that has several labels, is not told apart; without the years, no
    other column is.
    """
    by = held.result.by
    apart = [c for c in per if "year" in by and c in by and len(_labels(held, c)) > 1]
    kept = tuple(c for c in per if c == "year" or c in apart)
    fixed = {c: _only(held, c) for c in per if c not in kept}
    for key in sorted(_keys(held, kept)):
        at = dict(zip(kept, key, strict=True))
        yield at, {**fixed, **{c: label or f"(without {c})" for c, label in at.items()}}


def _applying(
    held: Held, places: list[tuple[dict[str, str], dict[str, str]]], fields: list[Field]
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """The places where a form applies; all of them where it applies to none, so that this is said."""
    needs = {f.needs for f in fields}
    if held.public or "" in needs:
        return places
    return [p for p in places if any(held.has(n, p[0]) for n in needs)] or places


def _labels(held: Held, column: str) -> tuple[str, ...]:
    try:
        return held.labels(column)
    except Absent:
        return ()


def _only(held: Held, column: str) -> str:
    labels = _labels(held, column)
    if column == "site" and not held.public and not held.is_site({}):
        return UNDIVIDED if labels else ""
    return labels[0] if len(labels) == 1 else UNDIVIDED if labels else ""


def _keys(held: Held, kept: tuple[str, ...]) -> set[tuple[str, ...]]:
    found = {tuple(str(row[c]) for c in kept) for row in held.result.cells} if len(kept) > 1 else set()
    if len(kept) > 1 and not held.public and all(c in held.rows.labels for c in kept):
        found |= set(zip(*(held.rows.labels[c].texts() for c in kept), strict=True))
    return {k for k in found if k[0]} if len(kept) > 1 else {(y,) for y in held.years()}


def _row(field: Field, shown: Mapping[str, str], filled: Filled) -> dict[str, Any]:
    return {
        "table": field.table, **{p: shown.get(p, "") for p in PLACES}, "field": field.name, "title": field.title,
        "value": filled.value, "unit": field.unit if isinstance(filled.value, float) else "", "low": filled.low,
        "high": filled.high, "notation": filled.notation, "reason": filled.reason, "coverage": filled.coverage,
        "provisional_share": filled.provisional_share, "field_status": field.status, "citation": field.citation,
        "note": field.note,
    }  # fmt: skip


def _header(
    result: Result, target: str, fields: tuple[Field, ...], rows: list[dict[str, Any]]
) -> tuple[str, ...]:
    provisional = sum(f.status == "provisional" for f in fields)
    keys = sorted({r["notation"] for r in rows if r["notation"]})
    totals = sum(not r["notation"] for r in rows)
    return (
        f"{TARGETS[target]}: {result.title}",
        f"provisional fields: {provisional} of {len(fields)}",
        f"filled: {totals} of {len(rows)}; notation keys used: {', '.join(keys) or 'none'}",
        "No conformance with the form is claimed: compare names and definitions with its current edition.",
        f"methods {', '.join(result.tags['methods'])}; {result.tags['gwp']}; interval: {result.tags['interval']}; "
        f"catalogue {result.versions.get('release') or result.versions.get('catalogue', '')}",
    )
