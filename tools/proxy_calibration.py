"""How well values that are left out fall inside the 95 % intervals of what stands in for them, by factor and level.

A spread is computed without the country that it is tried on. The interval is that of found value times mean-one spread
times the found value's own mean-one lognormal error, at 2.5 and 97.5 %. Beside it the same question for the pedigree
matrix alone. ``tools/release.py`` writes the table, ``netprint factors coverage`` prints it.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from functools import cache
from statistics import NormalDist

import numpy as np
import proxy_spread as tool
from numpy.typing import NDArray

from netprint.load.factors import catalog

COLUMNS = (
    "factor",
    "kind",
    "level",
    "lag",
    "cases",
    "countries",
    "inside",
    "below",
    "above",
    "pedigree_inside",
)
SCORES = np.array([NormalDist().inv_cdf((i + 0.5) / 25) for i in range(25)])
GRID = (np.arange(250) + 0.5) / 250
TEMPORAL = ((3, 1.0), (6, 1.03), (10, 1.10), (15, 1.20), (math.inf, 1.50))
"""Pedigree matrix, version 1: (age below, uncertainty factor)."""
GEOGRAPHICAL = {"year": 1.0, "group": 1.02, "world": 1.10}
BASIC = 1.05
Array = NDArray[np.float64]


def factors() -> list[str]:
    """The factors that have a spread."""
    return [n.removeprefix("proxy:") for n in catalog().rows if n.startswith("proxy:")]


@cache
def levels(factor: str) -> tuple[tuple[str, int, list[tool.Case]], ...]:
    return tuple(tool.levels(factor))


def interval(spread: Array, gsd: float) -> tuple[float, float]:
    """The 95 % interval of spread times a mean-one lognormal of ``gsd``, by quadrature."""
    sigma = math.log(gsd)
    values = np.interp(GRID, tool.PROBABILITIES, spread)
    own = np.exp(sigma * SCORES - sigma**2 / 2)
    low, high = np.quantile(np.outer(values, own), (0.025, 0.975))
    return float(low), float(high)


def sides(cases: list[tool.Case]) -> list[int]:
    """For each case, country by country: −1 below the interval made without the country, 0 inside, 1 above."""
    by_country: dict[str, list[tool.Case]] = {}
    for case in cases:
        by_country.setdefault(case.country, []).append(case)
    out = []
    for country, own in by_country.items():
        spread = tool.spread([case for case in cases if case.country != country])
        limits = {gsd: interval(spread, gsd) for gsd in {case.gsd for case in own}}
        out += [_side(c.true / c.found, *limits[c.gsd]) for c in own]
    return out


def _side(ratio: float, low: float, high: float) -> int:
    return -1 if ratio < low else int(ratio > high)


def pedigree_inside(cases: list[tool.Case], level: str, lag: int) -> list[bool]:
    """The same question for the geometric standard deviation of the pedigree matrix alone."""
    temporal = next(u for below, u in TEMPORAL if lag < below)
    bound = math.sqrt(sum(math.log(u) ** 2 for u in (BASIC, temporal, GEOGRAPHICAL[level])))
    return [c.true > 0 and abs(math.log(c.true / c.found)) <= bound for c in cases]


def rows() -> Iterator[dict[str, object]]:
    """The table, factor by factor and level by level."""
    for factor in factors():
        for level, lag, cases in levels(factor):
            told, size = sides(cases), len(cases)
            yield {
                "factor": factor, "kind": catalog().cards[factor].kind, "level": level, "lag": lag, "cases": size,
                "countries": len({c.country for c in cases}), "inside": f"{told.count(0) / size:.4f}",
                "below": f"{told.count(-1) / size:.4f}", "above": f"{told.count(1) / size:.4f}",
                "pedigree_inside": f"{sum(pedigree_inside(cases, level, lag)) / size:.4f}",
            }  # fmt: skip


def text() -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return stream.getvalue()
