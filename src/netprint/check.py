"""check: every problem and every gap of a study; nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netprint.assess import collapse_activities, model, prepare, row_warnings, within
from netprint.engine import audit
from netprint.engine.compute import gaps
from netprint.errors import InputError, Problem
from netprint.load.guards import own_warnings
from netprint.load.study import Study


@dataclass(frozen=True)
class Checked:
    """What stands in the way of a study: ``problems`` of its files, ``gaps`` (factors that nothing answers) and
    ``warnings``. ``records``: the records read; 0 where problems kept them from being read."""

    title: str
    problems: tuple[Problem, ...] = ()
    gaps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    records: int = 0

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def ok(self) -> bool:
        return not self.problems and not self.gaps

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.title, "ok": self.ok, "problems": [p.as_dict() for p in self.problems],
            "gaps": list(self.gaps), "warnings": list(self.warnings), "records": self.records,
        }  # fmt: skip

    def __str__(self) -> str:
        parts: list[str] = []
        for count, one, many, listed in (
            (len(self.problems), "problem", "problems", self.problems),
            (len(self.gaps), "gap", "gaps", self.gaps),
            (len(self.warnings), "warning", "warnings", self.warnings),
        ):
            if count:
                parts += [f"{count} {one if count == 1 else many}:", *(f"  {item}" for item in listed)]
        if self.ok:
            parts.append(f"{self.title}: no problem and no gap in {self.records:,} records.")
        return "\n".join(parts)


def check(study: str | Path | Mapping[str, Any] | Study, activities: Any = None) -> Checked:
    """Every problem of a study, its methods, factors and activity data, and every gap.

    The activity data are read when the study itself has no problem: what their columns must be follows from it.
    """
    name = str(study) if isinstance(study, str | Path) else "study"
    try:
        prepared = prepare(study, activities)
    except InputError as error:
        return Checked(name, error.problems)
    title = prepared.study.title
    try:
        rows = collapse_activities(prepared).rows
        kept = within(rows, prepared.study.period)
        run = replace(model(prepared.study, prepared.plan), draws=1).run(kept)
        missing = tuple(audit.gap_text(row) for row in gaps(run))
    except InputError as error:
        return Checked(title, error.problems)
    told = [*row_warnings(prepared.study, prepared.plan, rows), *own_warnings(prepared.study.own)]
    return Checked(title, (), missing, tuple(told), int(kept.count.sum()))
