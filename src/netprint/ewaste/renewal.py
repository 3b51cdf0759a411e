"""Longer lives and refurbishment on one stock: what has to be placed on the market, and what becomes waste.

Either the goods in use are held as they would be (``stock``): then fewer new goods are needed; or the sales are
(``placed``): then more goods are in use. Everything is per draw, and ``placed = waste + change of stock`` in each with
the reading ``cdf``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netprint.errors import UsageError
from netprint.ewaste.cohorts import READINGS, profile

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Life:
    """Weibull parameters of one key per draw: ``shape`` and ``scale`` (years), each ``(1 + draws,)``."""

    shape: Array
    scale: Array

    def times(self, factor: float) -> Life:
        """The same goods living ``factor`` times as long."""
        return Life(self.shape, self.scale * factor)


@dataclass(frozen=True)
class Renewal:
    """One key by year and draw, ``(years, 1 + draws)`` each: goods placed, discarded, refurbished, in stock."""

    years: tuple[int, ...]
    placed: Array
    waste: Array
    refurbished: Array
    stock: Array

    def avoided(self, reference: Renewal) -> Array:
        """New goods that this scenario needs less than the reference, ``(years, 1 + draws)``."""
        return reference.placed - self.placed

    def avoided_embodied(self, reference: Renewal, embodied: Array | float) -> Array:
        """What the goods not made would have embodied, in kg CO2e; ``embodied`` in kg CO2e per unit, a number or
        ``(1 + draws,)`` (the catalogue's device_embodied of an item of the key).

        The footprint of refurbishing itself is not in it: count it from ``refurbished``.
        """
        return self.avoided(reference) * embodied


def reference(years: Sequence[int], placed: Array, life: Life, reading: str = "cdf") -> Renewal:
    """Goods placed as they were, ``(years,)`` or ``(years, 1 + draws)``, without refurbishment."""
    given = np.asarray(placed, dtype=np.float64)
    given = given[:, None] if given.ndim == 1 else given
    wide = np.broadcast_to(given, (len(years), len(life.shape)))
    return _run(years, life, life, wide, None, np.zeros(len(years)), life, reading, years[0])


def scenario(
    base: Renewal,
    life: Life,
    *,
    start: int,
    longer: float = 1.0,
    refurbished: float = 0.0,
    second_life: Life | None = None,
    hold: str = "stock",
    reading: str = "cdf",
) -> Renewal:
    """From ``start`` on, new goods live ``longer`` times, and a share ``refurbished`` of what is discarded after its
    first life is used again for ``second_life`` (default: as long as a new good of the reference).

    ``hold``: ``stock``, the goods in use follow the reference; ``placed``, the sales do. Refurbished goods are waste
    after their second life. With ``stock``, a year in which more goods are refurbished than are needed has a negative
    placing: goods leave the stock otherwise. Raises :class:`UsageError`.
    """
    if not 0 <= refurbished <= 1:
        raise UsageError(f"The share refurbished is {refurbished}; it lies between 0 and 1.")
    if not longer > 0 or hold not in ("stock", "placed"):
        raise UsageError("`longer` is above zero, and `hold` is stock or placed.")
    share = np.where(np.array(base.years) >= start, refurbished, 0.0)
    held = base.stock if hold == "stock" else None
    second = second_life or life
    return _run(base.years, life, life.times(longer), base.placed, held, share, second, reading, start)


def _run(
    years: Sequence[int],
    old: Life,
    new: Life,
    placed: Array,
    stock: Array | None,
    share: Array,
    second: Life,
    reading: str,
    start: int,
) -> Renewal:
    """Year by year. ``stock`` given: the new goods are what brings the stock to it."""
    if reading not in READINGS:
        raise UsageError(f"{reading!r} is no reading: {', '.join(READINGS)}.")
    count = len(years)
    before, after, again = (profile(x.shape, x.scale, count, reading) for x in (old, new, second))
    goods, waste, reused, use = (np.zeros((count, before.shape[1])) for _ in range(4))
    for n, year in enumerate(years):
        # what cohorts of earlier years discard for the first and for the second time
        first = np.zeros(before.shape[1])
        for t in range(n):
            first += goods[t] * (after if years[t] >= start else before)[n - t]
        last = (reused[:n] * again[n:0:-1]).sum(axis=0) if n else np.zeros(before.shape[1])
        leaving = (after if year >= start else before)[0]
        if stock is None:
            goods[n] = placed[n]
        else:
            # stock = earlier + goods + refurbished - first - goods leaving - last - refurbished leaving again
            earlier = use[n - 1] if n else 0.0
            kept = share[n] * (1 - again[0])
            goods[n] = (stock[n] - earlier + first + last - kept * first) / (1 - leaving + kept * leaving)
        discarded = first + goods[n] * leaving
        reused[n] = share[n] * discarded
        waste[n] = discarded - reused[n] + last + reused[n] * again[0]
        use[n] = (use[n - 1] if n else 0.0) + goods[n] - waste[n]
    return Renewal(tuple(years), goods, waste, reused, use)
