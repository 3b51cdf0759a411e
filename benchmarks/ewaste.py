"""E-waste of all countries: 54 keys, 60 years, 1 000 draws, beside 10 s; memory beside 2 GB (Linux only)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

LIMIT, MEMORY = 10.0, 2000
"""Seconds, and megabytes of the whole process, that are allowed."""
YEARS = range(1965, 2025)
_MEMORY = """
from benchmarks import ewaste
made = ewaste.world()
{rest}
lines = open("/proc/self/status").read().splitlines()
print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
"""


def world(draws: int = 1000, uncertainty: float = 0.0) -> object:
    """The account of an invented world."""
    import numpy as np

    from netprint import ewaste, places

    countries, keys = places.load().countries, tuple(ewaste.load_keys())
    placed = np.random.default_rng(1).lognormal(10, 1, (len(countries), len(keys), len(YEARS)))
    lives = ewaste.lifetimes(keys, draws)
    return ewaste.account(placed, lives, countries, YEARS, uncertainty=uncertainty)


def all_countries(_: Path) -> dict[str, Callable[[], object]]:
    """Waste by country, then also by key, in stock, by continent and the moments of every cell."""

    def everything() -> object:
        made = world(uncertainty=10.0)
        return made.by_key, made.stock_by_country(), made.by_continent(), made.moments  # type: ignore[attr-defined]

    return {
        "limit, 10 s": lambda: sleep(LIMIT),
        "waste by country, draws": world,
        "by country, key, continent, stock; moments of each cell": everything,
    }


def memory() -> dict[str, float]:
    """Megabytes of a new process that makes the account, and that shows all of it."""
    rest = "made.by_key, made.stock_by_country(), made.by_continent(), made.moments"
    return {
        name: float(
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        )
        for name, code in (
            ("e-waste account", _MEMORY.format(rest="")),
            ("e-waste account, all shown", _MEMORY.format(rest=rest)),
        )
    }
