"""Write ``catalog/factors/grid.csv``, ``cards_grid.csv`` and ``sources_grid.csv``.

``python tools/import_grid.py [cache folder]``. Reads, without importing them, efootprint 27.0.0 (the Ember/OWID
table only), leadgreen-mcp 0.3.1 (Ember, October 2026) and codecarbon 3.3.2 (generation by technology), and adds the
published figures of ``grid_facts.py``. The same packages give the same files, byte for byte.

* ``grid_lifecycle``: from 2023 on the newer release where it has the country, else the older one. A stored zero is
  left out: no system has a life-cycle intensity of zero, it marks missing generation (Burundi, Central African
  Republic, Costa Rica 2025).
* Groups: unweighted mean of the members with a value in that year, where there are at least three.
* ``grid_direct_share``: sum of TWh times direct factor over sum of TWh times life-cycle factor of the same mix. It
  is held at 1, and comes from published national factors where at least two were read. Its row of WORLD is the country
  mean, as it stands in for a country; the world's own direct intensity has a formula of its own.
* ``grid_direct_share_year``: a share of its own for the years in which the one share of a country cannot hold
  (:func:`yearly_shares`): no fossil plant in the year of the mix, but a life-cycle value far above hydropower, or the
  other way round.
* Uncertainty: see :data:`SPREAD` and :func:`share_gsd`.
"""

from __future__ import annotations

import csv
import json
import math
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import grid_facts as facts
from fetch import unpacked

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
from netprint import places  # noqa: E402

TARGET = ROOT / "src" / "netprint" / "catalog" / "factors"
COLUMNS = ("factor", "country", "year", "item", "value", "unit", "statistic", "distribution", "gsd", "source",
           "page", "licence", "status", "note")  # fmt: skip
FIRST, NEWER, LAST = 2000, 2023, 2025
MEMBERS = 3
PER_KWH = "kg CO2e/kWh"
SPREAD = ((0.060, 1.48), (0.150, 1.26), (0.300, 1.20), (0.500, 1.12), (math.inf, 1.15))
"""(upper bound of kg CO2e/kWh, gsd). Half the distance between the 16th and 84th percentile of the logarithmic
ratio to Electricity Maps 2021-2025 (860 country-years; ODbL, compared only), 0.56, 0.33, 0.26, 0.15, 0.19 in these
classes, divided by the root of two, both sources carrying an error. It contains the effect of imports, which
Ember leaves out, and is an upper bound for systems that trade little. Two releases of Ember differ by 0.02 to 0.09.
"""
Row = dict[str, str]
Values = dict[tuple[str, int], tuple[float, str]]


def row(
    factor: str, value: float | str, unit: str, source: str, licence: str, status: str, **more: str
) -> Row:
    text = value if isinstance(value, str) else f"{value:.6g}"
    fixed = {
        "factor": factor,
        "value": text,
        "unit": unit,
        "source": source,
        "licence": licence,
        "status": status,
    }
    return fixed | more


def spread(gsd: float) -> Row:
    return {"statistic": "mean", "distribution": "lognormal", "gsd": f"{gsd:g}"}


def lifecycle_gsd(value: float) -> float:
    return next(gsd for bound, gsd in SPREAD if value < bound)


def country_code(code: str) -> str:
    return {"OWID_KOS": "XKX", "OWID_WRL": "WORLD", "WLD": "WORLD"}.get(code, code)


def read_lifecycle(folder: Path) -> Values:
    """(country or WORLD, year) -> (kg CO2e/kWh, source)."""
    values: Values = {}
    older = unpacked("efootprint", "27.0.0", folder, python="3.12") / "efootprint" / "constants"
    table = older / "countries_computations" / "carbon-intensity-electricity.csv"
    with table.open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            code, year = country_code(entry["Code"]), int(entry["Year"])
            if code and FIRST <= year <= LAST:
                values[code, year] = (
                    float(entry["Carbon intensity of electricity - gCO2/kWh"]),
                    "ember-owid-2025",
                )
    newer = unpacked("leadgreen-mcp", "0.3.1", folder) / "leadgreen_mcp" / "data" / "grid.json"
    for area in json.loads(newer.read_text(encoding="utf-8"))["areas"]:
        for year, grams in area["years"].items():
            if NEWER <= int(year) <= LAST:
                values[country_code(area["iso3"]), int(year)] = float(grams), "ember-2026"
    known = places.load()
    unknown = sorted({code for code, _ in values if not known.known(code)})
    if unknown:
        raise SystemExit(f"no such place: {unknown}")
    return {key: (grams / 1000, source) for key, (grams, source) in sorted(values.items()) if grams > 0}


