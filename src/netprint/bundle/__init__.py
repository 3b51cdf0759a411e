"""The one place that writes and reads a result.

A bundle is a folder, or the same zipped: ``result.json`` (totals, tags, coverage, hashes, versions, warnings, gaps,
trend, propagation, drivers, sensitivities, sources), ``results.parquet`` and ``results.csv``, ``trace.parquet`` and
``trace.csv``, ``factors.csv``, ``indicators.csv``, ``collapsed.parquet``, ``report.html``, ``study.yaml``,
``inputs/`` (the study's own methods, factor tables and cards) and ``ro-crate-metadata.json``.

A public bundle is what :func:`netprint.bundle.public.published` leaves of a result. No bundle holds what
:func:`netprint.bundle.withheld.shareable` takes out: own factors whose licence forbids it, and passwords.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from netprint.bundle.atomic import replacing, write_text
from netprint.bundle.crate import crate
from netprint.bundle.public import VALUES, published
from netprint.bundle.tables import (
    NUMBERS,
    as_csv,
    as_parquet,
    as_parquet_rows,
    from_csv,
    from_parquet,
    from_parquet_rows,
    numeric,
)
from netprint.bundle.withheld import missing, shareable, shipped
from netprint.claims import check_publishable
from netprint.errors import UsageError
from netprint.result import Result, Table, table

FORMAT = 1
FILES = (
    "result.json", "results.parquet", "results.csv", "trace.parquet", "trace.csv", "factors.csv", "indicators.csv",
    "collapsed.parquet", "report.html", "study.yaml", "ro-crate-metadata.json",
)  # fmt: skip
#: Tables of a result that stand in result.json.
_INSIDE = ("drivers", "trend", "propagation", "gaps", "reported", "sources")
_PLAIN = ("title", "kind", "by", "tags", "warnings", "inputs", "versions", "study_file")
_JOINED = ("source_title", "source_url", "source_licence", "attribution")
_LARGEST = 4 << 30


def write(result: Result, target: str | Path, *, public: bool = False) -> Path:
    """Write a result to a folder, or to a zip where the name ends in ``.zip``; the path written.

    A former bundle of that name is replaced once the new one is complete. The same result gives the same bytes but
    for the field ``created``, which is ``SOURCE_DATE_EPOCH`` where that is set. Raises :class:`UsageError` where
    the target holds something else, or cannot be written, and for a public bundle of an effect that may not be claimed.
    """
    path = Path(target)
    check_target(path)
    if public:
        check_publishable(result.tags.get("effect"))
    shown = published(result) if public else shareable(result)
    created = _created()
    with replacing(path) as folder:
        for name, content in _contents(shown, created, public):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        text = as_json(crate(shown, folder, created))
        (folder / "ro-crate-metadata.json").write_bytes(text)
    return path


def _contents(result: Result, created: str, public: bool) -> Iterator[tuple[str, bytes]]:
    from netprint.report.html import render

    yield "result.json", as_json(summary(result, created, public))
    yield "results.csv", as_csv(result.cells)
    yield "results.parquet", as_parquet(result.cells)
    yield "factors.csv", as_csv(_with_sources(result, public))
    yield "indicators.csv", as_csv(result.indicators)
    yield "report.html", render(result).encode()
    if public:
        return
    yield "trace.csv", as_csv(result.lines)
    yield "trace.parquet", as_parquet(result.lines)
    yield "study.yaml", result.study.encode()
    for name, content in sorted(shipped(result).items()):
        yield f"inputs/{name}", content
    if result.collapsed is not None:
        yield "collapsed.parquet", as_parquet_rows(result.collapsed)


def check_target(path: Path) -> None:
    """Refuse to replace anything that is not a bundle. Raises :class:`UsageError`."""
    if path.suffix == ".zip":
        if path.exists() and not (
            zipfile.is_zipfile(path) and "result.json" in zipfile.ZipFile(path).namelist()
        ):
            raise UsageError(
                f"{path} exists and is no result bundle; it was left as it is. Choose another name."
            )
    elif path.is_dir():
        other = sorted(p.name for p in path.iterdir() if p.name not in FILES and p.name != "inputs")
        if other or (any(path.iterdir()) and not (path / "result.json").is_file()):
            held = f"holds {other[0]!r}, which is no part of a result" if other else "is no result bundle"
            raise UsageError(f"The folder {path} {held}; it was left as it is. Choose another folder.")
    elif path.exists():
        raise UsageError(
            f"{path} is a file; it was left as it is. Name a folder, or a file that ends in .zip."
        )


def _created() -> str:
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


# -- result.json -----------------------------------------------------------------------------------------------------


def summary(result: Result, created: str = "", public: bool = False) -> dict[str, Any]:
    """What stands in result.json."""
    found: dict[str, Any] = {"format": FORMAT, "created": created, "public": public}
    found |= {name: getattr(result, name) for name in _PLAIN}
    found["coverage"] = {f"{row['account']}, {row['impact']}": row["coverage"] for row in result.views["all"]}
    found["totals"] = {"all": list(result.views["all"]), "year": list(result.views["year"])}
    found["views"] = {n: list(v) for n, v in result.views.items() if n not in found["totals"]}
    found |= {name: list(getattr(result, name)) for name in _INSIDE}
    found["sensitivities"] = {name: list(rows) for name, rows in result.sensitivities.items()}
    found["licences"] = licences(result)
    found["withheld"] = sorted(set(result.files) - set(shipped(result)))
    return found


def licences(result: Result) -> list[dict[str, Any]]:
    """The duties of the data used: each licence with what must be named."""
    found: dict[str, list[str]] = {}
    for row in result.sources:
        if row["licence"]:
            found.setdefault(row["licence"], []).append(row["attribution"] or row["title"] or row["source"])
    return [{"licence": name, "name": list(dict.fromkeys(found[name]))} for name in sorted(found)]


def _with_sources(result: Result, public: bool) -> Table:
    """The factor rows with title, address and licence of their sources; without values in a public bundle.

    Formulas go without their `=`, which a spreadsheet would try to compute.
    """
    by_id = {row["source"]: row for row in result.sources}
    rows = []
    for row in result.factors:
        source = by_id.get(row["source"], {})
        rows.append(
            {**row, "formula": row["formula"].removeprefix("="),
             "source_title": source.get("title", ""), "source_url": source.get("url", ""),
             "source_licence": source.get("licence", ""), "attribution": source.get("attribution", "")}
        )  # fmt: skip
    columns = [*result.factors.columns, *_JOINED]
    return table(rows, [c for c in columns if not (public and c in VALUES)])


def _without_sources(rows: Table) -> Table:
    columns = {n: v for n, v in rows.columns.items() if n not in _JOINED}
    absent = {n: [None] * len(rows) for n in VALUES if n not in columns}
    return Table({**columns, **absent, "formula": [f and f"={f}" for f in columns.get("formula", ())]})


def as_json(value: Any) -> bytes:
    """What stands in a JSON file of a bundle."""
    return (json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


# -- reading ---------------------------------------------------------------------------------------------------------


def read(source: str | Path) -> Result:
    """The result that a bundle holds. Raises :class:`UsageError` where there is none, or it is damaged."""
    path = Path(source)
    held = _held(path)
    try:
        return _result(held)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise UsageError(f"The bundle {path} is damaged and cannot be read: {error}.") from None


def _held(path: Path) -> dict[str, bytes]:
    """The files of a bundle by name."""
    if path.is_dir() and (path / "result.json").is_file():
        own = [p for p in (path / "inputs").rglob("*") if p.is_file()]
        found = [path / n for n in FILES if (path / n).is_file()] + own
        return {p.relative_to(path).as_posix(): p.read_bytes() for p in found}
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = [
                m for m in archive.infolist() if m.filename in FILES or m.filename.startswith("inputs/")
            ]
            if sum(m.file_size for m in members) > _LARGEST:
                raise UsageError(
                    f"The bundle {path} would unpack to more than {_LARGEST >> 30} GB; it was not read."
                )
            if any(m.filename == "result.json" for m in members):
                return {m.filename: archive.read(m) for m in members}
    what = "holds no result.json" if path.exists() else "does not exist"
    raise UsageError(
        f"{path} {what}; a bundle is the folder or zip that `netprint assess STUDY --out …` writes."
    )


def _result(held: Mapping[str, bytes]) -> Result:
    summary = json.loads(held["result.json"])
    if summary["format"] != FORMAT:
        raise ValueError(f"its format is {summary['format']}, this netprint reads {FORMAT}")
    inputs = {n.removeprefix("inputs/"): b for n, b in held.items() if n.startswith("inputs/")}
    plain: dict[str, Any] = {n: tuple(v) if isinstance(v := summary[n], list) else v for n in _PLAIN}
    tables: dict[str, Any] = {n: _table(summary[n]) for n in _INSIDE}
    views = {n: _table(rows) for n, rows in {**summary["totals"], **summary["views"]}.items()}
    return Result(
        cells=from_parquet(held["results.parquet"]),
        views=views,
        indicators=from_csv(held["indicators.csv"].decode()),
        lines=from_parquet(held["trace.parquet"]) if "trace.parquet" in held else Table({}),
        factors=_without_sources(from_csv(held["factors.csv"].decode())),
        sensitivities={n: _table(rows) for n, rows in summary["sensitivities"].items()},
        collapsed=from_parquet_rows(held["collapsed.parquet"]) if "collapsed.parquet" in held else None,
        study=held.get("study.yaml", b"").decode(),
        files=inputs,
        **tables,
        **plain,
    )


def _table(rows: list[dict[str, Any]]) -> Table:
    found = table(rows)
    return Table({n: numeric(v) if n in NUMBERS else v for n, v in found.columns.items()})


@contextmanager
def restored(result: Result) -> Iterator[Path]:
    """A folder, for as long as it is needed, with the study of a result and its own files; the study's path.

    Raises :class:`UsageError` where factors that the study needs were withheld for their licence.
    """
    lacks = missing(result)
    if lacks:
        raise UsageError(
            f"The bundle of '{result.title}' cannot be assessed again as it is: {', '.join(lacks)} was withheld for "
            "its licence and must be given. Put it into the bundle's study.yaml, or assess the study itself."
        )
    with tempfile.TemporaryDirectory(prefix="netprint-") as name:
        folder = Path(name)
        for place, content in {**result.files, result.study_file: result.study.encode()}.items():
            path = (folder / place).resolve()
            if not path.is_relative_to(folder.resolve()):
                raise UsageError(f"The bundle of '{result.title}' names a file outside itself: {place}.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder / result.study_file


__all__ = [
    "as_json", "check_target", "licences", "published", "read", "restored", "summary", "write", "write_text",
]  # fmt: skip
