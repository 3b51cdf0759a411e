"""Scope 2: the location-based and the market-based result, and what contractual instruments cover."""

from __future__ import annotations

import numpy as np
import pytest

from netprint.assess import assess
from netprint.engine.computed import sql, with_columns
from netprint.engine.reading.tables import connect
from netprint.errors import InputError
from netprint.formula.parse import FormulaError, parse
from netprint.load.method import Column
from netprint.merge import merge

GRID = {"KEN": 0.1, "DEU": 0.4, "FRA": 0.05, "USA": 0.38}


def factor(name, value, year=2023, unit="kg CO2e/kWh", **index):
    return {"factor": name, "year": year, "value": value, "unit": unit, "statistic": "mean", "source": "invented",
            "status": "provisional", **index}  # fmt: skip


def grids(years=(2023,)):
    return [factor("grid_direct", v, y, country=c) for c, v in GRID.items() for y in years]


def power(country, quantity, year=2023, **more):
    return {
        "activity": "electricity",
        "country": country,
        "year": year,
        "quantity": quantity,
        "unit": "kWh",
        **more,
    }


def instrument(market, quantity, factor=0.0, vintage=2023, **more):
    return {"type": "I-REC", "market": market, "vintage": vintage, "quantity": quantity, "unit": "kWh",
            "factor": factor, **more}  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """Assess electricity and instruments with invented grid averages."""

    def of(rows, instruments=None, factors=(), engine="relational", **more):
        table = [*grids((2022, 2023)), *factors]
        study = {"title": "Scope 2", "method": "ghgp-scope2-2015", "period": "2022..2023", "by": ["year", "country"],
                 "root": str(tmp_path), "factors": table, "draws": 200, "activities": rows, **more}  # fmt: skip
        if instruments is not None:
            study["instruments"] = instruments
        return assess(study, engine=engine)

    return of


def market(result, **at):
    """The market-based result in kg CO2e."""
    return sum(row["point"] for row in result.cells.where(account="market", **at))


def location(result, **at):
    return sum(row["point"] for row in result.cells.where(account="location", **at))


def share(result):
    return [row["point"] for row in result.indicators.where(indicator="uncovered_share")]


def surplus(result):
    return [row["point"] for row in result.indicators.where(indicator="instrument_surplus") if row["point"]]


def refused(run, *arguments, **more):
    with pytest.raises(InputError) as caught:
        run(*arguments, **more)
    return str(caught.value)


# -- how much is covered -----------------------------------------------------------------------------------------------


def test_part_of_the_electricity_is_covered(run):
    result = run([power("KEN", 1000)], [instrument("KEN", 400, 0.02)])
    assert location(result) == pytest.approx(100)
    assert market(result) == pytest.approx(600 * 0.1 + 400 * 0.02)
    assert share(result) == [pytest.approx(0.6)]


def test_all_of_the_electricity_is_covered(run):
    result = run([power("KEN", 1000)], [instrument("KEN", 600, 0.0), instrument("KEN", 400, 0.05)])
    assert market(result) == pytest.approx(20)
    assert share(result) == [0]
    assert not surplus(result)


def test_a_surplus_is_told_and_neither_credited_nor_carried_to_another_year(run):
    rows = [power("KEN", 1000, 2022), power("KEN", 1000, 2023)]
    result = run(rows, [instrument("KEN", 1500, 0.02, 2022), instrument("KEN", 500, 0.04, 2022)])
    assert market(result, year="2022") == pytest.approx(1000 * (1500 * 0.02 + 500 * 0.04) / 2000)
    assert market(result, year="2023") == pytest.approx(100)
    assert surplus(result) == [1000]
    assert [w for w in result.warnings if "surplus" in w and "1,000 kWh" in w]


def test_each_vintage_covers_its_own_year(run):
    rows = [power("KEN", 1000, 2022), power("KEN", 1000, 2023)]
    result = run(rows, [instrument("KEN", 300, vintage=2022), instrument("KEN", 800, vintage=2023)])
    assert market(result, year="2022") == pytest.approx(70)
    assert market(result, year="2023") == pytest.approx(20)


