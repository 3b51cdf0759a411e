"""collapse: one group-by over the key, with exact integer sums. Only here does cost grow with the rows.

Two implementations of one contract, equal bit for bit by test: ``relational`` (DuckDB) and ``dense`` (Arrow
batches summed by numpy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netprint.engine.labels import Labels, labels
from netprint.engine.rows import FRACTION_BITS, LIMB_BITS, SUMS, Rows, to_limbs
from netprint.errors import InputError, Problem

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Collapse = Callable[["duckdb.DuckDBPyConnection", str, Sequence[str]], Rows]

_MASK = (1 << LIMB_BITS) - 1
#: What each sum adds for one row: Σq; Σq·s where rows share an error; Σ(q·s)² where they do not.
_SUMMANDS = {
    "quantity": "quantity",
    "shared": "CASE WHEN error_group <> '' THEN quantity * sd ELSE 0 END",
    "independent": "CASE WHEN error_group = '' THEN (quantity * sd) * (quantity * sd) ELSE 0 END",
}


def collapse(
    connection: duckdb.DuckDBPyConnection, view: str, key: Sequence[str], engine: str = "relational"
) -> Rows:
    """Sum the rows of ``view`` over ``key``.

    The view has text columns for the key and doubles ``quantity`` (in the activity's own unit) and ``sd`` (relative
    standard deviation), and ``has_uncertainty``. Returns :class:`Rows` ordered by their labels. Raises
    :class:`InputError` where a sum is too large to be exact.
    """
    try:
        return ENGINES[engine](connection, view, key).sorted()
    except _overflows():
        raise InputError([_TOO_LARGE]) from None


def _overflows() -> tuple[type[Exception], ...]:
    """What the engines raise where a sum does not fit."""
    import duckdb

    return OverflowError, duckdb.OutOfRangeException, duckdb.ConversionException


_TOO_LARGE = Problem(
    "activities", None, "quantity", "the quantities of an activity are too large to be summed exactly",
    "sums below 9e18, and standard deviations (quantity times uncertainty) below 3e12, of the activity's own unit",
    "Declare the activity in a larger unit under `activities:` of the method, and mend quantities that are too large.",
)  # fmt: skip


def relational(connection: duckdb.DuckDBPyConnection, view: str, key: Sequence[str]) -> Rows:
    """The group-by in DuckDB, HUGEINT sums."""
    names = ", ".join(f'"{k}"' for k in key)
    sums = ", ".join(f"{_exact_sum(f'{name}_x', FRACTION_BITS[name])} AS {name}_t" for name in SUMS)
    inner = ", ".join(f"{expression} AS {name}_x" for name, expression in _SUMMANDS.items())
    limbs = ", ".join(
        f"({name}_t >> {LIMB_BITS})::BIGINT AS {name}_high, ({name}_t & {_MASK})::BIGINT AS {name}_low"
        for name in SUMS
    )
    query = f"""
        SELECT {names}, n, unstated, {limbs} FROM (
            SELECT {names}, count(*) AS n, count(*) FILTER (WHERE NOT has_uncertainty) AS unstated, {sums}
            FROM (SELECT {names}, has_uncertainty, {inner} FROM {view}) GROUP BY {names})"""
    table = connection.sql(query).to_arrow_table()
    return Rows(
        {k: _arrow_labels(table.column(k)) for k in key},
        {s: np.stack([_numbers(table, f"{s}_high"), _numbers(table, f"{s}_low")], axis=1) for s in SUMS},
        _numbers(table, "n"),
        _numbers(table, "unstated"),
        np.ones(table.num_rows),
    )


def _exact_sum(x: str, bits: int) -> str:
    """Σ in units of 2⁻ᵇⁱᵗˢ: whole and fractional parts as integers, each row rounded once."""
    integer = "BIGINT" if bits == 60 else "HUGEINT"  # what has 60 binary places stays below 2⁶³
    whole = f"sum(floor({x})::{integer})::HUGEINT * {1 << bits}::HUGEINT"
    part = f"sum(floor(({x} - floor({x})) * {2.0**bits:.1f} + 0.5)::BIGINT)"
    return f"({whole} + {part})"


def _numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    return np.asarray(table.column(name).to_numpy(), dtype=np.int64)


def _arrow_labels(column: pa.ChunkedArray) -> Labels:
    import pyarrow as pa

    encoded = column.combine_chunks().dictionary_encode() if column.num_chunks else None
    if encoded is None:
        return Labels(np.zeros(0, dtype=np.int64), ())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return Labels(
        np.asarray(encoded.indices.to_numpy(), dtype=np.int64), tuple(encoded.dictionary.to_pylist())
    )


def dense(connection: duckdb.DuckDBPyConnection, view: str, key: Sequence[str]) -> Rows:
    """Arrow batches into integer accumulators. A batch's sums stay below 2⁶³; batches are added as Python integers."""
    names = ", ".join(f'"{k}"' for k in key)
    inner = ", ".join(f"{expression} AS {name}_x" for name, expression in _SUMMANDS.items())
    reader = connection.sql(f"SELECT {names}, has_uncertainty, {inner} FROM {view}").to_arrow_reader(1 << 17)
    known: dict[tuple[str, ...], int] = {}
    totals: list[list[int]] = []
    for batch in reader:
        if batch.num_rows:
            _add_batch(batch, key, known, totals)
    sums = {
        s: np.array([to_limbs(t[i]) for t in totals], dtype=np.int64).reshape(-1, 2)
        for i, s in enumerate(SUMS)
    }
    keys = list(known)
    return Rows(
        {k: labels(row[i] for row in keys) for i, k in enumerate(key)},
        sums,
        np.array([t[3] for t in totals], dtype=np.int64),
        np.array([t[4] for t in totals], dtype=np.int64),
        np.ones(len(keys)),
    )