def group_means(values: Mapping[tuple[str, int], float]) -> dict[tuple[str, int], tuple[float, int]]:
    """(M49 group, year) -> (unweighted mean, number of members with a value)."""
    known = places.load()
    years = sorted({year for _, year in values})
    out = {}
    for group in known.m49_groups:
        members = [code for code in known.countries if known.member(code, group, LAST)]
        for year in years:
            have = [values[code, year] for code in members if (code, year) in values]
            if len(have) >= MEMBERS:
                out[group, year] = math.fsum(have) / len(have), len(have)
    return out


def lifecycle_rows(values: Values) -> list[Row]:
    rows = [
        row("grid_lifecycle", value, PER_KWH, source, facts.CC, "verified", country=code, year=str(year),
            **spread(lifecycle_gsd(value)))
        for (code, year), (value, source) in values.items()
    ]  # fmt: skip
    means = group_means({key: value for key, (value, _) in values.items()})
    for (group, year), (value, count) in means.items():
        rows.append(
            row("grid_lifecycle", value, PER_KWH, "ember-means", facts.CC, "provisional", country=group,
                year=str(year), note=f"mean of {count}", **spread(lifecycle_gsd(value)))
        )  # fmt: skip
    return rows


def shares(folder: Path) -> tuple[dict[str, tuple[float, int]], float]:
    """Country -> (direct over life-cycle, year of the mix), and the share of the sum of all mixes.

    A stack emits no more than the life cycle of the same mix does, so a share from a mix is at most 1. (Coal systems
    would come out at up to 1.1: the direct factors lean to the fleet, the life-cycle ones to new plant.)
    """
    path = unpacked("codecarbon", "3.3.2", folder) / "codecarbon" / "data" / "private_infra"
    mixes = json.loads((path / "global_energy_mix.json").read_text(encoding="utf-8"))
    out, total_direct, total_life = {}, 0.0, 0.0
    for code, mix in sorted(mixes.items()):
        direct = math.fsum(mix[t[0]] * t[4] for t in facts.TECHNOLOGIES.values())
        life = math.fsum(mix[t[0]] * t[1] for t in facts.TECHNOLOGIES.values())
        if life > 0:
            out[country_code(code)] = min(direct / life, 1.0), mix["year"]
            total_direct, total_life = total_direct + direct, total_life + life
    return out, min(total_direct / total_life, 1.0)


FOSSIL = ("coal", "gas", "oil")
CLEAN = 0.06
"""kg CO2e/kWh over the life cycle that no system has without burning something."""
APART, TIMES = 0.02, 2.0
"""A year gets a share of its own where the direct value moves by more than this, in kg CO2e/kWh and as a ratio."""


def yearly_shares(folder: Path, values: Values) -> dict[tuple[str, int], tuple[float, int, float]]:
    """(country, year) -> (direct over life-cycle, year of the mix, life-cycle intensity without fossil plant).

    The life-cycle intensity of a year is a mixture of the country's fossil and other generation, each as in the year
    of its mix; where the mix has no fossil plant, it is oil, where it has nothing else, hydropower. With b the
    intensity of the other generation, f and d those of the fossil one (life cycle, stack), a year of intensity L has
    direct emissions of d * (L - b) / (f - b), between none and L. The mix is scaled to the life-cycle series in its
    own year. Only years in which this and the country's one share are far apart. Where the other generation holds so
    much biomass that it has more than :data:`CLEAN`, its own intensity in another year is not known, and the one share
    stays.
    """
    path = unpacked("codecarbon", "3.3.2", folder) / "codecarbon" / "data" / "private_infra"
    mixes = json.loads((path / "global_energy_mix.json").read_text(encoding="utf-8"))
    by_country, _ = shares(folder)
    out = {}
    for entry, mix in sorted(mixes.items()):
        code = country_code(entry)
        if code not in by_country:
            continue
        share, when = by_country[code]
        base, fossil, stack, whole = _two_parts(mix)
        scale = values[code, when][0] / whole if (code, when) in values else 1.0
        if scale * base > CLEAN:
            continue
        for (place, year), (life, _) in values.items():
            if place == code:
                direct = min(max(scale * stack * (life / scale - base) / (fossil - base), 0.0), life)
                if abs(direct - share * life) > APART and not _alike(direct, share * life):
                    out[code, year] = direct / life, when, scale * base
    return out


def _two_parts(mix: Mapping[str, float]) -> tuple[float, float, float, float]:
    """kg CO2e/kWh: life cycle of the other and of the fossil generation, stack of the fossil one, life cycle of all."""

    def mean(names: Iterable[str], column: int, otherwise: str) -> float:
        used = [(mix[facts.TECHNOLOGIES[n][0]], float(facts.TECHNOLOGIES[n][column])) for n in names]
        total = math.fsum(amount for amount, _ in used)
        if total > 0:
            return math.fsum(amount * each for amount, each in used) / total
        return float(facts.TECHNOLOGIES[otherwise][column])

    others = [n for n in facts.TECHNOLOGIES if n not in FOSSIL]
    return (mean(others, 1, "hydro"), mean(FOSSIL, 1, "oil"), mean(FOSSIL, 4, "oil"),
            mean(facts.TECHNOLOGIES, 1, "hydro"))  # fmt: skip


