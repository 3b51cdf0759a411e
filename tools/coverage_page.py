"""Write docs/coverage.md and its map from the tables of the catalogue: python tools/coverage_page.py

Deterministic: the same tables give the same bytes. `tests/test_coverage.py` compares the page with a fresh one.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from netprint import places
from netprint.ask import coverage, evidence
from netprint.ask.chart import world
from netprint.load import release
from netprint.load.factors import catalog, sources

DOCS = Path(__file__).resolve().parent.parent / "docs"
MAPPED = "grid_lifecycle"
FAMILIES = (
    (
        "Electricity grids",
        r"grid_|technology_|source_(direct|lifecycle)|residual_mix|net_import|gross_import",
    ),
    ("Global warming potentials, refrigerants", r"gwp_|blend"),
    ("Fuels and heat", r"fuel_|vehicle_fuel|net_calorific|net_per_gross|density$|heat_"),
    (
        "ICT goods and their parts",
        r"device_|component_|iot_|battery_|gpu_embodied|bom|declar|refurb|use_overhead",
    ),
    (
        "Power of processors and servers",
        r"gpu_|v?cpu_|processor_|memory_|storage_|server_|host_|vm_|resource_share",
    ),
    ("Networks and sites", r"network_|base_station|access_line|site_|swdm_"),
    ("Data centres", r"data_centre"),
    ("Artificial intelligence", r"ai_|sci_"),
    ("Travel and freight", r"car_|travel_|freight_|commute_"),
    ("Goods, waste, water, buildings", r"goods_|paper_|waste_|water_|hotel_|office_|homeworking|dwelling_"),
    ("Spend, prices, currencies", r"spend_|price_|exchange_|usd"),
)
"""Families of factors by the beginning of their names; what is in none is told as the last."""
OTHERS = "Other activities and shares"
ABSENT = (
    ("Residual mix", "residual_mix",
     "AIB, which computes those of Europe, allows reuse only with its permission. A residual of zero says that all "
     "generation was claimed, not that the rest is clean. `grid_direct` stands in, and every result says so."),
    ("Consumption mix", "grid_consumption*",
     "It needs flows hour by hour. The open series (Electricity Maps) is share-alike: it can be imported for an own "
     "study. `net_import_share` and `gross_import_share` tell where it matters."),
    ("Marginal factors", "grid_operating_margin|grid_build_margin",
     "The harmonised set of the UNFCCC was seen in a share-alike copy only; the rows are of countries that publish "
     "theirs."),
    ("Hourly shapes", "*hourly*|*hour_shape*",
     "The data found cover Europe from 2017 to 2020, under the terms of ENTSO-E. `netprint factors import entso-e` "
     "fetches them."),
    ("Direct factors of the IEA", "iea_*",
     "They are sold, and may not be passed on. `grid_direct` is derived instead."),
    ("Declarations by model", "declared_footprint",
     "The open collection (Boavizta) is under ODbL, which is share-alike: `netprint factors import boavizta` fetches "
     "it for an own study. `device_embodied` rests on single declarations that were read."),
    ("Input-output tables", "eeio_*",
     "EXIOBASE is share-alike. `spend_intensity` holds sectors of the United States that ICT buys from."),
    ("Life-cycle databases", "ecoinvent_*", "ecoinvent, Resilio and the whole of NegaOctet are not open."),
)  # fmt: skip
"""What one may look for, the names that would hold it, and why it is absent or thin."""
LARGEST, OF_ONE = 12, 3
"""How many differences are told, and how many of one factor."""
WIDTH = 116
Row = dict[str, Any]


def page() -> str:
    """The page as text."""
    parts = (
        _head(),
        _map(),
        _kinds(),
        _countries(),
        _calibration(),
        _crosschecks(),
        _several(),
        _absent(),
        _asking(),
    )
    return "\n".join(line for part in parts for line in (*part, "")).rstrip("\n") + "\n"


def drawing() -> str:
    """The map as SVG."""
    return world(_covered(MAPPED))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> Iterator[str]:
    """A table of the page; ``right`` has an ``r`` for each column that is set to the right."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---:' if right[i : i + 1] == 'r' else '---' for i in range(len(head)))}|"
    yield from (f"| {' | '.join(cell.replace('|', ', ') for cell in row)} |" for row in rows)


def prose(text: str) -> str:
    """A paragraph in lines of the width that these pages have."""
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


@cache
def overview() -> list[Row]:
    """Each factor of the catalogue, with its family."""
    return [{**row, "family": family(row["factor"])} for row in coverage.overview()]


def family(name: str) -> str:
    return next((title for title, names in FAMILIES if re.match(names, name)), OTHERS)


@cache
def _covered(factor: str) -> coverage.Coverage:
    return coverage.coverage(factor)