def test_the_vintage_may_be_the_year_in_which_the_instrument_begins(run):
    given = {**instrument("KEN", 300), "from": "2022-01-01", "to": "2022-12-31"}
    del given["vintage"]
    result = run([power("KEN", 1000, 2022), power("KEN", 1000, 2023)], [given])
    assert (market(result, year="2022"), market(result, year="2023")) == pytest.approx((70, 100))


def test_each_market_is_matched_apart(run):
    result = run([power("KEN", 1000), power("DEU", 1000)], [instrument("DEU", 2000)])
    assert market(result, country="KEN") == pytest.approx(100)
    assert market(result, country="DEU") == 0
    assert surplus(result) == [1000]


def test_without_instruments_and_residual_mix_both_results_are_equal_and_it_is_told(run):
    result = run([power("KEN", 1000), power("DEU", 500)])
    assert market(result) == pytest.approx(location(result)) == pytest.approx(300)
    assert [w for w in result.warnings if "residual_mix is not known" in w and "grid_direct stands in" in w]


def test_a_residual_mix_of_the_study_is_used(run):
    own = [factor("residual_mix", 0.7, market="DEU")]
    result = run([power("DEU", 1000)], [instrument("DEU", 400, 0.01)], own)
    assert market(result) == pytest.approx(600 * 0.7 + 4)
    assert location(result) == pytest.approx(400)
    assert not [w for w in result.warnings if "residual_mix" in w]


# -- nothing to cover --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [power("KEN", 0)],
        [power("KEN", 500), power("KEN", -500)],
        [power("DEU", 500)],
    ],
    ids=["0 kWh", "credit note to zero", "market without electricity"],
)
def test_without_electricity_an_instrument_is_a_surplus(run, rows):
    result = run(rows, [instrument("KEN", 100, 0.02)])
    assert market(result, country="KEN") == 0
    assert surplus(result) == [100]


def test_zero_electricity_without_instrument(run):
    result = run([power("KEN", 0)])
    assert (market(result), location(result)) == (0, 0)


def test_a_credit_note_lowers_what_is_to_be_covered(run):
    result = run([power("KEN", 1000), power("KEN", -200)], [instrument("KEN", 400, 0.01)])
    assert market(result) == pytest.approx(400 * 0.1 + 4)


def test_credit_notes_beyond_the_electricity_count_as_in_the_location_based_result(run):
    result = run([power("KEN", 100), power("KEN", -300)], [instrument("KEN", 50, 0.02)])
    assert market(result) == pytest.approx(location(result)) == pytest.approx(-20)
    assert surplus(result) == [50]


def test_uncertain_electricity_is_matched_in_each_draw(run):
    result = run([power("KEN", 1000, uncertainty=40)], [instrument("KEN", 1000, 0.02)])
    draws = result.draws["2023", "market", "climate change"]
    there = result.draws["2023", "location", "climate change"] / 0.1
    wanted = np.maximum(there - 1000, 0) * 0.1 + np.minimum(there, 1000) * 0.02
    np.testing.assert_allclose(draws, wanted, rtol=1e-9)
    assert (there < 1000).any() and (there > 1000).any()


# -- markets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["Kenya", "KEN", "KE", "кения"])
def test_a_market_is_a_country_by_any_of_its_names(run, written):
    assert market(run([power("KEN", 1000)], [instrument(written, 400)])) == pytest.approx(60)
    rows = [power("Kenya", 1000, market=written)]
    assert market(run(rows, [instrument("KEN", 400)])) == pytest.approx(60)


def test_a_market_that_is_no_place(run):
    rows = [power("USA", 1000, market="CAISO"), power("USA", 1000)]
    own = [factor("residual_mix", 0.3, market="CAISO")]
    result = run(rows, [instrument("CAISO", 400)], own)
    assert market(result) == pytest.approx(600 * 0.3 + 380)
    assert {row["country"] for row in result.cells} == {"USA"}


