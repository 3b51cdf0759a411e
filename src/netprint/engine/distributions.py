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
    """The x with I_x(a, b) = p, to about 1e-12. The density of logit x is integrated on a grid and inverted."""
    spread = 9 * math.sqrt(1 / a + 1 / b)
    grid = _grid(math.log(a / b), spread + 45 / a, spread + 45 / b)

    def log_density(s: Array) -> Array:  # of logit x, up to a constant
        return -a * np.logaddexp(0, -s) - b * np.logaddexp(0, s)

    s = _invert_cdf(grid, log_density, p)
    return np.asarray(1 / (1 + np.exp(-s)))


def inverse_gamma(a: float, p: Array) -> Array:
    """The x with P(a, x) = p, by the same way in log x."""
    spread = 9 / math.sqrt(a)
    grid = _grid(math.log(a), spread + 45 / a, min(spread + 5, 700 - math.log(a)))

    def log_density(s: Array) -> Array:
        return a * s - np.exp(s)

    return np.exp(_invert_cdf(grid, log_density, p))


#: Gauss-Legendre nodes and weights on [0, 1].
_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(5) + np.array([[1.0], [0.0]])) / 2


def _grid(mode: float, left: float, right: float) -> Array:
    """Points from ``mode - left`` to ``mode + right``, densest around the mode."""
    t = np.linspace(-1, 1, 2001)
    return mode + np.where(t < 0, -left, right) * t * t


def _invert_cdf(grid: Array, log_density: Callable[[Array], Array], p: Array) -> Array:
    """Invert the CDF of a density given on ``grid``: Gauss-Legendre sums per interval, then Newton inside it.

    Masses are counted from the nearer end, so that both tails are exact.
    """
    top = log_density(grid).max()

    def mass(start: Array, width: Array) -> Array:
        points = start[:, None] + width[:, None] * _NODES
        return np.asarray(np.exp(log_density(points) - top) @ _WEIGHTS * width)

    pieces = mass(grid[:-1], np.diff(grid))
    below = np.concatenate([[0.0], np.cumsum(pieces)])
    above = np.concatenate([np.cumsum(pieces[::-1])[::-1], [0.0]])
    target = p * below[-1]
    i = np.clip(np.searchsorted(below, target, side="right") - 1, 0, len(pieces) - 1)
    left, right, width = grid[i], grid[i + 1], np.diff(grid)[i]
    lower = p < 0.5
    held = pieces[i] > 0
    share = np.divide(target - below[i], pieces[i], out=np.full(p.shape, 0.5), where=held)
    s = left + np.clip(share, 0, 1) * width
    for _ in range(4):
        slope = np.exp(log_density(s) - top)
        from_below = target - below[i] - mass(left, s - left)
        from_above = above[i + 1] + mass(s, right - s) - (1 - p) * above[0]
        miss = np.where(lower, from_below, from_above)
        s = np.clip(s + np.divide(miss, slope, out=np.zeros(p.shape), where=slope > 0), left, right)
    return np.asarray(s)
