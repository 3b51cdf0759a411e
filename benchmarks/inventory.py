"""`assess` on 10 million Parquet rows, beside the same sums in hand-written SQL, and the cost of its draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netprint.assess import collapse_activities, compute_result, prepare

SUMS = """
    SELECT activity, country, year, tier, sum(quantity), sum(quantity * uncertainty / 195.9964),
           sum((quantity * uncertainty / 195.9964) ** 2), count(*)
    FROM '{path}' GROUP BY ALL"""


def _study(folder: Path, draws: int) -> dict[str, object]:
    return {
        "title": "Benchmark", "method": "ghgp-scope2-2015", "period": "2015..2023", "by": ["country", "year"],
        "entity": "Operator", "activities": "rows.parquet", "root": str(folder), "draws": draws, "gaps": "report",
    }  # fmt: skip


def against_sql(folder: Path) -> dict[str, Callable[[], object]]:
    """The whole of `assess`, and its reading and summing alone, beside one SQL query for the same sums."""
    import duckdb

    prepared = prepare(_study(folder, 10_000))

    def sql() -> object:
        with duckdb.connect() as connection:
            return connection.execute(SUMS.format(path=folder / "rows.parquet")).fetchall()

    return {
        "hand-written DuckDB SQL": sql,
        "read, check and collapse (relational)": lambda: collapse_activities(prepared, "relational"),
        "read, check and collapse (dense)": lambda: collapse_activities(prepared, "dense"),
        "assess, 10 000 draws": lambda: compute_result(prepared, collapse_activities(prepared).rows),
    }


def share_of_draws(folder: Path) -> dict[str, Callable[[], object]]:
    """What follows the sums, with 10 000 draws and with the fewest, as shares of the whole."""
    many, few = prepare(_study(folder, 10_000)), prepare(_study(folder, 100))
    rows = collapse_activities(many).rows
    return {
        "assess": lambda: compute_result(many, collapse_activities(many).rows),
        "after the sums, 10 000 draws": lambda: compute_result(many, rows),
        "after the sums, 100 draws": lambda: compute_result(few, rows),
    }
