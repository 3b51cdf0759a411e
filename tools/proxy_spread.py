"""Write ``catalog/factors/proxy.csv``: how far a proxy lies from the value it stands for.

``python tools/proxy_spread.py`` reads only the tables of :data:`SPREADS`. For every value it takes what the resolver
would find if that value (and everything nearer) were missing, and keeps the ratio true over found:

* level ``year``, lag 1 to 9, and 10 for ten to fifteen years: the value of the same country that many years away,
  the earlier one where both exist;
* level ``group``, lag 0: the mean of the other members of the nearest M49 group in which at least three others have
  a value in that year, which is what the group's row would be without the country;
* level ``world``, lag 0: the row of WORLD.

Only ``grid_lifecycle`` has years enough; the others get places only. Ratios are pooled over countries and years.

A proxy is found value times spread, and widening keeps the mean, so a spread has mean one: the quantiles are divided
by the mean of their piecewise linear function (constant before the first and after the last point). That moves
the interval by the bias of the proxy. The plain mean ratio is 1.01 to 1.10 over the lags, 1.04 for groups and 0.91
for the world, whose value is weighted by generation and so lies above the country average. The coverage survives it:
with the country left out, 95 % intervals of the spread alone hold the true value for 94.5 to 95.0 % of the cases at
every level and lag of ``grid_lifecycle`` (with the found value's own gsd 95 to 98 %), but not evenly on both sides for
the world: 4.0 % fall below and 1.2 % above. The world row of ``grid_direct_share`` was first weighted by generation;
mean one then put a fifth onto every draw, so that row is now the country mean, as are those of energy
and of water. That of ``grid_losses`` is the world's own, a third below the country mean; its 95 % interval holds 93 %.
A mean-one lognormal of the same width holds 92 to 93 % for places, and draws values far above coal; the quantiles are
therefore empirical. No finer class was needed. ``tests/test_proxy_calibration.py`` measures all this.

Sample quantiles stand at i/(n + 1). Beyond the outermost ones the logarithm goes on straight in the normal score,
with the slope of the outer tenth of the sample; a lower tail that reaches zero stays at its least value.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
from netprint import places  # noqa: E402

FACTORS = ROOT / "src" / "netprint" / "catalog" / "factors"
_LOWER = (0.002, 0.004, 0.007, 0.01, 0.015, 0.02, 0.025, 0.035, 0.05, 0.075,
          0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.475)  # fmt: skip
PROBABILITIES = (*_LOWER, 0.5, *(round(1 - p, 3) for p in reversed(_LOWER)))
LAGS: dict[int, tuple[int, ...]] = {lag: (lag,) for lag in range(1, 10)} | {10: tuple(range(10, 16))}
"""The lags in years that each ``lag`` of the table stands for."""
SPREADS: dict[str, tuple[str, str]] = {
    "grid_lifecycle": ("grid.csv", "year group world"),
    "grid_direct_share": ("grid.csv", "group world"),
    "grid_primary_energy_nonrenewable": ("grid_energy.csv", "group world"),
    "grid_water": ("grid_energy.csv", "group world"),
    "grid_losses": ("grid_more.csv", "world"),
}
"""Factor -> (its table, the levels with enough countries)."""
MEMBERS = 3
TAIL = 0.1
Array = NDArray[np.float64]
Values = Mapping[tuple[str, int], float]


class Case(NamedTuple):
    """One value and what stands for it when it is missing; ``gsd`` is the found value's own."""

    country: str
    year: int
    true: float
    found: float
    gsd: float


