"""How practices on the same activity data interact, and what each of them has a share in.

A stream is the part of the data that its practices act on. With x = adoption × effect and the slices s (shares of the
rows), the practices of one stream save ``∫ 1 - Π(1 - x_i) dz`` over the slices 0 <= z < s_i, laid one over the other:
``s · (1 - Π(1 - x_i))`` where they are equal, never more than where they lie apart. Streams add.

The Shapley value of ``1 - Π(1 - x_i)`` has a closed form: by Owen's multilinear extension (Owen 1972, Management
Science 18, P64-P79) it is ``x_i ∫₀¹ Π_{j≠i} (1 - t x_j) dt``, a polynomial of degree n - 1 in t, so that ⌈n/2⌉ Gauss-
Legendre nodes give it exactly. It needs n² steps in place of n! orders, in every draw.

All arrays are ``(n, 1 + N)``: a row for each practice, the point in column 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from netprint.engine.draws import uniform

Array = NDArray[np.float64]
Value = Callable[[frozenset[int]], Array]
#: Up to so many practices every set is valued; beyond, orders are sampled.
EXACT = 6
ORDERS = 16


def saved(share: Array, x: Array) -> Array:
    """The part of the rows that the practices of one stream save together; ``(1 + N,)``."""
    total = np.zeros(x.shape[1])
    for width, inside in bands(share):
        total += width * (1 - np.prod(np.where(inside, 1 - x, 1.0), axis=0))
    return total


def shapley_of_stream(share: Array, x: Array) -> Array:
    """The Shapley share of each practice in :func:`saved`; ``(n, 1 + N)``. They add up to it in every draw."""
    found = np.zeros_like(x)
    for width, inside in bands(share):
        found += width * shapley_of_product(np.where(inside, x, 0.0))
    return found


def bands(share: Array) -> list[tuple[Array, NDArray[np.bool_]]]:
    """The slices laid one over the other: the width of each band, and which practices act in it, in every draw."""
    ends = np.concatenate([np.sort(share, axis=0), np.zeros((1, share.shape[1]))])
    found = []
    below = np.zeros(share.shape[1])
    for end in ends[:-1]:
        width = end - below
        if np.any(width > 0):
            found.append((width, share >= end))
        below = end
    return found


def shapley_of_product(x: Array) -> Array:
    """Shapley values of the game ``1 - Π(1 - x_i)``, exact; ``(n, 1 + N)``."""
    n = len(x)
    nodes, weights = np.polynomial.legendre.leggauss((n + 1) // 2)
    found = np.zeros_like(x)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        kept = 1 - node * x
        found += weight * _without_each(kept)
    return found * x


def _without_each(factors: Array) -> Array:
    """Π over all rows but one, for each row, without dividing."""
    n = len(factors)
    before, after = np.ones_like(factors), np.ones_like(factors)
    for i in range(1, n):
        before[i] = before[i - 1] * factors[i - 1]
        after[n - 1 - i] = after[n - i] * factors[n - i]
    return before * after


def shapley(value: Value, n: int, seed: int) -> tuple[list[Array], bool]:
    """Shapley values of any game on n players, and whether they are exact.

    Up to ``EXACT`` players every set is valued once: ``φ_i = Σ_S |S|! (n-1-|S|)! / n! · (v(S ∪ i) - v(S))``. Beyond,
    ``ORDERS`` orders are drawn by the seed, each with its reverse (Castro, Gómez and Tejada 2009, Comput. Oper. Res.
    36, 1726-1730; reversed pairs: Mitchell et al. 2022, J. Mach. Learn. Res. 23). The gains along an order add up to
    the whole, so the shares do too, in every draw.
    """
    known: dict[frozenset[int], Array] = {}

    def v(chosen: frozenset[int]) -> Array:
        if chosen not in known:
            known[chosen] = value(chosen)
        return known[chosen]

    found = [np.zeros(1) for _ in range(n)]
    if n <= EXACT:
        for i in range(n):
            others = [j for j in range(n) if j != i]
            for size in range(n):
                weight = 1 / (n * comb(n - 1, size))
                for chosen in combinations(others, size):
                    inside = frozenset(chosen)
                    found[i] = found[i] + weight * (v(inside | {i}) - v(inside))
        return found, True
    orders = _orders(n, seed)
    for order in orders:
        held: frozenset[int] = frozenset()
        for i in order:
            found[i] = found[i] + (v(held | {i}) - v(held)) / len(orders)
            held = held | {i}
    return found, False


def _orders(n: int, seed: int) -> list[Sequence[int]]:
    found: list[Sequence[int]] = []
    for k in range(ORDERS // 2):
        order = np.argsort(uniform(seed, ["shapley", n, k], n)).tolist()
        found += [order, order[::-1]]
    return found
