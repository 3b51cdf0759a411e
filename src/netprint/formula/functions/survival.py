"""How much of a cohort is still in use."""

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
