"""Apparent consumption: production + imports - exports, by country, UNU-KEY and year, in units and mass.

E-waste Statistics Guidelines, 2nd ed. (2018). Trade and production are given by code (Harmonized System, Combined
Nomenclature …) or by key; the correspondence of the Harmonized System is shipped, longer codes the user gives.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netprint.errors import Problems, did_you_mean
from netprint.ewaste.keys import harmonised_system, load_keys
from netprint.load.factors import catalog
from netprint.units import UnitError, parse, same_dimension

FLOWS = {"production": 1.0, "import": 1.0, "export": -1.0}
Weights = Mapping[str | tuple[str, int], float]


@dataclass(frozen=True)
class Placed:
    """What was placed on the market of one key in one country and year, in units and kg; NaN where a flow is missing.

    ``flags`` say what a reader must know: a flow that is missing, an amount below zero, units or mass that come from
    the average weight.
    """

    country: str
    key: str
    year: int
    units: float
    mass: float
    flags: tuple[str, ...]

    def row(self, in_mass: bool = False, **more: object) -> dict[str, object]:
        """The row of activity data (``eee_placed`` or ``eee_placed_mass``) for a study."""
        return {
            "activity": "eee_placed_mass" if in_mass else "eee_placed", "country": self.country,
            "year": str(self.year), "item": self.key, "quantity": self.mass if in_mass else self.units,
            "unit": "kg" if in_mass else "unit", "tier": "modelled", "note": "; ".join(self.flags), **more,
        }  # fmt: skip


def average_weights() -> dict[str | tuple[str, int], float]:
    """The catalogue's average weight of a good by key, in kg per unit."""
    rows = catalog().rows["ewaste_weight"]
    return {index[0]: factor.value for index, factor in rows.items()}


def read_codes(path: str | Path) -> dict[str, str]:
    """A correspondence table: columns ``code`` (or ``cn8``, ``hs6``) and ``key`` (or ``unu_key``).

    Raises :class:`~netprint.errors.InputError` for keys that are none and codes with two of them.
    """
    problems, found = Problems(), dict[str, str]()
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), 2):
            code = next((row[c] for c in ("code", "cn8", "hs6") if row.get(c)), "").replace(" ", "")
            key = row.get("key") or row.get("unu_key") or ""
            if not code.isdigit() or key not in load_keys() or found.get(code, key) != key:
                problems.add(
                    Path(path).name, line, "key", found=f"the code {code!r} with the key {key!r}",
                    expected="a code of digits and one UNU-KEY of four",
                    remedy=did_you_mean(key, load_keys()) or "Correct the row.",
                )  # fmt: skip
            found[code] = key
    problems.raise_if_any()
    return found


def key_of(code: str, codes: Mapping[str, str] | None = None) -> str | None:
    """The UNU-KEY of a trade code: by the user's table, else by the first six digits; None where neither has it."""
    code = code.replace(" ", "")
    if codes:
        for length in range(len(code), 3, -1):
            if code[:length] in codes:
                return codes[code[:length]]
    return harmonised_system().get(code[:6])


def apparent_consumption(
    rows: Iterable[Mapping[str, Any]],
    *,
    codes: Mapping[str, str] | None = None,
    weights: Weights | None = None,
    file: str = "trade",
) -> list[Placed]:
    """Production + imports - exports of each country, key and year.

    Rows: ``country, year, flow`` (production, import, export), ``code`` or ``key``, ``quantity, unit`` (pieces or a
    mass). Pieces become mass, and mass pieces, by the average weight of the key (``weights``: kg by key or by (key,
    year); the catalogue's where not given). A key without any row of one of the flows is a gap and not zero: give a
    row of 0 where nothing was produced or exported. Raises :class:`~netprint.errors.InputError`.
    """
    weights = average_weights() if weights is None else weights
    problems, sums = Problems(), dict[tuple[str, str, int], dict[str, list[float]]]()
    flags: dict[tuple[str, str, int], dict[str, None]] = {}
    for line, row in enumerate(rows, 1):
        read = _read(row, codes, weights, file, line, problems)
        if read is None:
            continue
        at, flow, units, mass, flag = read
        held = sums.setdefault(at, {}).setdefault(flow, [0.0, 0.0])
        held[0], held[1] = held[0] + units, held[1] + mass
        flags.setdefault(at, {})[flag] = None
    problems.raise_if_any()
    return [_placed(at, sums[at], list(flags[at])) for at in sorted(sums)]


