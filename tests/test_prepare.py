"""Data as they come: estimates that are replaced, sub-meters, missing months, instruments by month and hour."""

from __future__ import annotations

from calendar import monthrange
from typing import Any

import numpy as np
import pytest

import netprint
from netprint.engine.prepare import models
from netprint.errors import InputError

Row = dict[str, Any]
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
    ],
}


def study(rows: list[Row], steps: list[Any], **more: Any) -> Row:
    rows = [{"activity": "electricity", "country": "KEN", "unit": "kWh", **r} for r in rows]
    factors = [{"factor": "grid_direct", "country": "KEN", "value": "1", "source": "t"}]
    return {
        "title": "t", "method": METHOD, "period": "2021..2023", "by": ["year"], "activities": rows, "draws": 400,
        "prepare": steps, "factors": factors, **more,
    }  # fmt: skip


def used(result: Any, **labels: str) -> dict[str, float]:
    return {r["year"]: r["point"] for r in result.indicators.where(indicator="used", **labels)}


def month(m: int, quantity: float, year: int = 2022, **more: Any) -> Row:
    last = monthrange(year, m)[1]
    return {
        "start": f"{year}-{m:02}-01",
        "end": f"{year}-{m:02}-{last}",
        "quantity": quantity,
        "site": "A",
        **more,
    }


# -- estimates ------------------------------------------------------------------------------------------------------


def test_an_estimate_keeps_the_days_that_no_reading_covers() -> None:
    rows = [
        month(1, 310, tier="estimated"),
        month(1, 280, tier="metered"),
        {"site": "A", "start": "2022-02-01", "end": "2022-03-31", "quantity": 590, "tier": "estimated"},
        month(2, 300, tier="billed"),
        month(4, 999, tier="estimated", site="B"),
    ]
    result = netprint.assess(study(rows, ["replace_estimates"]))
    assert used(result)["2022"] == pytest.approx(280 + 300 + 590 * 31 / 59 + 999)
    assert any("2 estimated records gave way" in w for w in result.warnings)


def test_estimates_without_a_site_cannot_be_replaced() -> None:
    with pytest.raises(InputError) as told:
        netprint.assess(study([{"year": 2022, "quantity": 1, "tier": "estimated"}], ["replace_estimates"]))
    assert "'site' or 'meter'" in str(told.value)


# -- sub-meters -----------------------------------------------------------------------------------------------------

METERS = [
    {"year": 2022, "quantity": 1000, "meter": "main", "site": "hall", "uncertainty": 2},
    {"year": 2022, "quantity": 300, "meter": "sub1", "part_of": "main", "site": "tenant"},
    {"year": 2022, "quantity": 100, "meter": "sub11", "part_of": "sub1", "site": "tenant's tenant"},
]


def test_parents_keep_what_their_parts_do_not_show() -> None:
    made = {**study(METERS, ["net_meters"]), "by": ["year", "site"]}
    result = netprint.assess(made)
    by_site = {r["site"]: r["point"] for r in result.indicators.where(indicator="used") if r["site"]}
    assert by_site == pytest.approx({"hall": 700, "tenant": 200, "tenant's tenant": 100})
    assert result.total("location")["point"] == pytest.approx(1000)
    spread = result.total("location")
    assert spread["high"] - spread["low"] == pytest.approx(40, rel=0.15)  # ± 2 % of the parent


def test_without_the_step_whole_and_parts_are_refused() -> None:
    with pytest.raises(InputError) as told:
        netprint.assess(study(METERS, []))
    assert "the whole or its parts" in str(told.value)


def test_parts_beyond_their_whole_are_refused() -> None:
    with pytest.raises(InputError) as told:
        netprint.assess(study([METERS[0], {**METERS[1], "quantity": 1200}], ["net_meters"]))
    (problem,) = told.value.problems
    assert problem.line == 1 and "1,000, of which sub-meters show 1,200" in problem.found


