"""Rows of a factor table to records, every problem listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from netprint.errors import Problems, did_you_mean
from netprint.formula.parse import FormulaError, Tree, parse
from netprint.load.factor import Card, Factor, Shape
from netprint.units import Unit, UnitError, ratio, same_dimension
from netprint.units import parse as parse_unit

Z95 = 1.959963984540054
DISTRIBUTIONS = (
    "exact",
    "normal",
    "lognormal",
    "uniform",
    "triangular",
    "pert",
    "beta",
    "empirical",
    "dirichlet",
)
STATISTICS = ("mean", "median", "mode")
NOT_INDEX = frozenset(
    "factor value unit statistic distribution p2_5 p97_5 min max gsd points source page licence status note".split()
)
#: What makes a mass one of CO2 equivalents.
CO2E_TAG = parse_unit("kg CO2e") / parse_unit("kg")


def load_rows(
    rows: Iterable[tuple[int, dict[str, str]]], file: str, cards: Mapping[str, Card], problems: Problems
) -> list[Factor]:
    """Factor rows to records, in the unit of their cards; what does not hold goes to ``problems``."""
    factors = []
    for line, row in rows:
        factor = _Row(row, file, line, problems).factor(cards)
        if factor is not None:
            factors.append(factor)
    return factors


class _Row:
    """One row of a factor table while it is read."""

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

    def factor(self, cards: Mapping[str, Card]) -> Factor | None:
        before = len(self.problems)
        card = cards.get(self.row.get("factor", ""))
        if card is None:
            name = self.row.get("factor", "")
            self.wrong(
                "factor",
                f"the factor {name!r} has no card",
                "a factor of the catalogue",
                did_you_mean(name, cards) or "Name the factor.",
            )
            return None
        extra = [k for k, v in self.row.items() if k and v and k not in NOT_INDEX and k not in card.index]
        for column in extra:
            self.wrong(
                column,
                f"{card.name} has a value in {column!r}",
                f"values only in {', '.join(card.index) or 'no index column'}",
                "Its card has no such index: leave the cell empty, or use a factor of your own under another name.",
            )
        index = tuple(self.row.get(column, "") for column in card.index)
        scale = self.scale(card)
        formula, value = self.value()
        shape = self.shape(value * scale, scale) if formula is None else Shape()
        if len(self.problems) > before or shape is None:
            return None
        row = self.row
        return Factor(
            card,
            index,
            value * scale,
            shape,
            source=row.get("source", "") or self.file,
            status=row.get("status", "") or "provisional",
            page=row.get("page", ""),
            licence=row.get("licence", ""),
            note=row.get("note", ""),
            formula=formula,
            text=row["value"],
            file=self.file,
            line=self.line,
        )

    def scale(self, card: Card) -> float:
        unit = unit_of(self.row.get("unit", "") or card.unit, self.file, self.line, self.problems)
        if unit is None:
            return 1.0
        if same_dimension(unit * CO2E_TAG, card.measure):
            return ratio(
                unit * CO2E_TAG, card.measure
            )  # kg per kWh of a factor whose kind is CO2e means kg CO2e
        if not same_dimension(unit, card.measure):
            self.wrong(
                "unit",
                f"{card.name} is given in {unit}",
                f"a unit like {card.unit}",
                "Convert it, or use a factor under another name.",
            )
            return 1.0
        return ratio(unit, card.measure)

    def value(self) -> tuple[Tree | None, float]:
        text = self.row.get("value", "")
        if text.startswith("="):
            try:
                return parse(text[1:]), 0.0
            except FormulaError as error:
                self.wrong("value", error.found, error.expected, error.remedy)
                return None, 0.0
        if not text:
            self.wrong(
                "value",
                "the value is empty",
                "a number, or a formula that starts with =",
                "Leave the row out where the value is not known: absence is not zero.",
            )
        return None, self.number("value", 0.0) or 0.0

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
        if statistic not in STATISTICS:
            self.wrong(
                "statistic",
                f"the statistic {statistic!r} is not known",
                ", ".join(STATISTICS),
                "Say which of them the value is.",
            )
            return None
        return _SHAPES[name](self, value, scale, statistic)

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
        limits = self.pair("p2_5", "p97_5", scale)
        return limits and Shape("normal", statistic, *limits, spread=(limits[1] - limits[0]) / (2 * Z95))

    def shape_lognormal(self, value: float, scale: float, statistic: str) -> Shape | None:
        gsd = self.number("gsd")
        if gsd is None:
            limits = self.pair("p2_5", "p97_5", scale)
            if limits is None:
                return None
            gsd = math.exp(math.log(limits[1] / limits[0]) / (2 * Z95)) if limits[0] > 0 else 0.0
        if gsd < 1:
            self.wrong(
                "gsd",
                f"the geometric standard deviation is {gsd:g}",
                "1 or more, and limits above zero",
                "A gsd of 1.1 means about ± 20 % at 95 %.",
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
        if shape is not None and not self.stated(value, (shape.low + shape.high) / 2, shape.high - shape.low, scale):
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
            "Mend the value or its statistic, or choose a distribution that is not symmetric, such as triangular.",
        )
        return False

    def shape_triangular(self, value: float, scale: float, statistic: str) -> Shape | None:
        return self.bounded("triangular", value, scale, statistic)

    def shape_pert(self, value: float, scale: float, statistic: str) -> Shape | None:
        return self.bounded("pert", value, scale, statistic)

    def shape_beta(self, value: float, scale: float, statistic: str) -> Shape | None:
        low, high = (self.number("min", 0.0) or 0.0) * scale, (self.number("max", 1.0) or 1.0) * scale
        limits = self.pair("p2_5", "p97_5", scale)
        if limits is None:
            return None
        spread = (limits[1] - limits[0]) / (2 * Z95)
        if not low < value < high or spread**2 >= (value - low) * (high - value):
            self.wrong(
                "value",
                f"no beta distribution on [{low:g}, {high:g}] has mean {value:g} and standard deviation {spread:g}",
                "a mean inside and a narrower range",
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
        mean = sum((q - o) * (a + b) / 2 for o, q, a, b in zip(p, p[1:], x, x[1:], strict=False)) / (p[-1] - p[0])
        middle = mean if statistic == "mean" else _interpolated(points, 0.5) if statistic == "median" else value / scale
        if not self.stated(value, middle * scale, (x[-1] - x[0]) * scale, scale):
            return None
        return Shape("empirical", statistic, points=tuple((p, x * scale) for p, x in points))

    def shape_dirichlet(self, value: float, scale: float, statistic: str) -> Shape | None:
        limits = self.pair("p2_5", "p97_5", scale)
        if limits is None:
            return None
        if not 0 < value < 1:
            self.wrong(
                "value", f"a share of {value:g}", "above 0 and below 1", "Shares of one whole add to 1."
            )
            return None
        spread = (limits[1] - limits[0]) / (2 * Z95)
        return Shape(
            "dirichlet", statistic, spread=spread, concentration=max(value * (1 - value) / spread**2 - 1, 0.0)
        )


_SHAPES: dict[str, Callable[[_Row, float, float, str], Shape | None]] = {
    name: getattr(_Row, f"shape_{name}") for name in DISTRIBUTIONS
}


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


def unit_of(text: str, file: str, line: int, problems: Problems) -> Unit | None:
    try:
        return parse_unit(text)
    except UnitError as error:
        problems.add(file, line, "unit", found=error.found, expected=error.expected, remedy=error.remedy)
        return None
