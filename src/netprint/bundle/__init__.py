"""The one place that writes and reads a result.

A bundle is a folder, or the same zipped: ``result.json`` (totals, tags, coverage, hashes, versions, warnings, gaps,
trend, propagation, drivers, sensitivities, sources), ``results.parquet`` and ``results.csv``, ``trace.parquet`` and
``trace.csv``, ``factors.csv``, ``indicators.csv``, ``collapsed.parquet``, ``report.html``, ``study.yaml``,
``inputs/`` (the study's own methods, factor tables and cards) and ``ro-crate-metadata.json``.

A public bundle has no collapsed table, trace, drivers, study or own factor: nothing from which a confidential value
can be had back.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from netprint.bundle.atomic import replacing, write_text
from netprint.bundle.crate import crate
from netprint.engine.labels import Labels
from netprint.engine.rows import SUMS, Rows
from netprint.errors import UsageError
from netprint.result import MEASURES, Result, Table, table

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
FILES = (
    "result.json", "results.parquet", "results.csv", "trace.parquet", "trace.csv", "factors.csv", "indicators.csv",
    "collapsed.parquet", "report.html", "study.yaml", "ro-crate-metadata.json",
)  # fmt: skip
#: Tables of a result that stand in result.json.
_INSIDE = ("drivers", "trend", "propagation", "gaps", "reported", "sources")
_PLAIN = ("title", "kind", "by", "tags", "warnings", "inputs", "versions", "study_file")
_NUMBERS = {
    *MEASURES, "swing", "sd", "relative", "change", "quantity", "coefficient", "contribution", "share_of_variance",
}  # fmt: skip
#: Licences of factor rows that a bundle must not hand on.
_KEPT_BACK = re.compile(
    r"no redistribution|not redistribut|all rights reserved|confidential|proprietary|non.?commercial|\bNC\b",
    re.I,
)
#: The amount in a warning of :func:`netprint.assess.row_warnings`.
_AMOUNT = re.compile(r": [\d.,e+-]+ [^:]*are not assessed")
_JOINED = ("source_title", "source_url", "source_licence", "attribution")
_LABELS = b"netprint.labels"
_LARGEST = 4 << 30


def write(result: Result, target: str | Path, *, public: bool = False) -> Path:
    """Write a result to a folder, or to a zip where the name ends in ``.zip``; the path written.

    A former bundle of that name is replaced once the new one is complete. The same result gives the same bytes but
    for the field ``created``, which is ``SOURCE_DATE_EPOCH`` where that is set. Raises :class:`UsageError` where
    the target holds something else, or cannot be written.
    """
    path = Path(target)
    check_target(path)
    shown = published(result) if public else result
    created = _created()
    with replacing(path) as folder:
        for name, content in _contents(shown, created, public):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        text = _json(crate(shown, folder, created))
        (folder / "ro-crate-metadata.json").write_bytes(text)
    return path


def _contents(result: Result, created: str, public: bool) -> Iterator[tuple[str, bytes]]:
    from netprint.report.html import render

    yield "result.json", _json(summary(result, created, public))
    yield "results.csv", _csv(result.cells)
    yield "results.parquet", _parquet(result.cells)
    yield "factors.csv", _csv(_with_sources(result))
    yield "indicators.csv", _csv(result.indicators)
    yield "report.html", render(result).encode()
    if public:
        return
    yield "trace.csv", _csv(result.lines)
    yield "trace.parquet", _parquet(result.lines)
    yield "study.yaml", result.study.encode()
    for name, content in sorted(_shipped(result).items()):
        yield f"inputs/{name}", content
    if result.collapsed is not None:
        yield "collapsed.parquet", _parquet_rows(result.collapsed)


def published(result: Result) -> Result:
    """What may be shown of a result: no collapsed table, trace, drivers, amounts, own factor or study."""
    own = [row for row in result.factors if row["whose"] != "own"]
    gaps = [{**row, "quantity": None} for row in result.gaps]
    warnings = tuple(_AMOUNT.sub("; it is not assessed", w) for w in result.warnings)
    return replace(
        result, lines=_like(result.lines), drivers=_like(result.drivers), propagation=_like(result.propagation),
        factors=table(own, list(result.factors.columns)), gaps=table(gaps, list(result.gaps.columns)),
        warnings=warnings, study="", files={}, collapsed=None, draws={},
    )  # fmt: skip


def _like(of: Table) -> Table:
    return Table({name: [] for name in of.columns})


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
    found["withheld"] = sorted(set(result.files) - set(_shipped(result)))
    return found


def licences(result: Result) -> list[dict[str, Any]]:
    """The duties of the data used: each licence with what must be named."""
    found: dict[str, list[str]] = {}
    for row in result.sources:
        if row["licence"]:
            found.setdefault(row["licence"], []).append(row["attribution"] or row["title"] or row["source"])
    return [{"licence": name, "name": list(dict.fromkeys(found[name]))} for name in sorted(found)]


def _shipped(result: Result) -> dict[str, bytes]:
    """The study's own files but for tables with a row whose licence keeps it back."""
    kept = {
        str(row["file"]).rpartition(":")[0]
        for row in result.factors
        if row["whose"] == "own" and _KEPT_BACK.search(str(row["licence"] or ""))
    }
    return {n: b for n, b in result.files.items() if PurePosixPath(n).name not in kept}


