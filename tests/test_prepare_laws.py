"""The laws that hold everywhere, with data that were prepared: order, engine, merging, errors, public bundles."""

from __future__ import annotations

from calendar import monthrange
from pathlib import Path
from random import Random
from typing import Any

import pytest

import netprint
from netprint import bundle
from netprint.assess import collapse_activities, prepare
from netprint.errors import InputError

Row = dict[str, Any]
ALL = [
    "replace_estimates",
    "net_meters",
    {"fill_months": {"model": "seasonal"}},
    {"match_instruments": {"by": "month"}},
]


def month(m: int, quantity: float, **more: Any) -> Row:
    last = monthrange(2022, m)[1]
    row = {"activity": "electricity", "country": "KEN", "unit": "kWh", "uncertainty": 10, "tier": "metered"}
    return {**row, "start": f"2022-{m:02}-01", "end": f"2022-{m:02}-{last}", "quantity": quantity, **more}


def rows_of(entity: str, seed: int) -> list[Row]:
    random = Random(seed)
    found = [
        month(m, random.lognormvariate(4, 0.3), entity=entity, site=f"{entity}{s}")
        for s in range(6)
        for m in range(1, 13)
        if random.random() > 0.1
    ]
    found.append(month(5, 90.1, entity=entity, site=f"{entity}0", tier="estimated"))
    found += [
        month(m, 33.3 * m, entity=entity, activity="instrument", item="certificate", site="", market="KEN",
              instrument_factor=0.0, uncertainty="", tier="")
        for m in range(1, 13)
    ]  # fmt: skip
    return found


def study(rows: list[Row], steps: list[Any] = ALL, **more: Any) -> Row:
    return {
        "title": "t", "method": "ghgp-scope2-2015", "period": 2022, "by": ["entity"], "activities": rows,
        "prepare": steps, "draws": 300,
        "factors": [{"factor": "grid_direct", "country": "KEN", "value": "1", "gsd": "1.1", "source": "t"}], **more,
    }  # fmt: skip


def test_the_order_of_rows_and_the_engine_change_no_bit() -> None:
    rows = rows_of("A", 1) + rows_of("B", 2)
    first = collapse_activities(prepare(study(rows))).rows.hash
    for seed in range(3):
        Random(seed).shuffle(rows)
        assert collapse_activities(prepare(study(rows))).rows.hash == first
    assert collapse_activities(prepare(study(rows)), "dense").rows.hash == first


def test_merged_bundles_equal_the_joint_assessment_in_every_draw() -> None:
    one, other = rows_of("A", 1), rows_of("B", 2)
    merged = netprint.merge([netprint.assess(study(one)), netprint.assess(study(other))])
    joint = netprint.assess(study(one + other))
    for key, draws in joint.draws.items():
        assert merged.draws[key] == pytest.approx(draws, rel=1e-9)
    assert sum("lacked days" in w for w in merged.warnings) == 2


HELD = [
    {"entity": "A", "parent": "", "share": "", "control": "yes"},
    {"entity": "B", "parent": "A", "share": "1", "control": "yes", "from": "2022-03-10"},
    {"entity": "C", "parent": "A", "share": "1", "control": "yes", "from": "2022-08-20"},
    {"entity": "J", "parent": "A", "share": "0.4", "control": "no"},
]


def consolidated(rows: list[Row], **more: Any) -> Row:
    return study(rows, [], entities=HELD, consolidation="operational control", **more)


def test_other_entities_bought_in_the_year_change_nothing_of_an_error() -> None:
    rows = [{"entity": "A", "activity": "electricity", "country": "KEN", "year": 2022, "quantity": 1000, "unit": "kWh",
             "uncertainty": 20}]  # fmt: skip
    alone = netprint.assess({**consolidated(rows), "entities": HELD[:1]}).total("location")
    cut = netprint.assess(consolidated(rows)).total("location")
    assert (cut["low"], cut["high"]) == pytest.approx((alone["low"], alone["high"]), rel=1e-9)


def test_what_is_held_and_not_consolidated_is_in_no_indicator() -> None:
    rows = [
        {
            "entity": e,
            "activity": "electricity",
            "country": "KEN",
            "year": 2022,
            "quantity": 1000,
            "unit": "kWh",
        }
        for e in ("A", "J")
    ]
    method = {
        "id": "m",
        "includes": ["ghgp-scope2-2015"],
        "terms": [
            {"id": "used", "formula": "electricity", "unit": "kWh"},
            {"id": "all", "each": ["country", "year"], "formula": "electricity * grid_direct[country, year]",
             "books": {"flow": "CO2e", "account": "removals", "scope": 2}},
        ],
    }  # fmt: skip
    result = netprint.assess(consolidated(rows, method=method))
    used = [r["point"] for r in result.indicators.where(indicator="used") if r["cell"] == "all of 2022"]
    assert used == pytest.approx([1000])
    scopes = {r["scope"]: r["point"] for r in result.views["scope"].where(account="removals")}
    assert scopes == pytest.approx({"2": 1000, "3": 400})


def test_a_counterparty_that_is_the_row_s_own_entity_is_refused() -> None:
    rows = [{"entity": "A", "counterparty": "A", "activity": "electricity", "country": "KEN", "year": 2022,
             "quantity": 1, "unit": "kWh"}]  # fmt: skip
    with pytest.raises(InputError) as told:
        netprint.assess(consolidated(rows))
    assert "the row's own entity" in str(told.value)


