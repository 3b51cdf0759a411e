"""Entities: who answers for what, when, and what they do for each other."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import netprint
from netprint.errors import InputError, Problems
from netprint.load.entities import LAST, Stake, holdings, stakes

Row = dict[str, Any]


def table(*rows: str) -> list[Row]:
    """Rows of `entity parent share control [from [to]]`, with - for an empty cell."""
    names = ("entity", "parent", "share", "control", "from", "to")
    return [{n: "" if v == "-" else v for n, v in zip(names, row.split(), strict=False)} for row in rows]


def study(entities: list[Row], rows: list[Row], approach: str = "operational control", **more: Any) -> Row:
    rows = [{"activity": "electricity", "country": "KEN", "year": 2022, "unit": "kWh", **r} for r in rows]
    return {
        "title": "group", "method": ["ghgp-corporate", "ghgp-scope2-2015"], "period": 2022, "by": ["entity", "scope"],
        "entities": entities, "consolidation": approach, "activities": rows, "draws": 200, "gaps": "error",
        "factors": [{"factor": "grid_direct", "country": "KEN", "year": "2022", "value": "0.1", "source": "test"}],
        **more,
    }  # fmt: skip


def location(result: Any, **labels: str) -> float:
    cells = result.cells.where(account="location", **labels)
    return float(sum(row["point"] for row in cells))


GROUP = table("Group - - yes", "Sub Group 60% yes", "Joint Group 0.5 joint", "Minor Group 0.2 no")
USE = [{"entity": e, "quantity": 1000} for e in ("Group", "Sub", "Joint", "Minor")]


@pytest.mark.parametrize(
    ("approach", "own", "investments"),
    [
        ("operational control", {"Group": 100, "Sub": 100}, {"Joint": 50, "Minor": 20}),
        ("financial control", {"Group": 100, "Sub": 100, "Joint": 50}, {"Minor": 20}),
        ("equity share", {"Group": 100, "Sub": 60, "Joint": 50, "Minor": 20}, {}),
    ],
)
def test_the_three_approaches(approach: str, own: dict[str, float], investments: dict[str, float]) -> None:
    """GHG Protocol Corporate Standard, ch. 3: what is held without control is category 15 of Scope 3."""
    result = netprint.assess(study(GROUP, USE, approach))
    assert {e: location(result, entity=e, scope="2") for e in own} == pytest.approx(own)
    assert {e: location(result, entity=e, scope="3") for e in investments} == pytest.approx(investments)
    assert location(result) == pytest.approx(sum(own.values()) + sum(investments.values()))
    for row in result.views["category"].where(scope="3"):
        assert row["category"] == "15 investments"
    market = result.cells.where(account="market")
    assert sum(r["point"] for r in market) == pytest.approx(location(result))


def test_shares_multiply_along_the_chain_and_control_must_not_break() -> None:
    chain = table("Group - - yes", "A Group 50% no", "B A 80% yes", "C Group 90% yes", "D C 50% yes")
    rows = [{"entity": e, "quantity": 1000} for e in "BD"]
    control = netprint.assess(study(chain, rows))
    assert location(control, entity="B", scope="3") == pytest.approx(40)  # not controlled through A
    assert location(control, entity="D", scope="2") == pytest.approx(100)
    equity = netprint.assess(study(chain, rows, "equity share"))
    assert location(equity, entity="B") == pytest.approx(40)
    assert location(equity, entity="D") == pytest.approx(45)


def test_bought_and_sold_within_the_year() -> None:
    bought = table("Group - - yes", "Sub Group 100% yes 2022-07-02", "Old Group 100% yes - 2022-03-31")
    rows = [
        {"entity": "Sub", "quantity": 1000},
        {"entity": "Sub", "quantity": 310, "start": "2022-07-01", "end": "2022-07-31"},
        {"entity": "Sub", "quantity": 7, "start": "2022-01-01", "end": "2022-01-31"},
        {"entity": "Old", "quantity": 365},
    ]
    result = netprint.assess(study(bought, rows))
    assert location(result, entity="Sub") == pytest.approx(0.1 * (1000 * 183 / 365 + 310 * 30 / 31))
    assert location(result, entity="Old") == pytest.approx(0.1 * 90)
    assert any("1 records of Sub lie before it was held" in w for w in result.warnings)


def test_a_stake_that_grows_makes_the_rest_of_the_year_consolidated() -> None:
    grown = table("Group - - yes", "Sub Group 40% no - 2022-06-30", "Sub Group 70% yes 2022-07-01 -")
    result = netprint.assess(study(grown, [{"entity": "Sub", "quantity": 3650}]))
    assert location(result, entity="Sub", scope="3") == pytest.approx(0.1 * 3650 * 181 / 365 * 0.4)
    assert location(result, entity="Sub", scope="2") == pytest.approx(0.1 * 3650 * 184 / 365)


TOWERS = table("Group - - yes", "Tower Group 100% yes", "Mobile Group 100% yes")


def test_what_entities_do_for_each_other_is_taken_out_and_compared() -> None:
    rows = [
        {"entity": "Tower", "quantity": 1000},
        {"entity": "Tower", "quantity": -400, "counterparty": "Mobile"},
        {"entity": "Mobile", "quantity": 380, "counterparty": "Tower"},
        {"entity": "Mobile", "quantity": 50, "counterparty": "somebody else"},
    ]
    result = netprint.assess(study(TOWERS, rows))
    assert location(result) == pytest.approx(105)
    (told,) = (w for w in result.warnings if w.startswith("Taken out"))
    assert "380 kWh by Mobile and 400 kWh by Tower: they differ by -20 kWh" in told


def test_shared_towers_count_once_at_their_shares() -> None:
    """What a half-owned tower company passes on to the operator is the operator's, the rest the group's half."""
    towers = table("Group - - yes", "Tower Group 60% yes", "Mobile Group 100% yes")
    rows = [
        {"entity": "Tower", "quantity": 1000},
        {"entity": "Tower", "quantity": -400, "counterparty": "Mobile"},
        {"entity": "Mobile", "quantity": 400, "counterparty": "Tower"},
    ]
    assert location(netprint.assess(study(towers, rows, "equity share"))) == pytest.approx(
        0.1 * (600 * 0.6 + 400)
    )
    assert location(netprint.assess(study(towers, rows))) == pytest.approx(100)


def test_an_exchange_that_one_side_states_is_told() -> None:
    rows = [
        {"entity": "Tower", "quantity": 1000},
        {"entity": "Mobile", "quantity": 380, "counterparty": "Tower"},
    ]
    result = netprint.assess(study(TOWERS, rows))
    assert location(result) == pytest.approx(100)
    assert any("380 kWh by Mobile; Tower states nothing of it" in w for w in result.warnings)


def test_a_bundle_runs_again_with_its_notes(tmp_path: Any) -> None:
    from netprint import bundle
    from netprint.assess import rerun

    rows = [
        {"entity": "Tower", "quantity": 1000},
        {"entity": "Mobile", "quantity": 380, "counterparty": "Tower"},
    ]
    result = netprint.assess(study(TOWERS, rows))
    bundle.write(result, tmp_path / "b")
    again = rerun(tmp_path / "b")
    assert again.warnings == result.warnings
    assert list(again.cells) == list(result.cells)


def test_rows_of_entities_that_nobody_knows_are_refused() -> None:
    with pytest.raises(InputError) as told:
        netprint.assess(study(GROUP, [{"entity": "Subb", "quantity": 1}, {"entity": "", "quantity": 1}]))
    first, second = told.value.problems
    assert (first.line, first.field) == (1, "entity") and "Sub" in first.remedy
    assert second.found == "no entity"


def test_entities_need_an_approach() -> None:
    made = study(GROUP, USE)
    del made["consolidation"]
    with pytest.raises(InputError) as told:
        netprint.assess(made)
    assert "consolidation: operational control" in str(told.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (table("Group - - yes", "Sub Grup 60% yes"), "'Grup', which no row of the table names"),
        (table("Group - - yes", "Sub Group 160% yes"), "a share from 0 to 1"),
        (table("Group - - yes", "Sub Group 60% maybe"), "yes, operational, financial, joint, no"),
        (table("Group - - yes", "Sub Group 60% yes 2022-13-01"), "a day such as 2023-07-01"),
        (table("Group - - yes", "Sub Group 60% yes 2022-02-01 2022-01-01"), "before 2022-02-01"),
        (table("Group - - yes", "Sub Group 60% yes", "Sub Group 10% no"), "'Sub' twice on the same days"),
        (table("Group - - yes", "A Group 50% yes", "B A 90% yes", "B Group 20% no"), "1.1 of 'B' is held"),
        (table("A B 50% yes", "B A 50% yes"), "A holds B holds A"),
    ],
)
def test_mistakes_in_the_table(rows: list[Row], said: str) -> None:
    problems = Problems()
    stakes(list(enumerate(rows, start=2)), "entities.csv", problems)
    assert any(said in str(p) for p in problems)


def test_holdings_are_cut_at_every_change() -> None:
    first, middle = date(2020, 1, 1), date(2022, 7, 1)
    found = [
        Stake("G", "", 1, "yes", first, LAST),
        Stake("S", "G", 0.4, "no", first, date(2022, 6, 30)),
        Stake("S", "G", 0.7, "yes", middle, LAST),
    ]
    held = [(h.entity, h.start, h.share, h.holding) for h in holdings(found, "operational control")]
    assert held == [
        ("G", first, 1, ""),
        ("S", first, 0.4, "investment"),
        ("G", middle, 1, ""),
        ("S", middle, 1, ""),
    ]
