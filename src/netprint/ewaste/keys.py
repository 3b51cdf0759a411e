"""The 54 UNU-KEYs, what they are grouped into, and the trade codes that belong to them.

Sources: UNITAR, WEEE Calculation Tool manual (2023), Annex III; E-waste Statistics Guidelines (2015); Directive
2012/19/EU, Annexes I and III. The catalogue's tables ``ewaste/keys.csv`` and ``ewaste/hs6.csv`` say where each row
is from.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from netprint.errors import UsageError, did_you_mean

#: Titles of the groups of a classification. Photovoltaic panels are a part of EU-6 category 4 and of EU-10 category 4.
CLASSIFICATIONS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "EU6": {
        "1": "Temperature exchange equipment", "2": "Screens and monitors", "3": "Lamps",
        "4": "Large equipment, photovoltaic panels included", "5": "Small equipment",
        "6": "Small IT and telecommunication equipment",
    },
    "EU10": {
        "1": "Large household appliances", "2": "Small household appliances",
        "3": "IT and telecommunications equipment", "4": "Consumer equipment and photovoltaic panels",
        "5": "Lighting equipment", "6": "Electrical and electronic tools",
        "7": "Toys, leisure and sports equipment", "8": "Medical devices",
        "9": "Monitoring and control instruments", "10": "Automatic dispensers",
    },
    "ICT": {
        "ICT": "Information and communication technology (UNU-KEYs 0301 to 0309)", "other": "Other equipment"
    },
})  # fmt: skip


@dataclass(frozen=True)
class Key:
    """One UNU-KEY. ``eu6`` and ``eu10`` are 4a or 4b where photovoltaic panels (4b) are told apart; ``introduced`` is
    the year in which goods of the key were first sold."""

    key: str
    title: str
    eu6: str
    eu10: str
    ict: bool
    introduced: int
    source: str
    status: str
    note: str = ""

    def group(self, classification: str) -> str:
        """The label of this key's group in ``EU6``, ``EU10`` or ``ICT``. Raises :class:`UsageError`."""
        if classification not in CLASSIFICATIONS:
            hint = did_you_mean(classification, CLASSIFICATIONS)
            raise UsageError(
                f"{classification!r} is no classification of e-waste: {', '.join(CLASSIFICATIONS)}. {hint}"
            )
        if classification == "ICT":
            return "ICT" if self.ict else "other"
        return (self.eu6 if classification == "EU6" else self.eu10).rstrip("ab")


def _table(name: str) -> list[dict[str, str]]:
    path = resources.files("netprint") / "catalog" / "ewaste" / name
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


@lru_cache(maxsize=1)
def load_keys() -> Mapping[str, Key]:
    """The UNU-KEYs of the catalogue by their four digits."""
    return MappingProxyType({
        row["key"]: Key(
            row["key"], row["title"], row["eu6"], row["eu10"], row["ict"] == "1", int(row["introduced"]),
            row["source"], row["status"], row["note"],
        )
        for row in _table("keys.csv")
    })  # fmt: skip


def groups(classification: str) -> dict[str, tuple[str, ...]]:
    """The keys of each group of ``EU6``, ``EU10`` or ``ICT``: every key in one group. Raises :class:`UsageError`."""
    found: dict[str, list[str]] = {}
    for key in load_keys().values():
        found.setdefault(key.group(classification), []).append(key.key)
    return {label: tuple(found[label]) for label in CLASSIFICATIONS[classification] if label in found}


@lru_cache(maxsize=1)
def harmonised_system() -> Mapping[str, str]:
    """Codes of the Harmonized System, six digits, to UNU-KEYs (E-waste Statistics Guidelines 2015).

    Lamps of the keys 0502 and 0505, photovoltaic panels (0002) and central heating (0001) have no code of their own in
    it; a table of the Combined Nomenclature, which the user gives, tells them apart.
    """
    return MappingProxyType({row["code"]: row["key"] for row in _table("hs6.csv")})
