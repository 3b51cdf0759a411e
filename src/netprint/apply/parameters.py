"""The uncertain numbers of practices as factors of the one engine, so that their draws are kept by identity.

A parameter without range is exact; one with a range is triangular around its value, or uniform where it has none. Two
practices that state the same share of the same stream share its draws.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netprint.apply.choices import Choices
from netprint.apply.default import YOURS, Default, default_effect
from netprint.engine.coefficients import Coefficients
from netprint.engine.resolve import Resolver
from netprint.load.factor import Card, Factor, FactorTable, Shape
from netprint.load.practice import Estimate, Practice

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Runnable:
    """A practice with what it is run with. ``effect`` is None where no evidence gives a default."""

    practice: Practice
    effect: Default | None
    share: Estimate
    adoption: Estimate
    stream: str

    @property
    def id(self) -> str:
        return self.practice.id


def runnable(practice: Practice, choices: Choices, *, accept_claims: bool) -> Runnable:
    """A practice with the user's numbers in place of its own where they are given."""
    given = choices.effects.get(practice.id)
    if given is not None:
        effect: Default | None = Default(given.point, shape_of(given), YOURS, "your own", "provisional")
    else:
        effect = default_effect(practice, accept_claims=accept_claims)
    return Runnable(
        practice,
        effect,
        choices.shares.get(practice.id, practice.share),
        choices.adoption.get(practice.id, Estimate(1.0, source="you")),
        choices.streams.get(practice.id, practice.stream),
    )


def shape_of(given: Estimate) -> Shape:
    """The distribution of an estimate."""
    if given.low is None or given.high is None or given.low == given.high:
        return Shape()
    if given.value is None:
        return Shape("uniform", "mean", given.low, given.high)
    return Shape("triangular", "mode", given.low, given.high)


@dataclass
class Parameters:
    """The draws of practices' numbers, ``(1 + N,)`` each, the point first. ``used``: those that are uncertain."""

    coefficients: Coefficients
    used: dict[str, Array] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, given: Estimate, *identity: str) -> Array:
        """The draws of an estimate; ``identity`` is whose it is."""
        return self.drawn(name, given.point, shape_of(given), *identity)

    def effect(self, one: Runnable) -> Array:
        """The effect, at most 1 where it is a share."""
        assert one.effect is not None
        drawn = self.drawn(
            f"effect of {one.id}", one.effect.value, one.effect.shape, "effect", one.id, one.effect.rule
        )
        return np.minimum(drawn, 1.0) if one.practice.effect.kind == "share" else drawn

    def share(self, one: Runnable) -> Array:
        """The share of the rows that the stream is; the same statement has the same draws."""
        s = one.share
        said = json.dumps([one.stream, s.value, s.low, s.high])
        name = f"share of {one.stream}"
        drawn = self.of(name, s, "share", said)
        if self.said.setdefault(name, said) != said:
            self.used[f"{name} as {one.id} states it"] = drawn
        return np.clip(drawn, 0.0, 1.0)

    def adoption(self, one: Runnable) -> Array:
        return self.of(f"adoption of {one.id}", one.adoption, "adoption", one.id)

    def drawn(self, name: str, value: float, shape: Shape, *identity: str) -> Array:
        card = Card("practice:" + ":".join(identity), "1")
        factor = Factor(card, (), value, shape, "practice", "provisional")
        array = np.broadcast_to(self.coefficients.row(factor), (self.coefficients.n + 1,))
        if shape.distribution != "exact":
            self.used.setdefault(name, array)
        return array


class Given(Coefficients):
    """Coefficients in which some factors are given as arrays: what is kept of rows that practices act on."""

    def __init__(self, resolver: Resolver, seed: int, n: int, arrays: Mapping[str, Array]) -> None:
        super().__init__(resolver, seed, n)
        self.arrays = arrays

    def row(self, factor: Factor) -> Array:
        given = self.arrays.get(factor.card.name)
        return super().row(factor) if given is None else given


def kept_table(names: Mapping[str, Array]) -> FactorTable:
    """Cards and rows for the factors that :class:`Given` answers."""
    cards = {name: Card(name, "1") for name in names}
    rows: dict[str, dict[tuple[str, ...], Factor]] = {
        name: {(): Factor(card, (), float(names[name][0]), Shape(), "practice", "verified", own=True)}
        for name, card in cards.items()
    }
    return FactorTable(cards, rows)
