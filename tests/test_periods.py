"""Bills across years and months, financial years, stocks."""

from __future__ import annotations

from typing import Any

import pytest

import netprint
from netprint.errors import InputError

METHOD = {
    "id": "m",
    "terms": [
        {
            "id": "s2",
            "activity": "electricity",
            "formula": "quantity * grid_direct[country, year]",
            "books": {"flow": "CO2e", "account": "location", "scope": 2},
        },
        {"id": "used", "formula": "electricity", "unit": "kWh"},
        {"id": "heads", "formula": "subscribers", "unit": "1"},
    ],
}


def study(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    rows = [{"activity": "electricity", "country": "KEN", "unit": "kWh", **r} for r in rows]
    return {
        "title": "t", "method": METHOD, "period": "2021..2023", "by": ["year"], "activities": rows, "draws": 100,
        "prepare": ["split_periods"], **more,
    }  # fmt: skip


def used(result: Any, indicator: str = "used", **labels: str) -> dict[str, float]:
    return {r["year"]: r["point"] for r in result.indicators.where(indicator=indicator, **labels)}


BILL = {"start": "2021-12-02", "end": "2022-01-30", "quantity": 600, "uncertainty": 5}


def test_a_bill_is_divided_by_its_days() -> None:
    result = netprint.assess(study([BILL]))
    assert used(result) == pytest.approx({"2021": 300, "2022": 300})
    assert any("1 records span several years" in w for w in result.warnings)


def test_without_the_step_the_bill_is_refused_and_the_step_is_named() -> None:
    with pytest.raises(InputError) as told:
        netprint.assess(study([BILL], prepare=[]))
    assert "prepare: [split_periods]" in str(told.value)


def test_rows_with_a_year_alone_stay_as_they_are() -> None:
    result = netprint.assess(study([BILL, {"year": 2023, "quantity": 7}]))
    assert used(result) == pytest.approx({"2021": 300, "2022": 300, "2023": 7})


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"year_begins": "04-01"}, {"2021": 365, "2022": 275 + 90 * 2}),
        ({"year_ends": "03-31"}, {"2022": 365, "2023": 275 + 90 * 2}),
    ],
)
def test_a_financial_year_has_the_name_that_is_stated(
    stated: dict[str, str], expected: dict[str, float]
) -> None:
    rows = [
        {"start": "2021-04-01", "end": "2022-12-31", "quantity": 640},
        {"start": "2023-01-01", "end": "2023-03-31", "quantity": 180},
    ]
    assert used(netprint.assess(study(rows, **stated))) == pytest.approx(expected)


def test_times_fall_into_the_financial_year() -> None:
    rows = [{"time": "2022-03-31T23:00:00", "quantity": 1}, {"time": "2022-04-01T00:00:00", "quantity": 2}]
    assert used(netprint.assess(study(rows, year_begins="04-01"))) == pytest.approx({"2021": 1, "2022": 2})


@pytest.mark.parametrize("steps", [[], ["split_periods"]])
def test_dates_alone_name_the_financial_year(steps: list[str]) -> None:
    rows = [
        {"start": "2023-02-01", "end": "2023-02-28", "quantity": 1},
        {"start": "2022-04-01", "end": "2023-03-31", "quantity": 2, "year": 2022},
        {"time": "2023-03-31T10:00:00", "quantity": 4},
    ]
    assert used(netprint.assess(study(rows, prepare=steps, year_begins="04-01"))) == pytest.approx(
        {"2022": 7}
    )
    with pytest.raises(InputError):
        netprint.assess(study([{**rows[0], "year": 2023}], prepare=steps, year_begins="04-01"))


def test_the_error_of_a_bill_is_that_of_its_year() -> None:
    bill = {"start": "2022-01-01", "end": "2022-12-31", "quantity": 1000, "uncertainty": 20}
    whole = netprint.assess(study([bill], draws=4000, prepare=[])).total("location", 2022)
    parts = netprint.assess(
        study([bill], draws=4000, prepare=[{"split_periods": {"by": "month"}}], by=["year", "month"])
    ).total("location", 2022)
    width = [row["high"] - row["low"] for row in (whole, parts)]
    assert width[1] == pytest.approx(width[0], rel=0.1)


def test_months_become_a_column() -> None:
    made = study(
        [BILL, {"time": "2022-01-05T10:00:00", "quantity": 4}], prepare=[{"split_periods": {"by": "month"}}]
    )
    result = netprint.assess({**made, "by": ["year", "month"]})
    cells = {
        (r["year"], r["month"]): r["point"] for r in result.indicators.where(indicator="used") if r["month"]
    }
    assert cells == pytest.approx({("2021", "12"): 300, ("2022", "1"): 304})


def test_what_is_a_stock_is_averaged_over_the_year_and_not_summed() -> None:
    months = [
        ("2022-01-01", "2022-06-30", 100),
        ("2022-07-01", "2022-12-31", 200),
    ]
    rows = [
        {"activity": "subscribers", "unit": "subscriber", "start": a, "end": b, "quantity": q}
        for a, b, q in months
    ]
    found = used(netprint.assess(study([*rows, {"year": 2022, "quantity": 1}])), "heads")
    assert found == pytest.approx({"2022": (100 * 181 + 200 * 184) / 365})


def test_sums_of_the_parts_are_the_whole_in_every_draw() -> None:
    result = netprint.assess(study([BILL]))
    parts = sum(result.draws[(y, "location", "climate change")] for y in ("2021", "2022"))
    assert parts == pytest.approx(result.draws[("", "location", "climate change")])


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"prepare": ["split_period"]}, "split_periods"),
        ({"prepare": [{"split_periods": {"by": "week"}}]}, "year or month"),
        ({"year_begins": "13-01"}, "month and day"),
        ({"year_begins": "04-01", "year_ends": "03-31"}, "one of year_begins"),
    ],
)
def test_mistakes(stated: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as told:
        netprint.assess(study([BILL], **stated))
    assert said in str(told.value)
