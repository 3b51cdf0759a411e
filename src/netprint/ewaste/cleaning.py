"""Rules by which a series of what was placed on the market is cleaned; every value keeps a flag that says how.

Source: Statistics Netherlands, Waste over Time v1.2: README and scripts 03a, 03c, 03e, 03f and 03i (method, not code).
The rules are meant for amounts per inhabitant. A missing value is NaN. No rule touches a value unseen: each returns
the values and their flags.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netprint.errors import UsageError

Array = NDArray[np.float64]

ORIGINAL = "original"
MISSING = "missing"
LOW, HIGH = "outlier, low", "outlier, high"
STRATUM = "outlier among similar countries"
JUMP = "jump"
FILLED = "from neighbouring years"
SIMILAR = "from similar countries"
BACK, FORWARD = "back-cast", "extrapolated"


@dataclass(frozen=True)
class Series:
    """One key of one country by year: values (NaN: missing), and for each the flags of what was done, in order."""

    years: tuple[int, ...]
    values: tuple[float, ...]
    flags: tuple[tuple[str, ...], ...]

    @property
    def array(self) -> Array:
        return np.array(self.values)

    @property
    def told(self) -> dict[int, str]:
        """Year → what was done to its value; years that stand as they were given are left out."""
        given = zip(self.years, self.flags, strict=True)
        return {year: "; ".join(f) for year, f in given if f != (ORIGINAL,)}

    def put(self, values: Array, where: NDArray[np.bool_], flag: str) -> Series:
        """The series with ``values`` where ``where``, each of them flagged."""
        kept = np.where(where, values, self.array)
        flags = tuple((*f, flag) if w else f for f, w in zip(self.flags, where.tolist(), strict=True))
        return replace(self, values=tuple(kept.tolist()), flags=flags)


def series(years: Sequence[int], values: Sequence[float | None]) -> Series:
    """A series as given; ``None`` or NaN is missing. Years without a hole, else :class:`UsageError`."""
    if len(years) != len(values) or list(years) != list(range(years[0], years[0] + len(years))):
        raise UsageError(
            "A series has one value for each year, and years without a hole; a missing value is None."
        )
    array = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    flags = tuple((MISSING,) if np.isnan(v) else (ORIGINAL,) for v in array.tolist())
    return Series(tuple(years), tuple(array.tolist()), flags)


def outside(values: Array, times: float = 4.0, least: int = 6) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values lie more than ``times`` the median absolute deviation below, and above, the median.

    With fewer than ``least`` values none does. Shapes as ``values``.
    """
    valid = values[~np.isnan(values)]
    if len(valid) < least:
        return np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
    middle = np.median(valid)
    limit = times * np.median(np.abs(valid - middle))
    return middle - values > limit, values - middle > limit


def drop_outliers(given: Series, times: float = 4.0, least: int = 6) -> Series:
    """Outliers in time become missing (03a)."""
    low, high = outside(given.array, times, least)
    gone = np.full(len(given.years), np.nan)
    return given.put(gone, low, LOW).put(gone, high, HIGH)


def drop_unlike(stratum: Sequence[Series], times: float = 4.0, least: int = 6) -> list[Series]:
    """Outliers among countries of one stratum, year by year, become missing (03b). All series have the same years."""
    values = np.stack([s.array for s in stratum])
    unlike = np.zeros(values.shape, dtype=bool)
    for t in range(values.shape[1]):
        low, high = outside(values[:, t], times, least)
        unlike[:, t] = low | high
    gone = np.full(values.shape[1], np.nan)
    return [s.put(gone, unlike[i], STRATUM) for i, s in enumerate(stratum)]


def drop_jumps(given: Series, least: float = 0.3) -> Series:
    """A value more than 50 % from the year before, while that and the year after are within 20 %, becomes missing
    (03f, method 1); values up to ``least`` (kg per inhabitant) are left alone."""
    x = given.array
    before, after = np.roll(x, 1), np.roll(x, -1)
    before[0] = after[-1] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        jump = (
            (before > 0) & (np.abs(x / before - 1) > 0.5) & (np.abs(after / before - 1) < 0.2) & (x > least)
        )
    return given.put(np.full(len(x), np.nan), jump, JUMP)


