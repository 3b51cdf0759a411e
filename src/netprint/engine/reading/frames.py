"""Rows in memory, of whatever kind, as an Arrow table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from netprint.errors import Problems

if TYPE_CHECKING:
    import pyarrow as pa


def cell_text(value: object) -> str | None:
    """A value of a cell as the text that a user would write for it.

    Whole floats lose their ``.0``, other floats keep every digit (``repr``), dates become ISO 8601 (midnight
    as a date alone), truth values ``true`` and ``false``; None and empty text are None.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if value.time() == time() and value.tzinfo is None else value.isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def as_arrow(source: object, name: str, problems: Problems) -> pa.Table | None:
    """``source`` as an Arrow table with unique text names; None after a problem.

    Raises :class:`~netprint.errors.UsageError` where it is no table at all.
    """
    import pyarrow as pa

    from netprint.engine.reading.tables import usage

    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, pa.RecordBatchReader):
        return source.read_all()
    if isinstance(source, Mapping):
        return _from_columns(source, name, problems)
    if isinstance(source, Sequence) and not isinstance(source, (str, bytes)):
        if not all(isinstance(row, Mapping) for row in source):
            raise usage(source)
        names = list(dict.fromkeys(str(key) for row in source for key in row))
        return _from_columns({key: [row.get(key) for row in source] for key in names}, name, problems)
    return _from_frame(source, name, problems)


def _from_columns(columns: Mapping[Any, Any], name: str, problems: Problems) -> pa.Table | None:
    import pyarrow as pa

    data = {str(key): _column(values) for key, values in columns.items()}
    lengths = {key: len(values) for key, values in data.items()}
    if not data:
        problems.add(name, None, None, found="no rows and no columns", expected="at least a header",
                     remedy="Give a table with rows.")  # fmt: skip
        return None
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"'{key}' has {count}" for key, count in lengths.items())
        problems.add(name, None, None, found=f"columns of different length ({told})",
                     expected="as many values in each column", remedy="Fill the shorter columns.")  # fmt: skip
        return None
    return pa.table(data)


def _column(values: Any) -> pa.Array:
    """One column; values of mixed types become text, so that each can be judged and named."""
    import pyarrow as pa

    values = list(values) if not hasattr(values, "dtype") else values
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([cell_text(v) for v in values], type=pa.string())
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def _from_frame(source: object, name: str, problems: Problems) -> pa.Table | None:
    """Any dataframe that narwhals knows; a lazy one is collected."""
    import narwhals as nw
    import pyarrow as pa

    from netprint.engine.reading.tables import usage

    try:
        frame: Any = nw.from_native(source)
    except TypeError as error:
        raise usage(source) from error
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    native = frame.to_native()
    if hasattr(native, "columns") and len(set(map(str, native.columns))) < len(list(native.columns)):
        problems.add(name, None, None, found="two columns of the same name", expected="each name once",
                     remedy="Rename or remove one of the two columns.")  # fmt: skip
        return None
    try:
        table = frame.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # columns of mixed types
        columns = {key: frame[key].to_list() for key in frame.columns}
        filled = {key: [None if v != v else v for v in values] for key, values in columns.items()}
        return _from_columns(filled, name, problems)
    return table.select([key for key in table.schema.names if not key.startswith("__index_level_")])
