"""The proxy spreads hold what they promise, country by country, and the pedigree matrix alone does not.

Leave-one-out: a spread is computed without the country that it is tried on. The interval is that of found value
times mean-one spread times the found value's own mean-one lognormal error, at 2.5 and 97.5 %. Runs offline on the
shipped tables.
"""

from __future__ import annotations

import csv
import math
import sys
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import proxy_calibration as calibration  # noqa: E402
import proxy_spread as tool  # noqa: E402

FACTORS = tuple(tool.SPREADS)
LEVELS = [(f, level, lag) for f in FACTORS for level, lag, _ in tool.levels(f)]


@cache
def cases(factor: str, level: str, lag: int) -> list[tool.Case]:
    return next(c for name, years, c in tool.levels(factor) if (name, years) == (level, lag))


@cache
def held(factor: str, level: str, lag: int) -> list[bool]:
    """Does the interval, made without the country, hold the true value? One answer per case."""
    return [side == 0 for side in calibration.sides(cases(factor, level, lag))]


def pedigree_held(factor: str, level: str, lag: int) -> list[bool]:
    """The same question for the geometric standard deviation of the pedigree matrix alone."""
    return calibration.pedigree_inside(cases(factor, level, lag), level, lag)


@pytest.mark.parametrize(("factor", "level", "lag"), LEVELS)
def test_95_percent_intervals_hold_90_to_98_percent(factor: str, level: str, lag: int) -> None:
    answers = held(factor, level, lag)
    assert 0.90 <= sum(answers) / len(answers) <= 0.98


@pytest.mark.parametrize("level", ["group", "world"])
@pytest.mark.parametrize("year", [2005, 2015, 2022, 2024])
def test_place_fallback_holds_in_each_year(level: str, year: int) -> None:
    answers = held("grid_lifecycle", level, 0)
    of_year = [a for a, c in zip(answers, _in_order(level), strict=True) if c.year == year]
    assert len(of_year) > 150
    assert 0.90 <= sum(of_year) / len(of_year) <= 0.98


def _in_order(level: str) -> list[tool.Case]:
    """The cases in the order of :func:`held`, which goes country by country."""
    return sorted(cases("grid_lifecycle", level, 0), key=lambda c: c.country)


@pytest.mark.parametrize(("factor", "level", "lag"), LEVELS)
def test_pedigree_alone_holds_far_fewer(factor: str, level: str, lag: int) -> None:
    ours, theirs = held(factor, level, lag), pedigree_held(factor, level, lag)
    assert sum(theirs) / len(theirs) < sum(ours) / len(ours) - 0.10
    if level != "year" and factor == "grid_lifecycle":
        assert sum(theirs) / len(theirs) < 0.4


def test_shipped_table_is_the_computed_one() -> None:
    with (tool.FACTORS / "proxy.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    made = [tool.table_row(f, level, lag, cases(f, level, lag)) for f, level, lag in LEVELS]
    assert [(r["factor"], r["level"], r["lag"], r["source"]) for r in rows] == [
        (r["factor"], r["level"], r["lag"], r["source"]) for r in made
    ]
    for row, own in zip(rows, made, strict=True):
        assert np.allclose(points(row["points"])[1], points(own["points"])[1], rtol=1e-6)


def points(text: str) -> tuple[np.ndarray, np.ndarray]:
    pairs = [pair.split(":") for pair in text.split()]
    return np.array([float(p) for p, _ in pairs]), np.array([float(v) for _, v in pairs])


def test_spreads_have_mean_one_and_grow_with_the_lag() -> None:
    with (tool.FACTORS / "proxy.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    widths = []
    for row in rows:
        at, values = points(row["points"])
        assert tool.mean(at, values) == pytest.approx(1, abs=1e-8)
        assert np.all(np.diff(at) > 0) and np.all(np.diff(values) >= 0) and values[0] >= 0
        assert {0.025, 0.975} <= set(at)
        if row["level"] == "year":
            widths.append(np.interp(0.975, at, values) / np.interp(0.025, at, values))
    assert len(widths) == len(tool.LAGS) and widths == sorted(widths)


def test_tails_go_on_beyond_the_sample() -> None:
    sample = np.exp(0.3 * np.array([NormalDist().inv_cdf(i / 100) for i in range(1, 100)]))
    beyond = tool.quantiles(sample, np.array([0.002, 0.5, 0.998]))
    assert beyond == pytest.approx([math.exp(-0.3 * 2.878162), 1, math.exp(0.3 * 2.878162)], rel=0.02)
