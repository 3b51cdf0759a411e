"""The bridge between two assessments of one year: what each cause adds, in the point and in every draw.

Entities that leave do so at the old terms, entities that come do so at the new ones; both are the structural change,
and so is another share of an entity that stays. Of what stays, cells (scope and category) that only one of the two
has are the boundary. In the others the rest changes: quantities, factors, method, GWP set, each for its Shapley
value, so that no order is preferred and exchanging the two assessments changes the signs alone (but for shares, which
change first). Source: Shapley (1953), A value for n-person games.

The bars of one scope and account add up to the difference in every draw, because each is a difference of whole runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from netprint.engine.compute import Model
from netprint.engine.resolve import Found, Gap, Resolver
from netprint.engine.rows import SUMS, Rows
from netprint.engine.run import CLIMATE, Run
from netprint.errors import NetprintError
from netprint.formula.evaluate import Asked

Array = NDArray[np.float64]
Account = tuple[str, str]  # scope, account
Amounts = dict[Account, Array]
Cells = dict[tuple[str, str, str], Array]  # scope, category, account
Switches = frozenset[str]

STRUCTURE, BOUNDARY = "structural change", "boundary"
DATA, FACTORS, METHOD, GWP = "activity data", "factors", "method", "GWP set"
#: The order in which the bars are shown.
CAUSES = (STRUCTURE, BOUNDARY, DATA, FACTORS, METHOD, GWP)
#: Causes that are changed together where one cannot be changed without the other, tried from the left.
TOGETHER: tuple[tuple[str, ...], ...] = ((), (DATA, METHOD), (FACTORS, METHOD), (DATA, FACTORS, METHOD, GWP))


@dataclass(frozen=True)
class Side:
    """One of the two assessments. ``shares``: of each entity in the year, where the study states them."""

    model: Model
    rows: Rows
    shares: Mapping[str, float]

    @property
    def entities(self) -> set[str]:
        return set(self.rows.labels["entity"].texts())


@dataclass(frozen=True)
class Bridge:
    """``ends``: the two assessments' own amounts; ``bars``: what each cause adds. In kg CO2e, ``(1 + N,)`` each, by
    scope and account. ``structure``: the parts of the structural change, what leaves (and changes its share) and what
    comes. ``left`` and ``joined``: entities; ``moved``: entities with another share, before and after."""

    ends: tuple[Amounts, Amounts]
    bars: Mapping[str, Amounts]
    structure: tuple[Amounts, Amounts]
    left: tuple[str, ...]
    joined: tuple[str, ...]
    moved: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class _Mixed(Model):
    """A model whose factors are one side's; what that side never had to know, the other side answers."""

    other: Model | None = None
    lacking: frozenset[Asked] = frozenset()

    def resolver(self) -> Resolver:
        assert self.other is not None
        own = _Either(self.tables, self.plan.cards, self.groups, self.aliases)
        own.other, own.lacking = replace(self.other, aliases=self.aliases).resolver(), self.lacking
        return own


class _Either(Resolver):
    """Asks another resolver where this one has a gap that its own assessment did not have."""

    other: Resolver
    lacking: frozenset[Asked]

    def _resolve(self, asked: Asked) -> Found | Gap:
        found = super()._resolve(asked)
        return self.other(asked) if isinstance(found, Gap) and asked not in self.lacking else found


def bridge(
    a: Side, b: Side, year: str, changed: Sequence[str], *, structure: bool = True, joined: tuple[str, ...] = ()
) -> Bridge:  # fmt: skip
    """The bridge of one year from ``a`` to ``b``, whose models have one seed and number of draws.

    ``changed``: which of factors, method and GWP set differ. ``structure``: whether entities are told
    apart on both sides; else what differs between them counts as quantities. ``joined``: causes that must not be
    changed apart, such as quantities and a method that counts them in another unit.
    """
    here, there = (a.entities, b.entities) if structure else (set(), set())
    left, came = sorted(here - there), sorted(there - here)
    moved = {e: (a.shares[e], b.shares[e]) for e in sorted(here & there) if _moved(e, a, b)}
    stays = replace(a, rows=scaled(without(a.rows, left), moved)), replace(b, rows=without(b.rows, came))
    whole = [cells(s.model.run(s.rows), year) for s in (a, b)]
    runs = [s.model.run(s.rows) for s in stays]
    common = [cells(run, year) for run in runs]
    both = common[0].keys() & common[1].keys()
    structural = (
        _minus(_by_account(common[0]), _by_account(whole[0])),
        _minus(_by_account(whole[1]), _by_account(common[1])),
    )
    bars = {
        STRUCTURE: _plus(*structural),
        BOUNDARY: _minus(_by_account({k: v for k, v in common[1].items() if k not in both}),
                         _by_account({k: v for k, v in common[0].items() if k not in both})),
    }  # fmt: skip
    data = [DATA] if _differ(stays[0].rows, stays[1].rows) else []
    switches = [c for c in CAUSES if c in (*data, *changed)] or [METHOD]
    kept = [_by_account({k: v for k, v in end.items() if k in both}) for end in common]
    lacking = [_gaps(run) for run in runs]

    def worth(new: Switches) -> Amounts:
        """Of the cells that both have, with these switches at the new state."""
        if not new or new == frozenset(switches):
            return kept[bool(new)]
        side = {c: stays[c in new or c not in switches] for c in (DATA, FACTORS, METHOD, GWP)}
        run = _mixed(side, stays, lacking).run(side[DATA].rows)
        return _by_account({k: v for k, v in cells(run, year).items() if k in both})

    bars |= _rest(switches, worth, joined)
    ends = _by_account(whole[0]), _by_account(whole[1])
    return Bridge(ends, bars, structural, tuple(left), tuple(came), moved)


