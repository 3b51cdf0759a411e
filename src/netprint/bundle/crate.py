"""ro-crate-metadata.json: what the files of a bundle are, for machines (RO-Crate 1.1, written as plain JSON)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from netprint.result import Result

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"
ABOUT = {
    "result.json": "Totals, tags, coverage, warnings, gaps and the hashes of all inputs",
    "results.csv": "Results by the dimensions asked for, account and impact",
    "results.parquet": "The same as results.csv",
    "trace.csv": "Every line below the results: term, labels, factor rows, quantity, contribution",
    "trace.parquet": "The same as trace.csv",
    "factors.csv": "Every factor row used, with its source and licence",
    "indicators.csv": "Indicators such as the power usage effectiveness",
    "collapsed.parquet": "The activity data, summed over the study's key with exact integer sums",
    "report.html": "The report",
    "study.yaml": "The study",
}
FORMATS = {
    ".json": "application/json", ".csv": "text/csv", ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html", ".yaml": "application/yaml",
}  # fmt: skip


def crate(result: Result, folder: Path, created: str) -> dict[str, Any]:
    """The metadata of the files in ``folder``."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    files = [_file(p, p.relative_to(folder).as_posix()) for p in paths]
    sources = [_source(row) for row in result.sources if row["url"]]
    licence = str(dict(result.tags.get("statements", {})).get("licence") or "No licence is stated.")
    root = {
        "@id": "./", "@type": "Dataset", "name": result.title, "datePublished": created, "license": licence,
        "description": f"Assessment by {', '.join(result.tags['methods'])}, with GWP of {result.tags['gwp']}.",
        "hasPart": [{"@id": f["@id"]} for f in files], "isBasedOn": _unique_ids(sources),
    }  # fmt: skip
    software = {
        "@id": "#netprint", "@type": "SoftwareApplication", "name": "netprint",
        "version": result.versions.get("netprint", ""),
    }  # fmt: skip
    action = {
        "@id": "#assessment", "@type": "CreateAction", "name": "Assessment", "endTime": created,
        "instrument": {"@id": "#netprint"}, "result": [{"@id": "./"}],
    }  # fmt: skip
    about = {
        "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
        "conformsTo": {"@id": PROFILE},
    }  # fmt: skip
    unique = {s["@id"]: s for s in sources}
    return {"@context": CONTEXT, "@graph": [about, root, *files, software, action, *unique.values()]}


def _file(path: Path, name: str) -> dict[str, Any]:
    return {
        "@id": name, "@type": "File", "name": name,
        "description": ABOUT.get(name, "A file of the study"),
        "encodingFormat": FORMATS.get(path.suffix, "application/octet-stream"),
        "contentSize": str(path.stat().st_size), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }  # fmt: skip


def _source(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "@id": row["url"], "@type": "CreativeWork", "name": row["title"] or row["source"],
        "author": row["author"], "publisher": row["publisher"], "datePublished": row["published"],
        "license": row["licence"],
    }  # fmt: skip


def _unique_ids(entities: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"@id": i} for i in dict.fromkeys(e["@id"] for e in entities)]