# -- the parts of the page -------------------------------------------------------------------------------------------


def _head() -> Iterator[str]:
    rows = overview()
    verified, all_rows = sum(r["verified"] for r in rows), sum(r["rows"] for r in rows)
    yield "# Coverage"
    yield ""
    yield "Written by `tools/coverage_page.py` from the tables of the catalogue; a test compares it with them."
    yield ""
    yield prose(
        f"Release {release.name().split(',')[0]} holds {len(rows)} factors with {number(all_rows)} rows, "
        f"{number(verified)} verified ({100 * verified / all_rows:.0f} %) and {number(all_rows - verified)} "
        f"provisional, from {len(sources())} sources. *Verified* says that somebody read the value in the source that "
        "it names, or in a transcription of it ([what that means](releases.md#what-verified-means))."
    )


def _map() -> Iterator[str]:
    covered = _covered(MAPPED)
    held = covered.counts["verified"] + covered.counts["provisional"]
    yield "## Grid electricity by country"
    yield ""
    yield f"![World map: where the life-cycle grid factor of {covered.at['year']} comes from](coverage.svg)"
    yield ""
    yield prose(
        f"{held} of {len(covered.places)} countries and territories have a life-cycle factor of their own for "
        f"{covered.at['year']}. By region:"
    )
    yield ""
    head = ("Region", *(coverage.LABELS[q].capitalize() for q in coverage.QUALITIES))
    yield from table(
        head, [[r["region"], *(str(r[q]) for q in coverage.QUALITIES)] for r in covered.regions()], " rrrrrr"
    )
    known = places.load()
    lacking = [known.name(c) for c, q in covered.places.items() if q in ("group", "world", "gap")]
    yield ""
    yield prose(
        f"Without any value of their own, in this year or another: {'; '.join(sorted(lacking))}. "
        "The mean of their region stands in, with the spread that leaving countries out shows."
    )


def _kinds() -> Iterator[str]:
    yield "## Values by kind"
    yield ""
    yield prose(
        "Items: the most that one factor of the kind has. A row for any country and year, given by a formula, counts "
        "as one."
    )
    yield ""
    titles = [*(t for t, _ in FAMILIES), OTHERS]
    rows = sorted(overview(), key=lambda r: titles.index(r["family"]))
    told = []
    for title, found in groupby(rows, key=lambda r: r["family"]):
        group = list(found)
        told.append([title, str(len(group)), *_counts(group)])
    total = ["All", str(len(rows)), *_counts(rows)]
    yield from table(("Kind", "Factors", "Rows", "Verified", "Provisional", "Countries", "Years", "Items"),
                     [*told, total], " rrrrr r")  # fmt: skip


def _counts(rows: Sequence[Row]) -> list[str]:
    years = [y for r in rows for y in r["years"].split(" to ") if y]
    span = f"{min(years)} to {max(years)}" if years else ""
    sums = [number(sum(r[c] for r in rows)) for c in ("rows", "verified", "provisional")]
    most = {c: max(r[c] for r in rows) for c in ("countries", "items")}
    return [*sums, str(most["countries"] or ""), span, str(most["items"] or "")]


def _countries() -> Iterator[str]:
    """One line for each factor that countries have."""
    cards = catalog().cards
    yield "## Factors by country"
    yield ""
    yield "What each country or territory gets for the year that most rows have; the worst input of a formula counts."
    yield ""
    rows = []
    for row in overview():
        if "country" in cards[row["factor"]].index and row["rows"]:
            found = _covered(row["factor"])
            at = ", ".join(v for v in found.at.values() if v)
            rows.append([f"`{row['factor']}`", at, *(str(found.counts[q] or "") for q in coverage.QUALITIES)])
    head = ("Factor", "At", *(coverage.LABELS[q].capitalize() for q in coverage.QUALITIES))
    yield from table(head, rows, "  rrrrrr")


def _calibration() -> Iterator[str]:
    rows = coverage.calibration()
    yield "## How well stand-ins hold"
    yield ""
    yield prose(
        "Each known value was left out in turn and looked for inside the 95 % interval of what would have stood in "
        "for it. Beside it the same for the pedigree matrix alone."
    )
    yield ""
    told = [
        [f"`{r['factor']}`", _stand_in(r), number(int(r["cases"])), r["countries"],
         *(f"{100 * float(r[c]):.1f} %" for c in ("inside", "below", "above", "pedigree_inside"))]
        for r in rows if r["level"] != "year" or r["lag"] in ("1", "2", "5", "10")
    ]  # fmt: skip
    yield from table(("Factor", "What stands in", "Cases", "Countries", "Inside", "Below", "Above", "Pedigree matrix"),
                     told, "  rrrrrr")  # fmt: skip
    low = [r for r in rows if float(r["inside"]) < 0.93]
    if low:
        yield ""
        names = sorted({f"`{r['factor']}` ({_stand_in(r)}, {100 * float(r['inside']):.1f} %)" for r in low})
        yield f"Too narrow, below 93 %: {', '.join(names)}."


