"""Random numbers that belong to an identity, not to a position.

Draw *i* of an identity is word *i* of a Philox stream keyed by BLAKE2b-128 of the canonical JSON of
``[seed, part, …identity]``, taken through the inverse normal. So draw *i* needs no other draw, and order,
subset, engine and scenario change nothing.

Sources: Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3 (Philox); Wichura (1988), Algorithm
AS 241: the percentage points of the normal distribution (PPND16).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# AS 241, PPND16: numerators and denominators of the three rational approximations, highest power first.
_CENTRAL = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_MIDDLE = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def _rational(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: Array) -> Array:
    numerator, denominator = (_polynomial(c, r) for c in coefficients)
    numerator /= denominator
    return numerator


def _polynomial(coefficients: tuple[float, ...], r: Array) -> Array:
    """Horner's rule in place, highest power first; the same roundings as ``numpy.polyval``, in a third of the time."""
    value = np.full_like(r, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= r
        value += coefficient
    return value


def inverse_normal(p: Array) -> Array:
    """Φ⁻¹ of probabilities in (0, 1), to about 16 digits (AS 241, PPND16). Same shape as ``p``."""
    q = p - 0.5
    z = q * _rational(_CENTRAL, 0.180625 - q * q)
    tails = np.abs(q) > 0.425
    if tails.any():
        t = q[tails]
        r = np.sqrt(-np.log(np.where(t < 0, p[tails], 1.0 - p[tails])))
        z[tails] = np.sign(t) * np.where(r <= 5.0, _rational(_MIDDLE, r - 1.6), _rational(_TAIL, r - 5.0))
    return z


def uniform(seed: int, identity: Sequence[object], n: int, start: int = 0) -> Array:
    """Words ``start … start + n`` of the stream of ``identity`` as numbers in (0, 1); shape ``(n,)``."""
    text = json.dumps([seed, *identity], separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    stream = np.random.Philox(key=np.frombuffer(digest, dtype="<u8").astype(np.uint64))
    skip = start % 4
    if start:
        stream.advance(start // 4)
    words = stream.random_raw(n + skip)[skip:]
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(seed: int, identity: Sequence[object], n: int, start: int = 0) -> Array:
    """Standard normal draws ``start … start + n`` of ``identity``; shape ``(n,)``, no unit."""
    return inverse_normal(uniform(seed, identity, n, start))


def series_and_own(
    seed: int, name: str, source: str, index: Sequence[str], without_year: Sequence[str], rho: float, n: int
) -> Array:
    """z = √ρ·z(series) + √(1-ρ)·z(own) of one factor row; shape ``(n,)``.

    The series part is shared by all years of a factor row's index, so that a trend keeps what is common.
    """
    z = np.zeros(n)
    if rho > 0:
        z += np.sqrt(rho) * normal(seed, ["series", name, source, *without_year], n)
    if rho < 1:
        z += np.sqrt(1 - rho) * normal(seed, ["own", name, source, *index], n)
    return z


def error_group(seed: int, group: str, n: int) -> Array:
    """E: the error that all rows of one error group share; standard normal, shape ``(n,)``."""
    return normal(seed, ["error", group], n)


def row(seed: int, key: Sequence[str], n: int) -> Array:
    """Z: the independent errors of one collapsed row; standard normal, shape ``(n,)``."""
    return normal(seed, ["rows", *key], n)
