"""The folder that an import leaves, and whether it is still what was received."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from netprint import __version__
from netprint.bundle.atomic import replacing
from netprint.errors import InputError, Problem, Problems, UsageError
from netprint.exchange.imports.source import Asked, Part, Raw, Row, Rows, Source
from netprint.load.factor import FactorTable
from netprint.load.factors import cards_of, catalog, check_formulas, own_table, read_csv

ORIGIN = "origin.json"
FORM = "netprint import 1"
TAIL = ("value", "unit", "statistic", "source", "page", "licence", "status", "note")
CARD = ("factor", "unit", "index", "kind", "boundary", "fallback", "correlation", "title", "note")
ABOUT = (
    "source",
    "author",
    "title",
    "publisher",
    "published",
    "table",
    "url",
    "licence",
    "attribution",
    "seen",
    "note",
)


@dataclass(frozen=True)
class Snapshot:
    """What an import wrote: the folder, its ``origin``, and its rows as a factor table with warnings' places."""

    folder: Path
    origin: Mapping[str, Any]
    table: FactorTable


def today() -> str:
    """The date: that of SOURCE_DATE_EPOCH where it is set, so that a snapshot can be made again bit for bit."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%d")


def write(out: Path, source: Source, raw: Raw, rows: Rows, asked: Asked) -> Snapshot:
    """Write the folder ``out``, whole or not at all; an older snapshot there is replaced, anything else never.

    Raises :class:`InputError` where the rows would not hold as a factor table.
    """
    if out.is_dir() and any(out.iterdir()) and not (out / ORIGIN).is_file():
        raise UsageError(
            f"{out} holds something else than an import of netprint; name a new folder with --out."
        )
    cards = [c for c in source.cards if any(r["factor"] == c["factor"] for r in rows.rows)]
    table = as_table([(n, r) for n, r in enumerate(rows.rows, start=2)], cards, "factors.csv")
    factors = table_text(columns(rows.rows), rows.rows)
    parts = [_about(part) for part in _distinct(raw)]
    origin: dict[str, Any] = {
        "form": FORM, "source": source.name, "title": source.title, "publisher": source.publisher,
        "address": source.address, "kind": source.kind, "licence": source.licence, "duties": source.duties,
        "share_alike": source.share_alike, "non_commercial": source.non_commercial, "date": today(),
        "netprint": __version__, "asked": asdict(asked), "parts": parts, "rows": len(rows.rows),
        "factors_sha256": hashlib.sha256(factors.encode()).hexdigest(),
        "skipped": dict(sorted(rows.skipped.items())),
    }  # fmt: skip
    with replacing(out) as folder:
        (folder / "raw").mkdir()
        for part, about in zip(_distinct(raw), parts, strict=True):
            (folder / about["file"]).write_bytes(gzip.compress(part.body, 6, mtime=0))
        _put(folder / "factors.csv", factors)
        if cards:
            _put(folder / "cards.csv", table_text(CARD, cards))
        _put(folder / "sources.csv", table_text(ABOUT, [_source(source, rows.source, origin["date"])]))
        _put(folder / ORIGIN, json.dumps(origin, ensure_ascii=False, indent=1) + "\n")
    return Snapshot(out, origin, table)


def as_table(rows: list[tuple[int, Row]], cards: Iterable[Mapping[str, str]], file: str) -> FactorTable:
    """Rows as a study would read them, with the given cards. Raises :class:`InputError`."""
    problems = Problems()
    known = catalog()
    mine = cards_of([(n, dict(c)) for n, c in enumerate(cards, start=2)], "cards.csv", problems)
    table = own_table(rows, file, known, problems, mine)
    check_formulas(table, known.cards, problems)
    problems.raise_if_any()
    return table


def verify(folder: Path) -> list[Problem]:
    """What in a snapshot is no longer as it was received."""
    problems = Problems()
    try:
        origin = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        parts = [(str(p["file"]), str(p["sha256"])) for p in origin["parts"]]
        stated = str(origin["factors_sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            [Problem(str(folder / ORIGIN), None, None, f"it cannot be read ({error})", "the origin of an import",
                     "Import again.")]
        ) from None  # fmt: skip
    for file, sha256 in parts:
        try:
            found = hashlib.sha256(gzip.decompress((folder / file).read_bytes())).hexdigest()
        except (OSError, EOFError) as error:
            found = f"unreadable ({error})"
        _compare(problems, f"{folder.name}/{file}", found, sha256)
    found = hashlib.sha256((folder / "factors.csv").read_bytes()).hexdigest()
    _compare(problems, f"{folder.name}/factors.csv", found, stated)
    return list(problems)


def _compare(problems: Problems, file: str, found: str, stated: str) -> None:
    if found != stated:
        problems.add(
            file, None, None, found=f"the SHA-256 is {found}", expected=f"{stated}, as origin.json says",
            remedy="The file was changed after the import: import again, or keep your changes in a table of your own.",
        )  # fmt: skip


def read_snapshot(folder: Path) -> FactorTable:
    """The factor table of a snapshot. Raises :class:`InputError`."""
    path = folder / "cards.csv"
    cards = [row for _, row in read_csv(path)] if path.is_file() else []
    return as_table(read_csv(folder / "factors.csv"), cards, f"{folder.name}/factors.csv")


def columns(rows: Iterable[Row]) -> tuple[str, ...]:
    """`factor`, the index columns in use, then what every row has."""
    index = dict.fromkeys(k for row in rows for k in row if k not in TAIL and k != "factor")
    first = [c for c in ("country", "year", "item", "gas") if c in index]
    return ("factor", *first, *(c for c in index if c not in first), *TAIL)


def table_text(head: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(head), restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _distinct(raw: Raw) -> Raw:
    """The parts, each under a name that no other part has, whatever letters the service put there."""
    names: dict[str, int] = {}
    found = []
    for part in raw:
        name = re.sub(r"[^\w.-]+", "_", part.name).lstrip(".") or "answer"
        names[name] = names.get(name, 0) + 1
        found.append(
            Part(
                name if names[name] == 1 else f"{names[name]}-{name}", part.address, part.body, part.modified
            )
        )
    return tuple(found)


def _about(part: Part) -> dict[str, Any]:
    return {
        "file": f"raw/{part.name}.gz", "address": part.address, "bytes": len(part.body),
        "sha256": hashlib.sha256(part.body).hexdigest(), "last_modified": part.modified,
    }  # fmt: skip


def _source(source: Source, name: str, date: str) -> dict[str, str]:
    named = f"{source.publisher}: {source.title} ({source.publisher}, received {date})"
    return {
        "source": name, "author": source.publisher, "title": source.title, "publisher": source.publisher,
        "url": source.address, "licence": source.licence,
        "attribution": f"{named}. {source.attribution}" if source.attribution else named,
        "seen": f"{date}: the answer of the service", "note": f"{source.kind}. Duties: {source.duties}",
    }  # fmt: skip


def _put(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
