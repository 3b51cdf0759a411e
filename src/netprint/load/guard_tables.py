"""What the guards compare with: plausible bands, warming potentials by set, and findings that were looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from netprint.load.factors import CATALOG, read_csv
from netprint.units import Unit, parse, ratio

FOLDER = CATALOG / "guards"


@dataclass(frozen=True)
class Band:
    """Plausible values of a factor, or with an empty name of a unit: ``low`` to ``high`` in ``unit``.

    With ``column`` only rows with that ``label`` in it. ``zero``: never, look (a warning), or empty where it is fine.
    """

    factor: str
    column: str
    label: str
    low: float
    high: float
    unit: str
    zero: str

    @cached_property
    def measure(self) -> Unit:
        return parse(self.unit)

    def within(self, unit: Unit) -> tuple[float, float]:
        """The band in another unit of the same dimension."""
        scale = ratio(self.measure, unit)
        return self.low * scale, self.high * scale


@lru_cache(maxsize=1)
def bands() -> Mapping[str, list[Band]]:
    """The bands by factor; those of units under an empty name."""
    found: dict[str, list[Band]] = {"": []}
    for _, r in read_csv(FOLDER / "bands.csv"):
        band = Band(
            r["factor"], r["column"], r["label"], float(r["low"]), float(r["high"]), r["unit"], r["zero"]
        )
        found.setdefault(r["factor"], []).append(band)
    return found


@lru_cache(maxsize=1)
def gwp_sets() -> Mapping[str, Mapping[str, float]]:
    """Warming potentials over 100 years, where not said otherwise: set -> flow -> value."""
    found: dict[str, dict[str, float]] = {}
    for _, row in read_csv(FOLDER / "gwp_sets.csv"):
        found.setdefault(row["set"], {})[row["flow"]] = float(row["value"])
    return found


@lru_cache(maxsize=1)
def reviewed() -> frozenset[tuple[str, str, str]]:
    """Findings in the catalogue that somebody has looked at: guard, factor, index joined by spaces."""
    rows = read_csv(FOLDER / "reviewed.csv")
    return frozenset((r["guard"], r["factor"], r["index"]) for _, r in rows)


def same_flow(a: str, b: str) -> bool:
    """Whether two names of a gas are one, but for hyphens, spaces and letter case."""
    return _flow(a) == _flow(b)


@lru_cache(maxsize=4096)
def _flow(name: str) -> str:
    return re.sub(r"[^a-z0-9()]", "", name.casefold())
