"""The values that a default was chosen from, and its history: other years, other releases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from netprint.load import release
from netprint.load.factor import Factor
from netprint.load.factors import CATALOG, catalog, read_csv, sources

Row = dict[str, Any]
Index = tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """Every value found for one index, and why the default is what it is."""

    alternatives: tuple[Row, ...]
    why: str


@lru_cache(maxsize=1)
def _evidence() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for path in sorted((CATALOG / "evidence").glob("*.csv")):
        for line, row in read_csv(path):
            found.setdefault(row["factor"], []).append({**row, "where": f"evidence/{path.name}:{line}"})
    return found


def every() -> list[dict[str, str]]:
    """Every value that is kept as evidence."""
    return [row for rows in _evidence().values() for row in rows]


@lru_cache(maxsize=1)
def compared() -> tuple[Row, ...]:
    """Every value that was read in a second source: factor, index, value, unit, source, second_value, second_source,
    ratio (first over second), explanation."""
    paths = sorted((CATALOG / "evidence" / "crosschecks").glob("*.csv"))
    rows = (dict(row) for path in paths for _, row in read_csv(path))
    return tuple(
        {**row, "index": tuple(row["index"].split(" | ")), "ratio": float(row["ratio"])} for row in rows
    )


def crosschecks(name: str, index: Index) -> Iterator[Row]:
    """What second sources say at an index."""
    return (row for row in compared() if row["factor"] == name and row["index"] == index)


def choice(factor: Factor) -> Choice:
    """What other values the catalogue keeps for the index of ``factor``, and the rule that chose among them.

    The rule is that of ``tools/choose.py``: comparable values only, verified before provisional, the spread between
    several as an interval of prediction.
    """
    at = dict(zip(factor.card.index, factor.index, strict=True))
    rows = [
        r for r in _evidence().get(factor.card.name, ()) if all((r.get(c) or "") == v for c, v in at.items())
    ]
    comparable = [r for r in rows if not r.get("scope_note")]
    used = [r for r in comparable if r["status"] == "verified"] or comparable
    return Choice(tuple(_alternative(r, comparable, used, factor) for r in rows), _why(factor, rows, used))


def _alternative(
    row: dict[str, str], comparable: list[dict[str, str]], used: list[dict[str, str]], factor: Factor
) -> Row:
    chosen = factor.source.split(" + ")
    if row in used and row["source"] in chosen:
        verdict = "used"
    elif row.get("scope_note"):
        verdict = f"not comparable: {row['scope_note']}"
    elif row in comparable and row not in used:
        verdict = "provisional, and a verified value is there"
    else:
        verdict = "not the default"
    title = sources().get(row["source"], {}).get("title", "")
    return {
        "value": row["value"], "unit": row["unit"], "status": row["status"], "source": row["source"], "title": title,
        "page": row.get("page", ""), "licence": row.get("licence", ""), "used": verdict == "used", "verdict": verdict,
        "note": row.get("note", ""), "where": row["where"],
    }  # fmt: skip


def _why(factor: Factor, rows: list[dict[str, str]], used: list[dict[str, str]]) -> str:
    if factor.formula is not None:
        return "It is computed from other factors by its formula."
    chosen = [r for r in used if r["source"] in factor.source.split(" + ")]
    if not rows and any(crosschecks(factor.card.name, factor.index)):
        return "The catalogue holds one value; a second source was read to compare it with."
    if not rows:
        return "The catalogue holds one value; no other source was read for this index."
    if not chosen:
        return "The default comes from a table of its own; the other values are kept for comparison."
    apart = len(rows) - len(used)
    left = f" {apart} other{'s' if apart > 1 else ''} kept, not used." if apart else ""
    if len(chosen) == 1:
        return f"One comparable value of the best status: its own distribution, or the least spread.{left}"
    if len(chosen) == 2:
        return f"Two comparable values: the middle of their widest range, which is the 95 % interval.{left}"
    return (
        f"{len(chosen)} comparable values: their geometric mean (for shares the mean), with the interval of prediction "
        f"for a further study.{left}"
    )


def series(factor: Factor) -> list[Row]:
    """The values of the other years at the same index, by year; those given by a formula as its text."""
    names = factor.card.index
    if "year" not in names:
        return []
    at = names.index("year")
    rest = (*factor.index[:at], *factor.index[at + 1 :])
    rows = catalog().rows.get(factor.card.name, {})
    same = sorted(i for i in rows if (*i[:at], *i[at + 1 :]) == rest and i[at])
    return [
        {"year": i[at], "value": _value(rows[i]), "status": rows[i].status, "source": rows[i].source}
        for i in same
    ]


def _value(row: Factor) -> float | str:
    return row.text if row.formula is not None else row.value


def history(name: str, index: Index) -> Iterator[Row]:
    """What each release says for an index, the oldest first; a release without the row says nothing."""
    for made in release.releases():
        with release.using(made):
            rows = catalog().rows.get(name, {})
            if index in rows:
                row = rows[index]
                yield {"release": made.number, "date": made.day, "value": _value(row), "status": row.status,
                       "source": row.source}  # fmt: skip