# -- missing months -------------------------------------------------------------------------------------------------


def test_a_missing_month_is_the_mean_of_the_others_by_days() -> None:
    rows = [month(m, 10 * monthrange(2022, m)[1]) for m in range(1, 13) if m not in (2, 7)]
    result = netprint.assess(study(rows, ["fill_months"]))
    assert used(result)["2022"] == pytest.approx(3650)
    assert any("2 months of electricity lacked days" in w for w in result.warnings)


def test_bills_out_of_step_with_months_leave_days_that_are_filled() -> None:
    rows = [
        {"site": "A", "start": "2022-01-11", "end": "2022-02-10", "quantity": 310},
        {"site": "A", "start": "2022-02-21", "end": "2022-12-31", "quantity": 3140},
    ]
    result = netprint.assess(study(rows, [{"fill_months": {"uncertainty": 20}}]))
    # 3450 kWh on 345 days, and the ten days missing in February; what lies before the first bill is not filled
    assert used(result)["2022"] == pytest.approx(3550)


def test_before_the_first_and_after_the_last_record_nothing_is_filled() -> None:
    rows = [month(m, 100) for m in (3, 4, 6, 7, 8, 9, 10)]
    result = netprint.assess(study(rows, ["fill_months"]))
    assert 700 < used(result)["2022"] < 820


def test_the_error_of_what_is_filled_is_the_models_own_and_shared() -> None:
    rng = np.random.default_rng(7)
    rows = [
        month(m, float(q), site=f"S{s}")
        for s in range(40)
        for m, q in enumerate(rng.lognormal(4, 0.2, 12), start=1)
        if not (m == 6 or (m == 8 and s % 2))
    ]
    rows += [month(6, 60.0, site="S0")]
    result = netprint.assess(study(rows, ["fill_months"]))
    (told,) = (w for w in result.warnings if "lacked days" in w)
    filled = sum(r["quantity"] for r in result.lines if str(r["error_group"]).startswith("filled"))
    assert 59 <= int(told.split()[0]) <= 59 + 1
    total = result.total("location")
    assert (total["high"] - total["low"]) / 2 == pytest.approx(1.96 * 0.21 * filled, rel=0.3)


def test_records_by_year_beside_monthly_ones_stay_as_they_are() -> None:
    rows = [month(m, 10 * monthrange(2022, m)[1]) for m in range(1, 13) if m != 5]
    rows += [{"site": "B", "year": 2022, "quantity": 7}, {"site": "B", "year": 2021, "quantity": 8}]
    assert used(netprint.assess(study(rows, ["fill_months"]))) == pytest.approx({"2021": 8, "2022": 3657})


def test_too_few_months_need_a_stated_uncertainty() -> None:
    rows = [month(m, 100) for m in (1, 3)]
    with pytest.raises(InputError) as told:
        netprint.assess(study(rows, ["fill_months"]))
    assert "2 known months of electricity to judge" in str(told.value)
    assert used(netprint.assess(study(rows, [{"fill_months": {"uncertainty": 30}}])))["2022"] > 280


def test_the_seasonal_model_takes_the_season_of_the_others() -> None:
    years = np.repeat(2022, 12)
    season = np.array([2, 2, 1, 1, 1, 0.5, 0.5, 0.5, 1, 1, 1.5, 2])
    rates = np.outer([3.0, 5.0, 8.0], season)
    whole = rates.copy()
    rates[0, 6] = np.nan
    group = np.zeros(3, dtype=np.int64)
    assert models.seasonal(rates, years, group)[0, 6] == pytest.approx(1.5)
    assert models.mean(rates, years, group)[0, 6] == pytest.approx(3 * (season.sum() - 0.5) / 11)
    off, judged = models.error(whole, models.seasonal(whole, years, group))
    assert off == pytest.approx(0, abs=1e-12) and judged == 36


