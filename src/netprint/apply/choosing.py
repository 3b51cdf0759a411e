"""Which practices to choose: order of merit, certainty of the ranking, the best set, what to measure first.

**Order of merit.** Measures that save money come first, ranked by the money they save: cost per tonne cannot rank them,
because a negative cost divided by more tonnes looks worse (Taylor 2012, Energy Policy 48, 430-438). The others follow
by cost per tonne.

**Sets.** Up to ``ALL`` practices every set is valued, with its interactions; beyond, sets grow by the best gain per
unit of money (the greedy rule of Khuller, Moss and Naor 1999, Inf. Process. Lett. 70, 39-45, with the best single one).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Net = Callable[[frozenset[int]], Array]
ALL = 10


def merit(net_cost: Sequence[float], net: Sequence[float]) -> list[int]:
    """The order of merit: those that save money by the money saved, then by cost per tonne; what avoids nothing last.

    ``net_cost``: money a year, savings taken off; ``net``: tonnes a year.
    """

    def key(i: int) -> tuple[int, float, int]:
        if net[i] <= 0:
            return (2, net_cost[i], i)
        return (0, net_cost[i], i) if net_cost[i] < 0 else (1, net_cost[i] / net[i], i)

    return sorted(range(len(net)), key=key)


def rank_probabilities(net: Array) -> Array:
    """P(practice i has rank k) by net avoided, the largest first; ``(n, n)`` from draws ``(n, N)``.

    Draws in which several are equal share the ranks in the practices' order.
    """
    n, draws = net.shape
    order = np.argsort(-net, axis=0, kind="stable")
    found = np.zeros((n, n))
    for rank in range(n):
        found[:, rank] = np.bincount(order[rank], minlength=n) / draws
    return found


def whole_order(net: Array, order: Sequence[int]) -> float:
    """The probability that the whole order holds; draws ``(n, N)``."""
    placed = net[list(order)]
    return float(np.mean(np.all(np.diff(placed, axis=0) <= 0, axis=0)))


def sets(costs: Sequence[float], net: Net, most: int = ALL) -> dict[frozenset[int], float]:
    """Sets of practices with their mean net tonnes: all of up to ``most`` practices, or those that the greedy rule
    passes through."""
    n = len(costs)
    if n <= most:
        chosen = (frozenset(c) for size in range(n + 1) for c in combinations(range(n), size))
        return {c: float(np.mean(net(c)[1:])) for c in chosen}
    found = {frozenset[int](): 0.0}
    for i in range(n):
        found[frozenset({i})] = float(np.mean(net(frozenset({i}))[1:]))
    held: frozenset[int] = frozenset()
    while len(held) < n:
        rest = [i for i in range(n) if i not in held]
        for i in rest:
            found.setdefault(held | {i}, float(np.mean(net(held | {i})[1:])))
        here = found[held]
        held = held | {max(rest, key=lambda i: (found[held | {i}] - here) / max(costs[i], 1e-12))}
    return found


def pareto(valued: dict[frozenset[int], float], costs: Sequence[float]) -> list[frozenset[int]]:
    """The sets that no other beats: none avoids as much for less money. Rising in both."""
    by_cost = sorted(valued, key=lambda s: (sum(costs[i] for i in s), -valued[s], len(s), sorted(s)))
    found: list[frozenset[int]] = []
    best = -np.inf
    for one in by_cost:
        if valued[one] > best:
            found.append(one)
            best = valued[one]
    return found


def per_tonne(net_cost: Array | None, net: Array) -> dict[str, float | None] | None:
    """Net cost per net tonne: the ratio of the points and of the means; an interval only where the net is a reduction
    in at least 97.5 % of the draws, for a cost divided by nothing has none."""
    if net_cost is None or net[0] <= 0 or float(np.mean(net[1:])) <= 0:
        return None
    held = net[1:] > 0
    low, high = None, None
    if np.mean(held) >= 0.975:
        ratio = (np.broadcast_to(net_cost, net.shape)[1:] / np.where(held, net[1:], np.nan)) * 1000.0
        low, high = (float(q) for q in np.nanquantile(ratio, [0.025, 0.975]))
    point = float(net_cost[0] / net[0]) * 1000.0
    return {
        "point": point,
        "mean": float(np.mean(net_cost[1:]) / np.mean(net[1:])) * 1000.0,
        "low": low,
        "high": high,
    }