def _stand_in(row: dict[str, str]) -> str:
    if row["level"] == "year":
        return "1 year apart" if row["lag"] == "1" else f"{row['lag']} years apart"
    return {"group": "mean of the region", "world": "value of the world"}.get(row["level"], row["level"])


def _crosschecks() -> Iterator[str]:
    rows = evidence.compared()
    apart = [abs(math.log(r["ratio"])) for r in rows]
    yield "## Values read in a second source"
    yield ""
    if not rows:
        yield "None."
        return
    within = {p: sum(a <= math.log(1 + p / 100) for a in apart) for p in (10, 25)}
    far = sum(a > math.log(2) for a in apart)
    independent = sum(map(_independent, rows))
    yield prose(
        f"{len(rows)} values of {len({r['factor'] for r in rows})} factors were compared with a second source; for "
        f"{independent} it is of another publisher and was read, for the others it is another edition or was recalled. "
        f"{within[10]} agree within 10 %, {within[25]} within 25 %; {far} differ by more than a factor of two. The "
        f"median difference is {100 * (math.exp(median(apart)) - 1):.0f} %. The largest differences, at most {OF_ONE} "
        "of one factor:"
    )
    yield ""
    order = sorted(zip(apart, rows, strict=True), key=lambda p: (-p[0], p[1]["factor"], p[1]["index"]))
    taken: Counter[str] = Counter()
    most = list[Row]()
    for _, row in order:
        taken[row["factor"]] += 1
        if taken[row["factor"]] <= OF_ONE and len(most) < LARGEST:
            most.append(row)
    yield from table(("Value", "Here", "Second source", "Ratio", "Why"), [
        [f"`{r['factor']}` {', '.join(r['index'])}", _value(r["value"], r["unit"], r["source"]),
         _value(r["second_value"], r["unit"], r["second_source"]), f"{r['ratio']:.3g}", r["explanation"]]
        for r in most])  # fmt: skip
    yield ""
    counts = sorted(Counter(r["factor"] for r in rows).items(), key=lambda c: (-c[1], c[0]))
    told = ", ".join(f"`{name}` {n}" for name, n in counts)
    yield prose(f"By factor: {told}. All of them are in `catalog/evidence/crosschecks/`.")


def _independent(row: Row) -> bool:
    """Whether the second source is another publisher's and somebody read it."""
    first, second = (sources().get(row[c], {}) for c in ("source", "second_source"))
    names = [s.get("publisher") or row[c] for s, c in ((first, "source"), (second, "second_source"))]
    return names[0] != names[1] and "recalled" not in row["second_source"] + second.get("seen", "")


def _value(value: str, unit: str, source: str) -> str:
    return f"{value}{'' if unit == '1' else f' {unit}'} ({source})"


def _several() -> Iterator[str]:
    """How many indices several sources have a value for."""
    found: dict[tuple[str, ...], set[str]] = {}
    for row in evidence.every():
        index = tuple(row.get(c) or "" for c in catalog().cards[row["factor"]].index)
        found.setdefault((row["factor"], *index), set()).add(row["source"])
    several = [key for key, names in found.items() if len(names) > 1]
    yield prose(
        f"Beside these, {len(evidence.every())} values are kept as evidence for {len(found)} items; {len(several)} of "
        "these have values of two or more sources, among which a written rule chooses. `netprint factors show` lists "
        "them with the choice and its reason."
    )


def _absent() -> Iterator[str]:
    rows = {r["factor"]: r for r in overview()}
    yield "## What is thin or absent, and why"
    yield ""
    told = []
    for title, patterns, why in ABSENT:
        names = [n for n in rows if any(fnmatch(n, p) for p in patterns.split("|"))]
        held = sum(rows[n]["rows"] for n in names)
        told.append([title, f"{number(held)} rows" if held else "none", why])
    yield from table(("What", "Here", "Why"), told)
    yield ""
    yield "Nothing stands in silently: a value that is not there is a gap of the result, which names what is nearest."


def _asking() -> Iterator[str]:
    yield "## The same on the command line"
    yield ""
    yield "```console"
    yield f"$ netprint factors coverage {MAPPED} --year 2023"
    yield "..."
    yield f"$ netprint factors coverage {MAPPED} --to svg --out map.svg"
    yield "The coverage is in map.svg"
    yield "$ netprint factors attributions"
    yield "..."
    yield "```"


def main() -> None:
    (DOCS / "coverage.md").write_text(page(), encoding="utf-8", newline="\n")
    (DOCS / "coverage.svg").write_text(drawing(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
