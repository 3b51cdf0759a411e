"""Write ``catalog/places/*.csv`` from registry packages: ``python tools/import_places.py [cache folder]``.

Countries, M49 regions and the current LDC, LLDC and SIDS lists: undata 0.4.3 (MIT). UN names in six languages
and the World Bank income group: hdx-python-country 4.2.5 (MIT). Further names: babel 2.18.0 (CLDR,
Unicode-3.0). What no package holds (dates of membership, names of groups) stands in ``places_dates.py``
beside this file and is marked provisional. The same packages give the same files, byte for byte.
"""

from __future__ import annotations

import csv
import importlib
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import places_dates as dates
from fetch import unpacked

LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")
UN_NAMES = dict(zip(LANGUAGES, ("English", "French", "Spanish", "Russian", "Chinese", "Arabic"), strict=True))
TARGET = Path(__file__).resolve().parent.parent / "src" / "netprint" / "catalog" / "places"
LEVELS = ("region", "sub_region", "intermediate_region")
INCOME = {"Low": "WB-LIC", "Lower middle": "WB-LMC", "Upper middle": "WB-UMC", "High": "WB-HIC"}
FURTHER = ("Preferred Term", "RW Short Name", "HPC Tools Alt Term", "ISO Alt Term", "English Formal")
Table = list[dict[str, str]]
Names = Mapping[str, Mapping[str, str]]


def read(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{k: (v or "").strip() for k, v in row.items() if k} for row in csv.DictReader(file)]


