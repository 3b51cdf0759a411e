"""Choose the defaults of ICT from the evidence: ``catalog/evidence/*.csv`` to ``catalog/factors/ict.csv``.

Run ``python tools/choose.py``; ``--check`` writes nothing and exits 1 when the tables are not what the rule gives.
The evidence holds every value found, several for one index, each with its source. The engine never reads it. A user
overrules a default with a row of an own factor table. Evidence on factors without a card in ``cards_ict.csv``
belongs to other tables, which name their default themselves, and is passed over.

The rule, for each factor and index:

1. Comparable values only: a row whose ``scope_note`` says where it leaves the boundary of the factor's card (other
   life-cycle stages, replaced by its publisher, an old model, derived from another row) is kept and shown, not used.
2. Verified before provisional: where one value is verified, provisional ones are not used.
3. Three or more values: lognormal. The default is their geometric mean (the median), the interval that of
   *prediction* for a new unit or study, not the standard error of the mean: log standard deviation times
   √(1 + 1/n) times Student's t(0.975), written as the geometric standard deviation of the lognormal with the same
   95 % interval. The degrees of freedom are those of all items of the factor together (n − 1 of each item with three
   values or more): the scatter between studies is taken to be alike, as three values alone would give t = 4.3.
4. Two values: the 95 % interval is their widest range, the limits stated with them included, and the default its
   geometric middle; no narrower than one value is.
5. One value: the distribution that its source states; else lognormal with the spread of :data:`FLOOR`, a pedigree
   judgement of this project by kind of factor, which is also the least spread in rules 3 and 4.

Shares of one whole (:data:`SHARES`) stay between 0 and 1: a beta distribution with the mean, and in rule 3 the same
prediction interval on the plain scale. Ratios that cannot fall below a bound (:data:`BOUND`: power usage
effectiveness, 1) follow the rules with what lies above it, as quantiles.

The status is verified where all values used are. A default from several sources names a joint source in
``sources_ict_pooled.csv``, which passes on the duties of each.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import NormalDist, fmean, stdev

CATALOG = Path(__file__).parents[1] / "src" / "netprint" / "catalog"
EVIDENCE, FACTORS = CATALOG / "evidence", CATALOG / "factors"
TABLE, POOLED, CARDS = FACTORS / "ict.csv", FACTORS / "sources_ict_pooled.csv", FACTORS / "cards_ict.csv"
COLUMNS = (
    "factor", "network", "item", "value", "unit", "statistic", "distribution", "p2_5", "p97_5", "min", "max",
    "gsd", "points", "source", "page", "licence", "status", "note", "valid_from", "valid_to",
)  # fmt: skip
SOURCE_COLUMNS = (
    "source", "author", "title", "publisher", "published", "table", "url", "licence", "attribution", "seen", "note",
)  # fmt: skip
STATED = ("statistic", "distribution", "p2_5", "p97_5", "min", "max", "gsd")
Z = NormalDist().inv_cdf(0.975)
T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t at 97.5 % for 1 to 30 degrees of freedom; the last one serves for more, on the wide side."""
FLOOR = {
    "device_embodied": 1.6, "device_use_energy": 1.4, "iot_block_embodied": 1.5, "battery_embodied": 1.4,
    "network_energy_per_data": 1.5, "network_power": 1.4, "vcpu_power": 1.2, "gpu_power": 1.15,
    "memory_power": 1.2, "processor_power_share": 1.1, "base_station": 1.2, "data_centre_pue": 1.2,
    "data_centre_wue": 1.5, "ai_": 1.5, "ai_training_energy": 1.4, "ai_server_power": 1.2,
    "ewaste_life": 1.15, "network_capacity_power": 1.5,
}  # fmt: skip
"""Least geometric standard deviation by the longest beginning of a factor's name that fits; 1.3 for the others.

That of ``device_embodied`` is the spread between makers' declarations of one kind of good: 1.4 (laptops) to 1.8
(servers) in a public collection of 2023 that was compared and is not part of the evidence.
"""
SHARES = ("device_embodied_share", "power_supply_efficiency")
BOUND = {"data_centre_pue": 1.0}
QUANTILES = (0.0, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 1.0)
REACH = {0.0: -3.0, 1.0: 3.0}
"""Ends of a quantile function, in standard deviations."""