def test_a_public_bundle_holds_no_amount_of_the_preparation(tmp_path: Path) -> None:
    rows = [
        {"entity": "A", "counterparty": "B", "activity": "electricity", "country": "KEN", "year": 2022,
         "quantity": 12345, "unit": "kWh"},
        {"entity": "A", "activity": "electricity", "country": "KEN", "year": 2022, "quantity": 700, "unit": "kWh"},
    ]  # fmt: skip
    result = netprint.assess(consolidated(rows))
    (told,) = (w for w in result.warnings if w.startswith("Taken out"))
    amount = told.split(" kWh by A")[0].split(", ")[-1]
    assert amount == "10,045.1"
    bundle.write(result, tmp_path / "public", public=True)
    written = b"".join(p.read_bytes() for p in (tmp_path / "public").rglob("*") if p.is_file())
    assert amount.encode() not in written and b"Taken out" not in written and b"12345" not in written


def test_a_certificate_is_matched_in_each_of_its_years() -> None:
    """A certificate from July 2022 to June 2023 covers the electricity of January to June 2023, and nothing of 2022."""
    use = [
        month(m, 100, entity="A", site="S") | {"start": f"2023-{m:02}-01", "end": f"2023-{m:02}-28"}
        for m in range(1, 7)
    ]
    certificate = {**month(7, 1190, entity="A", activity="instrument", item="certificate", market="KEN", tier="",
                           instrument_factor=0.0, uncertainty=""), "end": "2023-06-30"}  # fmt: skip
    made = study([*use, certificate], [{"match_instruments": {"by": "month"}}], period="2022..2023")
    rows = collapse_activities(prepare(made)).rows
    held = {
        (a, y): q
        for a, y, q in zip(
            rows.labels["activity"].texts(), rows.labels["year"].texts(), rows.quantity, strict=True
        )
    }
    assert ("instrument", "2022") not in held or held["instrument", "2022"] == 0
    assert held["instrument", "2023"] == pytest.approx(1190 * 181 / 365, rel=0.02)


def test_meters_of_the_same_name_in_two_entities_are_two_meters() -> None:
    rows = [
        {"entity": e, "meter": "M1", "activity": "electricity", "country": "KEN", "year": 2022, "quantity": 1000,
         "unit": "kWh"}
        for e in "AB"
    ]  # fmt: skip
    rows.append({**rows[1], "meter": "sub", "part_of": "M1", "quantity": 300})
    assert netprint.assess(study(rows, ["net_meters"])).total("location")["point"] == pytest.approx(2000)
    rows.append({**rows[1], "quantity": 400})
    with pytest.raises(InputError) as told:
        netprint.assess(study(rows, ["net_meters"]))
    assert "several rows on the same days" in str(told.value)


def test_estimates_give_way_day_by_day() -> None:
    long = month(7, 365, entity="A", site="S", tier="estimated") | {"end": "2023-06-30"}
    real = month(1, 300, entity="A", site="S") | {"start": "2023-01-01", "end": "2023-06-30"}
    made = study([long, real], ["replace_estimates", "split_periods"], period="2022..2023")
    totals = {y: netprint.assess(made).total("location", y)["point"] for y in ("2022", "2023")}
    assert totals == pytest.approx({"2022": 184, "2023": 300})
    double = [month(1, 10, entity="A", site="S") | {"end": "2022-01-15"} for _ in range(2)]
    whole = month(1, 310, entity="A", site="S", tier="estimated")
    found = netprint.assess(study([whole, *double], ["replace_estimates"]))
    assert found.total("location")["point"] == pytest.approx(20 + 160)
    assert any("days in common with another record" in w for w in found.warnings)


def test_records_without_site_or_meter_are_left_alone() -> None:
    rows = [month(1, 900, entity="A", site="", tier="estimated"), month(1, 100, entity="A", site="")]
    rows.append(month(2, 1, entity="A", site="S"))
    assert netprint.assess(study(rows, ["replace_estimates"])).total("location")["point"] == pytest.approx(
        1001
    )


def test_certificates_are_not_filled() -> None:
    rows = [month(m, 100, entity="A", site="S") for m in range(1, 13)]
    rows += [
        month(m, 50, entity="A", site="S", activity="instrument", item="certificate", market="KEN", tier="",
              instrument_factor=0.0, uncertainty="")
        for m in range(1, 13) if m != 6
    ]  # fmt: skip
    made = collapse_activities(prepare(study(rows, ["fill_months"]))).rows
    here = made.labels["activity"].having("instrument")
    assert made.quantity[here].sum() == pytest.approx(550)


def test_a_certificate_with_one_registry_id_twice_is_refused() -> None:
    rows = [month(1, 100, entity="A", site="S")]
    certificate = {"type": "certificate", "market": "KEN", "vintage": 2022, "quantity": 100, "unit": "kWh", "factor": 0,
                   "registry_id": "x"}  # fmt: skip
    with pytest.raises(InputError) as told:
        netprint.assess(study(rows, [], instruments=[certificate, certificate], entity="A"))
    assert "each certificate once" in str(told.value)


def test_dated_stocks_that_would_be_added_up_are_told() -> None:
    rows = [month(m, 1000, entity="A", activity="subscribers", unit="subscriber") for m in range(1, 13)]
    rows.append(month(1, 100, entity="A", site="S"))
    told = netprint.assess(study(rows, [])).warnings
    assert any("12 records of subscribers, a stock, have dates and are added up" in w for w in told)
    assert not any("a stock" in w for w in netprint.assess(study(rows, ["split_periods"])).warnings)
