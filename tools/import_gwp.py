"""Write the package rows of ``catalog/factors/gwp.csv`` from the package ``globalwarmingpotentials``.

Run ``python tools/import_gwp.py`` after ``pip install globalwarmingpotentials==0.13.2``; ``--check`` writes
nothing and exits 1 when the table is not what the package gives. Values that a later version of the report
corrected are in :data:`CORRECTED`, with the reason. Rows whose source is not one of
:data:`SETS` (entered by hand, each with its own source) are kept as they stand.

Uncertainty. The assessment reports give 5 to 95 % ranges for a few gases and, for the others, one relative
range by lifetime. Both are taken as normal and widened to 95 %, by 1.959964 / 1.644854:

* AR6 (WG I, Table 7.15): CH4 ±11 of 29.8 and 27.0, N2O ±130 of 273, HFC-32 ±292 of 771, HFC-134a ±577 of
  1526, CFC-11 ±2297 of 6226, PFC-14 ±2430 of 7380. A gas without a range of its own has the relative one of
  PFC-14 if it lives a century or longer, else that of HFC-134a.
* AR5 (WG I, section 8.7.1.4): ±40 % for CH4, ±30 % for lifetimes of a century or more, ±35 % for others.
* AR4 (WG I, section 2.10.2): ±35 %.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import importlib.metadata
import io
import re
import sys
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src" / "netprint" / "catalog" / "factors" / "gwp.csv"
PACKAGE, VERSION = "globalwarmingpotentials", "0.13.2"
COLUMNS = (
    "factor", "flow", "value", "unit", "statistic", "distribution", "p2_5", "p97_5",
    "source", "page", "licence", "status", "note", "valid_to",
)  # fmt: skip
SETS = {"ipcc-ar4-gwp": "AR4", "ipcc-ar5-gwp": "AR5", "ipcc-ar6-gwp": "AR6"}
PAGES = {"AR4": "Table 2.14", "AR5": "Table 8.A.1", "AR6": "Table 7.SM.7"}
VALID_TO = {"gwp_ar4": "2024"}
"""Last year of a set. AR4: national inventories used it from 2015 (decision 24/CP.19) until AR5 replaced it in all
reports under the Paris Agreement, due from 31 December 2024 (decision 18/CMA.1, annex, paragraph 37). No first year is
given: a later set may and should be applied to earlier years, so that a series has one set.
"""
CORRECTED = {
    ("AR6", "SF6"): (
        24300.0,
        "25200 in the accepted version of 2021, which the package has; final version, GHG Protocol (2024) and "
        "Regulation (EU) 2024/573: 24300",
    ),
}
TO_95 = 1.959964 / 1.644854

PFCS = {
    "CF4": "PFC-14", "C2F6": "PFC-116", "C3F8": "PFC-218", "cC3F6": "PFC-c216", "cC4F8": "PFC-c318",
    "C4F10": "PFC-31-10", "C5F12": "PFC-41-12", "C6F14": "PFC-51-14", "C7F16": "PFC-61-16",
    "C8F18": "PFC-71-18", "C10F18": "PFC-91-18",
}  # fmt: skip
OTHER = {
    "N2O", "SF6", "NF3", "SF5CF3", "SO2F2", "CCl4", "CH3Br", "CH3CCl3", "CHCl3", "CH2Cl2", "CH3Cl", "PFPMIE",
}  # fmt: skip
LONG_LIVED = {
    "N2O", "SF6", "NF3", "SF5CF3", "PFPMIE", "CFC-12", "CFC-13", "CFC-114", "CFC-115", "HFC-23", "HFC-236fa",
    "HFE-125", *PFCS.values(),
}  # fmt: skip
AR6_RANGES = {
    "CH4": 11 / 27.9, "N2O": 130 / 273, "HFC-32": 292 / 771, "HFC-134a": 577 / 1526, "CFC-11": 2297 / 6226,
    "PFC-14": 2430 / 7380,
}  # fmt: skip


def flow(species: str) -> str | None:
    """The catalogue's name for a species of the package; None if the catalogue leaves it out."""
    if species in PFCS:
        return PFCS[species]
    if species in OTHER or species == "CH4":
        return species
    if species in ("HFE7100", "HFE7200"):
        return None
    match = re.fullmatch(r"(HFC|HCFC|CFC|Halon|HFE|HCFE)(\d+)(\w*)", species)
    if match is None:
        return None
    family, digits, letters = match.groups()
    return f"{family}-{'43-10' if digits == '4310' else digits}{letters}"


