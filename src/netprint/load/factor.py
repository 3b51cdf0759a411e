"""What a factor is: its card, its rows, its distribution; frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from netprint.formula.parse import Tree
from netprint.units import Unit
from netprint.units import parse as parse_unit


@dataclass(frozen=True)
class Shape:
    """The distribution of a factor around its stated value, in the unit of its card.

    ``low`` and ``high`` are the 95 % limits (normal) or the ends (uniform, triangular, PERT, beta); ``gsd`` the
    geometric standard deviation; ``spread`` a standard deviation; ``points`` (p, x) of an empirical quantile
    function; ``concentration`` of a Dirichlet group.
    """

    distribution: str = "exact"
    statistic: str = "mean"
    low: float = 0.0
    high: float = 0.0
    gsd: float = 1.0
    spread: float = 0.0
    points: tuple[tuple[float, float], ...] = ()
    concentration: float = 0.0

    def mode(self, value: float) -> float:
        """The mode of a triangular or PERT distribution whose stated value is its ``statistic``."""
        if self.statistic == "mode":
            return value
        weight = 1 if self.distribution == "triangular" else 4
        return ((weight + 2) * value - self.low - self.high) / weight


@dataclass(frozen=True)
class Card:
    """What a factor is, known before any row is read."""

    name: str
    unit: str
    index: tuple[str, ...] = ()
    kind: str = ""
    boundary: str = ""
    fallback: tuple[str, ...] = ()
    rho: float = 0.0
    title: str = ""
    note: str = ""

    @cached_property
    def measure(self) -> Unit:
        return parse_unit(self.unit)


@dataclass(frozen=True)
class Factor:
    """One row of a factor table. ``index`` follows the card; an empty entry means any.

    ``value`` and ``shape`` are in the card's unit. ``formula`` replaces the value where it is given; such a factor
    has no draw of its own. ``group`` holds the rows that a Dirichlet draw shares. ``valid_from`` and ``valid_to``: the
    first and last year or day on which the value holds, where its source states that and the index has no year.
    """

    card: Card
    index: tuple[str, ...]
    value: float
    shape: Shape
    source: str
    status: str
    page: str = ""
    licence: str = ""
    note: str = ""
    formula: Tree | None = None
    text: str = ""
    file: str = ""
    line: int = 0
    own: bool = False
    group: tuple[tuple[tuple[str, ...], float], ...] = ()
    valid_from: str = ""
    valid_to: str = ""

    @property
    def validity(self) -> str:
        """When the value holds, as its source states it: ``2025``, ``to 2024``, ``from 2023 to 2025``; empty: not said.

        A factor with a ``year`` among its index says it there and nowhere else.
        """
        if self.valid_from and self.valid_from == self.valid_to:
            return self.valid_from
        told = (("from", self.valid_from), ("to", self.valid_to))
        return " ".join(f"{word} {day}" for word, day in told if day)

    def holds_in(self, year: int) -> bool:
        """Whether the value holds on some day of ``year``."""
        return not (
            (self.valid_from and int(self.valid_from[:4]) > year)
            or (self.valid_to and int(self.valid_to[:4]) < year)
        )

    @property
    def label(self) -> str:
        return (
            f"{self.card.name}[{', '.join(i or 'any' for i in self.index)}]" if self.index else self.card.name
        )

    @property
    def provisional(self) -> bool:
        return self.status != "verified"


@dataclass(frozen=True)
class FactorTable:
    """Factors by name and index, with their cards. ``rows[name][index]``."""

    cards: Mapping[str, Card]
    rows: Mapping[str, Mapping[tuple[str, ...], Factor]]