def write(name: str, columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def cldr(folder: Path) -> dict[str, dict[str, str]]:
    """Language -> territory code (alpha-2 or M49 number) -> CLDR name."""
    sys.path.insert(0, str(folder))
    locale: Any = importlib.import_module("babel").Locale
    return {language: dict(locale(language).territories) for language in LANGUAGES}


def countries(undata: Table, hdx: Mapping[str, dict[str, str]], names: Names) -> Table:
    """One row per country: codes, M49 groups from the widest to the nearest, UN names."""
    rows = []
    for row in [*undata, *dates.OUTSIDE_M49]:
        code = row["iso3"]
        un = hdx.get(code, {})
        alpha2 = dates.ALPHA2.get(code) or un["ISO 3166-1 Alpha 2-Codes"]
        out = {"code": code, "alpha2": alpha2, "m49": row["m49"], "note": row.get("note", "")}
        out |= {level: f"M49-{row[level + '_code']}" if row[level + "_code"] else "" for level in LEVELS}
        for language, word in UN_NAMES.items():
            given = (dates.NAMES.get(code, {}).get(language), un.get(f"M49 {word}"), un.get(f"{word} Short"))
            out[language] = next(filter(None, given), names[language][alpha2])
        rows.append(out)
    return sorted(rows, key=lambda r: r["code"])


def groups(undata: Table, names: Names) -> Table:
    """M49 groups, the world and the dated groups, with the wider group that each lies in."""
    rows: dict[str, dict[str, str]] = {}
    for row in undata:
        wider = "WORLD"
        for level in LEVELS:
            number, title = row[level + "_code"], row[level]
            if not number:
                continue
            code = f"M49-{number}"
            given = {language: names[language][number] for language in LANGUAGES} | {"en": title}
            rows[code] = {"code": code, "kind": level, "within": wider} | given | dates.NAMES.get(code, {})
            wider = code
    rows["WORLD"] = {"code": "WORLD", "kind": "world"} | dates.NAMES["WORLD"]
    for code, note in dates.DATED.items():
        rows[code] = {"code": code, "kind": "dated", "note": note} | dates.NAMES[code]
    return [rows[code] for code in sorted(rows)]


def further_names(known: Table, groups_: Table, hdx: Mapping[str, dict[str, str]], names: Names) -> Table:
    """Names beside the UN name by which a place may be found: CLDR, ISO 3166, short and formal forms."""
    taken = {(language, row[language]) for row in [*known, *groups_] for language in LANGUAGES}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in known:
        un = hdx.get(row["code"], {})
        for language, word in UN_NAMES.items():
            found[language, names[language].get(row["alpha2"], "")].add(row["code"])
            found[language, un.get(f"{word} Short", "")].add(row["code"])
        for column in FURTHER:
            found["en", un.get(column, "")].add(row["code"])
    for row in groups_:
        for language in () if row["code"] == "M49-419" else LANGUAGES:  # CLDR 419 leaves the Caribbean out
            found[language, names[language].get(row["code"].removeprefix("M49-"), "")].add(row["code"])
    clear = [(language, name, codes) for (language, name), codes in found.items() if name and len(codes) == 1]
    rows = [{"language": la, "name": n, "code": next(iter(c))} for la, n, c in clear if (la, n) not in taken]
    return sorted(rows, key=lambda r: (r["code"], r["language"], r["name"]))


def memberships(undata: Table, hdx: Mapping[str, dict[str, str]]) -> Table:
    """Dated members: the current lists of the packages, with the dates that ``places_dates`` adds."""
    rows: Table = []

    def add(group: str, code: str, start: str, end: str, status: str, source: str, note: str = "") -> None:
        keys = ("group", "country", "from", "to", "status", "source", "note")
        rows.append(dict(zip(keys, (group, code, start, end, status, source, note), strict=True)))

    today = {row["iso3"] for row in undata if row["ldc"]}
    ahead = {code for code, (_, end, _) in dates.LDC.items() if not end or end > dates.LISTED}
    if today != ahead:
        raise SystemExit(f"places_dates.LDC does not match the list of undata: {sorted(today ^ ahead)}")
    for code, (start, end, note) in dates.LDC.items():
        add("LDC", code, start, end, "provisional", "list: undata 0.4.3; dates: recalled", note)
    for group in ("LLDC", "SIDS"):
        for row in undata:
            if row[group.lower()]:
                add(group, row["iso3"], "", "", "verified", "undata 0.4.3", "applied to every date")
    for code, (start, end) in dates.EU.items():
        add("EU", code, start, end, "provisional", "accession dates: recalled")
        if not end:
            add("EU27", code, "", "", "verified", "fixed list of the 27 members since 2020-02-01")
    for code, row in hdx.items():
        if not row["World Bank Income Level"]:
            continue
        steps = dates.INCOME_CHANGES.get(code, ())
        spans = [(INCOME[row["World Bank Income Level"]], ""), *steps]
        for position, (group, start) in enumerate(spans):
            end = spans[position + 1][1] if position + 1 < len(spans) else ""
            source = "recalled" if position else "hdx-python-country 4.2.5 (fiscal year 2024, inferred)"
            if group:
                add(group, code, start, end, "provisional", source)
    return sorted(rows, key=lambda r: (r["group"], r["country"], r["from"]))


def main(folder: Path) -> None:
    undata = read(unpacked("undata", "0.4.3", folder) / "undata" / "m49.csv")
    taxonomy = next((unpacked("hdx-python-country", "4.2.5", folder) / "hdx" / "location").glob("*.csv"))
    rows = [row for row in read(taxonomy) if row["Deprecated"] != "Y"]
    hdx = {row["ISO 3166-1 Alpha 3-Codes"]: row for row in rows if row["ISO 3166-1 Alpha 3-Codes"]}
    names = cldr(unpacked("babel", "2.18.0", folder))
    known, groups_ = countries(undata, hdx, names), groups(undata, names)
    write("countries.csv", ("code", "alpha2", "m49", *LEVELS, *LANGUAGES, "note"), known)
    write("groups.csv", ("code", "kind", "within", *LANGUAGES, "note"), groups_)
    write("names.csv", ("language", "name", "code"), further_names(known, groups_, hdx, names))
    columns = ("group", "country", "from", "to", "status", "source", "note")
    write("memberships.csv", columns, memberships(undata, hdx))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
