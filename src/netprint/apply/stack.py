"""What practices avoid together on the rows of a study, and what each of them has a share in.

Rows that the same practices select form a group. A total that is a sum over rows is avoided group by group: the
group's emissions times what its streams save. Where cell terms book into the total (a market-based one), it is
recomputed by the engine for every set of practices, the rows multiplied by what is kept of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netprint.apply.interaction import saved, shapley, shapley_of_stream
from netprint.apply.parameters import Parameters, Runnable
from netprint.apply.setting import Setting
from netprint.errors import UsageError
from netprint.formula.parse import Tree
from netprint.units import UnitError, parse, ratio

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
#: How far shares may exceed 1 by rounding.
ROUNDING = 1e-9
#: The share of the draws that may exceed what there is with a warning; more is refused.
TOLERATED = 0.025


@dataclass(frozen=True)
class Acting:
    """A practice on the rows it selects: the slice of them that its stream is, and what it saves of the slice."""

    one: Runnable
    select: Tree
    rows: Mask
    share: Array
    x: Array
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Rows of one activity that the same practices select: quantity and emissions, ``(1 + N,)`` each."""

    activity: str
    members: tuple[int, ...]
    rows: Mask
    quantity: Array
    emissions: Array


@dataclass(frozen=True)
class Stack:
    """``avoided`` and ``alone`` by practice, kg CO2e of the year; ``saved`` by practice and activity, in its unit.

    ``total``: what all avoid together. ``exact``: whether the Shapley shares are exact or rest on sampled orders.
    """

    acting: tuple[Acting, ...]
    groups: tuple[Group, ...]
    avoided: tuple[Array, ...]
    alone: tuple[Array, ...]
    saved: tuple[Mapping[str, Array], ...]
    total: Array
    together: Together
    exact: bool = True
    warnings: tuple[str, ...] = ()

    def avoided_by(self, chosen: frozenset[int]) -> Array:
        """What a set of the practices avoids; kg CO2e, ``(1 + N,)``."""
        if self.together.setting.linear:
            return self.together.whole([g.emissions for g in self.groups], chosen)
        return self.together.by_engine(chosen)


def act(one: Runnable, select: Tree, rows: Mask, setting: Setting, parameters: Parameters) -> Acting:
    """A practice's slice and saving, drawn. Raises :class:`UsageError` where it cannot be run on these rows."""
    adoption, effect = parameters.adoption(one), parameters.effect(one)
    if one.practice.effect.kind == "share":
        if not one.share.known:
            why = f" {one.share.note}" if one.share.note else ""
            raise UsageError(
                f"{one.id}: no share of the activity data is known for the stream '{one.stream}'.{why} "
                f"State yours with --share {one.id}=0.5, or 1 where the rows hold nothing else."
            )
        return Acting(one, select, rows, parameters.share(one), adoption * effect)
    share = parameters.share(one) if one.share.known else np.ones_like(adoption)
    part = adoption * effect * _per_unit(one, select, rows, setting)
    if float(part[0]) > float(share[0]):
        raise UsageError(
            f"{one.id} would save {float(part[0]):.3g} of the rows that it selects, more than the share "
            f"{float(share[0]):.3g} of its stream. Check the amount of {one.practice.effect.driver} and the selector."
        )
    over = exceeding(part - share)
    said = (
        f"{one.id} would save more of the rows that it selects than its stream is in {over:.2g} of the draws"
    )
    if over > TOLERATED:
        raise UsageError(
            f"{said}; at most {TOLERATED} is let pass. Give an effect, an adoption or a share whose range fits."
        )
    x = np.divide(part, share, out=np.zeros_like(part), where=share > 0)
    return Acting(one, select, rows, share, x, (f"{said}.",) if over else ())


def exceeding(excess: Array) -> float:
    """The share of the draws, the point left out, in which ``excess`` is above zero."""
    return float(np.mean(np.atleast_1d(excess)[1:] > ROUNDING)) if np.size(excess) > 1 else 0.0


