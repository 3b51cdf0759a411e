"""The hourly shape of a grid's intensity from a user's table: mean one, UTC, the formats, and what is refused."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import netprint
from netprint.errors import InputError, Problems
from netprint.exchange import hourly
from netprint.exchange.hourly import Cell, Columns, Point, moment, points, shape
from netprint.load.factors import catalog

START = datetime(2023, 1, 1, tzinfo=UTC)
YEAR = [START + timedelta(hours=h) for h in range(8760)]


def solar(time: datetime) -> float:
    """An invented system: 400 at night, down to 200 at noon, the dip twice as deep in June as in January."""
    day = max(0.0, math.sin(math.pi * (time.hour - 6) / 12))
    return 400 - day * (150 - 50 * math.cos(2 * math.pi * (time.month - 6.5) / 12 + math.pi))


def invented() -> list[Point]:
    return [Point(time, solar(time), 50.0 + time.hour) for time in YEAR]


def by_hour(cells: list[Cell]) -> dict[tuple[int, int], float]:
    return {(cell.month, cell.hour): cell.value for cell in cells}


# ---- the shape


def test_the_mean_weighted_with_energy_is_one():
    cells = shape(invented())
    weights = {at: 0.0 for at in by_hour(cells)}
    for point in invented():
        weights[point.time.month, point.time.hour] += point.weight
    values = by_hour(cells)
    assert len(cells) == 288
    total = sum(weights.values())
    assert sum(values[at] * weight for at, weight in weights.items()) / total == pytest.approx(1)


def test_an_annual_value_times_the_shape_keeps_the_annual_emissions():
    mean = math.fsum(p.value * p.weight for p in invented()) / math.fsum(p.weight for p in invented())
    values = by_hour(shape(invented()))
    scaled = math.fsum(p.weight * mean * values[p.time.month, p.time.hour] for p in invented())
    assert scaled == pytest.approx(math.fsum(p.weight * p.value for p in invented()))


def test_the_dip_of_midday_is_there_and_deeper_in_summer():
    values = by_hour(shape(invented()))
    assert values[6, 12] < values[1, 12] < values[1, 0]
    assert min(values, key=lambda at: values[at])[1] == 12


def test_a_constant_grid_has_the_shape_one_and_the_least_spread():
    cells = shape([Point(time, 0.3) for time in YEAR])
    assert [cell.value for cell in cells] == pytest.approx([1] * 288)
    assert {cell.gsd for cell in cells} == {hourly.FLOOR}


def test_an_hour_that_scatters_from_day_to_day_has_a_wide_value():
    def scattered(time: datetime) -> float:
        return 300 + (200 * (-1) ** time.day if time.hour == 18 else 0)

    spread = {(c.month, c.hour): c.gsd for c in shape([Point(t, scattered(t)) for t in YEAR])}
    assert spread[3, 18] > 1.25
    assert spread[3, 3] == hourly.FLOOR


def test_less_than_a_year_is_refused():
    with pytest.raises(InputError, match="hour 0 of month 3 has 0 values"):
        shape([p for p in invented() if p.time.month < 3])


def test_a_grid_without_emissions_is_refused():
    with pytest.raises(InputError, match="mean above zero"):
        shape([Point(time, 0.0) for time in YEAR])


# ---- reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-06-01 13:00:00", datetime(2023, 6, 1, 13, tzinfo=UTC)),
        ("2023-06-01T13:00Z", datetime(2023, 6, 1, 13, tzinfo=UTC)),
        ("2023-06-01T13:00:00+02:00", datetime(2023, 6, 1, 11, tzinfo=UTC)),
        ("01.06.2023 13:00 - 01.06.2023 14:00", datetime(2023, 6, 1, 13, tzinfo=UTC)),
        ("01/06/2023 13:00:00 - 01/06/2023 14:00:00", datetime(2023, 6, 1, 13, tzinfo=UTC)),
        ("noon", None),
    ],
)
def test_times_are_read_in_utc(text: str, expected: datetime | None):
    assert moment(text) == expected


def table(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def read(path: Path, **columns: str) -> list[Point]:
    problems = Problems()
    found = points(path, Columns(**columns), problems)
    problems.raise_if_any()
    return found


def test_electricity_maps_is_read_by_its_kind(tmp_path: Path):
    header = [
        "Datetime (UTC)",
        "Zone id",
        "Carbon intensity gCO₂eq/kWh (direct)",
        "Carbon intensity gCO₂eq/kWh (Life cycle)",
    ]
    path = table(
        tmp_path / "DK.csv",
        header,
        [["2023-06-01 13:00:00", "DK", 100, 140], ["2023-06-01 14:00:00", "DK", "", ""]],
    )
    when = datetime(2023, 6, 1, 13, tzinfo=UTC)
    assert read(path) == [Point(when, 140, 1)]
    assert read(path, kind="direct") == [Point(when, 100, 1)]


def test_the_operator_of_great_britain_is_read_with_its_generation(tmp_path: Path):
    path = table(
        tmp_path / "gb.csv",
        ["DATETIME", "GAS", "GENERATION", "CARBON_INTENSITY"],
        [["2023-06-01 13:30:00", 9000, 25000, 180]],
    )
    assert read(path, kind="direct") == [Point(datetime(2023, 6, 1, 13, 30, tzinfo=UTC), 180, 25000)]
    with pytest.raises(InputError, match="lifecycle intensity"):
        read(path)


def test_generation_by_type_is_multiplied_with_the_factors_of_technologies(tmp_path: Path):
    header = ["Area", "MTU (UTC)", "Fossil Gas  - Actual Aggregated [MW]", "Solar  - Actual Aggregated [MW]",
              "Hydro Pumped Storage  - Actual Aggregated [MW]"]  # fmt: skip
    span = "01.06.2023 13:00 - 01.06.2023 14:00"
    path = table(tmp_path / "de.csv", header, [["DE", span, 300, 100, 50], ["DE", span, "n/e", "", ""]])
    (point,) = read(path)
    known = {index[0]: row.value for index, row in catalog().rows["technology_lifecycle"].items()}
    assert point.weight == 400
    assert point.value == pytest.approx(0.75 * known["gas"] + 0.25 * known["solar"])
    assert set(hourly.TECHNOLOGY.values()) <= set(known)


def test_a_time_that_is_none_names_its_line(tmp_path: Path):
    path = table(
        tmp_path / "x.csv", ["time", "carbon_intensity"], [["2023-06-01 13:00", 1], ["yesterday", 2]]
    )
    with pytest.raises(InputError, match=r"x\.csv:3.*'yesterday' is no time"):
        read(path, kind="direct")


# ---- writing, and a study with the shape


def written(tmp_path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, str]]:
    path = table(
        tmp_path / "mine.csv",
        ["when", "ci", "mwh"],
        [[f"{p.time:%Y-%m-%d %H:%M}", p.value, p.weight] for p in invented()],
    )
    columns = ["--time", "when", "--value", "ci", "--weight", "mwh"]
    assert hourly.main([str(path), "--country", "Kenya", *columns, *more]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_the_table_names_source_licence_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = written(tmp_path, capsys, "--licence", "CC BY 4.0", "--source", "Grid operator")
    assert len(rows) == 288
    fixed = {(r["factor"], r["country"], r["unit"], r["source"], r["licence"], r["status"]) for r in rows}
    assert fixed == {("grid_hourly_shape", "KEN", "1", "Grid operator", "CC BY 4.0", "provisional")}
    assert {(r["month"], r["hour"]) for r in rows} == {
        (str(m), str(h)) for m in range(1, 13) for h in range(24)
    }


def test_what_cannot_be_read_exits_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = table(tmp_path / "mine.csv", ["a"], [["b"]])
    assert hourly.main([str(path), "--country", "KEN"]) == 2
    assert hourly.main([str(path), "--country", "Atlantis"]) == 2
    assert hourly.main([str(tmp_path / "none.csv"), "--country", "KEN"]) == 2
    assert "the columns are a" in capsys.readouterr().err


def test_a_study_with_the_shape_weighs_its_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """One kWh at noon of June against one at midnight: the ratio of the two cells."""
    own = [dict(row) for row in written(tmp_path, capsys)]
    term = {
        "id": "hourly", "activity": "drawn", "books": {"flow": "CO2e"},
        "formula": "quantity * grid_lifecycle[country, year] * grid_hourly_shape[country, month, hour]",
    }  # fmt: skip
    method = {
        "id": "hours", "activities": {"drawn": "kWh"}, "terms": [term],
        "columns": {"month": "month(time)", "hour": "hour(time)"},
    }  # fmt: skip

    def total(time: str) -> float:
        row = {"activity": "drawn", "country": "KEN", "time": time, "quantity": 1, "unit": "kWh"}
        study = {"title": "Hours", "method": method, "period": 2023, "factors": own, "draws": 100}
        return netprint.assess(study, [row]).total("inventory", 2023)["point"]

    noon, night = total("2023-06-10T12:15:00Z"), total("2023-06-10T00:15:00Z")
    values = by_hour(shape(invented()))
    assert noon / night == pytest.approx(values[6, 12] / values[6, 0], rel=1e-4)
    annual = catalog().rows["grid_lifecycle"]["KEN", "2023"].value
    assert noon == pytest.approx(annual * values[6, 12], rel=1e-4)