def test_last_year_takes_the_same_month() -> None:
    rates = np.arange(1.0, 25.0)[None, :].copy()
    rates[0, 13] = np.nan
    years = np.repeat([2021, 2022], 12)
    group = np.zeros(1, dtype=np.int64)
    found = models.last_year(rates, years, group)
    assert found[0, 13] == 2 and found[0, 0] == 13


# -- instruments ----------------------------------------------------------------------------------------------------


def scope2(rows: list[Row], instruments: list[Row], steps: list[Any], **more: Any) -> Any:
    made = study(rows, steps, **{"method": "ghgp-scope2-2015", "entity": "E", **more})
    made["factors"].append(
        {"factor": "residual_mix", "market": "KEN", "year": "2022", "value": "1", "source": "t"}
    )
    solar = [
        {"type": "PPA", "market": "KEN", "vintage": 2022, "unit": "kWh", "factor": 0, **i}
        for i in instruments
    ]
    return netprint.assess({**made, "instruments": solar})


def hours(values: dict[int, float]) -> list[Row]:
    return [{"time": f"2022-06-21T{h:02}:00:00", "quantity": q} for h, q in values.items()]


LOAD, SUN = hours(dict.fromkeys(range(24), 10)), hours({11: 60, 12: 100, 13: 80})


def market(result: Any) -> float:
    return float(result.total("market")["point"])


def test_a_solar_contract_at_noon_does_not_cover_the_night() -> None:
    by_year = scope2(LOAD, SUN, [])
    by_hour = scope2(LOAD, SUN, [{"match_instruments": {"by": "hour"}}])
    assert market(by_year) == pytest.approx(0, abs=1e-9)
    assert market(by_hour) == pytest.approx(210)
    assert any("cover 30 kWh of 240 kWh" in w and "12.5%" in w for w in by_hour.warnings)


def test_the_draft_of_the_revision_matches_by_hour() -> None:
    result = scope2(LOAD, SUN, [], method="ghgp-scope2-hourly-draft")
    assert market(result) == pytest.approx(210)
    assert result.indicators.one(indicator="matched_share")["point"] == pytest.approx(0.125)
    assert any("in hours in which there was no electricity" in w for w in result.warnings)


def test_certificates_by_month() -> None:
    rows = [month(6, 300), month(12, 300)]
    certificates = [{**month(6, 500), "site": ""}]
    assert market(scope2(rows, certificates, [])) == pytest.approx(100)
    by_month = scope2(rows, certificates, [{"match_instruments": {"by": "month"}}])
    assert market(by_month) == pytest.approx(300)


def test_records_without_hour_are_refused_or_spread_evenly_as_stated() -> None:
    flat = [{"year": 2022, "quantity": 8760.0}]
    with pytest.raises(InputError) as told:
        scope2(flat, SUN, [{"match_instruments": {"by": "hour"}}])
    assert "spread: flat" in str(told.value)
    result = scope2(flat, SUN, [{"match_instruments": {"by": "hour", "spread": "flat"}}])
    assert market(result) == pytest.approx(8757)


def test_matching_never_covers_more_than_the_year_does() -> None:
    rng = np.random.default_rng(3)
    load, sun = hours(dict(enumerate(rng.uniform(0, 9, 24)))), hours(dict(enumerate(rng.uniform(0, 9, 24))))
    found = [
        market(scope2(load, sun, [{"match_instruments": {"by": by}}])) for by in ("year", "month", "hour")
    ]
    assert found == sorted(found)
    expected = sum(max(a["quantity"] - b["quantity"], 0) for a, b in zip(load, sun, strict=True))
    assert found[-1] == pytest.approx(expected)


def test_own_generation_whose_certificates_were_sold_has_no_claim() -> None:
    rows = [
        {"year": 2022, "quantity": 100},
        {"activity": "electricity_generated_sold", "year": 2022, "quantity": 40},
    ]
    result = scope2(rows, [{"quantity": 100}], [])
    assert market(result) == pytest.approx(40)
    assert result.total("location")["point"] == pytest.approx(100)