def in_kyoto_basket(name: str) -> bool:
    """Whether the gas is one of the seven of decision 18/CMA.1 (CO2, CH4, N2O, HFCs, PFCs, SF6, NF3)."""
    return name in ("CO2", "CH4", "N2O", "SF6", "NF3") or name.startswith(("HFC-", "PFC-"))


def relative_range(name: str, report: str) -> tuple[float, str]:
    """Half of the 5 to 95 % range over the value, and where it comes from."""
    if report == "AR4":
        return 0.35, "±35 % (5 to 95 %) of AR4 WG I section 2.10.2"
    if report == "AR5":
        if name == "CH4":
            return 0.40, "±40 % (5 to 95 %) of AR5 WG I section 8.7.1.4"
        share = 0.30 if name in LONG_LIVED else 0.35
        return share, f"±{share:.0%} (5 to 95 %) of AR5 WG I section 8.7.1.4".replace("%", " %", 1)
    if name in AR6_RANGES:
        return AR6_RANGES[name], "5 to 95 % range of AR6 WG I Table 7.15"
    analogue = "PFC-14" if name in LONG_LIVED else "HFC-134a"
    return AR6_RANGES[analogue], f"relative range of {analogue} in AR6 WG I Table 7.15"


def plain(value: float) -> str:
    """Four significant figures without an exponent."""
    return f"{float(f'{value:.4g}'):g}" if value < 1e4 else f"{float(f'{value:.4g}'):.0f}"


def row(source: str, species: str, name: str, value: float) -> dict[str, str]:
    """One row of the table; the value of :data:`CORRECTED` where there is one, with its reason."""
    report = SETS[source]
    value, erratum = CORRECTED.get((report, species), (value, ""))
    share, where = relative_range(name, report)
    half = value * share * TO_95
    basket = "Kyoto basket" if in_kyoto_basket(name) else "outside the Kyoto basket"
    formula = "" if species == name or name.replace("-", "") == species else f" {species};"
    origin = " CH4 of unknown origin;" if name == "CH4" else ""
    return {
        "factor": f"gwp_{report.lower()}", "flow": name, "value": f"{value:g}", "unit": "kg CO2e/kg",
        "statistic": "mean", "distribution": "normal",
        "p2_5": plain(value - half), "p97_5": plain(value + half),
        "source": source, "page": PAGES[report], "licence": "CC0-1.0", "status": "verified",
        "note": f"{basket};{formula}{origin} {where}" + (f"; {erratum}" if erratum else ""),
    }  # fmt: skip


def package_rows() -> list[dict[str, str]]:
    """The rows that the package gives, in its order, one report after the other."""
    installed = importlib.metadata.version(PACKAGE)
    if installed != VERSION:
        raise SystemExit(f"{PACKAGE} {installed} is installed; this table is made from {VERSION}.")
    data: dict[str, dict[str, float]] = importlib.import_module(PACKAGE).data
    return [
        row(source, species, name, value)
        for source, report in SETS.items()
        for species, value in data[f"{report}GWP100"].items()
        if (name := flow(species)) is not None
    ]


def table(kept: list[dict[str, str]]) -> str:
    """The text of the table: the package's rows and those entered by hand, sorted by factor."""
    rows = sorted([*kept, *package_rows()], key=lambda r: r["factor"])
    rows = [r | {"valid_to": VALID_TO.get(r["factor"], "")} for r in rows]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def main() -> int:
    """Write the table, or with ``--check`` compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would change")
    check = parser.parse_args().check
    before = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    kept = [r for r in csv.DictReader(io.StringIO(before)) if r["source"] not in SETS]
    after = table(kept)
    if check:
        return int(after != before)
    TABLE.write_text(after, encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
