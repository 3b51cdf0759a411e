"""What a unit is, how units multiply, and how they are shown."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction

from netprint.errors import NetprintError

Power = int | Fraction
Dims = tuple[tuple[str, Power], ...]


class UnitError(NetprintError, ValueError):
    """A unit that cannot be read, or two units that do not balance. Its parts are those of a Problem."""

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        self.found, self.expected, self.remedy = found, expected, remedy
        super().__init__(f"{found}; expected {expected}. {remedy}")


@dataclass(frozen=True, slots=True)
class Unit:
    """One of this unit is ``scale`` times the product of the base units in ``dims`` (sorted by name, no zeros).

    Two units are equal when scale and dimensions are; ``written`` only keeps the user's spelling for display.
    Raises :class:`UnitError` when the scale leaves the range of floating point numbers.
    """

    scale: float
    dims: Dims = ()
    written: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.scale < math.inf:
            raise UnitError(
                f"the scale of a unit is {self.scale!r}",
                "a finite number above zero",
                "Use a prefix or a power of ten nearer to one.",
            )

    def __mul__(self, other: Unit) -> Unit:
        return Unit(self.scale * other.scale, _merged(self.dims, other.dims, 1))

    def __truediv__(self, other: Unit) -> Unit:
        return Unit(self.scale / other.scale, _merged(self.dims, other.dims, -1))

    def __pow__(self, power: Power) -> Unit:
        try:
            scale = float(self.scale**power)
        except OverflowError:
            scale = math.inf
        return Unit(scale, tuple((name, _simple(p * power)) for name, p in self.dims if power))

    @property
    def text(self) -> str:
        """As the user wrote it, else in base units; ``parse`` reads it back to an equal unit."""
        return self.written or _canonical(self.scale, self.dims)

    def __str__(self) -> str:
        return self.text


DIMENSIONLESS = Unit(1.0, (), "1")


def same_dimension(a: Unit, b: Unit) -> bool:
    """Whether the two differ by a number only."""
    return a.dims == b.dims


def ratio(a: Unit, b: Unit) -> float:
    """How many ``b`` one ``a`` is: 1000 for MWh and kWh. Raises :class:`UnitError` if they do not balance."""
    if a.dims != b.dims:
        expected = f"a unit of the same dimension as {b.text!r}"
        raise UnitError(f"the unit {a.text!r}", expected, _way_between(a.dims, b.dims))
    return a.scale / b.scale


def _simple(power: Power) -> Power:
    return power.numerator if power.denominator == 1 else power


def _merged(a: Dims, b: Dims, sign: int) -> Dims:
    powers = dict(a)
    for name, power in b:
        powers[name] = _simple(powers.get(name, 0) + sign * power)
    return tuple(sorted([item for item in powers.items() if item[1]]))


_MONEY = re.compile(r"[A-Z]{3}(\d{4})?\Z")
_AMOUNTS = ({"kg", "m"}, {"kg", "kWh"}, {"kWh", "m"})


def _way_between(a: Dims, b: Dims) -> str:
    """What leads from one dimension to the other, as far as it can be guessed."""
    differ = {name for name, _ in set(a) ^ set(b)}
    if differ == {"net", "gross"}:
        return "Net and gross calorific value are linked by the factor net_per_gross."
    if differ < {"net", "gross"}:
        return (
            "Say on which calorific value the energy is stated: kWh_net or kWh_gross (MJ_net, GJ_gross ...)."
        )
    if differ == {"CO2e"}:
        return "A gas becomes CO2e through a global warming potential (gwp), not through a change of unit."
    if all(_MONEY.match(name) for name in differ):
        return "Another currency or price year needs an exchange rate or a price index, given as a factor."
    if differ - {"net", "gross"} in _AMOUNTS:
        return "Mass, volume and energy are linked by a density or a calorific value, given as a factor."
    return f"In base units one is in {_canonical(1.0, a)}, the other in {_canonical(1.0, b)}."


_PAIRED = {
    "CO2e": ("kg", "kg CO2e"),
    "Sb": ("kg", "kg Sb"),
    "net": ("kWh", "kWh_net"),
    "gross": ("kWh", "kWh_gross"),
}
_ORDER = {name: n for n, name in enumerate("kg CO2e|kg Sb|kWh_net|kWh_gross|kg|kWh|bit|m|K|h".split("|"))}


def _canonical(scale: float, dims: Dims) -> str:
    """In base units: ``3.6 kg CO2e/(kWh h)``. A tag is shown on the unit that it qualifies."""
    powers = dict(dims)
    for tag, (base, name) in _PAIRED.items():
        if power := powers.pop(tag, 0):
            powers[name] = power
            powers[base] = powers.get(base, 0) - power
    ordered = sorted(powers, key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    over = [_powered(name, powers[name]) for name in ordered if powers[name] > 0]
    under = [_powered(name, -powers[name]) for name in ordered if powers[name] < 0]
    if scale != 1 or not over:
        over.insert(0, repr(scale).removesuffix(".0"))
    if not under:
        return " ".join(over)
    single = len(under) == 1 and (" " not in under[0] or under[0].startswith("("))
    return f"{' '.join(over)}/{under[0] if single else '(' + ' '.join(under) + ')'}"


def _powered(name: str, power: Power) -> str:
    if power == 1:
        return name
    if name == "m" and power in (2, 3):
        return f"m{power}"
    base = f"({name})" if " " in name else name
    return f"{base}^{power}" if power.denominator == 1 else f"{base}^({power})"
