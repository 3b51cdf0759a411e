"""What the guards look at and what they say: a table beside the catalogue, and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from netprint.errors import Problem
from netprint.load.factor import Factor, FactorTable
from netprint.load.factors import catalog
from netprint.load.guard_tables import gwp_sets

AHEAD = 2


@dataclass(frozen=True)
class Finding:
    """What a guard found. ``guard``: its name; ``error``: nearly certainly wrong, not only unusual."""

    guard: str
    error: bool
    factor: str
    index: tuple[str, ...]
    problem: Problem

    def __str__(self) -> str:
        return f"{'error' if self.error else 'warning'} ({self.guard}): {self.problem}"

    def as_dict(self) -> dict[str, object]:
        return {"guard": self.guard, "error": self.error, "factor": self.factor, **self.problem.as_dict()}


@dataclass(frozen=True)
class Look:
    """A table under guard, and the catalogue it is compared with."""

    table: FactorTable
    known: FactorTable | None

    @cached_property
    def factors(self) -> list[Factor]:
        """Rows that state a value."""
        return [f for rows in self.table.rows.values() for f in rows.values() if f.formula is None]

    @cached_property
    def cards(self) -> FactorTable:
        return self.known or self.table

    @cached_property
    def newest(self) -> int:
        """The newest year of the catalogue: what is much newer cannot have been measured."""
        years = [int(y) for f in catalog().rows.get("grid_lifecycle", {}) for y in f if y.isdigit()]
        return max(years, default=2025) + AHEAD

    @cached_property
    def sets(self) -> Mapping[str, Mapping[str, float]]:
        return _sets()

    def like(self, factor: Factor) -> Factor | None:
        """The catalogue's row for the same index, else for the same index in the nearest year."""
        if self.known is None:
            return None
        rows = self.known.rows.get(factor.card.name, {})
        if factor.card != self.known.cards.get(factor.card.name):
            return None
        exact = rows.get(factor.index)
        if exact is not None or "year" not in factor.card.index:
            return exact if exact is not None and exact.formula is None else None
        at = factor.card.index.index("year")
        rest = (*factor.index[:at], *factor.index[at + 1 :])
        near = [f for i, f in rows.items() if (*i[:at], *i[at + 1 :]) == rest and f.formula is None and i[at]]
        return min(near, key=lambda f: _apart(f.index[at], factor.index[at]), default=None)


def _apart(a: str, b: str) -> int:
    return abs(int(a) - int(b)) if a.isdigit() and b.isdigit() else 10_000


def finding(
    name: str, error: bool, factor: Factor, found: str, expected: str, remedy: str, field: str = "value"
) -> Finding:
    problem = Problem(factor.file, factor.line, field, f"{factor.label}: {found}", expected, remedy)
    return Finding(name, error, factor.card.name, factor.index, problem)


def text_of(value: float, factor: Factor) -> str:
    unit = factor.card.unit
    return f"{value:.4g}" if unit in ("", "1") else f"{value:.4g} {unit}"


def _sets() -> Mapping[str, Mapping[str, float]]:
    """Warming potentials by set and flow: an independent table, the catalogue's, and blends of the catalogue's."""
    held = {name: dict(values) for name, values in gwp_sets().items()}
    known = catalog()
    for name in ("AR4", "AR5", "AR6"):
        rows = known.rows.get(f"gwp_{name.lower()}", {})
        here = {i[0]: f.value for i, f in rows.items() if f.formula is None}
        held[name] = here | held.get(name, {})
        held[name] = _blends(known, here) | held[name]
    return held


def _blends(known: FactorTable, gwp: Mapping[str, float]) -> dict[str, float]:
    """The potential of each refrigerant blend whose every gas has one."""
    parts: dict[str, list[float]] = {}
    for table in ("blend", "blend_outside_kyoto"):
        for (item, gas), share in known.rows.get(table, {}).items():
            parts.setdefault(item, []).append(share.value * gwp.get(gas, float("nan")))
    sums = {item: sum(values) for item, values in parts.items()}
    return {item: total for item, total in sums.items() if total == total}