def _placed(at: tuple[str, str, int], flows: Mapping[str, list[float]], flags: list[str]) -> Placed:
    missing = [f"no {flow} given" for flow in FLOWS if flow not in flows]
    if missing:
        return Placed(*at, float("nan"), float("nan"), (*missing, *flags))
    units, mass = (sum(FLOWS[flow] * amount[i] for flow, amount in flows.items()) for i in (0, 1))
    below = ["below zero: exports above supply"] if min(units, mass) < 0 else []
    return Placed(*at, units, mass, (*below, *flags))


def _read(
    row: Mapping[str, Any],
    codes: Mapping[str, str] | None,
    weights: Weights,
    file: str,
    line: int,
    problems: Problems,
) -> tuple[tuple[str, str, int], str, float, float, str] | None:
    before = len(problems)
    flow, key = str(row.get("flow", "")), str(row.get("key") or "")
    if flow not in FLOWS:
        problems.add(file, line, "flow", found=f"the flow {flow!r}", expected=", ".join(FLOWS),
                     remedy=did_you_mean(flow, FLOWS) or "Write one of these.")  # fmt: skip
    if not key:
        code = str(row.get("code", ""))
        key = key_of(code, codes) or ""
        if not key:
            problems.add(file, line, "code", found=f"the code {code!r} belongs to no UNU-KEY that is known",
                         expected="a code of the correspondence table",
                         remedy="Give a table of codes (read_codes), or leave the row out.")  # fmt: skip
    elif key not in load_keys():
        problems.add(file, line, "key", found=f"the key {key!r}", expected="a UNU-KEY of four digits",
                     remedy=did_you_mean(key, load_keys()) or "Keep the leading zero.")  # fmt: skip
    try:
        amount, year = float(row.get("quantity", "")), int(row.get("year", ""))
    except (TypeError, ValueError):
        problems.add(file, line, "quantity", found=f"quantity {row.get('quantity')!r}, year {row.get('year')!r}",
                     expected="numbers", remedy="Leave out rows without an amount.")  # fmt: skip
        return None
    if amount < 0:
        problems.add(file, line, "quantity", found=f"{amount} in a flow", expected="zero or more",
                     remedy="Exports are taken off by their flow, not by a sign.")  # fmt: skip
    weight = weights.get((key, year), weights.get(key)) if key else None
    if key in load_keys() and weight is None:
        problems.add(file, line, "key", found=f"no average weight of {key} in {year}", expected="kg per unit",
                     remedy="Give it in `weights`.")  # fmt: skip
    scale = _scale(str(row.get("unit", "")), file, line, problems)
    if len(problems) > before or weight is None or scale is None:
        return None
    size, in_mass = scale
    units, mass = (amount * size / weight, amount * size) if in_mass else (amount, amount * weight)
    flag = "units from average weight" if in_mass else "mass from average weight"
    return (str(row.get("country", "")), key, year), flow, units, mass, flag


def _scale(text: str, file: str, line: int, problems: Problems) -> tuple[float, bool] | None:
    """Pieces: (1, False); a mass: (kg per unit of it, True)."""
    try:
        unit = parse(text)
    except UnitError:
        unit = None
    if unit is not None and any(same_dimension(unit, parse(u)) for u in ("unit", "piece")):
        return unit.scale, False
    if unit is not None and same_dimension(unit, parse("kg")):
        return unit.scale, True
    problems.add(file, line, "unit", found=f"the unit {text!r}", expected="unit, piece, kg, t …",
                 remedy="Give pieces or a mass.")  # fmt: skip
    return None


def crt_monitors(desktops: float, flat: float, weight: float) -> float:
    """Mass in kg of cathode ray tube monitors placed on the market (key 0308): (1.16 desktops - flat) × weight.

    ``desktops`` and ``flat`` (panel monitors) in pieces, ``weight`` in kg per piece. Statistics Netherlands, Waste over
    Time, 03g. May fall below zero, where it says that none were sold.
    """
    return (1.16 * desktops - flat) * weight


def photovoltaic(megawatts: float, kg_per_megawatt: float) -> float:
    """Mass in kg of photovoltaic panels (key 0002) placed on the market, from the power installed; same, 03h."""
    return megawatts * kg_per_megawatt