def read(factor: str) -> tuple[dict[tuple[str, int], float], dict[tuple[str, int], float]]:
    """Value and gsd of ``factor`` in its table by (place, year); year 0 where the factor has none."""
    values, gsds = {}, {}
    with (FACTORS / SPREADS[factor][0]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["factor"] == factor:
                key = row["country"], int(row.get("year") or 0)
                values[key], gsds[key] = float(row["value"]), float(row["gsd"] or 1)
    return values, gsds


def countries(values: Values) -> Iterator[tuple[str, int]]:
    """The keys of ``values`` that are countries, in order."""
    known = set(places.load().countries)
    return (key for key in sorted(values) if key[0] in known)


def year_cases(values: Values, gsds: Values, lag: int) -> list[Case]:
    """Every country-year with the value ``lag`` years before it, else after it."""
    cases = []
    for code, year in countries(values):
        near = next(((code, y) for y in (year - lag, year + lag) if (code, y) in values), None)
        if near is not None:
            cases.append(Case(code, year, values[code, year], values[near], gsds[near]))
    return cases


def group_cases(values: Values, gsds: Values) -> list[Case]:
    """Every country-year with the mean of the others in the nearest group that has three of them."""
    known = places.load()
    sums: dict[tuple[str, int], tuple[float, int]] = {}
    for code, year in countries(values):
        for group in known.within.get(code, ()):
            total, count = sums.get((group, year), (0.0, 0))
            sums[group, year] = total + values[code, year], count + 1
    cases = []
    for code, year in countries(values):
        true = values[code, year]
        for group in known.within.get(code, ()):
            total, count = sums[group, year]
            if count - 1 >= MEMBERS:
                found = (total - true) / (count - 1)
                cases.append(Case(code, year, true, found, gsds[group, year]))
                break
    return cases


def world_cases(values: Values, gsds: Values) -> list[Case]:
    """Every country-year with the value of WORLD in that year."""
    keys = [key for key in countries(values) if ("WORLD", key[1]) in values]
    return [Case(*key, values[key], values["WORLD", key[1]], gsds["WORLD", key[1]]) for key in keys]


def quantiles(sample: Array, probabilities: Array) -> Array:
    """Quantiles of ``sample`` (n,) at ``probabilities`` (p,), extended beyond it as the module says."""
    ordered = np.sort(sample)
    at = np.arange(1, ordered.size + 1) / (ordered.size + 1)
    out = np.asarray(np.interp(probabilities, at, ordered), dtype=np.float64)
    score = NormalDist().inv_cdf
    for tail, inner, outer in (
        (probabilities < at[0], TAIL, at[0]),
        (probabilities > at[-1], 1 - TAIL, at[-1]),
    ):
        low, end = (float(np.interp(p, at, ordered)) for p in (inner, outer))
        if low > 0 and end > 0:
            slope = math.log(end / low) / (score(float(outer)) - score(inner))
            out[tail] = [
                end * math.exp(slope * (score(float(p)) - score(float(outer)))) for p in probabilities[tail]
            ]
    return out


def mean(probabilities: Array, values: Array) -> float:
    """Mean of the piecewise linear quantile function, constant outside the points."""
    inside = float(np.sum(np.diff(probabilities) * (values[1:] + values[:-1]) / 2))
    return inside + float(probabilities[0] * values[0] + (1 - probabilities[-1]) * values[-1])


def spread(cases: list[Case]) -> Array:
    """The mean-one spread at :data:`PROBABILITIES`: (41,)."""
    at = np.array(PROBABILITIES)
    values = quantiles(np.array([case.true / case.found for case in cases]), at)
    return values / mean(at, values)


def levels(factor: str) -> Iterator[tuple[str, int, list[Case]]]:
    """(level, lag, its cases) for every row that ``factor`` gets."""
    values, gsds = read(factor)
    wanted = SPREADS[factor][1].split()
    if "year" in wanted:
        for lag, years in LAGS.items():
            yield "year", lag, [case for years_away in years for case in year_cases(values, gsds, years_away)]
    kinds: tuple[tuple[str, Callable[[Values, Values], list[Case]]], ...] = (
        ("group", group_cases), ("world", world_cases))  # fmt: skip
    for level, make in kinds:
        if level in wanted:
            yield level, 0, make(values, gsds)


def table_row(factor: str, level: str, lag: int, cases: list[Case]) -> dict[str, str]:
    points = " ".join(f"{p:g}:{value:.10g}" for p, value in zip(PROBABILITIES, spread(cases), strict=True))
    plain = sum(case.true / case.found for case in cases) / len(cases)
    number = len({case.country for case in cases})
    return {
        "factor": f"proxy:{factor}", "level": level, "lag": str(lag), "value": "1", "unit": "1",
        "statistic": "mean", "distribution": "empirical", "points": points,
        "source": f"spread lag {lag}" if level == "year" else f"spread {level}", "licence": "CC-BY-4.0",
        "status": "verified" if factor == "grid_lifecycle" else "provisional",
        "note": f"{len(cases)} cases, {number} countries; mean ratio before normalisation {plain:.3f}",
    }  # fmt: skip


def main() -> None:
    rows = [table_row(factor, *level) for factor in SPREADS for level in levels(factor)]
    with (FACTORS / "proxy.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
