"""What a result came from: the study's text and own files, the hashes of all inputs, sources, versions."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from numbers import Integral
from pathlib import Path
from types import MappingProxyType
from typing import Any

from netprint import __version__
from netprint.errors import InputError
from netprint.load import release
from netprint.load.document import masked
from netprint.load.factors import sources
from netprint.load.method import shipped
from netprint.load.study import Study
from netprint.load.yaml import load
from netprint.result import Table, table

SOURCE_COLUMNS = (
    "source", "author", "title", "publisher", "published", "table", "url", "licence", "attribution",
)  # fmt: skip
IN_MEMORY = "(rows given from Python)"
_CHUNK = 1 << 20


def as_text(study: Mapping[str, Any]) -> str:
    """A study given as a mapping, as a study file: one key a line, its value in JSON.

    Rows given from Python are not part of it: a bundle holds the collapsed table, not the rows. Nor are passwords.
    """
    kept = {k: v for k, v in study.items() if k != "root"}
    for key in ("activities", "instruments"):
        if kept.get(key) is not None and not _is_path(kept[key]):
            kept[key] = IN_MEMORY
    lines = [f"{key}: {json.dumps(_plain(value), ensure_ascii=False)}\n" for key, value in kept.items()]
    return masked("".join(lines))


def _is_path(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, Integral):
        return int(value)
    return float(value) if hasattr(value, "__float__") else str(value)


def own_files(study: Study) -> dict[str, bytes]:
    """The study's own factor tables, cards, sources and method files, by their names in the study's folder."""
    paths = dict.fromkeys([*study.inputs, *_cards(study), *_sources(study), *_methods(study)])
    return {Path(os.path.relpath(p, study.root)).as_posix(): p.read_bytes() for p in paths}


def _cards(study: Study) -> list[Path]:
    path = study.root / "cards.csv"
    return [path] if path.is_file() else []


def _sources(study: Study) -> Iterator[Path]:
    """A ``sources.csv`` beside an own table, as every import leaves one: it says whom a publication has to name."""
    for path in dict.fromkeys(p.parent / "sources.csv" for p in study.inputs):
        if path.is_file() and path not in study.inputs:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                head = next(csv.reader(stream), [])
            if "source" in head and "attribution" in head:
                yield path


def _methods(study: Study) -> Iterator[Path]:
    """Method files beside the study, and those that they include."""
    waiting = [(study.root, name) for name in _named(study.text, study.file, "method")]
    seen: set[Path] = set()
    while waiting:
        root, name = waiting.pop(0)
        path = root / name
        if name in shipped() or path in seen or not path.is_file():
            continue
        seen.add(path)
        yield path
        waiting += [(path.parent, n) for n in _named(path.read_text("utf-8"), path.name, "includes")]


def _named(text: str, file: str, key: str) -> list[str]:
    """The names under ``key``; methods written into the study name others under ``includes``."""
    try:
        data = load(text, file).data
    except InputError:
        return []
    value = data.get(key) if isinstance(data, dict) else None
    listed = value if isinstance(value, list) else [] if value is None else [value]
    included = [v.get("includes", []) for v in listed if isinstance(v, dict)]
    names = [v for v in listed if isinstance(v, str)]
    return names + [n for i in included for n in ([i] if isinstance(i, str) else i)]


def hashes(study: Study, files: Mapping[str, bytes], activities: Any, root: Path | None) -> dict[str, str]:
    """SHA-256 of the study, its own ``files`` and every file of activity data, by name; rows in memory have none.

    ``root``: the folder of relative paths of ``activities``; None where they were given from Python.
    """
    found = {study.file: study.hash} | {n: hashlib.sha256(b).hexdigest() for n, b in files.items()}
    given = list(activities) if isinstance(activities, list | tuple) else [activities]
    for item, folder in [*((g, root) for g in given), (study.instruments, study.root)]:
        if isinstance(item, str | Path):
            for path in _files(folder or Path(), str(item)):
                inside = folder is not None and path.resolve().is_relative_to(folder.resolve())
                name = Path(os.path.relpath(path, folder)).as_posix() if inside else path.name
                found[name] = _hash(path)
    return dict(sorted(found.items()))


def _files(root: Path, name: str) -> list[Path]:
    """The files that a path, a glob, a folder, or a sheet or table of a file (``book.xlsx#Sheet``) stands for."""
    for candidate in (name, name.rpartition("#")[0]):
        path = root / candidate
        if candidate and path.is_file():
            return [path]
        if candidate and path.is_dir():
            return sorted(p for p in path.rglob("*") if p.is_file())
    if any(c in name for c in "*?[") and "://" not in name:
        whole = Path(root / name)
        anchor = Path(whole.anchor) if whole.is_absolute() else Path()
        return sorted(p for p in anchor.glob(str(whole.relative_to(anchor))) if p.is_file())
    return []


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def catalogue() -> str:
    """SHA-256 of the catalogue in use: that which this netprint ships, or that of the release asked for."""
    chosen = release.chosen()
    return release.content() if chosen is None else chosen.hash


def versions() -> dict[str, str]:
    return {"netprint": __version__, "catalogue": catalogue(), "release": release.name()}


def _own_sources(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    texts = [b.decode("utf-8-sig") for name, b in sorted(files.items()) if Path(name).name == "sources.csv"]
    rows = (row for text in texts for row in csv.DictReader(io.StringIO(text)))
    return {row["source"]: {c: v for c, v in row.items() if c and v} for row in rows if row.get("source")}


def sources_of(factors: Table, files: Mapping[str, bytes] = MappingProxyType({})) -> Table:
    """The sources of the factor rows used, with the duties that come with their licences; sorted by id.

    ``files``: the study's own ones, of which a ``sources.csv`` says what the source of an own row is.
    """
    known, found = {**_own_sources(files), **sources()}, dict[str, dict[str, Any]]()
    for row in factors:
        name = str(row["source"])
        if name in known:
            found[name] = {c: known[name].get(c, "") for c in SOURCE_COLUMNS}
            found[name]["licence"] = found[name]["licence"] or row["licence"] or ""
        else:
            own = {"source": name, "licence": row["licence"] or ""}
            found.setdefault(name, dict.fromkeys(SOURCE_COLUMNS, "") | own)
    return table([found[n] for n in sorted(found)], SOURCE_COLUMNS)
