"""ENTSO-E Transparency Platform: generation by type, from which shares of the mix and an intensity are derived.

Document A75 (actual generation per type), process A16 (realised). Power is sent per quarter of an hour, half hour or
hour; in curve type A03 a position that is left out repeats the one before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree

from netprint.errors import UsageError
from netprint.exchange.imports.client import Client, Key
from netprint.exchange.imports.source import CHANGED, Asked, Part, Raw, Rows, Source

ADDRESS = "https://web-api.tp.entsoe.eu/api"
KEY = Key("ENTSOE_API_KEY", "securityToken", "query", "https://transparency.entsoe.eu/ (My Account, Web API)")
ZONES = {
    "ALB": "10YAL-KESH-----5", "AUT": "10YAT-APG------L", "BEL": "10YBE----------2", "BGR": "10YCA-BULGARIA-R",
    "BIH": "10YBA-JPCC-----D", "CHE": "10YCH-SWISSGRIDZ", "CYP": "10YCY-1001A0003J", "CZE": "10YCZ-CEPS-----N",
    "DEU": "10Y1001A1001A83F", "DNK": "10Y1001A1001A65H", "ESP": "10YES-REE------0", "EST": "10Y1001A1001A39I",
    "FIN": "10YFI-1--------U", "FRA": "10YFR-RTE------C", "GBR": "10YGB----------A", "GRC": "10YGR-HTSO-----Y",
    "HRV": "10YHR-HEP------M", "HUN": "10YHU-MAVIR----U", "IRL": "10YIE-1001A00010", "ITA": "10YIT-GRTN-----B",
    "LTU": "10YLT-1001A0008Q", "LUX": "10YLU-CEGEDEL-NQ", "LVA": "10YLV-1001A00074", "MKD": "10YMK-MEPSO----8",
    "MNE": "10YCS-CG-TSO---S", "NLD": "10YNL----------L", "NOR": "10YNO-0--------C", "POL": "10YPL-AREA-----S",
    "PRT": "10YPT-REN------W", "ROU": "10YRO-TEL------P", "SRB": "10YCS-SERBIATSOV", "SVK": "10YSK-SEPS-----K",
    "SVN": "10YSI-ELES-----O", "SWE": "10YSE-1--------K",
}  # fmt: skip
TYPES = {
    "B01": "bioenergy", "B02": "coal", "B03": "gas", "B04": "gas", "B05": "coal", "B06": "oil", "B07": "oil",
    "B08": "coal", "B09": "other renewable", "B11": "hydro", "B12": "hydro", "B13": "other renewable",
    "B14": "nuclear", "B15": "other renewable", "B16": "solar", "B18": "wind", "B19": "wind",
}  # fmt: skip
"""Production type -> item of `technology_lifecycle`. Storage (B10), waste (B17) and other (B20) have none."""
STORAGE = "B10"
HOURS = {"PT15M": 0.25, "PT30M": 0.5, "PT60M": 1.0, "P1D": 24.0}
LEAST = 0.98
"""The share of a year below which its shares are not those of the year."""


def fetch(client: Client, asked: Asked) -> Raw:
    unknown = [c for c in asked.named() if c not in ZONES]
    if unknown:
        raise UsageError(f"ENTSO-E has no zone for {', '.join(unknown)}; it has {', '.join(ZONES)}.")
    parts = []
    for country in asked.named():
        for year in asked.years():
            query: dict[str, str | int] = {
                "documentType": "A75", "processType": "A16", "in_Domain": ZONES[country],
                "periodStart": f"{year}01010000", "periodEnd": f"{year + 1}01010000",
            }  # fmt: skip
            parts.append(Part.of(f"{country}-{year}.xml", client.get(ADDRESS, query, KEY)))
    return tuple(parts)


@dataclass
class _Year:
    """Energy by production type, MWh, and the hours for which there is any."""

    energy: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    hours: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    found: dict[tuple[str, str], _Year] = defaultdict(_Year)
    for part in raw:
        root = _document(part, rows)
        if root is not None:
            _sum(part.name, root, found, rows)
    for (country, year), held in sorted(found.items()):
        if asked.wants(country, year):
            _enter(country, year, held, rows)


def _document(part: Part, rows: Rows) -> ElementTree.Element | None:
    """The document without its name space; a problem where it is no generation document."""
    said = ""
    if b"<!DOCTYPE" in part.body[:2000] or b"<!ENTITY" in part.body:
        said = "the answer declares entities, which no answer of the service does"
    else:
        try:
            root = ElementTree.fromstring(part.body)
        except ElementTree.ParseError as error:
            said = f"the answer is no XML ({error})"
        else:
            for node in root.iter():
                node.tag = node.tag.partition("}")[2] or node.tag
            if root.tag == "GL_MarketDocument":
                return root
            reason = " ".join(t.text or "" for t in root.iter("text"))
            said = f"the answer is a {root.tag}{f': {reason}' if reason else ''}"
    rows.problems.add(part.name, None, None, found=said, expected="a GL_MarketDocument", remedy=CHANGED)
    return None


def _sum(file: str, root: ElementTree.Element, found: dict[tuple[str, str], _Year], rows: Rows) -> None:
    zones = {zone: country for country, zone in ZONES.items()}
    for series in root.iter("TimeSeries"):
        kind, zone = series.findtext("MktPSRType/psrType"), series.findtext("inBiddingZone_Domain.mRID")
        if zone is None:
            rows.skip("consumption of a plant, such as pumping")
        elif kind is None or zone not in zones:
            rows.skip(f"the zone {zone}, which is no country")
        else:
            curve = series.findtext("curveType") or "A01"
            for period in series.iter("Period"):
                year, energy, hours = _energy(file, period, curve, rows)
                held = found[zones[zone], year]
                held.energy[kind] += energy
                held.hours[kind] += hours


def _energy(file: str, period: ElementTree.Element, curve: str, rows: Rows) -> tuple[str, float, float]:
    """The year of a period, its energy in MWh and the hours that it holds."""
    start, end = (_moment(period.findtext(f"timeInterval/{side}") or "") for side in ("start", "end"))
    step = HOURS.get(period.findtext("resolution") or "", 0.0)
    if start is None or end is None or not step:
        rows.problems.add(
            file, None, "Period", found=f"a period of resolution {period.findtext('resolution')!r} or without interval",
            expected=f"timeInterval and a resolution of {', '.join(HOURS)}", remedy=CHANGED,
        )  # fmt: skip
        return "", 0.0, 0.0
    count = round((end - start).total_seconds() / 3600 / step)
    sent = {
        int(p.findtext("position") or 0): float(p.findtext("quantity") or "nan") for p in period.iter("Point")
    }
    power = list(_filled(sent, count)) if curve == "A03" else list(sent.values())
    return f"{start.year}", sum(power) * step, len(power) * step


def _filled(sent: dict[int, float], count: int) -> Iterator[float]:
    held: float | None = None
    for position in range(1, count + 1):
        held = sent.get(position, held)
        if held is not None:
            yield held


def _moment(text: str) -> datetime | None:
    return (
        datetime.fromisoformat(text.replace("Z", "+00:00")) if re.match(r"\d{4}-\d\d-\d\dT", text) else None
    )


def _enter(country: str, year: str, held: _Year, rows: Rows) -> None:
    """Shares of what has a factor, and the intensity as a formula over them: both are derived, so provisional."""
    energy: dict[str, float] = defaultdict(float)
    for kind, amount in held.energy.items():
        if kind in TYPES:
            energy[TYPES[kind]] += amount
        elif kind == STORAGE:
            rows.skip("storage, which is no source of electricity")
    produced = sum(a for k, a in held.energy.items() if k != STORAGE)
    total, covered = sum(energy.values()), max(held.hours.values(), default=0.0) / _hours(year)
    if total <= 0 or covered < LEAST:
        rows.skip(f"{country} {year}: {covered:.1%} of the year, too little for shares of the year")
        return
    left = 1 - total / produced
    note = f"derived from {produced / 1e6:.4g} TWh; waste and other, without a factor, left out: {left:.1%}"
    for item, amount in sorted(energy.items()):
        rows.add(
            "entsoe_generation_share", f"{amount / total:.6g}", "1", status="provisional", note=note,
            country=country, year=year, item=item,
        )  # fmt: skip
    terms = [
        f'entsoe_generation_share[country, year, "{i}"] * technology_lifecycle["{i}"]' for i in sorted(energy)
    ]
    rows.add(
        "grid_lifecycle_entsoe", "=" + " + ".join(terms), "kg CO2e/kWh", status="provisional", note=note,
        country=country, year=year,
    )  # fmt: skip


def _hours(year: str) -> float:
    return (datetime(int(year) + 1, 1, 1) - datetime(int(year), 1, 1)).total_seconds() / 3600


SOURCE = Source(
    name="entso-e",
    title="Transparency Platform, actual generation per production type",
    publisher="ENTSO-E",
    address=ADDRESS,
    licence="ENTSO-E terms",
    duties="Name ENTSO-E. Free for your own use; passing the data on is subject to the owners' list of the platform.",
    kind="entsoe_generation_share and grid_lifecycle_entsoe, both derived; generation, not consumption",
    fetch=fetch,
    read=read,
    cards=(
        {"factor": "entsoe_generation_share", "unit": "1", "index": "country year item", "kind": "generation mix",
         "correlation": "0.9", "title": "Share of a technology in generation, from ENTSO-E"},
        {"factor": "grid_lifecycle_entsoe", "unit": "kg CO2e/kWh", "index": "country year",
         "kind": "average life-cycle CO2e generation mix, derived", "fallback": "year", "correlation": "0.9",
         "boundary": "generation incl. upstream, without grid losses and imports",
         "title": "Life-cycle intensity of generation, from ENTSO-E and technology factors"},
    ),
    key=KEY,
    every=0.2,
)  # fmt: skip