def _alike(a: float, b: float) -> bool:
    return min(a, b) > 0 and max(a, b) / min(a, b) < TIMES


def year_rows(folder: Path, values: Values, published: Iterable[str]) -> list[Row]:
    rows = []
    for (code, year), (share, when, base) in yearly_shares(folder, values).items():
        if code in published:
            continue
        at = {"country": code, "year": str(year)}
        sure = {"distribution": "exact"} if share == 0 else spread(share_gsd(share))
        told = f"derived, mix of {when}; without fossil plant the life-cycle value is {base:.3f}"
        rows.append(row("grid_direct_share_year", share, "1", "owid-mix", facts.CC, "provisional", note=told,
                        **at, **sure))  # fmt: skip
    return rows


OTHER_BASE = ("per kWh consumed", "average operating margin")
"""Published factors whose notes say this stand on another base than the life-cycle series."""


def published_shares(values: Values) -> dict[str, tuple[float, float, int]]:
    """Country -> (share, gsd, number of years) from its published direct factors over the life-cycle series.

    The geometric mean over the years with both, for countries with at least two verified figures on the same base; a
    figure of the country itself says more than its mix does. gsd: the scatter between the years, at least 1.05.
    """
    logs: dict[str, list[float]] = {}
    for code, year, value, _, status, note in (*facts.DIRECT, *facts.DIRECT_CO2):
        if status == facts.V and (code, year) in values and not note.startswith(OTHER_BASE):
            logs.setdefault(code, []).append(math.log(value / values[code, year][0]))
    out = {}
    for code, each in logs.items():
        if len(each) > 1:
            mean = math.fsum(each) / len(each)
            scatter = math.sqrt(math.fsum((x - mean) ** 2 for x in each) / (len(each) - 1))
            out[code] = math.exp(mean), max(1.05, math.exp(scatter)), len(each)
    return out


def share_gsd(share: float) -> float:
    """The spread of published over derived direct factors, as root mean square of its logarithm by country.

    0.12 for China, India, the United States, Germany, South Africa, Australia, the United Kingdom and Singapore
    (-0.15 to 0.21, median 0.07); 0.51 for Brazil, the one system with little thermal plant that could be compared.
    """
    return 1.13 if share >= 0.7 else 1.66


def share_rows(folder: Path, values: Values) -> list[Row]:
    by_country, world = shares(folder)
    published = published_shares(values)

    def one(place: str, share: float, source: str, note: str) -> Row:
        sure = {"distribution": "exact"} if share == 0 else spread(share_gsd(share))
        more = {"country": place, "note": note, **sure}
        return row("grid_direct_share", share, "1", source, facts.CC, "provisional", **more)

    rows = [
        one(code, share, "owid-mix", f"derived, mix of {year}")
        for code, (share, year) in by_country.items()
        if code not in published
    ]
    for code, (share, gsd, count) in sorted(published.items()):
        note = f"derived, {count} published direct factors of the country over its life-cycle series"
        more = {"country": code, "note": note, **spread(gsd)}
        rows.append(
            row("grid_direct_share", share, "1", "national-over-ember", facts.CC, "provisional", **more)
        )
    means = group_means({(code, LAST): share for code, (share, _) in by_country.items()})
    rows += [one(group, mean, "owid-mix", f"derived, mean of {n}") for (group, _), (mean, n) in means.items()]
    plain = math.fsum(share for share, _ in by_country.values()) / len(by_country)
    rows.append(
        one("WORLD", plain, "owid-mix", f"derived, mean of {len(by_country)}; stands in for a country")
    )
    formula = f"=grid_lifecycle[country, year] * {world:.4f}"
    note = "share of the sum of all mixes, which is not the country mean; its own uncertainty is left out"
    return [
        *rows,
        *year_rows(folder, values, published),
        row("grid_direct", formula, PER_KWH, "owid-mix", facts.CC, "provisional", country="WORLD", note=note),
    ]


BY_SHARE = "=grid_lifecycle[country, year] * first(grid_direct_share_year[country, year], grid_direct_share[country])"


