"""outdated: what a newer release of the catalogue changes in a study: the factor rows, and the totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any

from netprint.assess import assess_prepared, prepare, rerun
from netprint.bundle import read
from netprint.explain import number
from netprint.load import release
from netprint.load.release import Release
from netprint.result import Result

COMPARED = ("value", "low", "high")
EXACT = 1e-12
Row = dict[str, Any]


@dataclass(frozen=True)
class Outdated:
    """``since`` and ``now``: releases. ``factors``: factor, asked, before, after, change in per cent, sources, why;
    ``totals``: year, account, unit, before, after, change in per cent."""

    title: str
    since: str
    now: str
    factors: tuple[Row, ...]
    totals: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def __str__(self) -> str:
        return "\n".join(self._told())

    def _told(self) -> Iterator[str]:
        if self.since == self.now:
            yield f"{self.title}: {self.now} is the only release of the catalogue; nothing is newer."
            return
        yield f"{self.title}: from release {self.since} to {self.now}"
        if not self.factors:
            yield "No factor row that it uses has another value."
            return
        yield f"{len(self.factors)} factor row{'s' if len(self.factors) > 1 else ''} with other values:"
        for row in self.factors:
            yield (
                f"  {row['factor']}[{row['asked']}]: {_told(row['before'])} to {_told(row['after'])} {row['unit']}"
                f"{_percent(row['change'])}; {row['why']}"
            )
        yield "Effect on the totals:"
        for row in self.totals:
            yield (
                f"  {row['year']} {row['account']}: {_told(row['before'])} to {_told(row['after'])} {row['unit']}"
                f"{_percent(row['change'])}"
            )


def outdated(study: str | Path, since: str | None = None) -> Outdated:
    """What the catalogue as it is now changes in a study or in a result bundle.

    ``since``: the release that a study rested on, by number or day; the one before the newest where none is named. A
    bundle holds what it rested on and needs none. Raises what assessing raises, and
    :class:`netprint.errors.UsageError` for an unknown release or a public bundle.
    """
    path = Path(study)
    if path.suffix not in (".yaml", ".yml"):
        before = read(path)
        return _compared(before, rerun(before), _release_of(before), release.name())
    older = release.as_of(since) if since else _previous()
    now = release.name()
    if older is None or older.number == now:
        title = prepare(path).study.title
        return Outdated(title, now, now, (), ())
    with release.using(older):
        before = _assessed(path)
    return _compared(before, _assessed(path), older.number, now)


def _previous() -> Release | None:
    known = release.releases()
    return known[-2] if len(known) > 1 else None


def _release_of(result: Result) -> str:
    return result.versions.get("release") or f"catalogue {result.versions.get('catalogue', '')[:12]}"


def _assessed(path: Path) -> Result:
    prepared = prepare(path)
    return assess_prepared(replace(prepared, study=replace(prepared.study, gaps="report")))


def _compared(before: Result, after: Result, since: str, now: str) -> Outdated:
    return Outdated(after.title, since, now, tuple(_factors(before, after)), tuple(_totals(before, after)))


def _factors(before: Result, after: Result) -> Iterator[Row]:
    old, new = ({(r["named"], r["asked"]): r for r in result.factors} for result in (before, after))
    for key in dict.fromkeys((*old, *new)):
        a, b = old.get(key), new.get(key)
        why = _why(a, b)
        if why:
            one = b or a or {}
            pair = tuple(None if r is None else r["value"] for r in (a, b))
            yield {
                "factor": one["factor"], "asked": one["asked"], "unit": one["unit"],
                "before": pair[0], "after": pair[1], "change": _change(*pair), "why": why,
                "source_before": a and a["source"], "source_after": b and b["source"],
            }  # fmt: skip


def _why(a: Row | None, b: Row | None) -> str:
    """How two rows differ; empty where they do not."""
    if a is None or b is None:
        return "it is not used any more" if b is None else "it was not used before"
    if all(_same(a[c], b[c]) for c in COMPARED) and a["formula"] == b["formula"]:
        return ""
    if a["source"] != b["source"]:
        return f"from {a['source']} to {b['source']}"
    if _same(a["value"], b["value"]):
        return "another interval" if a["formula"] == b["formula"] else "another formula"
    return f"another {'stand-in' if a['proxy'] != b['proxy'] else 'value'} of {b['source']}"


def _same(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and isclose(a, b, rel_tol=EXACT))


def _totals(before: Result, after: Result) -> Iterator[Row]:
    old = {(r["year"], r["account"], r["impact"]): r for r in before.views["year"]}
    for row in after.views["year"]:
        was = old.get((row["year"], row["account"], row["impact"]))
        pair = (was["point"] if was else None), row["point"]
        yield {"year": row["year"], "account": row["account"], "impact": row["impact"], "unit": row["unit"],
               "before": pair[0], "after": pair[1], "change": _change(*pair)}  # fmt: skip


def _change(before: float | None, after: float | None) -> float | None:
    return None if not before or after is None else 100 * (after / before - 1)


def _told(value: float | None) -> str:
    return "nothing" if value is None else number(value, 4)


def _percent(change: float | None) -> str:
    return "" if change is None else f" ({change:+.2f} %)"
