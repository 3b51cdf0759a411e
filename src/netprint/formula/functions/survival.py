"""How much of a cohort is still in use, and how much of it becomes waste within a step of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netprint.formula.functions.registry import register

Array = NDArray[np.float64]


@register(arguments=["any", "1", "any"], unit="1")
def weibull_survival(age: Array, shape: Array, scale: Array) -> Array:
    """exp(-(age/scale)^shape): the share of a cohort in use at an age; Weibull (1951), Forti, Baldé and Kuehr
    (2018), E-waste Statistics: Guidelines, 2nd ed., eq. for the lifetime distribution (not read in full:
    recalled).

    ``age`` and ``scale`` in the same unit of time, ``shape`` without unit; arrays of one shape.
    """
    return np.asarray(np.exp(-((np.maximum(age, 0.0) / scale) ** shape)))


@register(arguments=["any", "any", "1", "any"], unit="1")
def discarded_share(age: Array, step: Array, shape: Array, scale: Array) -> Array:
    """F(age + step) - F(age): the share of a cohort that becomes waste within a step of time, from the Weibull
    distribution of lifetimes; the shares of all ages add to one, so that mass is conserved (`cdf`).

    ``age``, ``step`` and ``scale`` in the same unit of time, ``shape`` without unit; arrays of one shape. Nothing is
    discarded below age 0.
    """
    share = weibull_survival(age, shape, scale) - weibull_survival(age + step, shape, scale)
    return np.where(age < 0, 0.0, share)


@register(arguments=["any", "any", "1", "any"], unit="1")
def discarded_density(age: Array, step: Array, shape: Array, scale: Array) -> Array:
    """step f(age + step/2): the Weibull density in the middle of a step, as Statistics Netherlands' Waste over Time
    (v1.2, 04_WEEE_calculations.R) and the WEEE Calculation Tool of the European Union take it (`cbs`).

    The values of all ages do not add to one exactly (1.0054 for shape 1.56 and scale 6.26). Units as for
    ``discarded_share``; arrays of one shape.
    """
    x = np.maximum(age + step / 2, 0.0) / scale
    density = shape / scale * x ** (shape - 1) * np.exp(-(x**shape))
    return np.where(age < 0, 0.0, step * density)
