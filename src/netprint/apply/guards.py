"""Guards over practice files: what no reader of one file would see, or would have to trust.

Findings do not stop a practice from being read; `netprint practices check` lists them and ends with 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from netprint.apply.default import default_effect
from netprint.load.practice import OWN, Estimate, Practice
from netprint.load.selector import columns_of


@dataclass(frozen=True)
class Finding:
    """One thing to mend or to know. ``guard``: the short name of the rule."""

    practice: str
    guard: str
    text: str

    def __str__(self) -> str:
        return f"{self.practice}, {self.guard}: {self.text}"


def findings(practices: Iterable[Practice]) -> list[Finding]:
    """Every finding over all practices, in the order of their ids."""
    held = sorted(practices, key=lambda p: p.id)
    found = [f for p in held for f in _of_one(p)]
    found += list(_shares(held))
    return found


def _of_one(practice: Practice) -> Iterator[Finding]:
    yield from _promoters(practice)
    yield from _contradictions(practice)
    yield from _published(practice)
    yield from _baseline(practice)
    default = default_effect(practice)
    if practice.effect.kind == "share" and default is not None and default.limits[1] > 1:
        yield Finding(
            practice.id,
            "above 100 %",
            f"the default effect reaches {default.limits[1]:.3g} of the whole; it is cut at 1",
        )
    if practice.order == "adaptation" and practice.effect.kind != "benefit":
        yield Finding(
            practice.id,
            "adaptation",
            "a benefit of adaptation is told and never added to emissions: effect.kind is benefit",
        )


def _promoters(practice: Practice) -> Iterator[Finding]:
    for row in practice.evidence:
        source = practice.sources.get(row.source)
        if source is not None and source.promoter and "promoter-made" not in row.flags:
            yield Finding(
                practice.id, "promoter-made",
                f"the evidence '{row.what}' comes from {source.id}, which promotes the practice, and has no flag "
                "promoter-made",
            )  # fmt: skip


def _contradictions(practice: Practice) -> Iterator[Finding]:
    """A source that contradicts itself may stand behind no default."""
    default = default_effect(practice)
    for row in default.used if default else ():
        source = practice.sources.get(row.source)
        if source is not None and source.contradicts:
            yield Finding(
                practice.id, "contradicts itself",
                f"the default effect rests on {source.id}, which contradicts itself: {source.contradicts}",
            )  # fmt: skip


def _published(practice: Practice) -> Iterator[Finding]:
    default = default_effect(practice)
    read = [
        e
        for e in (default.used if default else practice.evidence)
        if e.status == "verified" and (e.source == OWN or practice.sources[e.source].seen)
    ]
    if practice.status == "published" and not read:
        yield Finding(
            practice.id,
            "published",
            "no verified source that was read stands behind the default effect; status is draft",
        )
    for row in practice.evidence:
        known = practice.sources.get(row.source)
        if row.status == "verified" and known is not None and not known.seen:
            yield Finding(
                practice.id,
                "verified",
                f"the evidence '{row.what}' is verified, and {known.id} does not say that it was read",
            )


def _baseline(practice: Practice) -> Iterator[Finding]:
    """What is run on an inventory needs rows to act on."""
    if practice.effect.kind == "benefit" or practice.order != "first":
        return
    if practice.select is None:
        yield Finding(
            practice.id, "no baseline", "it selects no activity data; it cannot be run without --on"
        )
    elif "activity" not in columns_of(practice.select):
        yield Finding(
            practice.id, "no baseline", "its selector names no activity, so that it takes rows of every kind"
        )


def _shares(practices: list[Practice]) -> Iterator[Finding]:
    """Practices of one stream that select the same rows and state shares that do not meet."""
    held: dict[tuple[str, str], list[Practice]] = {}
    for p in practices:
        if p.select is not None and p.stream and p.effect.kind == "share" and p.share.known:
            held.setdefault((p.stream, p.applies), []).append(p)
    for (stream, _), members in held.items():
        for a, b in pairwise(members):
            (low, high), (bottom, top) = _ends(a.share), _ends(b.share)
            if high < bottom or top < low:
                yield Finding(
                    b.id, "shares differ",
                    f"of the same rows the stream '{stream}' is {low:g} to {high:g} in {a.id} and {bottom:g} "
                    f"to {top:g} here",
                )  # fmt: skip


def _ends(given: Estimate) -> tuple[float, float]:
    held = [v for v in (given.low, given.value, given.high) if v is not None]
    return min(held), max(held)