Row = dict[str, str]
Key = tuple[str, str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def evidence() -> dict[Key, list[Row]]:
    """All rows of the evidence by factor, network and item, in the order of the tables."""
    found: dict[Key, list[Row]] = {}
    for path in sorted(EVIDENCE.glob("*.csv")):
        for row in read(path):
            found.setdefault((row["factor"], row.get("network") or "", row["item"]), []).append(row)
    return found


def used(rows: Iterable[Row]) -> list[Row]:
    """Rules 1 and 2: the comparable values, verified ones alone where there are any."""
    comparable = [r for r in rows if not r["scope_note"]]
    return [r for r in comparable if r["status"] == "verified"] or comparable


def student(freedom: int) -> float:
    return T[min(freedom, len(T)) - 1]


def floor(factor: str) -> float:
    """The least log standard deviation of a factor."""
    fits = [name for name in FLOOR if factor.startswith(name)]
    return math.log(FLOOR[max(fits, key=len)] if fits else 1.3)


def logs(factor: str, rows: list[Row]) -> list[float]:
    return [math.log(float(r["value"]) - BOUND.get(factor, 0.0)) for r in rows]


def number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def limits(row: Row) -> list[float]:
    """The value and whatever limits are stated with it."""
    cells = (row.get(c) or "" for c in ("value", "p2_5", "p97_5", "min", "max"))
    return [float(c) for c in cells if c]


def share(rows: list[Row], freedom: int) -> Row:
    """A beta distribution of a share of one whole."""
    values = [float(r["value"]) for r in rows]
    mean = fmean(values)
    half = 0.5 * min(mean, 1 - mean)
    if len(values) >= 3:
        half = max(0.01, student(freedom) * stdev(values) * math.sqrt(1 + 1 / len(values)))
    half = min(half, mean, 1 - mean)
    return {
        "value": number(mean), "statistic": "mean", "distribution": "beta", "min": "0", "max": "1",
        "p2_5": f"{mean - half:.3f}", "p97_5": f"{mean + half:.3f}",
    }  # fmt: skip


def shape(factor: str, rows: list[Row], freedom: int = 0) -> Row:
    """Rules 3 to 5: value, statistic and distribution. ``freedom``: of the factor; zero for that of ``rows`` alone."""
    freedom = freedom or len(rows) - 1
    if len(rows) == 1 and rows[0].get("distribution"):
        return {"value": rows[0]["value"]} | {c: rows[0].get(c) or "" for c in STATED}
    if factor in SHARES:
        return share(rows, freedom)
    bound, found, spread = BOUND.get(factor, 0.0), logs(factor, rows), floor(factor)
    middle = fmean(found)
    if len(rows) == 2:
        ends = [math.log(x - bound) for r in rows for x in limits(r)]
        middle = (min(ends) + max(ends)) / 2
        spread = max(spread, (max(ends) - min(ends)) / (2 * Z))
    elif len(rows) > 2:
        predicted = stdev(found) * math.sqrt(1 + 1 / len(rows)) * student(freedom) / Z
        spread = max(spread, predicted)
    value = rows[0]["value"] if len(rows) == 1 else number(bound + math.exp(middle))
    if not bound:
        return {
            "value": value,
            "statistic": "median",
            "distribution": "lognormal",
            "gsd": f"{math.exp(spread):.3f}",
        }
    scores = ((p, REACH.get(p) or NormalDist().inv_cdf(p) if p != 0.5 else 0.0) for p in QUANTILES)
    points = " ".join(f"{p:g}:{bound + math.exp(middle + z * spread):.4f}" for p, z in scores)
    return {"value": value, "statistic": "median", "distribution": "empirical", "points": points}


def joined(rows: list[Row], column: str, between: str) -> str:
    return between.join(dict.fromkeys(r.get(column) or "" for r in rows if r.get(column)))


def default(key: Key, rows: list[Row], freedom: int = 0) -> Row:
    factor, network, item = key
    row: Row = {"factor": factor, "network": network, "item": item, "unit": rows[0]["unit"]}
    row |= shape(factor, rows, freedom)
    row["source"] = " + ".join(sorted({r["source"] for r in rows}))
    row["licence"] = joined(rows, "licence", "; ")
    row["status"] = "verified" if all(r["status"] == "verified" for r in rows) else "provisional"
    if len(rows) == 1:
        return row | {c: rows[0].get(c) or "" for c in ("page", "note", "valid_from", "valid_to")}
    ends = sorted(float(r["value"]) for r in rows)
    return row | {"note": f"{len(rows)} values, {ends[0]:g} to {ends[-1]:g}; see the evidence"}


def defaults() -> list[Row]:
    """The rows of the table, in the order of the cards and, within a factor, of the evidence."""
    order = {card["factor"]: i for i, card in enumerate(read(CARDS))}
    groups = {k: chosen for k, rows in evidence().items() if k[0] in order and (chosen := used(rows))}
    for (factor, _, item), rows in groups.items():
        if len({r["unit"] for r in rows}) > 1:
            raise SystemExit(f"{factor}[{item}] is given in several units: write them in one.")
    freedom: dict[str, int] = {}
    for (factor, _, _), rows in groups.items():
        freedom[factor] = freedom.get(factor, 0) + (len(rows) - 1 if len(rows) > 2 else 0)
    ranked = sorted(groups, key=lambda key: order[key[0]])
    return [default(key, groups[key], freedom[key[0]]) for key in ranked]


def joint_sources(rows: list[Row]) -> list[Row]:
    """One source for each combination that a default rests on, with the duties of all of them."""
    files = (p for p in sorted(FACTORS.glob("sources*.csv")) if p != POOLED)
    known = {source["source"]: source for path in files for source in read(path)}
    found = []
    for name in sorted({r["source"] for r in rows if " + " in r["source"]}):
        parts = [known[part] for part in name.split(" + ")]
        found.append(
            {
                "source": name,
                "author": "several",
                "title": "Chosen from the evidence",
                "table": "tools/choose.py",
                "licence": joined(parts, "licence", "; "),
                "attribution": joined(parts, "attribution", "; "),
                "seen": "as each of the sources",
                "note": "joint source of a default",
            }
        )
    return found


def text(columns: tuple[str, ...], rows: list[Row]) -> str:
    """CSV with the columns that are not empty in all rows."""
    kept = [c for c in columns if any(r.get(c) for r in rows)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, kept, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a table differs")
    check = parser.parse_args(arguments).check
    rows = defaults()
    wanted = {TABLE: text(COLUMNS, rows), POOLED: text(SOURCE_COLUMNS, joint_sources(rows))}
    stale = [p for p, body in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != body]
    for path in stale:
        if check:
            print(f"{path.name} is not what the evidence gives: run python tools/choose.py", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8", newline="")
            print(f"{path.name}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
