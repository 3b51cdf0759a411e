"""restate: the base year of an older inventory against the same year of a newer one: the bridge, and the decision.

GHG Protocol Corporate Standard, ch. 5: base-year emissions are recalculated for structural changes, changes of method
or accuracy and discovered errors that are significant, alone or together; never for organic growth or decline, and not
for what did not exist in the base year. Scope 3 Standard, ch. 9, adds changes of the categories covered. Both standards
leave the threshold to the company. ITU-T L.1420, clause 8 (base year), asks for the same.

Only one year is compared, so growth of later years cannot enter; what was founded later has no activity in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from netprint.assess import assess_prepared, prepare
from netprint.bundle import read
from netprint.bundle.chain import chained, identity, supersedes
from netprint.compare import CLIMATE, factor_changes, signed
from netprint.errors import UsageError
from netprint.explain import number
from netprint.load.restatement import Restatement
from netprint.load.study import Study
from netprint.rebase import ROUNDING, Measured, rebased
from netprint.result import MEMO, Result

Row = dict[str, Any]
#: How many entities a note names.
NAMED = 5


@dataclass(frozen=True)
class Restated:
    """The base year of ``old`` against that of ``new`` for one total.

    ``bars``: cause, about, contribution, low, high, counts (whether the policy takes it as a trigger; None without a
    policy); they add up to ``difference``. ``entities``: the structural change by entity. ``measures``: total, scope,
    before, change (of the bars that count), share (None of nothing), largest (cause), chance (probability that the
    share reaches the threshold), due. ``due``: whether the base year must be calculated again; None without a policy.
    ``declared``: whether the new bundle says that it supersedes the old one.
    """

    old: str
    new: str
    base_year: str
    total: str
    unit: str
    points: tuple[float, float]
    difference: float
    interval: tuple[float, float] | None
    bars: tuple[Row, ...]
    entities: tuple[Row, ...]
    factors: tuple[Row, ...]
    measures: tuple[Row, ...]
    policy: Mapping[str, Any] | None
    due: bool | None
    decision: str
    declared: bool
    notes: tuple[str, ...] = ()

    @property
    def act(self) -> bool:
        """Whether there is something to do: a recalculation is due and not declared, or nothing says when it is."""
        undecided = self.due is None and abs(self.difference) > ROUNDING * abs(self.points[0])
        return undecided or (bool(self.due) and not self.declared)

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "act": self.act}

    def __str__(self) -> str:
        return "\n".join(self._told())

    def _told(self) -> Iterator[str]:
        yield f"Base year {self.base_year}, {self.total}, {self.unit}"
        yield f"  {number(self.points[0])}  {self.old}"
        for bar in self.bars:
            aside = " (no trigger of the policy)" if bar["counts"] is False else ""
            yield f"  {signed(bar['contribution'])}  {bar['cause']}: {bar['about']}{_ranged(bar)}{aside}"
        yield f"  {number(self.points[1])}  {self.new}"
        low, high = self.interval or (None, None)
        yield f"Difference: {signed(self.difference)} {self.unit}{_ranged({'low': low, 'high': high})}"
        if self.entities:
            yield "Structural change by entity:"
            yield from (f"  {signed(r['contribution'])}  {r['entity']}: {r['what']}" for r in self.entities)
        if self.factors:
            yield f"{len(self.factors)} factor row{'s' if len(self.factors) > 1 else ''} differ:"
            yield from (f"  {r['factor']}: {r['a']} -> {r['b']}" for r in self.factors[:10])
        yield self.decision
        if self.declared:
            yield f"'{self.new}' supersedes '{self.old}'."
        elif self.due:
            yield f"'{self.new}' does not say that it supersedes '{self.old}': add `supersedes` to its `restatement`."
        yield from self.notes


def _ranged(row: Mapping[str, Any]) -> str:
    return "" if row["low"] is None else f", 95 % interval {signed(row['low'])} to {signed(row['high'])}"


def restate(old: str | Path | Result, new: str | Path | Result, total: str | None = None) -> Restated:
    """Compare the base year of two inventories of one organisation and decide by the policy of the newer.

    ``old``: a bundle. ``new``: a bundle, or a study file, which is assessed. ``total``: whose bars are shown; every
    total that both form is measured against the threshold. Where the old one cannot be assessed again, the bars are
    those of :func:`netprint.compare`, without draws. Raises :class:`UsageError` where the two do not have one base
    year or no total in common.
    """
    one = old if isinstance(old, Result) else read(old)
    two = new if isinstance(new, Result) else _read_or_assess(Path(new))
    year, totals = _base_year(one, two), _totals(one, two)
    if total is not None and total not in totals:
        raise UsageError(f"'{total}' is no total that both form alike; these are: {', '.join(totals)}.")
    shown, policy = total or totals[0], Restatement.of_tags(two.tags)
    found = rebased(one, two, year, shown, totals)
    bars = tuple({**bar, "counts": policy and _counts(str(bar["cause"]), policy)} for bar in found.bars)
    measures = tuple(_against(m, policy) for m in found.measured)
    due, decision = _decided(measures, policy)
    points = _point(one, shown, year), _point(two, shown, year)
    return Restated(
        one.title, two.title, year, shown, _unit(two), points, points[1] - points[0], found.interval, bars,
        found.entities, tuple(factor_changes(one, two)), measures, None if policy is None else policy.as_dict(),
        due, decision, supersedes(two, old), (*found.notes, *_policies(one, policy), *_later(two, year)),
    )  # fmt: skip


def superseding(result: Result, study: Study) -> Result:
    """The result with what it supersedes in its tags, where its study names a bundle: its hash, the bridge from its
    base year, and the chain of what it superseded itself. Raises what :func:`restate` raises, and
    :class:`UsageError` for a circle."""
    policy = study.restatement
    if policy is None or not policy.supersedes:
        return result
    path = study.root / policy.supersedes
    old = read(path)
    found = restate(old, result)
    link = {
        "hash": identity(path), "title": old.title, "base_year": found.base_year, "total": found.total,
        "unit": found.unit, "point": found.points[0],
    }  # fmt: skip
    told = {
        **link, "path": policy.supersedes, "after": found.points[1], "difference": found.difference,
        "interval": found.interval, "bars": list(found.bars), "entities": list(found.entities),
        "measures": list(found.measures), "due": found.due, "decision": found.decision,
        "notes": list(found.notes), "chain": chained(link, old),
    }  # fmt: skip
    return replace(result, tags={**result.tags, "supersedes": told})


# -- what is compared --------------------------------------------------------------------------------------------------


def _read_or_assess(path: Path) -> Result:
    return assess_prepared(prepare(path)) if path.suffix in (".yaml", ".yml") else read(path)


def _base_year(one: Result, two: Result) -> str:
    stated = [r.tags.get("base_year") for r in (one, two)]
    if None not in stated and stated[0] != stated[1]:
        raise UsageError(
            f"The base year is {stated[0]} in '{one.title}' and {stated[1]} in '{two.title}'. Another base year is a "
            "new beginning, not a recalculation: state the same year in both."
        )
    year = str(stated[1] or stated[0] or two.tags["period"][0])
    for result in (one, two):
        held = sorted({str(r["year"]) for r in result.views["year"]})
        if year not in held:
            raise UsageError(
                f"'{result.title}' has nothing in the base year {year}; it has {', '.join(held)}."
            )
    return year


def _totals(one: Result, two: Result) -> list[str]:
    """The totals that both form of the same accounts; without any, the accounts that both have."""
    held = [
        {str(r["account"]) for r in x.views["year"] if r["impact"] == CLIMATE and r["point"] is not None}
        for x in (one, two)
    ]
    both = [
        t for t, parts in two.tags["totals"].items() if t in held[0] & held[1] and one.tags["totals"].get(t) == parts
    ]  # fmt: skip
    accounts = sorted((held[0] & held[1]) - {*one.tags["totals"], *two.tags["totals"], *MEMO})
    if not both and not accounts:
        raise UsageError(f"'{one.title}' and '{two.title}' have no total in common; nothing was compared.")
    return both or accounts


def _point(result: Result, total: str, year: str) -> float:
    return float(result.total(total, year)["point"])


def _unit(result: Result) -> str:
    return next(str(r["unit"]) for r in result.views["all"] if r["impact"] == CLIMATE)


# -- the decision ------------------------------------------------------------------------------------------------------


def _counts(cause: str, policy: Restatement) -> bool:
    """Whether a bar is of a trigger; causes that changed together count where one of them does."""
    named = policy.causes | {"cell terms"} | ({"coverage"} if "factors" in policy.causes else set())
    return any(part.partition(" (")[0] in named for part in cause.split(" and "))


def _against(measured: Measured, policy: Restatement | None) -> Row:
    """What counts, alone or together, as a share of what was before: the largest of each cause and of their sum, so
    that changes that cancel each other do not hide."""
    bars = {c: v for c, v in measured.bars.items() if policy is None or _counts(c, policy)}
    single = {c: v for c, v in measured.alone.items() if policy is None or _counts(c, policy)}
    net = np.sum(list(bars.values()), axis=0) if bars else np.zeros(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = {c: np.abs(v) / np.abs(measured.before) for c, v in {"together": net, **single}.items()}
    parts = {c: np.where(np.isnan(v), 0.0, v) for c, v in parts.items()}
    alone = max(single, key=lambda c: parts[c][0], default="together")
    largest = "together" if parts["together"][0] > (1 + ROUNDING) * parts[alone][0] else alone
    share = float(parts[largest][0])
    row: Row = {
        "total": measured.total, "scope": measured.scope, "before": float(measured.before[0]),
        "change": float(net[0]), "share": share if np.isfinite(share) else None, "largest": largest,
        "chance": None, "due": None,
    }  # fmt: skip
    if policy is not None:
        drawn = np.max(np.broadcast_arrays(*parts.values()), axis=0)[1:]
        row["chance"] = float(np.mean(drawn >= policy.threshold)) if len(drawn) else None
        meant = ("scope" if measured.scope else "total") in policy.of
        row["due"] = meant and share > 0 and share >= policy.threshold
    return row


def _decided(measures: tuple[Row, ...], policy: Restatement | None) -> tuple[bool | None, str]:
    if policy is None:
        return None, (
            "Not decided: the study states no policy. Write one, such as `restatement: {threshold: 5 %}` (GHG Protocol "
            "Corporate Standard, ch. 5)."
        )
    due = [m for m in measures if m["due"]]
    held = [m for m in measures if ("scope" if m["scope"] else "total") in policy.of]
    shown = max(
        due or held, key=lambda m: (np.inf if m["share"] is None else round(m["share"], 9), not m["scope"])
    )
    where = f"{shown['total']}, scope {shown['scope']}" if shown["scope"] else str(shown["total"])
    cause = "all causes together" if shown["largest"] == "together" else shown["largest"]
    limit = f"{100 * policy.threshold:.3g} %"
    share = "a change from nothing" if shown["share"] is None else f"{100 * shown['share']:.3g} %"
    chance = (
        "" if shown["chance"] is None else f"; in {100 * shown['chance']:.3g} % of draws it reaches {limit}"
    )
    said = f"({where}; {cause}{chance})"
    if due:
        return True, f"Recalculate: {share} >= {limit} {said}."
    return False, f"Not required: {share} < {limit} {said}." if shown[
        "share"
    ] else "Not required: nothing changed."


def _policies(one: Result, policy: Restatement | None) -> Iterator[str]:
    """A policy that is no longer what it was."""
    before = Restatement.of_tags(one.tags)
    if before is not None and policy is not None and before.as_dict() != policy.as_dict():
        names = [k for k, v in policy.as_dict().items() if before.as_dict().get(k) != v and k != "structure"]
        if names:
            yield f"The policy of '{one.title}' was another one ({', '.join(names)}); the newer one decided."


def _later(two: Result, year: str) -> Iterator[str]:
    """Entities that came or went after the base year: growth and decline, unless they were bought or sold."""
    if two.collapsed is None:
        return
    years, entities = (two.collapsed.labels[c].texts() for c in ("year", "entity"))
    first, last = (str(y) for y in two.tags["period"])
    held: dict[str, set[str]] = {}
    for y, e in zip(years, entities, strict=True):
        if e and first <= y <= last:
            held.setdefault(y, set()).add(e)
    base, latest = held.get(year, set()), held.get(max(held, default=""), set())
    came, went = sorted(set().union(*held.values()) - base), sorted(base - latest)
    if came:
        yield (
            f"No activity data in the base year: {_few(came)}. What was founded later changes no base year; what "
            f"existed in {year} and was acquired needs its data of {year}."
        )
    if went:
        yield (
            f"No activity data in {max(held)}: {_few(went)}. What was closed stays in the base year; what was sold or "
            "outsourced leaves it."
        )


def _few(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


__all__ = ["Restated", "restate", "superseding"]