def test_a_market_of_several_countries_is_booked_where_the_electricity_is(run):
    rows = [power("DEU", 300, market="EU"), power("FRA", 700, market="EU")]
    result = run(rows, [instrument("EU", 400, 0.02), instrument("EU", 100, 0.1, type="contract")])
    booked = 400 * 0.02 + 100 * 0.1
    assert market(result, country="DEU") == pytest.approx(300 * 0.5 * 0.4 + 0.3 * booked)
    assert market(result, country="FRA") == pytest.approx(700 * 0.5 * 0.05 + 0.7 * booked)
    assert {row["country"] for row in result.cells} == {"DEU", "FRA"}


# -- entities ----------------------------------------------------------------------------------------------------------


def test_instruments_take_the_entity_of_the_study(run):
    assert market(run([power("KEN", 1000)], [instrument("KEN", 400)], entity="Nile")) == pytest.approx(60)


def test_an_instrument_covers_its_own_entity_only(run):
    rows = [power("KEN", 1000, entity="Nile"), power("KEN", 1000, entity="Savanna")]
    result = run(rows, [instrument("KEN", 1400, entity="Nile")], by=["entity"])
    assert market(result, entity="Nile") == 0
    assert market(result, entity="Savanna") == pytest.approx(100)


def test_an_instrument_must_name_one_of_several_entities(run):
    rows = [power("KEN", 1000, entity="Nile"), power("KEN", 1000, entity="Savanna")]
    told = refused(run, rows, [instrument("KEN", 400, entity="Nile"), instrument("KEN", 400)])
    assert "instruments:2, entity: an instrument without entity" in told
    assert "Nile, Savanna" in told


def test_bundles_of_entities_add_up(run):
    one, two = ([power("KEN", 1000 * n, entity=e, uncertainty=10)] for n, e in ((1, "Nile"), (2, "Savanna")))
    first = [instrument("KEN", 1100, 0.02, entity="Nile")]
    second = [instrument("KEN", 400, 0.03, entity="Savanna")]
    together = run([*one, *two], [*first, *second])
    merged = merge([run(one, first), run(two, second)])
    for account in ("location", "market"):
        key = "2023", account, "climate change"
        np.testing.assert_allclose(merged.draws[key], together.draws[key], rtol=1e-9)


def test_the_dense_engine_gives_the_same(run):
    rows = [power("DEU", 300, market="EU", uncertainty=9), power("FRA", 700, market="EU")]
    one, other = (run(rows, [instrument("EU", 400, 0.1)], engine=e) for e in ("relational", "dense"))
    for key, draws in one.draws.items():
        np.testing.assert_array_equal(draws, other.draws[key])


# -- factors of instruments --------------------------------------------------------------------------------------------


def test_a_factor_in_another_unit(run):
    given = [
        instrument("KEN", 400, 450, factor_unit="g CO2e/kWh"),
        instrument("KEN", 100, 0.2, factor_unit=""),
    ]
    assert market(run([power("KEN", 1000)], given)) == pytest.approx(500 * 0.1 + 400 * 0.45 + 100 * 0.2)


@pytest.mark.parametrize(
    ("value", "more", "told"),
    [
        (None, {}, "instruments:2, factor: no factor; expected a number that is not negative."),
        (-0.1, {}, "instruments:2, factor: '-0.1'; expected a number that is not negative."),
        (
            450,
            {},
            "instruments:2, factor: 450.0 without a unit, which is 450.0 kg CO2e/kWh; expected at most 3",
        ),
        (450, {"factor_unit": "kg"}, "instruments:2, factor_unit: the unit 'kg'; expected CO2e per energy"),
        (450, {"factor_unit": "blub"}, "instruments:2, factor_unit: "),
    ],
)
def test_a_factor_that_cannot_be_used(run, value, more, told):
    blank = dict.fromkeys(more, "")
    given = [instrument("KEN", 100, 0.5, **blank), instrument("KEN", 100, value, **more)]
    assert told in refused(run, [power("KEN", 1000)], given)


