"""`make bench`: every figure is a ratio to a peer or a limit in the same run, interleaved, medians, page cache warm.

Prints a table and writes `benchmarks/results.json`.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks import catalogue, data, ewaste, inventory

Case = Callable[[Path], dict[str, Callable[[], object]]]
CASES: dict[str, tuple[str, Case]] = {
    "10 M rows": ("hand-written DuckDB SQL", inventory.against_sql),
    "10 000 draws": ("assess", inventory.share_of_draws),
    "loading the catalogue": ("limit, 0.15 s", catalogue.loading),
    "searching the catalogue": ("limit, 50 ms", catalogue.searching),
    "e-waste of all countries": ("limit, 10 s", ewaste.all_countries),
}
ROUNDS = 5


def measure(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each variant, round by round, the order reversed every other round; one round of warming up."""
    for run in variants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for i in range(rounds):
        for name in list(variants)[:: -1 if i % 2 else 1]:
            begin = perf_counter()
            variants[name]()
            seconds[name].append(perf_counter() - begin)
    return seconds


def main() -> int:
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        data.write_inventory(Path(folder) / "rows.parquet", 10_000_000)
        for title, (peer, case) in CASES.items():
            seconds = measure(case(Path(folder)), ROUNDS)
            base = seconds[peer]
            print(f"\n{title}, beside {peer} ({statistics.median(base):.2f} s)")
            for name, taken in seconds.items():
                ratio = statistics.median(a / b for a, b in zip(taken, base, strict=True))
                print(f"  {name:<44} {statistics.median(taken):8.3f} s  {ratio:7.3f}")
                results[f"{title}: {name}"] = {
                    "seconds": round(statistics.median(taken), 4), "ratio": round(ratio, 4), "beside": peer
                }  # fmt: skip
    print(f"\nMemory of the catalogue, beside the limit of {catalogue.MEMORY} MB")
    for name, megabytes in catalogue.memory().items():
        ratio = megabytes / catalogue.MEMORY
        print(f"  {name:<44} {megabytes:8.1f} MB {ratio:7.3f}")
        results[f"memory: {name}"] = {
            "megabytes": round(megabytes, 1), "ratio": round(ratio, 4), "beside": f"limit, {catalogue.MEMORY} MB"
        }  # fmt: skip
    Path(__file__).with_name("results.json").write_text(
        json.dumps(results, indent=1) + "\n", encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