def _per_unit(one: Runnable, select: Tree, rows: Mask, setting: Setting) -> float:
    """The driver's amount over the quantity selected, in the unit that turns an absolute effect into a share."""
    effect = one.practice.effect
    held = setting.driver(effect.driver, select)
    if held is None:
        raise UsageError(
            f"{one.id} saves {effect.unit}, and the study has no row of the activity '{effect.driver}' in "
            f"{setting.year} to say how many there are. Add one."
        )
    activities = setting.prepared.plan.activities
    names = _names(rows, setting)
    per = parse(effect.unit) * parse(activities[effect.driver].unit)
    total = 0.0
    for name in names:
        here = rows & setting.rows.labels["activity"].having(name)
        try:
            total += float(setting.quantity(here)[0]) / ratio(per, parse(activities[name].unit))
        except UnitError:
            raise UsageError(
                f"{one.id} saves {effect.unit}, which is no part of the activity {name}; select other rows."
            ) from None
    return held / total if total else 0.0


def _names(rows: Mask, setting: Setting) -> list[str]:
    column = setting.rows.labels["activity"]
    return sorted({column.values[c] for c in np.unique(column.codes[rows])})


def stack(acting: Sequence[Acting], setting: Setting, *, one_stream: bool = False) -> Stack:
    """All practices together. ``one_stream``: on rows whose streams' shares exceed the whole they count as one stream.

    Raises :class:`UsageError` where two practices claim the same tonne.
    """
    groups = _groups(acting, setting)
    overlaps = [o for g in groups if (o := _overlap(g, acting))]
    if overlaps and not one_stream:
        raise UsageError("\n".join(dict.fromkeys(overlaps)))
    found = Together(acting, groups, setting)
    if setting.linear:
        avoided = found.shares_of([g.emissions for g in groups])
        total = found.whole([g.emissions for g in groups])
        alone = [found.whole([g.emissions for g in groups], frozenset({i})) for i in range(len(acting))]
        exact = True
    else:
        avoided, exact = shapley(found.by_engine, len(acting), setting.prepared.study.seed)
        total = found.by_engine(frozenset(range(len(acting))))
        alone = [found.by_engine(frozenset({i})) for i in range(len(acting))]
    amounts: list[dict[str, Array]] = [{} for _ in acting]
    for name in dict.fromkeys(g.activity for g in groups):
        quantities = [g.quantity if g.activity == name else np.zeros_like(g.quantity) for g in groups]
        for i, part in enumerate(found.shares_of(quantities)):
            if part.any():
                amounts[i][name] = part
    warned = tuple(dict.fromkeys(w for g in groups if (w := _rare_overlap(g, acting))))
    return Stack(
        tuple(acting), groups, tuple(avoided), tuple(alone), tuple(amounts), total, found, exact, warned
    )


def _groups(acting: Sequence[Acting], setting: Setting) -> tuple[Group, ...]:
    code = np.zeros(len(setting.rows), dtype=object)
    for i, a in enumerate(acting):
        code = code + np.where(a.rows, 1 << i, 0).astype(object)
    column = setting.rows.labels["activity"]
    found = []
    for bits, activity in sorted(
        {(int(b), column.values[c]) for b, c in zip(code, column.codes, strict=True) if b}
    ):
        rows = np.array([b == bits for b in code], dtype=bool) & column.having(activity)
        members = tuple(i for i in range(len(acting)) if bits >> i & 1)
        found.append(Group(activity, members, rows, setting.quantity(rows), setting.of_rows(rows)))
    return tuple(found)


def _of_streams(group: Group, acting: Sequence[Acting]) -> tuple[Array, float]:
    """The sum of the largest share of each stream, ``(1 + N,)``, and the share of the draws in which it exceeds 1."""
    largest: dict[str, Array] = {}
    for i in group.members:
        stream = acting[i].one.stream
        largest[stream] = np.maximum(largest.get(stream, 0.0), acting[i].share)
    total = np.asarray(sum(largest.values()))
    return total, exceeding(total - 1) if len(largest) > 1 else 0.0


def _rare_overlap(group: Group, acting: Sequence[Acting]) -> str:
    """That the streams exceed the whole in a few draws; empty where they never do, or count as one."""
    over = _of_streams(group, acting)[1]
    if not over or _overlap(group, acting):
        return ""
    names = ", ".join(sorted({acting[i].one.stream for i in group.members}))
    return (
        f"Of the rows of {group.activity} the streams {names} are together more than the whole in {over:.2g} of the "
        "draws, where the same tonne is claimed twice."
    )


