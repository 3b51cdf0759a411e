"""Models of a missing month: what a day of it would have shown, predicted from the other months.

Rates are amounts a day, ``(S, M)``: S series, M months from the first to the last, NaN where nothing is known. Each
model predicts every cell from the others alone, so that its errors can be seen where the rate is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def mean(rates: Array, years: Codes, group: Codes) -> Array:
    """The mean of the series' other months of the same year, else of all its other months."""
    held = ~np.isnan(rates)
    filled = np.where(held, rates, 0.0)
    found = _others(filled, held)
    for year in np.unique(years):
        at = years == year
        within = _others(filled[:, at], held[:, at])
        found[:, at] = np.where(np.isnan(within), found[:, at], within)
    return found


def seasonal(rates: Array, years: Codes, group: Codes) -> Array:
    """The series' level times the season that the other series of its group show in that month, else :func:`mean`.

    The season of a month is the sum of the others' rates in it over the sum of their levels; the series' own level is
    the mean of its other months, each divided by its season.
    """
    season = _seasons(rates, group)
    usable = season > 0
    level = _others(*_known(np.where(usable, rates / np.where(usable, season, 1.0), np.nan)))
    found = level * season
    return np.where(np.isnan(found), mean(rates, years, group), found)


def last_year(rates: Array, years: Codes, group: Codes) -> Array:
    """The same month a year before, else a year after, else :func:`mean`."""
    found = np.full_like(rates, np.nan)
    found[:, 12:] = rates[:, :-12]
    after = np.full_like(rates, np.nan)
    after[:, :-12] = rates[:, 12:]
    found = np.where(np.isnan(found), after, found)
    return np.where(np.isnan(found), mean(rates, years, group), found)


MODELS: Mapping[str, Callable[[Array, Codes, Codes], Array]] = {
    "mean": mean,
    "seasonal": seasonal,
    "last_year": last_year,
}


def error(rates: Array, predicted: Array) -> tuple[float, int]:
    """The root mean square of the relative errors where the rate is known, and of how many months."""
    judged = ~np.isnan(rates) & (predicted > 0)
    if not judged.any():
        return float("nan"), 0
    off = rates[judged] / predicted[judged] - 1
    return float(np.sqrt(np.mean(off**2))), int(judged.sum())


def _known(rates: Array) -> tuple[Array, NDArray[np.bool_]]:
    held = ~np.isnan(rates)
    return np.where(held, rates, 0.0), held


def _others(filled: Array, held: NDArray[np.bool_]) -> Array:
    """For each cell the mean of its row's other known cells; NaN where there is none."""
    total = filled.sum(axis=1, keepdims=True) - filled
    count = held.sum(axis=1, keepdims=True) - held
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _seasons(rates: Array, group: Codes) -> Array:
    """Σ of the other series' rates of a month over Σ of their levels, by group; NaN where there is no other."""
    filled, held = _known(rates)
    count = held.sum(axis=1, keepdims=True)
    level = np.where(count > 0, filled.sum(axis=1, keepdims=True) / np.maximum(count, 1), 0.0) * held
    found = np.full_like(rates, np.nan)
    for g in np.unique(group):
        at = group == g
        above = filled[at].sum(axis=0) - filled[at]
        below = level[at].sum(axis=0) - level[at]
        found[at] = np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
    return found
