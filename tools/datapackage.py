"""The form of the catalogue, for programs: JSON Schema of a factor row, and a Data Package v2 descriptor of all tables.

``tools/release.py`` writes both. https://datapackage.org/standard/data-package/, version 2.0.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netprint.load import factors as tables
from netprint.load.factor_rows import NOT_INDEX, VALIDITY
from netprint.load.factor_shapes import DISTRIBUTIONS, STATISTICS
from netprint.load.release import CATALOG

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DAY = "^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"
NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
FOLDERS = {
    "activities": "Kinds of activity", "evidence": "Every value found, from which defaults were chosen",
    "evidence/crosschecks": "Values read in a second source", "factors": "Factors, their cards and sources",
    "places": "Countries, groups, names and memberships", "release": "How well stand-ins hold",
    "optional/ecologits": "Factors that a study names by itself, share-alike by file",
    "words": "Words to search with, by language",
}  # fmt: skip
MEANING = {
    "factor": "Name of the factor; its card says what it is", "value": "The value; a formula begins with =",
    "unit": "Unit of the value", "statistic": "What the value is of its distribution",
    "distribution": "Distribution of the value", "p2_5": "2.5th percentile", "p97_5": "97.5th percentile",
    "min": "Least value", "max": "Greatest value", "gsd": "Geometric standard deviation",
    "points": "Quantile function, p:value pairs", "source": "Id in a table of sources",
    "page": "Page, table or row of the source", "licence": "Licence of the value",
    "status": "verified: read in the original or a transcription that names it; else provisional",
    "note": "What a user must know",
    "valid_from": "First year or day on which the value holds, where its source says so and the index has no year",
    "valid_to": "Last year or day on which the value holds",
    "country": "ISO 3166-1 alpha-3 code, a group's code or WORLD; empty for any",
    "year": "Year; empty for any", "item": "What the value is of; empty for any",
}  # fmt: skip
NUMERIC = ("p2_5", "p97_5", "min", "max", "gsd")
Row = dict[str, Any]


def factor_tables() -> Iterator[Path]:
    return (
        p for p in sorted((CATALOG / "factors").glob("*.csv")) if not p.name.startswith(("cards", "sources"))
    )


def columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream))


def index_columns() -> list[str]:
    """The index columns that factor tables and cards have, those of every row first."""
    found = dict.fromkeys(c for path in factor_tables() for c in columns(path) if c not in NOT_INDEX)
    found |= dict.fromkeys(c for card in tables.catalog().cards.values() for c in card.index)
    first = [c for c in ("country", "year", "item") if c in found]
    return [*first, *sorted(c for c in found if c not in first)]


def schema() -> Row:
    """JSON Schema of one row of a factor table: its cells as text, empty ones left out."""
    word = {"type": "string", "minLength": 1}
    properties: Row = {
        "factor": {**word, "enum": sorted(tables.catalog().cards)},
        "value": {"type": "string", "pattern": f"^({NUMBER}|=.+)$"},
        **{name: {"type": "string", "pattern": f"^{NUMBER}$"} for name in NUMERIC},
        "unit": word, "statistic": {"enum": list(STATISTICS)}, "distribution": {"enum": list(DISTRIBUTIONS)},
        "points": word, "source": word, "page": word, "licence": word,
        "status": {"enum": ["verified", "provisional"]}, "note": word,
        "country": {"type": "string", "pattern": "^([A-Z]{3}|M49-[0-9]{3}|WORLD|[A-Z][A-Z0-9-]{1,9})$"},
        "year": {"type": "string", "pattern": "^[0-9]{4}$"},
        **{name: {"type": "string", "pattern": DAY} for name in VALIDITY},
        **{name: word for name in index_columns() if name not in ("country", "year")},
    }  # fmt: skip
    for name, told in MEANING.items():
        properties[name] = {"description": told, **properties.get(name, word)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A row of a factor table of netprint",
        "description": "Cells as text; an empty cell is left out. The card of the factor says which index it has.",
        "type": "object", "properties": properties, "required": ["factor", "value", "unit", "source", "status"],
        "additionalProperties": False,
        "allOf": [
            _needs("distribution", ["uniform", "triangular", "pert"], ["min", "max"]),
            _needs("distribution", ["normal", "beta", "dirichlet"], ["p2_5", "p97_5"]),
            _needs("distribution", ["empirical"], ["points"]),
        ],
    }  # fmt: skip


def _needs(column: str, values: list[str], others: list[str]) -> Row:
    told = {"properties": {column: {"enum": values}}, "required": [column]}
    return {"if": told, "then": {"required": others}}


def descriptor(number: str, day: str) -> Row:
    """The Data Package of release ``number``, made on ``day``."""
    licences = sorted({r["licence"] for r in tables.sources().values() if r.get("licence")}, key=str.casefold)
    return {
        "$schema": PROFILE, "name": "netprint-catalogue", "title": "Factors for assessing ICT", "version": number,
        "created": f"{day}T00:00:00Z",
        "description": "Every value has a source, a licence and a status; see the tables of sources. The duties of a "
        "publication: netprint factors attributions.",
        "licenses": [{"name": _name(licence), "title": licence} for licence in licences],
        "sources": [_source(s, r) for s, r in sorted(tables.sources().items())],
        "resources": [_resource(p) for p in _paths()],
    }  # fmt: skip


def _paths() -> Iterator[Path]:
    return (p for p in sorted(CATALOG.rglob("*.csv")) if p.relative_to(CATALOG).parent.as_posix() in FOLDERS)


def _name(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", text).strip("-.") or "other"


def _source(name: str, row: Row) -> Row:
    found = {"title": row.get("title") or name}
    return found | ({"path": row["url"]} if row.get("url", "").startswith("http") else {})


def _resource(path: Path) -> Row:
    inside, body = path.relative_to(CATALOG), path.read_bytes()
    key = {"factors": "sources", "places": "countries"}.get(inside.parent.as_posix(), "")
    fields = [_field(c, path) for c in columns(path)]
    keys: Row = {"primaryKey": [fields[0]["name"]]} if key and path.name.startswith(key) else {}
    return {
        "name": _name(inside.with_suffix("").as_posix().replace("/", "-")).lower(), "path": inside.as_posix(),
        "type": "table", "title": FOLDERS[inside.parent.as_posix()], "format": "csv", "mediatype": "text/csv",
        "encoding": "utf-8", "bytes": len(body), "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "schema": {"fields": fields, "missingValues": [""], **keys},
    }  # fmt: skip


def _field(name: str, path: Path) -> Row:
    kind = "number" if name in NUMERIC and path.parent.name == "factors" else "string"
    told = {"description": MEANING[name]} if name in MEANING else {}
    return {"name": name, "type": kind, **told}
