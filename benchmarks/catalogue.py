"""The catalogue: loading it, searching it and asking one factor, beside the limits of 0.15 s, 50 ms and 60 MB.

A limit is a variant that waits for as long as it allows, so that the table shows each figure as a share of it. Memory
is that of a new interpreter that loads the catalogue, above one that imports the same modules (Linux only).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

LOAD, SEARCH, MEMORY = 0.15, 0.05, 60
"""Seconds to load and to answer, and megabytes to load, that are allowed."""
QUESTIONS = (
    "diesel generator Kenya", "ноутбук", "électricité Sénégal 2022", "肯尼亚柴油发电机", "مولد ديزل كينيا",
    "data centre", "electricity Germany", "emission factor grid India 2022",
)  # fmt: skip
_MEMORY = """
import netprint.load.factors as factors, numpy
def most():  # not getrusage: it inherits the peak of the process that started this one
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
before = most()
table = factors.catalog()
{rest}
print((most() - before) / 1024)
"""


def loading(_: Path) -> dict[str, Callable[[], object]]:
    """Reading the tables; with every row made into a record, which no study needs."""
    from netprint.load import factors

    def load() -> object:
        factors._shipped.cache_clear()
        return factors.catalog()

    def whole() -> object:
        factors._shipped.cache_clear()
        return [list(rows.values()) for rows in factors.catalog().rows.values()]

    def grid() -> object:
        factors._shipped.cache_clear()
        return factors.catalog().rows["grid_lifecycle"]["KEN", "2023"]

    return {
        "limit, 0.15 s": lambda: sleep(LOAD),
        "load": load,
        "load and one row of the largest factor": grid,
        "load and every row (tests and releases only)": whole,
    }


def searching(_: Path) -> dict[str, Callable[[], object]]:
    """Each question once the words of the catalogue are known."""
    from netprint.ask.index import catalogue
    from netprint.ask.search import search

    catalogue()
    asked = {f"search {q}": lambda q=q: [h.value for h in search(q)[:20]] for q in QUESTIONS}
    return {"limit, 50 ms": lambda: sleep(SEARCH), **asked}


def memory() -> dict[str, float]:
    """Megabytes for the tables, for every record, and for the words to search."""
    cases = {
        "load": _MEMORY.format(rest=""),
        "load and every row": _MEMORY.format(rest="kept = [list(r.values()) for r in table.rows.values()]"),
        "load and search": _MEMORY.format(rest="from netprint.ask.search import search; search('diesel')"),
    }
    return {
        name: float(
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        )
        for name, code in cases.items()
    }
