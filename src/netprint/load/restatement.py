"""`restatement:` of a study: when the base year is calculated again, and which bundle the new one supersedes.

GHG Protocol Corporate Standard, ch. 5 (tracking emissions over time); Scope 3 Standard, ch. 9; ITU-T L.1420, clause 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from netprint.errors import did_you_mean
from netprint.load.document import Fields
from netprint.load.entities import FIRST, Holding

#: What may make it necessary to calculate the base year again, and the causes of a bridge that are meant by it.
TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "structural change": ("structural change",),
    "boundary": ("boundary",),
    "method": ("method",),
    "factors": ("factors",),
    "errors": ("activity data",),
    "GWP set": ("GWP set",),
}
MEASURES = ("total", "scope")


@dataclass(frozen=True)
class Restatement:
    """The policy. ``threshold``: a share of the base year's emissions. ``of``: whether the total is measured against
    it, each scope, or both. ``supersedes``: the bundle that the new one replaces, as the study names it.
    ``structure``: the day whose structure of the organisation holds for every day before it too."""

    threshold: float
    triggers: tuple[str, ...] = tuple(TRIGGERS)
    of: tuple[str, ...] = MEASURES
    supersedes: str = ""
    structure: date | None = None

    @property
    def causes(self) -> frozenset[str]:
        """The causes of a bridge that count."""
        return frozenset(c for t in self.triggers for c in TRIGGERS[t])

    def as_dict(self) -> dict[str, Any]:
        """The policy as it stands in a result's tags; the bundle superseded stands there by its hash."""
        day = {"structure": self.structure.isoformat()} if self.structure else {}
        return {
            "threshold": self.threshold,
            "triggers": list(self.triggers),
            "of": list(self.of),
            **day,
        }

    @classmethod
    def of_tags(cls, tags: Mapping[str, Any]) -> Restatement | None:
        """The policy that a result states; None where it states none."""
        told = tags.get("restatement")
        return None if not told else cls(told["threshold"], tuple(told["triggers"]), tuple(told["of"]))


def read_restatement(fields: Fields) -> Restatement | None:
    """The policy of a study; None where it states none. What is wrong is added to the study's problems."""
    value = fields.take("restatement")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        fields.wrong(
            "restatement", f"`restatement` is {value!r}", "`key: value` lines", "Write {threshold: 5 %}."
        )
        return None
    path = (*fields.path, "restatement")
    inner = Fields(dict(value), fields.file, path, fields.document, fields.problems)
    found = Restatement(
        threshold=_threshold(inner),
        triggers=_words(inner, "triggers", tuple(TRIGGERS)),
        of=_words(inner, "of", MEASURES),
        supersedes=inner.text("supersedes", ""),
        structure=_day(inner),
    )
    inner.nothing_else()
    return found


def _threshold(fields: Fields) -> float:
    """A share: `5 %` or 0.05."""
    given = fields.take("threshold", required=True)
    text = str(given).strip()
    try:
        share = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if given is not None and (isinstance(given, bool) or not 0 <= share < 1):
        fields.wrong(
            "threshold", f"`threshold` is {given!r}", "a share of the base year like 5 % or 0.05",
            "Write it with a per cent sign, or as a share below 1.",
        )  # fmt: skip
    return share


def _words(fields: Fields, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Some of the words known, each once and in their order; all where none is given."""
    given = fields.texts(key)
    for word in given:
        if word not in known:
            fields.wrong(
                key, f"{word!r}", f"some of {', '.join(known)}", did_you_mean(word, known) or "Use one of these."
            )  # fmt: skip
    return tuple(w for w in known if w in given) or known


def _day(fields: Fields) -> date | None:
    given = fields.take("structure")
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        fields.wrong(
            "structure", f"`structure` is {given!r}", "a day such as 2024-12-31", "Write year, month and day."
        )
        return None


def structured(found: tuple[Holding, ...], policy: Restatement | None) -> tuple[Holding, ...]:
    """The holdings with the structure of the policy's day on every day before it: what had been given up by then is
    out, what was acquired is in from the first day, so that all years stand on one basis.
    Entities that are out stay known, held on a day before all data.

    GHG Protocol Corporate Standard, ch. 5, on acquisitions, divestments and mergers.
    """
    day = policy.structure if policy else None
    if day is None:
        return found
    held = tuple(replace(h, start=FIRST) if h.start <= day else h for h in found if h.end >= day)
    known = {h.entity for h in held}
    gone = {h.entity: replace(h, start=FIRST, end=FIRST) for h in found if h.entity not in known}
    return *held, *gone.values()