def _add_batch(
    batch: pa.RecordBatch, key: Sequence[str], known: dict[tuple[str, ...], int], totals: list[list[int]]
) -> None:
    columns = [batch.column(k).dictionary_encode() for k in key]
    code = np.zeros(batch.num_rows, dtype=np.int64)
    for column in columns:
        code = code * len(column.dictionary) + column.indices.to_numpy()
        code = np.unique(code, return_inverse=True)[1].astype(np.int64)  # many labels must not overflow
    present, first, slot = np.unique(code, return_index=True, return_inverse=True)
    sums = [
        _batch_sums(batch.column(f"{s}_x").to_numpy(), slot, len(present), FRACTION_BITS[s]) for s in SUMS
    ]
    count = np.bincount(slot, minlength=len(present))
    unstated = np.bincount(
        slot, weights=~batch.column("has_uncertainty").to_numpy(zero_copy_only=False), minlength=len(present)
    )
    texts = [(c.dictionary.to_pylist(), c.indices.to_numpy()) for c in columns]
    for g, row in enumerate(first.tolist()):
        label = tuple(values[codes[row]] for values, codes in texts)
        if label not in known:
            known[label] = len(totals)
            totals.append([0, 0, 0, 0, 0])
        total = totals[known[label]]
        for i, sum_ in enumerate(sums):
            total[i] += sum_[g]
        total[3] += int(count[g])
        total[4] += int(unstated[g])


def _batch_sums(x: NDArray[np.float64], slot: NDArray[np.int64], n: int, bits: int) -> list[int]:
    """Exact Σ of one batch by group, in units of 2⁻ᵇⁱᵗˢ. Each limb of a row is below 2⁴⁵, a batch below 2¹⁸ rows."""
    whole = np.floor(x)
    high = np.floor(whole * 2.0**-45)
    if len(high) and np.abs(high).max() >= 2.0**45:
        raise OverflowError
    fraction = np.floor((x - whole) * 2.0**bits + 0.5)
    upper = np.floor(fraction * 2.0**-30)
    limbs = {45 + bits: high, bits: whole - high * 2.0**45, 30: upper, 0: fraction - upper * 2.0**30}
    totals = [0] * n
    for shift, limb in limbs.items():
        sums = np.zeros(n, dtype=np.int64)
        np.add.at(sums, slot, limb.astype(np.int64))
        totals = [t + (s << shift) for t, s in zip(totals, sums.tolist(), strict=True)]
    return totals


ENGINES: dict[str, Collapse] = {"relational": relational, "dense": dense}