def fill(given: Series) -> Series:
    """Missing years from their neighbours (03c): one year is their mean, of two the nearer neighbour counts two thirds;
    the first or last year continues the difference of the two beside it, at least zero. Longer holes stay missing."""
    x = given.array
    hole = np.isnan(x)
    new = x.copy()
    for start, end in _holes(hole):
        if start > 0 and end < len(x) and end - start <= 2:
            a, b, width = x[start - 1], x[end], end - start + 1
            new[start:end] = [a + (b - a) * i / width for i in range(1, width)]
        elif end - start == 1 and start == 0 and len(x) > 2 and not hole[1:3].any():
            new[0] = max(2 * x[1] - x[2], 0.0)
        elif end - start == 1 and end == len(x) and len(x) > 2 and not hole[-3:-1].any():
            new[-1] = max(2 * x[-2] - x[-3], 0.0)
    return given.put(new, hole & ~np.isnan(new), FILLED)


def _holes(missing: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def by_purchasing_power(power: float, below: tuple[float, float], above: tuple[float, float]) -> float:
    """The amount per inhabitant of a country from its purchasing power, on the line between two strata (03e).

    ``below`` and ``above``: mean purchasing power and mean amount of the stratum below and above the country.
    """
    (p0, k0), (p1, k1) = below, above
    if not p0 < p1:
        raise UsageError("The stratum below has the lower purchasing power of the two.")
    return k0 + (k1 - k0) / (p1 - p0) * (power - p0)


def fill_by_similar(
    given: Series, power: Sequence[float], strata: Sequence[tuple[Sequence[float], Sequence[float]]]
) -> Series:
    """Missing values from the purchasing power of the country, year by year, between the two nearest points (03e).

    ``strata``: for each, mean purchasing power and mean amount by year. A country outside the poorest and the richest
    point stays missing.
    """
    x, new = given.array, given.array
    for t in np.flatnonzero(np.isnan(x)).tolist():
        points = sorted((p[t], k[t]) for p, k in strata if not (np.isnan(p[t]) or np.isnan(k[t])))
        for below, above in itertools.pairwise(points):
            if below[0] <= power[t] <= above[0] and below[0] < above[0]:
                new[t] = max(by_purchasing_power(power[t], below, above), 0.0)
                break
    return given.put(new, np.isnan(x) & ~np.isnan(new), SIMILAR)


def back_cast(given: Series, introduced: int, first: int = 1980) -> Series:
    """The series from year ``first`` on: a straight line from nothing before the year ``introduced`` to the mean of
    the first three values (03i). Years before the introduction are zero. Only years before the first value are cast.
    """
    x = given.array
    held = np.flatnonzero((~np.isnan(x)) & (x != 0))
    if not len(held):
        raise UsageError("A series without any value cannot be cast back.")
    start = given.years[int(held[0])]
    level = float(np.nanmean(x[held[0] : held[0] + 3]))
    longer = _earlier(given, first)
    y = np.array(longer.years)
    line = np.maximum(level * (y + 1 - introduced) / max(start - introduced + 1, 1), 0.0)
    return longer.put(line, y < start, BACK)


def none_before(given: Series, first: int = 1980) -> Series:
    """The series from year ``first`` on, with nothing placed before its first year."""
    longer = _earlier(given, first)
    return longer.put(np.zeros(len(longer.years)), np.array(longer.years) < given.years[0], BACK)


def _earlier(given: Series, first: int) -> Series:
    years = tuple(range(min(first, given.years[0]), given.years[-1] + 1))
    late = len(years) - len(given.years)
    return Series(years, (float("nan"),) * late + given.values, ((MISSING,),) * late + given.flags)


def carry_forward(given: Series, last: int, driver: Sequence[float] | None = None) -> Series:
    """The series up to year ``last``: its last value, or that value moving like ``driver`` (03i, simplified).

    ``driver``: a positive number for each year from the last value's to ``last``, such as purchasing power. The
    publisher fits a line of amount on purchasing power over all countries; here it is proportional.
    """
    x = given.array
    held = np.flatnonzero(~np.isnan(x))
    if not len(held):
        raise UsageError("A series without any value cannot be carried forward.")
    start = int(held[-1])
    steps = last - given.years[start]
    move = np.ones(steps + 1) if driver is None else np.asarray(driver, dtype=np.float64)
    if len(move) != steps + 1 or not (move > 0).all():
        raise UsageError(
            f"The driver has one positive number for each year from {given.years[start]} to {last}."
        )
    more = max(last - given.years[-1], 0)
    years = (*given.years, *range(given.years[-1] + 1, last + 1))
    longer = Series(years, given.values + (float("nan"),) * more, given.flags + ((MISSING,),) * more)
    new = longer.array
    new[start : start + steps + 1] = x[start] * move / move[0]
    later = np.zeros(len(years), dtype=bool)
    later[start + 1 : start + steps + 1] = True
    return longer.put(new, later, FORWARD)


def clean(given: Series) -> Series:
    """The rules for one country in the publisher's order: outliers in time, holes, jumps, holes."""
    return fill(drop_jumps(fill(drop_outliers(given))))
