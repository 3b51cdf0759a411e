"""The hourly shape of a grid's intensity, from a user's own hourly table: the factor ``grid_hourly_shape``.

``python -m netprint.exchange.hourly FILE… --country DEU --licence "CC BY 4.0" > hourly.csv`` writes a factor table for
a study. No rows of this factor are shipped: the hourly series that could be reached are share-alike (Electricity
Maps) or under terms that do not let them be passed on (ENTSO-E).

The shape is the ratio of the mean of a month's hour to the mean of all: 12 × 24 values whose mean is one, so that an
annual value times the shape keeps the annual emissions. Both means are weighted with the energy of the hour where the
table has it. Months and hours are those of UTC, as in the engine's ``month(time)`` and ``hour(time)``.

What is read, told by the header:

* Electricity Maps: ``Datetime (UTC)`` and ``Carbon intensity gCO₂eq/kWh (Life cycle)`` or ``(direct)``;
* the system operator of Great Britain: ``DATETIME`` and ``CARBON_INTENSITY``, with ``GENERATION``; or ``from`` and
  ``actual`` of its API;
* ENTSO-E, actual generation per production type: ``MTU (UTC)`` and columns in MW, times the technologies' factors;
* any other with ``--time``, ``--value`` and, where it has the energy, ``--weight``.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import stdev

from netprint import places
from netprint.errors import InputError, Problems, UsageError
from netprint.load.factor_tables import Row, read_table

FACTOR = "grid_hourly_shape"
COLUMNS = ("factor", "country", "month", "hour", "value", "unit", "statistic", "distribution", "gsd", "source",
           "licence", "status", "note")  # fmt: skip
LEAST = 20
"""How many values each hour of each month must have."""
WEEK = 7
"""Days of weather that count as one observation of a month's hour."""
FLOOR = 1.05
"""Least geometric standard deviation: the shape of another year differs; own estimate."""
_TIMES = ("datetime (utc)", "mtu (utc)", "datetime", "from", "time")
_WEIGHTS = ("generation",)
_VALUES = {
    "lifecycle": re.compile(r"carbon.?intensity.*(life.?cycle|lca)", re.IGNORECASE),
    "direct": re.compile(r"carbon.?intensity.*direct|^carbon_intensity$|^actual$", re.IGNORECASE),
}
_POWER = re.compile(r"(?P<kind>[A-Za-z][A-Za-z /-]*?)\s*-\s*Actual Aggregated \[MW\]")
_DAY_FIRST = re.compile(r"(\d{2})[./](\d{2})[./](\d{4}) (\d{2}:\d{2}(?::\d{2})?)")
TECHNOLOGY = {
    "biomass": "bioenergy", "fossil brown coal/lignite": "coal", "fossil coal-derived gas": "gas", "fossil gas": "gas",
    "fossil hard coal": "coal", "fossil oil": "oil", "fossil oil shale": "oil", "fossil peat": "coal",
    "geothermal": "other renewable", "hydro run-of-river and poundage": "hydro", "hydro water reservoir": "hydro",
    "marine": "other renewable", "nuclear": "nuclear", "other renewable": "other renewable", "solar": "solar",
    "wind offshore": "wind", "wind onshore": "wind",
}  # fmt: skip
"""Production type of ENTSO-E → item of ``technology_lifecycle`` and ``technology_direct``. Pumped storage, waste and
``other`` have no item and are left out of both means."""


Reader = Callable[[dict[str, str]], tuple[float, float]]
"""A row of the table → intensity and energy of its hour; NaN where it has none."""


@dataclass(frozen=True)
class Point:
    """One hour, or part of one: UTC, its intensity in any unit, and its energy (one where the table has none)."""

    time: datetime
    value: float
    weight: float = 1.0


@dataclass(frozen=True)
class Cell:
    """The hour of a month: mean-one ``value``, geometric standard deviation, and how many values it rests on."""

    month: int
    hour: int
    value: float
    gsd: float
    count: int