def _overlap(group: Group, acting: Sequence[Acting]) -> str:
    """Why the same tonne would be claimed twice; empty where the streams' shares fit into the whole.

    They fit where their points do, and all but ``TOLERATED`` of their draws.
    """
    largest: dict[str, tuple[float, str]] = {}
    for i in group.members:
        one = acting[i].one
        share = float(acting[i].share[0])
        if share > largest.get(one.stream, (-1.0, ""))[0]:
            largest[one.stream] = (share, one.id)
    total, over = sum(s for s, _ in largest.values()), _of_streams(group, acting)[1]
    if total <= 1 + ROUNDING and over <= TOLERATED:
        return ""
    drawn = f", and more than the whole in {over:.2g} of the draws" if total <= 1 + ROUNDING else ""
    parts = ", ".join(f"{name} {s:.3g} ({one})" for name, (s, one) in sorted(largest.items()))
    return (
        f"The same tonne would be claimed twice: of the rows of {group.activity} the streams are {parts}, together "
        f"{total:.3g}{drawn}. State shares that fit with --share, or let overlapping streams count as one with "
        "--overlap one-stream, which multiplies their savings."
    )


class Together:
    """What sets of practices save."""

    def __init__(self, acting: Sequence[Acting], groups: Sequence[Group], setting: Setting) -> None:
        self.acting, self.groups, self.setting = acting, groups, setting
        self.known: dict[frozenset[int], Array] = {}

    def by_stream(self, group: Group, chosen: frozenset[int] | None) -> list[list[int]]:
        """The practices of each stream on a group's rows; streams that do not fit beside each other count as one."""
        one = bool(_overlap(group, self.acting))
        found: dict[str, list[int]] = {}
        for i in group.members:
            if chosen is None or i in chosen:
                found.setdefault("" if one else self.acting[i].one.stream, []).append(i)
        return [found[name] for name in sorted(found)]

    def part(self, group: Group, chosen: frozenset[int] | None = None) -> Array:
        """The part of a group's rows that a set of practices saves; ``(1 + N,)``."""
        total = np.zeros(self.setting.draws + 1)
        for members in self.by_stream(group, chosen):
            total += saved(self.stacked("share", members), self.stacked("x", members))
        return total

    def stacked(self, what: str, members: Sequence[int]) -> Array:
        n = self.setting.draws + 1
        return np.stack([np.broadcast_to(getattr(self.acting[i], what), (n,)) for i in members])

    def whole(self, amounts: Sequence[Array], chosen: frozenset[int] | None = None) -> Array:
        """Σ over groups of an amount times the part saved."""
        total = np.zeros(self.setting.draws + 1)
        for group, amount in zip(self.groups, amounts, strict=True):
            total += amount * self.part(group, chosen)
        return total

    def shares_of(self, amounts: Sequence[Array]) -> list[Array]:
        """The Shapley share of each practice in :meth:`whole`."""
        found = [np.zeros(self.setting.draws + 1) for _ in self.acting]
        for group, amount in zip(self.groups, amounts, strict=True):
            for members in self.by_stream(group, None):
                parts = shapley_of_stream(self.stacked("share", members), self.stacked("x", members))
                for i, part in zip(members, parts, strict=True):
                    found[i] += amount * part
        return found

    def by_engine(self, chosen: frozenset[int]) -> Array:
        """What a set avoids of the total, the whole model run again on the changed rows."""
        if chosen not in self.known:
            self.known[chosen] = self._by_engine(chosen)
        return self.known[chosen]

    def _by_engine(self, chosen: frozenset[int]) -> Array:
        if not chosen:
            return np.zeros(self.setting.draws + 1)
        at = np.full(len(self.setting.rows), -1, dtype=np.int64)
        kept = []
        for g, group in enumerate(self.groups):
            at[group.rows] = g
            kept.append(1 - self.part(group, chosen))
        return self.setting.baseline - self.setting.with_kept(at, kept)