def test_factors_of_a_text_file(run, tmp_path):
    head = "type,market,vintage,quantity,unit,factor,factor_unit\n"
    file = tmp_path / "instruments.csv"
    file.write_text(head + "I-REC,Kenya,2023,400,kWh,20,g CO2e/kWh\n", encoding="utf-8")
    assert market(run([power("KEN", 1000)], "instruments.csv")) == pytest.approx(68)
    file.write_text(
        head + "I-REC,KEN,2023,4,kWh,,\nI-REC,KEN,2023,4,kWh,low,\nI-REC,KEN,2023,4,kWh,9,\n", "utf-8"
    )
    told = refused(run, [power("KEN", 1000)], "instruments.csv")
    assert "instruments.csv:2, factor: no factor" in told
    assert "instruments.csv:3, factor: 'low'" in told
    assert "instruments.csv:4, factor: 9 without a unit" in told


def test_an_instrument_among_the_activities_needs_a_factor(run):
    rows = [power("KEN", 1000, item="", instrument_factor=None),
            {**power("KEN", 400), "activity": "instrument", "item": "I-REC", "instrument_factor": None}]  # fmt: skip
    assert "rows:2, instrument_factor: no factor" in refused(run, rows)
    rows[1]["instrument_factor"] = 0.02
    assert market(run(rows)) == pytest.approx(68)


# -- computed columns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "labels"),
    [
        ("where(speed < 10, 'slow', 'fast')", ["slow", "", "fast"]),
        ("speed / share", ["", "", "10"]),
        ("share ** (0 - 1)", ["", "0.5", "0.5"]),
        ("log(share)", ["", "0.6931471805599453", "0.6931471805599453"]),
        ("max(speed, 7)", ["7", "", "20"]),
        ("place(name)", ["KEN", "CAISO", ""]),
        ("where(name == '', 'none', place(name))", ["KEN", "CAISO", "none"]),
    ],
)
def test_what_comes_of_an_empty_cell_is_empty(formula, labels):
    with connect() as connection:
        connection.execute(
            "CREATE VIEW v AS SELECT * FROM "
            "(VALUES (1, 5.0, 0.0, 'Kenya'), (2, NULL, 2.0, 'CAISO'), (3, 20.0, 2.0, '')) "
            "AS t(_row, speed, share, name)"
        )
        view = with_columns(connection, "v", {"found": Column(parse(formula))}, ("found",))
        assert [
            row[0] for row in connection.execute(f"SELECT found FROM {view} ORDER BY _row").fetchall()
        ] == labels


def test_a_column_that_is_nested_too_deeply_is_refused():
    text = "speed"
    for _ in range(25):
        text = f"max({text},1)"
    with pytest.raises(FormulaError, match="too many times"):
        sql(parse(text))


def test_bought_cooling_by_the_kind_of_chiller():
    rows = [
        {
            "activity": "district_cooling",
            "item": item,
            "country": "FRA",
            "year": 2022,
            "quantity": 100,
            "unit": "MWh",
        }
        for item in ("electric chiller", "absorption chiller")
    ]
    import netprint

    result = netprint.assess(
        {
            "title": "t",
            "method": "ghgp-scope2-2015",
            "period": 2022,
            "by": ["item"],
            "activities": rows,
            "draws": 200,
        }
    )
    found = {r["item"]: r["point"] for r in result.cells.where(account="inventory")}
    grid = netprint.assess(
        {"title": "t", "method": "ghgp-scope2-2015", "period": 2022, "draws": 200,
         "activities": [{**rows[0], "activity": "electricity", "item": "", "quantity": 24}]}
    ).total("location")["point"]  # fmt: skip
    assert found["electric chiller"] == pytest.approx(grid)
    assert found["absorption chiller"] == pytest.approx(73.89 * 100_000 * 3412.14163 / 1e6, rel=1e-5)