def shape(points: Iterable[Point], file: str = "the table") -> list[Cell]:
    """The 12 × 24 cells of a mean-one shape. Raises :class:`InputError` where an hour has fewer than :data:`LEAST`
    values, or their mean is not above zero.

    The standard deviation is that of the cell's mean, weeks counted as independent, and at least :data:`FLOOR`.
    """
    cells: dict[tuple[int, int], list[Point]] = {(m, h): [] for m in range(1, 13) for h in range(24)}
    for point in points:
        cells[point.time.month, point.time.hour].append(point)
    problems = Problems()
    for (month, hour), held in cells.items():
        if len(held) < LEAST:
            problems.add(
                file, None, None, found=f"hour {hour} of month {month} has {len(held)} values",
                expected=f"at least {LEAST} for each hour of each month", remedy="Give a whole year of hourly values.",
            )  # fmt: skip
            break
    problems.raise_if_any()
    whole = _mean([point for held in cells.values() for point in held])
    if not whole > 0:
        problems.add(
            file, None, None, found=f"the mean of the values is {whole:g}", expected="a mean above zero",
            remedy="A grid without emissions needs no shape.",
        )  # fmt: skip
        problems.raise_if_any()
    return [Cell(*at, _mean(held) / whole, _gsd(held), len(held)) for at, held in cells.items()]


def _mean(points: Sequence[Point]) -> float:
    total = math.fsum(p.weight for p in points)
    return math.fsum(p.weight * p.value for p in points) / total if total > 0 else math.nan


def _gsd(points: Sequence[Point]) -> float:
    mean = _mean(points)
    if not mean > 0:
        return FLOOR
    relative = stdev(p.value for p in points) / mean
    days = len({p.time.date() for p in points})
    return max(FLOOR, math.exp(math.sqrt(math.log1p(relative**2) / max(days / WEEK, 1))))


# -- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Columns:
    """Which columns of a table to read; empty ones are found by their names. ``kind``: lifecycle or direct."""

    time: str = ""
    value: str = ""
    weight: str = ""
    kind: str = "lifecycle"


def points(path: Path, columns: Columns, problems: Problems) -> list[Point]:
    """The hours of a table. Rows without a value are passed over; a time that cannot be read is a problem."""
    rows = read_table(path, problems)
    if not rows:
        return []
    header = list(rows[0][1])
    time = columns.time or _named(header, _TIMES)
    value = columns.value or next((h for h in header if _VALUES[columns.kind].search(h)), "")
    powers = {h: m["kind"].strip().lower() for h in header if (m := _POWER.search(h))}
    if time not in header or (value not in header and not powers):
        problems.add(
            path.name, 1, None, found=f"the columns are {', '.join(header[:8])}",
            expected=f"a time in UTC and a {columns.kind} intensity, or production types in MW",
            remedy="Name them: --time and --value.",
        )  # fmt: skip
        return []
    read = _mixed(powers, columns.kind)
    if value in header:
        read = _stated(value, columns.weight or _named(header, _WEIGHTS))
    return list(_points(path.name, rows, time, read, problems))


def _stated(value: str, weight: str) -> Reader:
    return lambda row: (_number(row[value]), _number(row[weight]) if weight else 1.0)


def _mixed(powers: Mapping[str, str], kind: str) -> Reader:
    factors = technologies(kind) if powers else {}
    return lambda row: mixed(row, powers, factors)


def _named(header: Sequence[str], names: Sequence[str]) -> str:
    found = {h.strip().lower(): h for h in header}
    return next((found[name] for name in names if name in found), "")


