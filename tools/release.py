"""Make a release of the catalogue: ``python tools/release.py 2026.11 --date 2026-11-22``.

Refuses, with every reason, when a guard fails. Otherwise it writes

* ``catalog/release/calibration.csv``: how well values that are left out fall inside the intervals of their stand-ins;
* ``catalog/release.json``: number, date, hash of all tables and methods, counts;
* ``catalog/releases/<number>.json`` (the same), ``<number>.csv.gz`` and ``<number>.cards.csv.gz``: all factor rows and
  cards, so that ``--as-of``, history and ``netprint outdated`` know them;
* ``catalog/schema/factor.json`` and ``catalog/datapackage.json``: JSON Schema of a factor row, Data Package v2.

``--check`` writes nothing and exits 1 where these files are not those of the tables. A release that was published is
never made again: ``--again`` replaces one that was not.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools")]
import choose  # noqa: E402
import datapackage  # noqa: E402
import proxy_calibration  # noqa: E402

from netprint.ask.attributions import NEVER, flags  # noqa: E402
from netprint.errors import InputError, Problems  # noqa: E402
from netprint.load import factors as tables  # noqa: E402
from netprint.load import release  # noqa: E402
from netprint.load.guards import guard_catalog  # noqa: E402
from netprint.load.lazy import BETWEEN, INDEX  # noqa: E402

COLUMNS = ("factor", INDEX, "value", "unit", "statistic", "distribution", "p2_5", "p97_5", "min", "max", "gsd",
           "points", "source", "licence", "status", "valid_from", "valid_to")  # fmt: skip
CARD_COLUMNS = ("factor", "unit", "index", "kind", "boundary", "fallback", "correlation", "title", "note")
LARGEST = 300_000
"""Bytes of one snapshot."""
NUMBER = re.compile(r"20\d\d\.(?:0[1-9]|1[0-2])(?:\.\d+)?")
Row = dict[str, Any]


def guards() -> Iterator[str]:
    """Why no release may be made; nothing where it may."""
    try:
        rows = [f for of in tables.catalog().rows.values() for f in of.values()]
    except InputError as error:
        yield str(error)
        return
    problems = Problems()
    tables.check_formulas(tables.catalog(), {}, problems)
    yield from (str(p) for p in problems)
    known = tables.sources()
    spread = re.compile(r"spread (?:lag \d+|group|world)")
    unknown = {f.source for f in rows} - known.keys()
    yield from (
        f"the source {s!r} has no row in a table of sources"
        for s in sorted(unknown)
        if not spread.fullmatch(s)
    )
    for name, licence in sorted(
        {(f.source, f.licence or known.get(f.source, {}).get("licence", "")) for f in rows}
    ):
        wrong = [flag for flag in flags(licence) if flag in NEVER]
        if wrong:
            yield f"{name}: {licence} is {' and '.join(wrong)}, and may not be in the shipped tables"
    yield from (str(finding) for finding in guard_catalog() if finding.error)
    if choose.main(["--check"]):
        yield "catalog/factors/ict.csv is not what the evidence gives"


def table(columns: Iterable[str], rows: Iterable[Row]) -> str:
    kept = list(columns)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, kept, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def snapshot() -> str:
    """All rows of all factors, the index entries of a row in one cell."""
    cards, rows = tables.catalog().cards, []
    for path in sorted((release.CATALOG / "factors").glob("*.csv")):
        if not path.name.startswith(("cards", "sources")):
            for _, row in tables.read_csv(path):
                index = cards[row["factor"]].index
                rows.append({**row, INDEX: BETWEEN.join(row.get(c, "") for c in index)})
    return table(COLUMNS, rows)


def card_rows() -> str:
    files = sorted((release.CATALOG / "factors").glob("cards*.csv"))
    return table(CARD_COLUMNS, [row for path in files for _, row in tables.read_csv(path)])


def packed(text: str) -> bytes:
    """Gzip without name and time, so that the same rows give the same bytes."""
    return gzip.compress(text.encode("utf-8"), 9, mtime=0)


def counts() -> Row:
    rows = [f for of in tables.catalog().rows.values() for f in of.values()]
    status = Counter("verified" if f.status == "verified" else "provisional" for f in rows)
    places = {f.index[f.card.index.index("country")] for f in rows if "country" in f.card.index}
    return {
        "factors": len(tables.catalog().rows), "rows": len(rows), **dict(sorted(status.items())),
        "sources": len(tables.sources()), "places": len(places - {""}),
    }  # fmt: skip


def text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def files(number: str, day: str, calibration: Callable[[], str]) -> dict[Path, bytes]:
    """Every file of the release, by path."""
    catalog, releases = release.CATALOG, release.RELEASES
    about = text({"release": number, "date": day, "hash": release.content(), "counts": counts()})
    made = {
        catalog / "release/calibration.csv": calibration().encode(),
        catalog / "release.json": about.encode(),
        releases / f"{number}.json": about.encode(),
        releases / f"{number}.csv.gz": packed(snapshot()),
        releases / f"{number}.cards.csv.gz": packed(card_rows()),
        catalog / "schema/factor.json": text(datapackage.schema()).encode(),
    }
    made[catalog / "datapackage.json"] = text(datapackage.descriptor(number, day)).encode()
    large = [p.name for p, body in made.items() if p.suffix == ".gz" and len(body) > LARGEST]
    if large:
        raise SystemExit(f"{', '.join(large)}: more than {LARGEST} bytes; leave out columns or rows")
    return made


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("number", nargs="?", help="like 2026.11; the newest where none is given")
    parser.add_argument("--date", help="the day of the release, as ISO date")
    parser.add_argument("--again", action="store_true", help="replace a release that was not published")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    given = parser.parse_args(arguments)
    known = {r.number: r for r in release.releases()}
    number = given.number or max(known, default="")
    day = given.date or (known[number].day if number in known else "")
    if not NUMBER.fullmatch(number) or not day:
        parser.error("a number like 2026.11 and a --date like 2026-11-22 are needed")
    if number in known and not (given.again or given.check) and not known[number].shipped:
        parser.error(f"{number} exists with other values: give the next number, or --again if nobody has it")
    found = list(guards())
    for reason in found:
        print(reason, file=sys.stderr)
    if found:
        print(f"No release: {len(found)} guards failed.", file=sys.stderr)
        return 1
    made = files(number, day, kept_calibration if given.check else proxy_calibration.text)
    stale = [path for path, body in made.items() if not path.exists() or path.read_bytes() != body]
    for path in stale:
        if given.check:
            print(f"{path.name} is not that of the tables: run python tools/release.py", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made[path])
            print(f"{path.relative_to(ROOT)}: {len(made[path]):,} bytes")
    return 1 if given.check and stale else 0


def kept_calibration() -> str:
    """The table as it stands: it takes half a minute to compute, and a test of its own compares it."""
    path = release.CATALOG / "release/calibration.csv"
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
