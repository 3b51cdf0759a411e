"""Tables as CSV and Parquet, and back. The only module of the bundle that knows a dataframe library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netprint.engine.labels import Labels
from netprint.engine.rows import SUMS, Rows
from netprint.load.cells import guarded, unguarded
from netprint.result import MEASURES, Table

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns that hold floats, also where every value is absent.
NUMBERS = {
    *MEASURES, "swing", "sd", "relative", "change", "quantity", "coefficient", "contribution", "share_of_variance",
}  # fmt: skip
_LABELS = b"netprint.labels"


def as_csv(rows: Table) -> bytes:
    """UTF-8, one line a row, an empty cell where a value is absent; floats in their shortest exact form.

    A text that a spreadsheet would compute gets an apostrophe in front, which :func:`from_csv` takes off.
    """
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")  # so that a lone carriage return is quoted
    writer.writerow([guarded(name) for name in rows.columns])
    for row in rows:
        writer.writerow([guarded(_cell(v)) for v in row.values()])
    return "".join(lines).encode()


class _Lines(list[str]):
    """Lines of a CSV file, each ended by a line feed."""

    def write(self, line: str) -> None:
        self.append(line.removesuffix("\r\n") + "\n")


def _cell(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool | np.bool_) else value


def from_csv(text: str) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [unguarded(name) for name in next(reader, [])]
    rows = [[unguarded(cell) for cell in row] for row in reader]
    return Table({name: _typed(name, [r[i] for r in rows]) for i, name in enumerate(header)})


def _typed(name: str, cells: list[str]) -> Any:
    if name in NUMBERS or name == "value":
        return np.array([float(c) if c else np.nan for c in cells])
    return cells


def _arrow(rows: Table) -> pa.Table:
    import pyarrow as pa

    arrays, names = [], []
    for name, values in rows.columns.items():
        plain = [None if isinstance(v, float) and v != v else v for v in _listed(values)]
        arrays.append(pa.array(plain, pa.float64() if name in NUMBERS else _kind(plain)))
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


def as_parquet(rows: Table) -> bytes:
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


def from_parquet(content: bytes) -> Table:
    found = _opened(content)
    columns: dict[str, Any] = {}
    for name in found.column_names:
        values = found.column(name).to_pylist()
        floats = name in NUMBERS or str(found.schema.field(name).type) == "double"
        columns[name] = numeric(values) if floats else values
    return Table(columns)


def as_parquet_rows(rows: Rows) -> bytes:
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


def from_parquet_rows(content: bytes) -> Rows:
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


def numeric(values: Sequence[Any]) -> Any:
    return np.array([np.nan if v is None else v for v in values], dtype=float)
