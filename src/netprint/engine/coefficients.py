"""evaluate: factors and formulas to arrays ``(1 + N,)``, the point in column 0.

A factor's draws belong to its identity; they are made when first asked for and kept while there is room. What is
not uncertain stays an array of one element.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from netprint.engine import distributions, draws
from netprint.engine.resolve import Found, Resolver
from netprint.formula.evaluate import Asked, Names, evaluate
from netprint.load.factors import Factor

Array = NDArray[np.float64]
MEMORY = 256 << 20


class Coefficients:
    """Arrays of factors, in coherent units, for one resolver, seed and number of draws.

    ``shift`` sets the standard normals behind factor rows in place of drawing them (for the tornado and for error
    propagation): identity → one value a column, NaN where it stands still.
    """

    def __init__(
        self, resolver: Resolver, seed: int, n: int, shift: Mapping[Identity, Array] | None = None
    ) -> None:
        self.resolver, self.seed, self.n, self.shift = resolver, seed, n, shift
        self._kept: OrderedDict[object, Array] = OrderedDict()
        self._room = max(MEMORY // (8 * (n + 1)), 16)

    def factor(self, asked: Asked) -> Array:
        """The factor's array in coherent units, proxies included."""
        kept = self._kept.get(asked)
        if kept is not None:
            self._kept.move_to_end(asked)
            return kept
        found = self.resolver(asked)
        assert isinstance(found, Found), f"{asked} is a gap"
        return self._keep(asked, self._array(found))

    def _keep(self, key: object, array: Array) -> Array:
        self._kept[key] = array
        if len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return array

    def _array(self, found: Found) -> Array:
        card = found.factor.card
        array = self.row(found.factor) * card.measure.scale if found.formula is None else self.formula(found)
        if found.proxy is not None:
            array = array * self.spread(found)
        return array

    def formula(self, found: Found) -> Array:
        """A factor given by a formula has no draw of its own, only its inputs'."""
        assert found.formula is not None
        labels = dict(zip(found.factor.card.index, found.at, strict=True))
        mapped = found.factor.source == "scenario"
        inner = self._base() if mapped else self
        return evaluate(found.formula, Names(labels, {}, inner.factor, inner.resolver.held))

    def _base(self) -> Coefficients:
        """The same without the scenario's mappings: inside its formula a factor is the baseline's."""
        if "base" not in self.__dict__:
            resolver = Resolver(
                self.resolver.tables, self.resolver.cards, self.resolver.groups, self.resolver.aliases
            )
            self.base = Coefficients(resolver, self.seed, self.n, self.shift)
        return self.base

    def row(self, factor: Factor) -> Array:
        """One factor row in its card's unit: the stated value, then the draws."""
        if factor.shape.distribution == "exact":
            return np.array([factor.value])
        if factor.group:
            return self._share(factor)
        return _stated(
            factor.value, self.normal(factor), lambda z: distributions.quantile(factor.value, factor.shape, z)
        )

    def _share(self, factor: Factor) -> Array:
        """A share of a whole: gamma draws of all members, divided by their sum (a Dirichlet draw)."""
        parts = []
        for index, concentration in factor.group:
            name, source = factor.card.name, factor.source
            z = self._normal(name, source, index, index, 0.0)
            drawn = _stated(concentration, z, lambda z, c=concentration: distributions.gamma_share(c, z))  # type: ignore[misc]
            parts.append(np.broadcast_to(drawn, (self.n + 1,))[1:])
        own = next(i for i, (index, _) in enumerate(factor.group) if index == factor.index)
        return np.concatenate([[factor.value], parts[own] / np.sum(parts, axis=0)])

    def spread(self, found: Found) -> Array:
        """The mean-one factors of a proxy, multiplied; their index is the one that was asked for."""
        assert found.proxy is not None
        product = np.ones(1)
        for spread in found.proxy.spreads:
            rest = _without_year(found.asked, found.factor.card.index)
            z = self._normal(spread.card.name, spread.source, found.asked, rest, spread.card.rho)
            product = product * _stated(1.0, z, lambda z, s=spread: distributions.quantile(1.0, s.shape, z))  # type: ignore[misc]
        return product

    def normal(self, factor: Factor) -> Array | None:
        rest = _without_year(factor.index, factor.card.index)
        return self._normal(factor.card.name, factor.source, factor.index, rest, factor.card.rho)

    def _normal(
        self, name: str, source: str, index: tuple[str, ...], rest: tuple[str, ...], rho: float
    ) -> Array | None:
        """z of a row; None where inputs are shifted and this one stands still."""
        if self.shift is not None:
            parts = [
                (("series", name, source, rest), rho**0.5),
                (("own", name, source, index), (1 - rho) ** 0.5),
            ]
            moved = [self.shift[i] * weight for i, weight in parts if i in self.shift]
            if not moved:
                return None
            still = np.all(np.isnan(moved), axis=0)
            return np.where(still, np.nan, np.nansum(moved, axis=0))
        return draws.series_and_own(self.seed, name, source, index, rest, rho, self.n)


Identity = tuple[str, str, str, tuple[str, ...]]


def _stated(value: float, z: Array | None, quantile: Callable[[Array], Array]) -> Array:
    """The stated value, then the quantiles of z; the stated value too where z is NaN (an input that stands still)."""
    if z is None:
        return np.array([value])
    still = np.isnan(z)
    if not still.any():
        return np.concatenate([[value], quantile(z)])
    return np.concatenate([[value], np.where(still, value, quantile(np.where(still, 0.0, z)))])


def _without_year(index: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(i for i, c in zip(index, columns, strict=True) if c != "year")


def identities(found: Found) -> list[tuple[Identity, float]]:
    """The independent standard normals behind a found factor row, each with its weight in the row's z."""
    if found.formula is not None and found.proxy is None:
        return []
    pairs = []
    factor = found.factor
    if found.formula is None and factor.shape.distribution != "exact":
        rho = 0.0 if factor.group else factor.card.rho
        members = [i for i, _ in factor.group] or [factor.index]
        for index in members:
            rest = index if factor.group else _without_year(index, factor.card.index)
            pairs += _pair(factor.card.name, factor.source, index, rest, rho)
    if found.proxy is not None:
        rest = _without_year(found.asked, factor.card.index)
        for spread in found.proxy.spreads:
            pairs += _pair(spread.card.name, spread.source, found.asked, rest, spread.card.rho)
    return pairs


def _pair(
    name: str, source: str, index: tuple[str, ...], rest: tuple[str, ...], rho: float
) -> list[tuple[Identity, float]]:
    both = [(("series", name, source, rest), rho**0.5), (("own", name, source, index), (1 - rho) ** 0.5)]
    return [(identity, weight) for identity, weight in both if weight > 0]
