"""Quantile functions: F⁻¹(Φ(z)) of a factor's distribution.

Each function takes standard normal ``z`` of shape ``(n,)`` and gives draws of the same shape in the factor's own
unit. ``statistic`` says which of mean, median and mode the stated value is; where it is the mean, widening keeps
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netprint.load.factor import Shape

Array = NDArray[np.float64]
Z95 = 1.959963984540054

_erfc = np.frompyfunc(math.erfc, 1, 1)


def normal_cdf(z: Array) -> Array:
    """Φ(z), kept inside (0, 1)."""
    p = 0.5 * np.asarray(_erfc(-z / math.sqrt(2.0)), dtype=np.float64)
    return np.clip(p, 1e-300, 1.0 - 2.0**-53)


def quantile(value: float, shape: Shape, z: Array) -> Array:
    """Draws of a factor with stated ``value`` and distribution ``shape``; ``z`` standard normal, ``(n,)``."""
    return _QUANTILES[shape.distribution](value, shape, z)


def _exact(value: float, shape: Shape, z: Array) -> Array:
    return np.full(z.shape, value)


def _normal(value: float, shape: Shape, z: Array) -> Array:
    return value + (shape.high - shape.low) / (2 * Z95) * z


def _lognormal(value: float, shape: Shape, z: Array) -> Array:
    s = math.log(shape.gsd)
    location = {"mean": -s * s / 2, "median": 0.0, "mode": s * s}[shape.statistic]
    return value * np.exp(s * z + location)


def _uniform(value: float, shape: Shape, z: Array) -> Array:
    return shape.low + (shape.high - shape.low) * normal_cdf(z)


def _triangular(value: float, shape: Shape, z: Array) -> Array:
    low, high, mode = shape.low, shape.high, shape.mode(value)
    u, cut = normal_cdf(z), (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < cut, rising, falling)


def _pert(value: float, shape: Shape, z: Array) -> Array:
    """Vose (2008), Risk Analysis, the PERT distribution: a beta with mean (min + 4 mode + max) / 6."""
    low, high, mode = shape.low, shape.high, shape.mode(value)
    a = 1 + 4 * (mode - low) / (high - low)
    b = 1 + 4 * (high - mode) / (high - low)
    return low + (high - low) * inverse_beta(a, b, normal_cdf(z))


def _beta(value: float, shape: Shape, z: Array) -> Array:
    """A beta on [min, max] with the stated mean and the standard deviation of the 95 % range, by moments."""
    low, width = shape.low, shape.high - shape.low
    mean, variance = (value - low) / width, (shape.spread / width) ** 2
    size = mean * (1 - mean) / variance - 1
    return low + width * inverse_beta(mean * size, (1 - mean) * size, normal_cdf(z))


def _empirical(value: float, shape: Shape, z: Array) -> Array:
    p, x = np.array(shape.points).T
    return np.asarray(np.interp(normal_cdf(z), p, x))


def gamma_share(concentration: float, z: Array) -> Array:
    """The unnormalised part of a Dirichlet share: a gamma draw of this shape."""
    return inverse_gamma(concentration, normal_cdf(z))


_QUANTILES: dict[str, Callable[[float, Shape, Array], Array]] = {
    "exact": _exact,
    "normal": _normal,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "triangular": _triangular,
    "pert": _pert,
    "beta": _beta,
    "empirical": _empirical,
}


def inverse_beta(a: float, b: float, p: Array) -> Array:
    """The x with I_x(a, b) = p. Densities are integrated on a fine grid in logit x and inverted by Newton steps."""
    t = np.linspace(-1, 1, 4001)
    span = max(60.0 / min(a, b, 1.0), 60.0)
    t = np.sign(t) * np.abs(t) ** 2 * span

    def log_density(s: Array) -> Array:  # of logit x, up to a constant
        return -a * np.logaddexp(0, -s) - b * np.logaddexp(0, s)

    s = _invert_cdf(t, log_density, p)
    return np.asarray(1 / (1 + np.exp(-s)))


def inverse_gamma(a: float, p: Array) -> Array:
    """The x with P(a, x) = p, by the same way in log x."""
    t = np.linspace(-1, 1, 4001)
    t = np.where(t < 0, np.sign(t) * np.abs(t) ** 2 * 60.0 / min(a, 1.0), t * 12.0) + math.log(max(a, 1e-12))

    def log_density(s: Array) -> Array:
        return a * s - np.exp(s)

    return np.asarray(np.exp(_invert_cdf(t, log_density, p)))


def _invert_cdf(grid: Array, log_density: Callable[[Array], Array], p: Array) -> Array:
    """Invert the CDF of a density given on ``grid``: Simpson's rule per interval, then Newton inside it."""
    middle = (grid[1:] + grid[:-1]) / 2
    step = np.diff(grid)
    top = log_density(grid).max()

    def density(s: Array) -> Array:
        return np.asarray(np.exp(log_density(s) - top))

    at = density(grid)
    pieces = step / 6 * (at[:-1] + 4 * density(middle) + at[1:])
    below = np.concatenate([[0.0], np.cumsum(pieces)])
    total = below[-1]
    target = p * total
    i = np.clip(np.searchsorted(below, target, side="right") - 1, 0, len(step) - 1)
    left, width = grid[i], step[i]
    share = np.where(pieces[i] > 0, (target - below[i]) / np.where(pieces[i] > 0, pieces[i], 1.0), 0.5)
    s = left + np.clip(share, 0, 1) * width
    for _ in range(4):
        part = (s - left) / 6 * (at[i] + 4 * density((left + s) / 2) + density(s))
        slope = density(s)
        move = np.where(slope > 0, (target - below[i] - part) / np.where(slope > 0, slope, 1.0), 0.0)
        s = np.clip(s + move, left, left + width)
    return np.asarray(s)
