"""Lifetimes by key, and what leaves a cohort at each age, per draw.

E-waste Statistics Guidelines, 2nd ed. (2018): waste(n) = Σ placed(t) L(n - t), L from a Weibull distribution of
lifetimes. Two readings of L: ``cdf``, the difference of the distribution function, which conserves mass; ``cbs``, the
density at age + 1/2, as Statistics Netherlands' Waste over Time and the European Union's calculation tool publish it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import gamma

import numpy as np
from numpy.typing import NDArray

from netprint.engine.coefficients import Coefficients
from netprint.engine.resolve import Resolver
from netprint.errors import GapError, Problems, UsageError, did_you_mean
from netprint.formula.functions.survival import discarded_density, discarded_share
from netprint.load.factors import catalog, own_table
from netprint.places import load as load_places
from netprint.units import parse

Array = NDArray[np.float64]
READINGS = ("cdf", "cbs")
FACTORS = ("ewaste_life_shape", "ewaste_life_scale")


@dataclass(frozen=True)
class Lifetimes:
    """Weibull parameters by key: ``shape`` without unit, ``scale`` in years, both ``(keys, 1 + draws)``.

    Column 0 is the point. One draw of a key holds for all its cohorts and countries.
    """

    keys: tuple[str, ...]
    shape: Array
    scale: Array

    @property
    def draws(self) -> int:
        return int(self.shape.shape[1]) - 1

    @property
    def mean(self) -> Array:
        """Mean lives in years, β Γ(1 + 1/α); ``(keys, 1 + draws)``."""
        return np.asarray(self.scale * np.vectorize(gamma)(1 + 1 / self.shape))

    def of(self, key: str) -> tuple[Array, Array]:
        """Shape and scale of one key, each ``(1 + draws,)``."""
        row = self.keys.index(key)
        return self.shape[row], self.scale[row]

    def longer(self, factor: float | Mapping[str, float]) -> Lifetimes:
        """The same goods living ``factor`` times as long (of all keys, or by key); the draws are kept."""
        by_key = factor if isinstance(factor, Mapping) else dict.fromkeys(self.keys, factor)
        for key, value in by_key.items():
            known_key(key, self.keys)
            if not value > 0:
                raise UsageError(f"The life of {key} is multiplied by {value}; it must stay above zero.")
        times = np.array([[by_key.get(key, 1.0)] for key in self.keys])
        return replace(self, scale=self.scale * times)


def known_key(key: str, keys: Sequence[str]) -> None:
    """Raise :class:`UsageError` where a key is none of those of an account."""
    if key not in keys:
        raise UsageError(f"The key {key!r} is none of those counted. {did_you_mean(key, keys)}".strip())


def lifetimes(
    keys: Sequence[str], draws: int = 1000, seed: int = 1429, factors: Sequence[Mapping[str, object]] = ()
) -> Lifetimes:
    """Lifetimes of ``keys`` from the catalogue (ewaste_life_shape, ewaste_life_scale) and own rows on top of it.

    ``factors`` are rows as in a study's factor table. The draws are those of a study with the same seed. Raises
    :class:`~netprint.errors.InputError` for wrong rows, :class:`~netprint.errors.GapError` for a key without
    parameters.
    """
    shape, scale = _drawn([(name, key) for name in FACTORS for key in keys], draws, seed, factors).reshape(
        2, len(keys), draws + 1
    )
    return Lifetimes(tuple(keys), shape, scale / parse("year").scale)


def embodied(
    item: str, draws: int = 1000, seed: int = 1429, factors: Sequence[Mapping[str, object]] = ()
) -> Array:
    """What making one ICT good of the catalogue embodies (device_embodied), kg CO2e per unit; ``(1 + draws,)``.

    ``item`` is a good such as ``smartphone``, whose key ``ewaste_key`` says. Raises as ``lifetimes`` does.
    """
    return np.asarray(_drawn([("device_embodied", item)], draws, seed, factors)[0])


def _drawn(
    asked: Sequence[tuple[str, str]], draws: int, seed: int, factors: Sequence[Mapping[str, object]]
) -> Array:
    """Factors of one index each, in coherent units, as a study draws them; ``(asked, 1 + draws)``."""
    known = catalog()
    problems = Problems()
    rows = [(i, {k: str(v) for k, v in row.items()}) for i, row in enumerate(factors, 1)]
    own = own_table(rows, "factors", known, problems)
    problems.raise_if_any()
    resolver = Resolver((own, known), {**known.cards, **own.cards}, load_places().groups)
    missing = [f"{name}[{index}]" for name, index in asked if not resolver.held((name, (index,)))]
    if missing:
        raise GapError(missing)
    made = Coefficients(resolver, seed, draws)
    return np.stack([np.broadcast_to(made.factor((name, (index,))), (draws + 1,)) for name, index in asked])


def stated(parameters: Mapping[str, tuple[float, float]], draws: int = 0) -> Lifetimes:
    """Lifetimes as they stand: key to (shape, scale in years), without uncertainty."""
    values = np.array([parameters[key] for key in parameters], dtype=np.float64)
    shape, scale = (np.repeat(values[:, [i]], draws + 1, axis=1) for i in (0, 1))
    return Lifetimes(tuple(parameters), shape, scale)


def scale_of_mean(mean: float, shape: float) -> float:
    """β = m / Γ(1 + 1/α): the scale, in years, of a mean life ``mean`` in years where the shape is kept."""
    return mean / gamma(1 + 1 / shape)


def profile(shape: Array, scale: Array, ages: int, reading: str = "cdf") -> Array:
    """The share of a cohort that becomes waste at age 0 … ``ages`` - 1; ``(ages, *shape.shape)``, no unit.

    ``shape`` has no unit, ``scale`` is in years. Raises :class:`UsageError` for an unknown reading.
    """
    if reading not in READINGS:
        raise UsageError(
            f"{reading!r} is no reading: cdf conserves mass, cbs is as published. {did_you_mean(reading, READINGS)}"
        )
    of = discarded_share if reading == "cdf" else discarded_density
    age = np.arange(ages, dtype=np.float64).reshape(-1, *([1] * shape.ndim))
    return np.asarray(of(age, np.ones(1), shape[None], scale[None]))


def discarded(placed: Array, shares: Array) -> Array:
    """What becomes waste in each year: ``placed (…, years)`` and ``shares (ages, draws)`` give ``(…, years, draws)``.

    In the unit of ``placed``. Cohorts before the first year are not in it.
    """
    years = placed.shape[-1]
    out = np.empty((*placed.shape, shares.shape[-1]))
    youngest_last = np.ascontiguousarray(shares[:years][::-1])
    for n in range(years):
        out[..., n, :] = placed[..., : n + 1] @ youngest_last[years - 1 - n :]
    return out
