"""Series of a factor over the years: steps that are unlike the others of their series."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from netprint.load.factor import Factor

LEAST = 6
TIMES, FLOOR, STEP = 8.0, 0.04, math.log(2)


def outliers(factors: Sequence[Factor]) -> Iterator[tuple[Factor, float]]:
    """The rows whose step from the year before is out of line, with that step as a ratio.

    A step is the logarithm of the ratio of two values, by the root of the years between them. It is out of line where
    it lies further from the median step than eight robust standard deviations (1.4826 × MAD, at least 0.04) and is
    more than a doubling or halving. Series of fewer than six steps are left alone.
    """
    series: dict[tuple[str, ...], list[tuple[int, Factor]]] = defaultdict(list)
    for factor in factors:
        at = factor.card.index.index("year")
        if factor.index[at].isdigit() and factor.value > 0:
            series[*factor.index[:at], *factor.index[at + 1 :]].append((int(factor.index[at]), factor))
    for rows in series.values():
        rows.sort(key=lambda row: row[0])
        steps = [(b[1], math.log(b[1].value / a[1].value), b[0] - a[0]) for a, b in pairwise(rows)]
        if len(steps) < LEAST:
            continue
        scaled = [step / math.sqrt(years) for _, step, years in steps]
        middle = median(scaled)
        spread = max(1.4826 * median(abs(s - middle) for s in scaled), FLOOR)
        for (factor, step, _), size in zip(steps, scaled, strict=True):
            if abs(size - middle) > TIMES * spread and abs(step) > STEP:
                yield factor, math.exp(step)
