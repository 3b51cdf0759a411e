"""Synthetic activity data for the benchmarks: the same rows on every machine."""

from __future__ import annotations

from pathlib import Path

COUNTRIES = ("KEN", "DEU", "FRA", "USA", "IND", "CHN", "BRA", "ZAF", "GBR", "POL")


def write_inventory(path: Path, rows: int) -> None:
    """Site-level electricity: 10 countries, 9 years, 1 000 sites; one row in ten is an estimate."""
    import duckdb

    countries = ", ".join(f"'{c}'" for c in COUNTRIES)
    duckdb.sql(f"""
        COPY (
            SELECT 'electricity' AS activity, [{countries}][1 + i // ({rows} // 10)] AS country, 2015 + i % 9 AS year,
                   'site-' || (i * 7919 % 1000) AS site, 100 + (i * 104729 % 1000) / 10.0 AS quantity, 'kWh' AS unit,
                   CASE WHEN i % 10 = 0 THEN 'estimated' ELSE 'metered' END AS tier,
                   CASE WHEN i % 10 = 0 THEN 20.0 ELSE 2.0 END AS uncertainty
            FROM range({rows}) AS numbers(i)
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")