def fact_rows() -> list[Row]:
    licences = {source[0]: source[6] for source in facts.SOURCES}
    rows = [
        row("grid_direct", BY_SHARE, PER_KWH, "owid-mix",
            facts.CC, "provisional", note="where no published factor is given")
    ]  # fmt: skip
    published = (("grid_direct", PER_KWH, facts.DIRECT), ("grid_direct_co2", "kg CO2/kWh", facts.DIRECT_CO2))
    for factor, unit, table in published:
        for code, when, value, source, status, note in table:
            more = {"country": code, "year": str(when), "note": note, **spread(1.05)}
            rows.append(row(factor, value, unit, source, licences[source], status, **more))
    losses = (("grid_losses", facts.LOSSES), ("grid_losses_generated", facts.LOSSES_GENERATED))
    for factor, entered in losses:
        for place, year, value, source, status, note in entered:
            more = {"country": place, "year": year, "note": note, **spread(1.1)}
            rows.append(row(factor, value, "1", source, licences[source], status, **more))
    for item, (
        _,
        life,
        life_source,
        life_status,
        direct,
        direct_source,
        status,
    ) in facts.TECHNOLOGIES.items():
        rows.append(
            row("technology_lifecycle", life, PER_KWH, life_source, facts.FACT, life_status, item=item)
        )
        rows.append(row("technology_direct", direct, PER_KWH, direct_source, facts.FACT, status, item=item))
    return rows


LIFE = "generation incl. upstream, without grid losses and imports"
STACK = "generation at the stack, without upstream, grid losses and imports"
CARDS = (
    ("grid_lifecycle", PER_KWH, "country year", "average life-cycle CO2e generation mix", LIFE, "year group world",
     "0.9", "Life-cycle intensity of electricity generation",
     "gsd: provisional, spread against another source, see tools/import_grid.py; group rows: unweighted mean of the"
     " members; WORLD: published value"),
    ("grid_direct", PER_KWH, "country year", "average direct CO2e generation mix", STACK, "", "0.9",
     "Direct intensity of electricity generation",
     "published where given, else life-cycle times the direct share; published factors carry a gsd of 1.05"
     " (rounding, revisions, allocation of heat), provisional"),
    ("grid_direct_share", "1", "country", "ratio of average direct to life-cycle generation mix", STACK,
     "group world", "0.9", "Direct over life-cycle intensity of the generation mix",
     "one mix per country (2009 to 2023, mostly 2022), applied to every year and held at 1; from published national"
     " factors where at least two were read"),
    ("grid_direct_share_year", "1", "country year", "ratio of average direct to life-cycle generation mix", STACK, "",
     "0.9", "Direct over life-cycle intensity in years that differ from the rest",
     "where the share of the country cannot hold: its life-cycle value of that year taken as a mixture of its fossil"
     " and its other generation"),
    ("grid_direct_co2", "kg CO2/kWh", "country year", "average direct CO2 generation mix", STACK, "", "0.9",
     "Direct CO2 intensity of electricity, as published", "CO2 only: about 0.5 % below CO2e for thermal systems"),
    ("grid_losses", "1", "country year", "loss per unit fed in", "transmission and distribution", "year world",
     "0.9", "Share of the electricity fed into the grid that is lost",
     "technical and commercial losses; fed in is generation plus imports less exports; gsd 1.1 assumed, provisional"),
    ("grid_losses_generated", "1", "country year", "loss per unit generated", "transmission and distribution", "year",
     "0.9", "Grid losses over the electricity that the country generates",
     "What the World Bank publishes as % of output. Not for dividing what is used: that takes grid_losses. Far from it"
     " where much is imported or exported"),
    ("technology_lifecycle", PER_KWH, "item", "average life-cycle CO2e technology", LIFE, "", "0",
     "Life-cycle intensity by generation technology", "medians; behind grid_direct_share"),
    ("technology_direct", PER_KWH, "item", "average direct CO2e technology", STACK, "", "0",
     "Direct intensity by generation technology", "fossil only, biogenic CO2 apart; behind grid_direct_share"),
)  # fmt: skip
CARD_COLUMNS = ("factor", "unit", "index", "kind", "boundary", "fallback", "correlation", "title", "note")
SOURCE_COLUMNS = ("source", "author", "title", "publisher", "published", "table", "url", "licence", "attribution",
                  "seen", "note")  # fmt: skip


def source_rows() -> list[Row]:
    columns = ("source", "author", "title", "publisher", "published", "table", "licence", "seen")
    rows = [dict(zip(columns, source, strict=True)) for source in facts.SOURCES]
    return [
        r
        | {
            "url": facts.URLS.get(r["source"], ""),
            "attribution": f"{r['author']}: {r['title']} ({r['publisher']}, {r['published']})",
        }
        for r in rows
    ]


def write(name: str, columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path) -> None:
    lifecycle = read_lifecycle(folder)
    write("grid.csv", COLUMNS, [*lifecycle_rows(lifecycle), *share_rows(folder, lifecycle), *fact_rows()])
    write("cards_grid.csv", CARD_COLUMNS, [dict(zip(CARD_COLUMNS, card, strict=True)) for card in CARDS])
    write("sources_grid.csv", SOURCE_COLUMNS, source_rows())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
