"""What to measure: the expected value of knowing one parameter before practices are put in order.

The decision is the order: with money for k practices the k first are carried out. With u_i the net tonnes of one,
knowing θ is worth ``E[max Σ_k E(u | θ)] - max Σ_k E(u)``, averaged over k = 1 … n - 1 (every budget as likely).
θ is a practice's number or a factor below the baseline; errors of activity data are not asked for.
This is the EVPPI; the conditional means are estimated by regression on θ (Strong, Oakley and Brennan 2014, Med. Decis.
Making 34, 311-326), here least squares on a cubic spline with knots at quantiles. Noise makes the estimate too high,
so the same is done with a θ shuffled (as much is found in any that has nothing to say), and that is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netprint.engine.draws import uniform

Array = NDArray[np.float64]
KNOTS = 3
SHUFFLES = 5
ROUNDING = 1e-9


def information(net: Array, parameters: Mapping[str, Array], seed: int) -> list[dict[str, Any]]:
    """The value of knowing each parameter, the largest first; tonnes (the unit of ``net``).

    ``net``: draws ``(n, N)``; ``parameters``: draws ``(N,)`` each.
    """
    found: list[dict[str, Any]] = []
    if len(net) < 2:
        return found
    now = float(best(net.mean(axis=1, keepdims=True))[0])
    orders = [np.argsort(uniform(seed, ["shuffle", k], net.shape[1])) for k in range(SHUFFLES)]
    perfect = float(np.mean(best(net))) - now
    noise: list[float] = []
    for name, draws in parameters.items():
        if np.ptp(draws) > 0:
            basis = orthonormal(draws)
            noise = noise or [value(net, basis[order], now) for order in orders]
            raw = value(net, basis, now)
            worth = raw - float(np.mean(noise)) if raw > max(noise) else 0.0
            worth = worth if worth > ROUNDING * abs(perfect) else 0.0
            share = min(worth / perfect, 1.0) if perfect > 0 else 0.0
            found.append({"parameter": name, "value": worth, "share": share})
    return sorted(found, key=lambda r: (-r["value"], r["parameter"]))


def value(net: Array, basis: Array, now: float) -> float:
    """The EVPPI of the parameter behind a basis, biased upwards by noise; ``now``: what the order of today gives."""
    return float(np.mean(best((basis @ (basis.T @ net.T)).T))) - now


def best(net: Array) -> Array:
    """Σ of the k largest, averaged over k = 1 … n - 1; ``(N,)``."""
    ordered = -np.sort(-net, axis=0)
    return np.asarray(np.cumsum(ordered, axis=0)[:-1].mean(axis=0))


def orthonormal(draws: Array) -> Array:
    """An orthonormal basis ``(N, p)`` of cubic splines in θ: E(u | θ) is the projection of u on it."""
    z = (draws - draws.mean()) / draws.std()
    knots = np.unique(np.quantile(z, np.linspace(0, 1, KNOTS + 2)[1:-1]))
    columns = [np.ones_like(z), z, z**2, z**3, *(np.maximum(z - k, 0) ** 3 for k in knots)]
    return np.asarray(np.linalg.qr(np.stack(columns, axis=1))[0])