def _points(file: str, rows: Sequence[Row], time: str, read: Reader, problems: Problems) -> Iterator[Point]:
    for line, row in rows:
        when = moment(row.get(time, ""))
        if when is None:
            problems.add(
                file, line, time, found=f"{row.get(time, '')!r} is no time",
                expected="a time like 2023-01-31 14:00, in UTC", remedy="Export the table in UTC.",
            )  # fmt: skip
            return
        value, weight = read(row)
        if math.isfinite(value) and math.isfinite(weight) and value >= 0 and weight > 0:
            yield Point(when, value, weight)


def moment(text: str) -> datetime | None:
    """A time in UTC; of an interval its begin. A time with an offset is converted; None where it is none."""
    begin = text.split(" - ")[0].strip()
    day_first = _DAY_FIRST.fullmatch(begin)
    if day_first:
        day, month, year, clock = day_first.groups()
        begin = f"{year}-{month}-{day} {clock}"
    try:
        when = datetime.fromisoformat(begin)
    except ValueError:
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def technologies(kind: str) -> dict[str, float]:
    """Item → kg CO2e per kWh of ``technology_lifecycle`` or ``technology_direct``."""
    from netprint.load.factors import catalog

    return {index[0]: row.value for index, row in catalog().rows[f"technology_{kind}"].items()}


def mixed(
    row: Mapping[str, str], powers: Mapping[str, str], factors: Mapping[str, float]
) -> tuple[float, float]:
    """Intensity and energy of an hour's generation by type; types without a technology are left out."""
    held = [(TECHNOLOGY[kind], _number(row[h])) for h, kind in powers.items() if kind in TECHNOLOGY]
    known = [(item, power) for item, power in held if math.isfinite(power) and power > 0]
    total = math.fsum(power for _, power in known)
    if not total:
        return math.nan, math.nan
    return math.fsum(power * factors[item] for item, power in known) / total, total


# -- writing ---------------------------------------------------------------------------------------------------------


def factor_rows(
    cells: Iterable[Cell], country: str, source: str, licence: str, told: str
) -> Iterator[dict[str, str]]:
    """Rows of a study's factor table; provisional, as one year of one table stands for all."""
    for cell in cells:
        sure = (
            {"distribution": "lognormal", "gsd": f"{cell.gsd:.3f}"}
            if cell.value
            else {"distribution": "exact"}
        )
        yield {
            "factor": FACTOR, "country": country, "month": str(cell.month), "hour": str(cell.hour),
            "value": f"{cell.value:.5g}", "unit": "1", "statistic": "mean", "source": source, "licence": licence,
            "status": "provisional", "note": f"UTC, mean of {cell.count} values, {told}", **sure,
        }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 written, 2 a table or a place that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="netprint.exchange.hourly", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "file", nargs="+", type=Path, help="hourly tables of one country, of one year or several"
    )
    parser.add_argument("--country", required=True, help="code or name")
    parser.add_argument(
        "--kind", choices=sorted(_VALUES), default="lifecycle", help="which intensity is read"
    )
    parser.add_argument(
        "--source", default="", help="what to write as the source; else the names of the files"
    )
    parser.add_argument(
        "--licence", default="not stated", help="of the hourly table, which the shape inherits"
    )
    for name, text in (
        ("time", "of the time in UTC"),
        ("value", "of the intensity"),
        ("weight", "of the energy"),
    ):
        parser.add_argument(f"--{name}", default="", help=f"column {text}")
    given = parser.parse_args(arguments)
    try:
        country = places.load().find(given.country) or (
            given.country if places.load().known(given.country) else ""
        )
        if not country:
            raise UsageError(f"The country {given.country!r} is not known: give its code of three letters.")
        problems = Problems()
        columns = Columns(given.time, given.value, given.weight, given.kind)
        read = [point for path in given.file for point in points(path, columns, problems)]
        problems.raise_if_any()
        names = ", ".join(path.name for path in given.file)
        cells = shape(read, names)
    except (InputError, UsageError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    writer = csv.DictWriter(sys.stdout, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(factor_rows(cells, country, given.source or names, given.licence, given.kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
