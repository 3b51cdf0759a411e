"""What becomes of e-waste: collected, recycled, other flows and the gap; materials, value, avoided emissions.

Indicators of the E-waste Statistics Guidelines, 2nd ed. (2018): placed on the market, generated and formally collected
per inhabitant, and the collection rate. All amounts are arrays whose last axis is ``1 + draws`` (or one), in kg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from netprint.errors import GapError, UsageError, did_you_mean

Array = NDArray[np.float64]
#: Documented flows besides formal collection.
OTHER_FLOWS = ("other_recycling", "residual_waste", "exported")


@dataclass(frozen=True)
class Target:
    """A dated target for the world: ``year`` by which a rate is to be reached."""

    id: str
    year: int
    rate: float
    what: str
    source: str


CONNECT = "Connect 2030 Agenda (ITU Plenipotentiary Conference, Dubai, 2018)"
#: Both were for 2023. Later targets are given by the user.
TARGETS: Mapping[str, Target] = MappingProxyType({
    t.id: t
    for t in (
        Target("connect-2030-3.2", 2023, 0.30, "share of e-waste that is recycled", f"{CONNECT}, target 3.2"),
        Target("connect-2030-3.3", 2023, 0.50, "share of countries with e-waste legislation",
               f"{CONNECT}, target 3.3"),
    )
})  # fmt: skip


@dataclass(frozen=True)
class Management:
    """Where e-waste of one place and year went. ``generated`` and ``collected`` (formally) are needed; ``recycled`` and
    the others are left out where nothing is documented, which is not zero."""

    generated: Array
    collected: Array
    recycled: Array | None = None
    other_recycling: Array | None = None
    residual_waste: Array | None = None
    exported: Array | None = None

    @property
    def collection_rate(self) -> Array:
        """Formally collected / generated."""
        return np.asarray(self.collected / self.generated)

    @property
    def recycling_rate(self) -> Array:
        """Recycled / generated. Raises :class:`GapError` where what was recycled is not documented."""
        if self.recycled is None:
            raise GapError(["ewaste_recycled"])
        return np.asarray(self.recycled / self.generated)

    @property
    def undocumented(self) -> tuple[str, ...]:
        """The flows of which nothing is known; they are inside the gap."""
        return tuple(name for name in OTHER_FLOWS if getattr(self, name) is None)

    @property
    def gap(self) -> Array:
        """Generated - Σ documented flows; below zero where more is documented than generated."""
        known = [self.collected, *(getattr(self, n) for n in OTHER_FLOWS if getattr(self, n) is not None)]
        return np.asarray(self.generated - np.sum(np.broadcast_arrays(*known), axis=0))

    def per_inhabitant(self, population: Array | float) -> dict[str, Array]:
        """kg per inhabitant: generated, collected and the gap."""
        return {
            "generated": self.generated / population,
            "collected": self.collected / population,
            "gap": self.gap / population,
        }


def rate_on_placed(collected: Array, placed: Array) -> Array:
    """Collected / mean placed on the market in the three preceding years, the other collection rate of Directive
    2012/19/EU, art. 7. ``collected``: ``(years, …)``; ``placed``: same, its first three years have no rate (NaN)."""
    out = np.full(np.broadcast_shapes(collected.shape, placed.shape), np.nan)
    for n in range(3, len(out)):
        out[n] = collected[n] / placed[n - 3 : n].mean(axis=0)
    return out


def change(first: Array, last: Array) -> Array:
    """Relative change from one year to another, last / first - 1, per draw. Raises :class:`UsageError` from zero."""
    if not np.all(first > 0):
        raise UsageError("A change is counted from an amount above zero.")
    return np.asarray(last / first - 1)


@dataclass(frozen=True)
class Standing:
    """A rate against a target: what is missing to it (below zero: it is exceeded), and the share of draws that reach
    it. ``due`` is whether the year of the rate is the target's or later."""

    target: Target
    year: int
    rate: float
    missing: float
    probability: float
    due: bool

    def __str__(self) -> str:
        when = f"was for {self.target.year}" if self.year > self.target.year else f"is for {self.target.year}"
        reached = "reached" if self.missing <= 0 else f"{self.missing:.1%} short"
        return f"{self.year}: {self.rate:.1%} {self.target.what}; {self.target.rate:.0%} {when}: {reached}"


def against(rate: Array, year: int, target: Target | str) -> Standing:
    """A rate ``(1 + draws,)`` of a year beside a target, or its id. Raises :class:`UsageError` for an unknown one."""
    if isinstance(target, str):
        if target not in TARGETS:
            raise UsageError(f"No target {target!r}. {did_you_mean(target, TARGETS)}".strip())
        target = TARGETS[target]
    drawn = rate[1:] if len(rate) > 1 else rate
    reached = float(np.mean(drawn >= target.rate))
    point = float(rate[0])
    return Standing(target, year, point, target.rate - point, reached, year >= target.year)


def materials(mass: Mapping[str, Array], shares: Mapping[tuple[str, str], float]) -> dict[str, Array]:
    """Mass of each material: ``mass`` by key in kg, ``shares`` of (key, material), which the user gives with a source.

    What the shares of a key leave of its mass is ``not known``. Raises :class:`UsageError` where they exceed one,
    :class:`GapError` for a key without any.
    """
    missing = sorted(k for k in mass if not any(key == k for key, _ in shares))
    if missing:
        raise GapError([f"ewaste_material_share[{key}]" for key in missing])
    found: dict[str, Array] = {}
    for key, amount in mass.items():
        inside = {m: s for (k, m), s in shares.items() if k == key}
        rest = 1 - sum(inside.values())
        if rest < -1e-9 or min(inside.values()) < 0:
            raise UsageError(
                f"The material shares of {key} add to {1 - rest:.4g}; they lie above zero and up to one."
            )
        for material, share in {**inside, "not known": max(rest, 0.0)}.items():
            if share > 0:
                found[material] = found.get(material, np.zeros(1)) + amount * share
    return found


def value(amounts: Mapping[str, Array], prices: Mapping[str, float]) -> dict[str, Array]:
    """Value of each material at its price (money per kg, of one year and place: the user's, with a source).

    ``not known`` has no value. Raises :class:`GapError` for a material without a price: no silent zero.
    """
    missing = sorted(m for m in amounts if m not in prices and m != "not known")
    if missing:
        raise GapError([f"material_price[{m}]" for m in missing])
    return {m: amount * prices[m] for m, amount in amounts.items() if m in prices}


def avoided_emissions(recycled: Mapping[str, Array], factor: Mapping[str, float]) -> Array:
    """Emissions avoided elsewhere by recycling, in kg CO2e: ``recycled`` in kg and ``factor`` in kg CO2e per kg, by key
    or material.

    They are an effect in other sectors and stand apart: never take them off a footprint. Raises :class:`GapError`.
    """
    missing = sorted(k for k in recycled if k not in factor)
    if missing:
        raise GapError([f"ewaste_recycling_avoided[{k}]" for k in missing])
    return np.asarray(sum((amount * factor[k] for k, amount in recycled.items()), np.zeros(1)))