# -- rows --------------------------------------------------------------------------------------------------------------


def without(rows: Rows, entities: Sequence[str]) -> Rows:
    """The rows of all other entities."""
    gone = np.zeros(len(rows), dtype=bool)
    for name in entities:
        gone |= rows.labels["entity"].having(name)
    return rows.take(np.flatnonzero(~gone).astype(np.int64))


def _moved(entity: str, a: Side, b: Side) -> bool:
    one, other = a.shares.get(entity, 0.0), b.shares.get(entity, 0.0)
    return one > 0 and other > 0 and abs(one - other) > 1e-12


def scaled(rows: Rows, moved: Mapping[str, tuple[float, float]]) -> Rows:
    """The rows at the new shares."""
    weight = rows.weight.copy()
    for name, (before, after) in moved.items():
        weight[rows.labels["entity"].having(name)] *= after / before
    return replace(rows, weight=weight)


def _differ(a: Rows, b: Rows) -> bool:
    if a.hash != b.hash:
        return True
    one, other = a.sorted(), b.sorted()
    equal = all(np.array_equal(one.limbs[s], other.limbs[s]) for s in SUMS)
    return not (equal and np.array_equal(one.weight, other.weight))


# -- amounts -----------------------------------------------------------------------------------------------------------


def cells(run: Run, year: str) -> Cells:
    """Greenhouse gas emissions of the year by scope, category and account, totals across accounts left out."""
    found: Cells = {}
    for (booked, scope, category, account, impact), value in run.view(("year", "scope", "category")).items():
        if booked == year and impact == CLIMATE and account not in run.plan.totals:
            found[scope, category, account] = value
    return found


def _by_account(found: Cells) -> Amounts:
    sums: Amounts = {}
    for (scope, _, account), value in found.items():
        sums[scope, account] = sums.get((scope, account), np.zeros(1)) + value
    return sums


def _plus(a: Amounts, b: Amounts) -> Amounts:
    zero = np.zeros(1)
    return {k: a.get(k, zero) + b.get(k, zero) for k in {**a, **b}}


def _minus(a: Amounts, b: Amounts) -> Amounts:
    return _plus(a, {k: -v for k, v in b.items()})


# -- what changes within the cells that both have ----------------------------------------------------------------------


def _rest(
    switches: Sequence[str], worth: Callable[[Switches], Amounts], at_least: tuple[str, ...]
) -> dict[str, Amounts]:
    """The Shapley value of each switch; of several in one where they cannot be changed apart."""
    known: dict[Switches, Amounts] = {}

    def once(new: Switches) -> Amounts:
        if new not in known:
            known[new] = worth(new)
        return known[new]

    for together in TOGETHER:
        joined = tuple(c for c in switches if c in together)
        if not set(at_least) <= set(together):
            continue
        players = [(c,) for c in switches if c not in joined] + ([joined] if joined else [])
        try:
            return {" and ".join(p): v for p, v in shapley(players, once)}
        except (NetprintError, KeyError, ValueError):  # rows, factors and method that do not fit each other
            continue
    raise AssertionError("all switches together are the two assessments themselves")


def _mixed(side: Mapping[str, Side], pair: tuple[Side, Side], lacking: Sequence[frozenset[Asked]]) -> Model:
    """The model of a world between the two. Raises ``KeyError`` where the rows lack a column of the method."""
    factors, method = side[FACTORS], side[METHOD]
    other = pair[1] if factors is pair[0] else pair[0]
    if not set(method.model.plan.key) <= set(side[DATA].rows.labels):
        raise KeyError("columns")
    plan = replace(
        method.model.plan,
        cards={**other.model.plan.cards, **factors.model.plan.cards},
    )
    return _Mixed(
        plan, factors.model.tables, method.model.groups, side[GWP].model.aliases, method.model.seed,
        method.model.draws, {}, method.model.period, other.model, lacking[0 if factors is pair[0] else 1],
    )  # fmt: skip


def _gaps(run: Run) -> frozenset[Asked]:
    """What an assessment asked for and did not find."""
    of_lines = {(g.factor, g.asked) for u in run.all_lines.uniques for g in u.gaps}
    return frozenset(of_lines | {(g.factor, g.asked) for d in run.derived for g in d.gaps})


def shapley(
    players: Sequence[tuple[str, ...]], worth: Callable[[Switches], Amounts]
) -> Iterator[tuple[tuple[str, ...], Amounts]]:
    """Each player's mean contribution over all orders; the contributions add up to the worth of all less none's."""
    n = len(players)
    for player in players:
        others = [p for p in players if p != player]
        value: Amounts = {}
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for chosen in combinations(others, size):
                before = frozenset(c for p in chosen for c in p)
                step = _minus(worth(before | set(player)), worth(before))
                value = _plus(value, {k: weight * v for k, v in step.items()})
        yield player, value


__all__ = ["CAUSES", "Bridge", "Side", "bridge", "cells", "scaled", "shapley", "without"]
