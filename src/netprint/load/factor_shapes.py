"""The distribution of a factor's row: which columns must, may and must not be filled, and what they may say."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from netprint.errors import Problems, did_you_mean
from netprint.load.factor import Shape

Z95 = 1.959963984540054
STATISTICS = ("mean", "median", "mode")
SPREAD = ("p2_5", "p97_5", "min", "max", "gsd", "points")
LIMITS, ENDS = ("p2_5", "p97_5"), ("min", "max")
#: For each distribution the sets of columns of which one must be filled, and those that may be.
COLUMNS: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "exact": (((),), ()),
    "normal": ((LIMITS,), ()),
    "lognormal": ((("gsd",), LIMITS), ()),
    "uniform": ((ENDS,), ()),
    "triangular": ((ENDS,), ()),
    "pert": ((ENDS,), ()),
    "beta": ((LIMITS,), ENDS),
    "empirical": ((("points",),), ()),
    "dirichlet": ((LIMITS,), ()),
}
DISTRIBUTIONS = tuple(COLUMNS)


class ShapeRow:
    """The cells of one row of a factor table, and the distribution that they state."""

    def __init__(self, row: dict[str, str], file: str, line: int, problems: Problems) -> None:
        self.row, self.file, self.line, self.problems = row, file, line, problems

    def wrong(self, field: str, found: str, expected: str, remedy: str) -> None:
        self.problems.add(self.file, self.line, field, found=found, expected=expected, remedy=remedy)

    def number(self, field: str, default: float | None = None) -> float | None:
        text = self.row.get(field, "")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.wrong(
                field,
                f"{text!r} is not a finite number",
                "a number like 0.089 or 1e-3",
                "Use a decimal point and no separators.",
            )
            return default
        return value

    def shape(self, value: float, scale: float) -> Shape | None:
        name = self.row.get("distribution", "") or self.default_distribution()
        statistic = self.row.get("statistic", "") or ("median" if name == "lognormal" else "mean")
        if name not in DISTRIBUTIONS:
            self.wrong(
                "distribution",
                f"the distribution {name!r} is not known",
                ", ".join(DISTRIBUTIONS),
                did_you_mean(name, DISTRIBUTIONS) or "Use one of these.",
            )
            return None
        if not self.columns_hold(name):
            return None
        if statistic not in STATISTICS:
            self.wrong(
                "statistic",
                f"the statistic {statistic!r} is not known",
                ", ".join(STATISTICS),
                "Say which of them the value is.",
            )
            return None
        return _SHAPES[name](self, value, scale, statistic)

    def columns_hold(self, name: str) -> bool:
        """Whether the row fills columns that its distribution has, and no others.

        A limit whose partner is missing is left to :meth:`pair` where the distribution is named.
        """
        named = bool(self.row.get("distribution"))
        filled = {column for column in SPREAD if self.row.get(column)}
        sets, more = COLUMNS[name]
        if any(set(must) <= filled <= {*must, *more} for must in sets):
            return True
        if named and filled and any(filled <= {*must, *more} for must in sets):
            return True
        given = _listed([column for column in SPREAD if column in filled])
        if not named:
            found = f"no distribution is named, and what is filled is {given}"
            expected = (
                "p2_5 and p97_5 (normal), gsd (lognormal), points (empirical), or a distribution by name"
            )
            remedy = "Name the distribution, and fill the columns that it has."
        else:
            found = f"the distribution is {name}, and what is filled is {given or 'none of its columns'}"
            expected = _wanted(name)
            remedy = "Fill these and no others, or name the distribution that is meant."
        self.wrong("distribution", found, expected, remedy)
        return False

    def without_spread(self) -> None:
        """Add a problem where a row given by a formula states a distribution: it takes those of what it names."""
        filled = [column for column in ("distribution", *SPREAD) if self.row.get(column)]
        if (filled and self.row.get("distribution") != "exact") or filled[1:]:
            self.wrong(
                "distribution",
                f"the value is a formula, and what is filled is {_listed(filled)}",
                _wanted("exact"),
                "A formula has the uncertainty of the factors that it names: leave these cells empty.",
            )

    def inside(self, value: float, limits: tuple[float, float], scale: float) -> bool:
        """Whether the value lies within its 95 % limits."""
        if limits[0] <= value <= limits[1]:
            return True
        self.wrong(
            "value",
            f"the value is {value / scale:g}",
            f"a value from p2_5 {limits[0] / scale:g} to p97_5 {limits[1] / scale:g}",
            "Mend the value or its limits.",
        )
        return False

    def default_distribution(self) -> str:
        if self.row.get("gsd"):
            return "lognormal"
        if self.row.get("points"):
            return "empirical"
        return "normal" if self.row.get("p2_5") and self.row.get("p97_5") else "exact"

    def pair(self, low: str, high: str, scale: float) -> tuple[float, float] | None:
        a, b = self.number(low), self.number(high)
        if a is None or b is None or a >= b:
            self.wrong(
                low,
                f"{low} is {self.row.get(low) or 'empty'} and {high} is {self.row.get(high) or 'empty'}",
                f"{low} below {high}, both given",
                "The distribution needs both limits.",
            )
            return None
        return a * scale, b * scale

    def shape_exact(self, value: float, scale: float, statistic: str) -> Shape | None:
        return Shape("exact", statistic)

    def shape_normal(self, value: float, scale: float, statistic: str) -> Shape | None:
        limits = self.pair(*LIMITS, scale)
        if limits is None or not self.inside(value, limits, scale):
            return None
        return Shape("normal", statistic, *limits, spread=(limits[1] - limits[0]) / (2 * Z95))

    def shape_lognormal(self, value: float, scale: float, statistic: str) -> Shape | None:
        limits = None
        if self.row.get("gsd"):
            gsd = self.number("gsd")
        else:
            limits = self.pair(*LIMITS, scale)
            gsd = limits and (math.exp(math.log(limits[1] / limits[0]) / (2 * Z95)) if limits[0] > 0 else 0.0)
        if gsd is None:
            return None
        if gsd < 1:
            self.wrong(
                "gsd",
                f"the geometric standard deviation is {gsd:g}",
                "1 or more, and limits above zero",
                "A gsd of 1.1 means about ± 20 % at 95 %.",
            )
            return None
        if limits is not None and not self.inside(value, limits, scale):
            return None
        if value <= 0:
            self.wrong(
                "value",
                f"the value of a lognormal distribution is {value / scale:g}",
                "a value above zero",
                "Mend the value, or choose a distribution that reaches zero, such as normal or triangular.",
            )
            return None
        return Shape("lognormal", statistic, gsd=gsd)

    def bounded(self, name: str, value: float, scale: float, statistic: str) -> Shape | None:
        limits = self.pair("min", "max", scale)
        if limits is None:
            return None
        if name in ("triangular", "pert") and statistic == "median":
            self.wrong(
                "statistic",
                f"the value of a {name} distribution is given as median",
                "mode or mean",
                "Say `mode` for the most likely value.",
            )
            return None
        shape = Shape(name, statistic, *limits)
        middle = shape.mode(value) if name in ("triangular", "pert") else value
        if not limits[0] <= middle <= limits[1]:
            self.wrong(
                "value",
                f"the value and its {statistic} put the mode at {middle / scale:g}",
                f"between min {limits[0] / scale:g} and max {limits[1] / scale:g}",
                "Mend the value, its statistic or the limits.",
            )
            return None
        return shape

    def shape_uniform(self, value: float, scale: float, statistic: str) -> Shape | None:
        shape = self.bounded("uniform", value, scale, statistic)
        if shape is not None and not self.stated(
            value, (shape.low + shape.high) / 2, shape.high - shape.low, scale
        ):
            return None
        return shape

    def stated(self, value: float, middle: float, width: float, scale: float) -> bool:
        """Whether the stated value is that of its distribution, to a hundredth of its width: widening keeps it."""
        if abs(value - middle) <= 0.01 * width:
            return True
        self.wrong(
            "value",
            f"the value is {value / scale:g} and its distribution has {middle / scale:g}",
            "the value that its statistic says of the distribution",
            "Write that value, or say which statistic of the distribution it is.",
        )
        return False

    def shape_triangular(self, value: float, scale: float, statistic: str) -> Shape | None:
        return self.bounded("triangular", value, scale, statistic)

    def shape_pert(self, value: float, scale: float, statistic: str) -> Shape | None:
        return self.bounded("pert", value, scale, statistic)

    def shape_beta(self, value: float, scale: float, statistic: str) -> Shape | None:
        if statistic != "mean":
            self.wrong(
                "statistic",
                f"the value of a beta distribution is given as {statistic}",
                "mean",
                "Give the mean, or choose a pert distribution for a most likely value.",
            )
            return None
        low, high = self.number("min", 0.0), self.number("max", 1.0)
        limits = self.pair(*LIMITS, scale)
        if limits is None or low is None or high is None:
            return None
        low, high = low * scale, high * scale
        spread = (limits[1] - limits[0]) / (2 * Z95)
        if not low < value < high or not 0 < spread**2 < (value - low) * (high - value):
            self.wrong(
                "value",
                f"no beta distribution on [{low / scale:g}, {high / scale:g}] has mean {value / scale:g} and standard "
                f"deviation {spread / scale:g}",
                "a mean inside and a narrower range",
                "Mend min, max, p2_5 or p97_5.",
            )
            return None
        if not self.inside(value, limits, scale):
            return None
        if limits[0] < low or limits[1] > high:
            self.wrong(
                "p2_5",
                f"the limits {limits[0] / scale:g} and {limits[1] / scale:g} lie outside "
                f"[{low / scale:g}, {high / scale:g}]",
                "limits from min to max, which are 0 and 1 where they are empty",
                "Mend min, max, p2_5 or p97_5.",
            )
            return None
        return Shape("beta", statistic, low, high, spread=spread)

    def shape_empirical(self, value: float, scale: float, statistic: str) -> Shape | None:
        points = _points(self.row.get("points", ""))
        if points is None:
            self.wrong(
                "points",
                f"{self.row.get('points', '')!r} is no quantile function",
                "values, or p:value pairs with p and value rising",
                "Write for example 0.8 0.95 1.0 1.3, or 0:0.5 0.5:1 1:2.",
            )
            return None
        p, x = (list(side) for side in zip(*points, strict=True))
        mean = sum((q - o) * (a + b) / 2 for o, q, a, b in zip(p, p[1:], x, x[1:], strict=False)) / (
            p[-1] - p[0]
        )
        middle = (
            mean
            if statistic == "mean"
            else _interpolated(points, 0.5)
            if statistic == "median"
            else value / scale
        )
        if not self.stated(value, middle * scale, (x[-1] - x[0]) * scale, scale):
            return None
        return Shape("empirical", statistic, points=tuple((p, x * scale) for p, x in points))

    def shape_dirichlet(self, value: float, scale: float, statistic: str) -> Shape | None:
        limits = self.pair(*LIMITS, scale)
        if limits is None:
            return None
        if not 0 < value < 1:
            self.wrong(
                "value", f"a share of {value:g}", "above 0 and below 1", "Shares of one whole add to 1."
            )
            return None
        if not self.inside(value, limits, scale):
            return None
        spread = (limits[1] - limits[0]) / (2 * Z95)
        if not 0 < spread**2 < value * (1 - value):
            self.wrong(
                "p2_5",
                f"no share of {value:g} has a standard deviation of {spread:g}, as its limits say",
                f"a standard deviation above 0 and below {math.sqrt(value * (1 - value)):.3g}",
                "Mend p2_5 or p97_5.",
            )
            return None
        return Shape("dirichlet", statistic, spread=spread, concentration=value * (1 - value) / spread**2 - 1)


_SHAPES: dict[str, Callable[[ShapeRow, float, float, str], Shape | None]] = {
    name: getattr(ShapeRow, f"shape_{name}") for name in DISTRIBUTIONS
}


def _listed(columns: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(columns[:-1]), *columns[-1:]]))


def _wanted(name: str) -> str:
    """The columns of a distribution in words."""
    sets, more = COLUMNS[name]
    if sets == ((),):
        return f"none of {_listed(list(SPREAD))}"
    may = f", and {_listed(list(more))} where they are not 0 and 1" if more else ""
    return ", or ".join(_listed(list(must)) for must in sets) + may


def _interpolated(points: list[tuple[float, float]], p: float) -> float:
    """The quantile at ``p``."""
    for (a, low), (b, high) in pairwise(points):
        if a <= p <= b:
            return low + (high - low) * (p - a) / (b - a)
    return points[-1][1]


def _points(text: str) -> list[tuple[float, float]] | None:
    """``p:value`` pairs, or plain values of equal weight, as a rising quantile function from p = 0 to 1."""
    words = text.split()
    try:
        if words and ":" in text:
            points = [(float(p), float(x)) for p, x in (w.split(":") for w in words)]
        else:
            values = sorted(float(w) for w in words)
            points = [(i / max(len(values) - 1, 1), x) for i, x in enumerate(values)]
    except ValueError:
        return None
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points))
    return points if len(points) > 1 and rising and points[0][0] >= 0 and points[-1][0] <= 1 else None