def _with_sources(result: Result) -> Table:
    """The factor rows with title, address and licence of their sources; a value that is kept back is empty.

    Formulas go without their `=`, which a spreadsheet would try to compute.
    """
    by_id = {row["source"]: row for row in result.sources}
    rows = []
    for row in result.factors:
        source = by_id.get(row["source"], {})
        kept = row["whose"] == "own" and _KEPT_BACK.search(str(row["licence"] or ""))
        rows.append(
            {**row, "value": None if kept else row["value"], "formula": "" if kept else row["formula"].removeprefix("="),
             "source_title": source.get("title", ""), "source_url": source.get("url", ""),
             "source_licence": source.get("licence", ""), "attribution": source.get("attribution", "")}
        )  # fmt: skip
    return table(rows, [*result.factors.columns, *_JOINED])


def _without_sources(rows: Table) -> Table:
    columns = {n: v for n, v in rows.columns.items() if n not in _JOINED}
    return Table({**columns, "formula": [f and f"={f}" for f in columns.get("formula", ())]})


def _json(value: Any) -> bytes:
    return (json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


# -- tables ----------------------------------------------------------------------------------------------------------


def _csv(rows: Table) -> bytes:
    """UTF-8, one line a row, an empty cell where a value is absent; floats in their shortest exact form."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(rows.columns)
    for row in rows:
        writer.writerow([_cell(v) for v in row.values()])
    return stream.getvalue().encode()


def _cell(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool | np.bool_) else value


def _from_csv(text: str) -> Table:
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    rows = list(reader)
    return Table({name: _typed(name, [r[i] for r in rows]) for i, name in enumerate(header)})


def _typed(name: str, cells: list[str]) -> Any:
    if name in _NUMBERS or name == "value":
        return np.array([float(c) if c else np.nan for c in cells])
    return cells


def _arrow(rows: Table) -> pa.Table:
    import pyarrow as pa

    arrays, names = [], []
    for name, values in rows.columns.items():
        plain = [None if isinstance(v, float) and v != v else v for v in _listed(values)]
        arrays.append(pa.array(plain, pa.float64() if name in _NUMBERS else _kind(plain)))
        names.append(name)
    return pa.table(arrays, names=names)


def _listed(values: Sequence[Any]) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def _kind(values: list[Any]) -> pa.DataType:
    import pyarrow as pa

    held = [v for v in values if v is not None]
    if held and all(isinstance(v, bool) for v in held):
        return pa.bool_()
    if held and all(isinstance(v, int) for v in held):
        return pa.int64()
    return pa.float64() if held and all(isinstance(v, int | float) for v in held) else pa.string()


def _parquet(rows: Table) -> bytes:
    return _stored(_arrow(rows))


def _stored(found: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = pa.BufferOutputStream()
    pq.write_table(found, stream, compression="zstd")
    content: bytes = stream.getvalue().to_pybytes()
    return content


def _opened(content: bytes) -> pa.Table:
    """Read from Arrow's own buffer in this thread: a Python stream in a thread of Arrow's may abort Python's exit."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)


def _from_parquet(content: bytes) -> Table:
    found = _opened(content)
    columns: dict[str, Any] = {}
    for name in found.column_names:
        values = found.column(name).to_pylist()
        floats = name in _NUMBERS or str(found.schema.field(name).type) == "double"
        columns[name] = _numeric(values) if floats else values
    return Table(columns)


# -- the collapsed table ---------------------------------------------------------------------------------------------


def _parquet_rows(rows: Rows) -> bytes:
    """Labels, the exact sums as two 64-bit limbs each (``high * 2**60 + low``, in units of 2**-40), readable floats."""
    import pyarrow as pa

    rows = rows.sorted()
    arrays: dict[str, Any] = {}
    for name in SUMS:
        arrays[f"{name}_high"] = pa.array(rows.limbs[name][:, 0], pa.int64())
        arrays[f"{name}_low"] = pa.array(rows.limbs[name][:, 1], pa.int64())
        arrays[name] = pa.array(getattr(rows, name), pa.float64())
    arrays |= {
        "records": pa.array(rows.count, pa.int64()),
        "unstated": pa.array(rows.unstated, pa.int64()),
        "weight": pa.array(rows.weight, pa.float64()),
    }
    names = {(n if n not in arrays else f"label_{n}"): n for n in rows.labels}
    columns = {c: pa.array(rows.labels[n].texts(), pa.string()) for c, n in names.items()}
    found = pa.table({**columns, **arrays})
    return _stored(found.replace_schema_metadata({_LABELS: json.dumps(names).encode()}))


def _rows(content: bytes) -> Rows:
    found = _opened(content)
    names: dict[str, str] = json.loads(found.schema.metadata[_LABELS])

    def whole(name: str) -> Any:
        return np.asarray(found.column(name).to_numpy(), dtype=np.int64)

    return Rows(
        {label: _labels(found.column(column)) for column, label in names.items()},
        {s: np.stack([whole(f"{s}_high"), whole(f"{s}_low")], axis=1) for s in SUMS},
        whole("records"),
        whole("unstated"),
        np.asarray(found.column("weight").to_numpy(), dtype=np.float64),
    )


def _labels(column: pa.ChunkedArray) -> Labels:
    encoded = column.combine_chunks().dictionary_encode()
    return Labels(
        np.asarray(encoded.indices.to_numpy(), dtype=np.int64), tuple(encoded.dictionary.to_pylist())
    )


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
        cells=_from_parquet(held["results.parquet"]),
        views=views,
        indicators=_from_csv(held["indicators.csv"].decode()),
        lines=_from_parquet(held["trace.parquet"]) if "trace.parquet" in held else Table({}),
        factors=_without_sources(_from_csv(held["factors.csv"].decode())),
        sensitivities={n: _table(rows) for n, rows in summary["sensitivities"].items()},
        collapsed=_rows(held["collapsed.parquet"]) if "collapsed.parquet" in held else None,
        study=held.get("study.yaml", b"").decode(),
        files=inputs,
        **tables,
        **plain,
    )


def _table(rows: list[dict[str, Any]]) -> Table:
    found = table(rows)
    return Table({n: _numeric(v) if n in _NUMBERS else v for n, v in found.columns.items()})


def _numeric(values: Sequence[Any]) -> Any:
    return np.array([np.nan if v is None else v for v in values], dtype=float)


@contextmanager
def restored(result: Result) -> Iterator[Path]:
    """A folder, for as long as it is needed, with the study of a result and its own files; the study's path."""
    with tempfile.TemporaryDirectory(prefix="netprint-") as name:
        folder = Path(name)
        for place, content in {**result.files, result.study_file: result.study.encode()}.items():
            path = (folder / place).resolve()
            if not path.is_relative_to(folder.resolve()):
                raise UsageError(f"The bundle of '{result.title}' names a file outside itself: {place}.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder / result.study_file


__all__ = ["check_target", "licences", "published", "read", "restored", "summary", "write", "write_text"]
