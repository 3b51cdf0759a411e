"""Seven worked effect studies: signs and orders of magnitude, identities, and what the claim guard lets them say."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import netprint
from netprint.claims import NEVER, check_publishable
from netprint.errors import InputError, UsageError
from netprint.load.effect import ACCOUNT
from netprint.load.factors import catalog, sources

ROOT = Path(__file__).parents[1] / "examples"
DRAWS = 2000
#: study: (verdict, tier, what may be said)
EXPECTED = {
    "remote-work": ("increase", 3, "internal"),
    "smart-meters": ("reduction", 2, "net_reduction"),
    "traffic-signals": ("reduction", 2, "net_outweighed"),
    "smart-building": ("reduction", 2, "net_reduction"),
    "precision-irrigation": ("reduction", 3, "internal"),
    "ai-application": ("not told from zero", 3, "internal"),
    "early-warning": ("not formed", 3, "unformed"),
}
#: Studies of which all higher-order nodes are quantified or bounded.
WHOLE = {"smart-meters", "traffic-signals", "smart-building"}


def text(name: str) -> str:
    return (ROOT / name / "study.yaml").read_text(encoding="utf-8")


def study(name: str, **changes: Any) -> dict[str, Any]:
    """The study as a mapping, so that a test can change it."""
    return {**yaml.safe_load(text(name)), "draws": DRAWS, **changes}


@cache
def result(name: str) -> netprint.Result:
    return netprint.assess(study(name))


def effect(name: str) -> Any:
    return result(name).tags["effect"]


def nodes(name: str) -> dict[str, Any]:
    return {n["id"]: n for n in effect(name)["nodes"]}


def point(name: str, node: str) -> float:
    return float(nodes(name)[node]["effect"]["point"])


def sensitivity(name: str, which: str) -> Any:
    return next(s for s in effect(name)["sensitivities"] if s["id"] == which)


def factor(name: str, *index: str) -> float:
    return float(catalog().rows[name][index].value)


def at_plug(country: str, year: str = "2025") -> float:
    """kg CO2e per kWh, life cycle, with the losses of the grid."""
    return factor("grid_lifecycle", country, year) / (1 - factor("grid_losses", country, "2023"))


# -- all of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_it_assesses_without_a_gap_and_says_what_it_may(name: str) -> None:
    verdict, tier, may = EXPECTED[name]
    found = effect(name)
    assert len(result(name).gaps) == 0
    assert (found["verdict"], found["tier"], found["claims"]["may"]) == (verdict, tier, [may])
    assert set(NEVER) <= set(found["claims"]["may_not"])
    assert ("total" in found["claims"]["may_not"]) and found["tier_higher"] == 3
    assert found["whole"] == (name in WHOLE) == (found["total"] is not None)


def test_one_ends_with_an_increase_and_one_cannot_be_told_from_zero() -> None:
    verdicts = {effect(name)["verdict"] for name in EXPECTED}
    assert {"increase", "not told from zero", "reduction"} <= verdicts
    assert effect("remote-work")["net"]["low"] > 0 and effect("remote-work")["probability"] < 0.025
    net = effect("ai-application")["net"]
    assert net["low"] < 0 < net["high"] and 0.025 < effect("ai-application")["probability"] < 0.975


@pytest.mark.parametrize("name", EXPECTED)
def test_nodes_sum_to_orders_orders_to_net_and_years_to_the_whole(name: str) -> None:
    found, held = effect(name), result(name)
    for order, account in ACCOUNT.items():
        parts = [n["effect"] for n in found["nodes"] if n["order"] == order and n["effect"] is not None]
        if not parts:
            assert found[account] is None
            continue
        for measure in ("point", "mean"):
            summed = sum(p[measure] for p in parts)
            assert summed == pytest.approx(found[account][measure], rel=1e-9, abs=1e-6)
            years = sum(y[account][measure] for y in found["years"])
            assert years == pytest.approx(found[account][measure], rel=1e-9, abs=1e-6)
        assert held.total(account)["point"] == pytest.approx(found[account]["point"], rel=1e-9, abs=1e-6)
    draws = {(y, a): v for (y, a, i), v in held.draws.items() if i == "climate change"}
    for (year, account), value in draws.items():
        if account == "net":
            added = draws[year, "first_order"] + draws[year, "second_order"]
            assert np.allclose(value, added, rtol=1e-12)
        if account == "total":
            assert np.allclose(value, draws[year, "net"] + draws[year, "higher_order"], rtol=1e-12)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_tree_holds_what_speaks_against_it(name: str) -> None:
    found = effect(name)["nodes"]
    assert {n["order"] for n in found} == {"first", "second", "higher"}
    assert all(n["excluded"] is None or len(n["excluded"]) > 20 for n in found)
    assert any(n["excluded"] for n in found)
    told = [n for n in found if n["order"] == "higher"]
    assert all(n["effect"] is not None or n["described"]["why"] for n in told)
    worse = [
        n
        for n in told
        if (n["effect"] or {"mean": 0})["mean"] > 0 or (n["described"] or {}).get("direction") == "increase"
    ]
    assert worse, "no rebound and no induction"
    about = {s["about"] for s in effect(name)["sensitivities"]}
    assert {"reference", "adoption", "grid"} <= about
    assert "rebound" in about or name == "early-warning"  # which quantifies none
    assert not [w for w in result(name).warnings if "favourable" in w or "sensitivity" in w]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_source_of_a_parameter_can_be_found(name: str) -> None:
    """In the study's `source` or in the catalogue; what was only assumed or recalled is provisional."""
    told = study(name)
    for key, given in told["parameters"].items():
        source = str(given["source"])
        for cited in re.findall(
            r"\b[a-z]+(?:-[a-z0-9]+)*-(?:\d{2,4}|ia|use|knx|siemens|tm46|amphan)\b", source
        ):
            assert f"{cited}: " in told["source"] or cited in sources(), f"{key}: {cited}"
        if re.search(r"assum|recalled|example|by us", source):
            assert given["status"] == "provisional", key


@pytest.mark.parametrize("name", EXPECTED)
def test_the_note_says_what_comes_out_and_what_may_be_said(name: str) -> None:
    verdict, tier, _ = EXPECTED[name]
    note = result(name).tags["statements"]["note"]
    words = {
        "increase": "increase",
        "reduction": "reduction",
        "not told from zero": "Cannot be told from zero",
    }
    assert words.get(verdict, "NET is not formed") in " ".join(note.split())
    assert f"Tier {tier}" in note


def test_the_three_perspectives_are_there() -> None:
    found = {name: yaml.safe_load(text(name))["perspective"] for name in EXPECTED}
    assert found["remote-work"] == found["smart-building"] == "user context"
    assert found["precision-irrigation"] == "contribution"
    assert found["smart-meters"] == {"at scale": "country"}


# -- what the guard refuses ----------------------------------------------------------------------------------------


def test_a_public_statement_from_tier_3_is_refused() -> None:
    with pytest.raises(InputError, match="Tier 3"):
        netprint.assess(study("precision-irrigation", public=True, draws=200))
    with pytest.raises(UsageError, match="by servers, training"):
        check_publishable(effect("ai-application"))
    check_publishable(effect("smart-meters"))  # Tier 2 may


def test_shares_above_one_are_refused() -> None:
    given = study("precision-irrigation", draws=200)
    assert sum(c["share"] for c in given["contribution"]) == pytest.approx(0.8)
    given["contribution"][0]["share"] = 0.5
    with pytest.raises(InputError, match=r"add up to 1\.1"):
        netprint.assess(given)


def test_meters_without_their_own_footprint_are_refused() -> None:
    given = study("smart-meters", draws=200)
    given["nodes"] = [n for n in given["nodes"] if n["order"] != "first"]
    with pytest.raises(InputError, match="without the first-order effect"):
        netprint.assess(given)


def test_the_benefit_of_adaptation_is_never_netted() -> None:
    benefits = netprint.assess(ROOT / "early-warning" / "benefits.yaml")
    assert {row["account"] for row in benefits.views["all"]} == {"adaptation"}
    moved = benefits.total("adaptation", impact="people moved before landfall")
    avoided = benefits.total("adaptation", impact="damage avoided")
    assert moved["point"] == 2_400_000 and avoided["point"] == pytest.approx(0.3 * 185e6)
    warning = effect("early-warning")
    assert warning["net"] is None and warning["second_order"] is None and warning["probability"] is None
    assert warning["first_order"]["low"] > 0
    assert "adaptation" not in {row["account"] for row in result("early-warning").views["all"]}
    with pytest.raises(UsageError):
        netprint.merge([result("early-warning"), benefits])


# -- signs and orders of magnitude ---------------------------------------------------------------------------------


def test_work_at_home_by_hand() -> None:
    days, hours = 92, 7.5
    heating = days * hours * factor("homeworking", "heating")
    equipment = days * hours * factor("homeworking", "office equipment")
    assert point("remote-work", "heating") == pytest.approx(heating)
    assert point("remote-work", "equipment") == pytest.approx(equipment)
    assert point("remote-work", "commuting") == 0
    desk = -10 * 95 * days / 220 * 0.05 * at_plug("GBR")
    assert point("remote-work", "office_electricity") == pytest.approx(desk)


def test_how_one_commutes_decides_the_sign_of_work_at_home() -> None:
    by_car, underground = sensitivity("remote-work", "by_car"), sensitivity("remote-work", "by_underground")
    assert by_car["net"]["point"] < 0 < underground["net"]["point"] < effect("remote-work")["net"]["point"]
    drive = 2 * 92 * (14 * 0.21124 / 1.1 - 0)  # kilometres by car, shared by 1.1 persons
    assert effect("remote-work")["net"]["point"] - by_car["net"]["point"] == pytest.approx(drive, rel=1e-3)
    # WSP (2020): a year at home 2.5 t, 80 % more than in the office, so 1.1 t more; here 92 of 220 days
    assert 0.1 < effect("remote-work")["net"]["point"] * 220 / 92 / 1111 < 2


def test_smart_meters_by_hand_and_beside_a_published_factor() -> None:
    first = next(y for y in effect("smart-meters")["years"] if y["year"] == "2025")
    fitted = 29e6 * (0.66 - 0.05)
    making = 4 / 15 * 7.3
    running = (1 + 1 + 0.6 * 0.6) * 8.76 * at_plug("GBR")
    assert first["first_order"]["point"] == pytest.approx(fitted * (making + running))
    homes = fitted * 0.9
    gas = 11500 * 3.6 * 0.83 * 0.02 * (1 - 0.02) * 0.9 * (0.0561 + 5e-6 * 29.8 + 1e-7 * 273 + 0.0093)
    electricity = 2700 * 0.03 * at_plug("GBR")
    vans = 1.5 * 0.3 * (0.2543 + 0.0613)
    assert first["second_order"]["point"] == pytest.approx(-homes * (gas + electricity + vans), rel=1e-3)
    # Vodafone FY24: 127 kg a home with both meters, before the meters' own footprint
    assert 0.3 < (gas + electricity) / 127 < 1
    assert (
        sensitivity("smart-meters", "none_saved")["net"]["low"] > 0
    )  # as in the experiment with random offers
    assert effect("smart-meters")["scale"][-1]["adoption"]["point"] == pytest.approx(0.87)


def test_a_cleaner_grid_makes_the_saving_of_meters_smaller() -> None:
    flat = sensitivity("smart-meters", "flat_grid")["net"]["point"]
    assert flat < effect("smart-meters")["net"]["point"] < 0


def test_signals_save_fuel_and_the_traffic_they_bring_may_eat_it_up() -> None:
    net, total = effect("traffic-signals")["net"], effect("traffic-signals")["total"]
    assert net["high"] < 0 and total["low"] < 0 < total["high"]
    assert sensitivity("traffic-signals", "long_term")["total"]["median"] > 0  # in most draws
    assert sensitivity("traffic-signals", "makers")["net"]["mean"] < 2 * net["mean"]
    saved, brought = point("traffic-signals", "fuel"), point("traffic-signals", "induced")
    assert brought / -saved == pytest.approx(
        0.1 * 0.5 / 0.04 / 0.97
    )  # time × elasticity over fuel, less bus lanes


def test_a_building_saves_more_than_its_control_draws() -> None:
    heat = -5000 * 120 * 0.09 * 3.6 * 0.9 * (0.0561 + 5e-6 * 29.8 + 1e-7 * 273 + 0.0093)
    assert point("smart-building", "heat") == pytest.approx(heat, rel=1e-3)
    assert point("smart-building", "standby_power") == pytest.approx(5000 * 0.9 * at_plug("GBR"))
    assert (
        0.05
        < effect("smart-building")["first_order"]["point"]
        / -effect("smart-building")["second_order"]["point"]
        < 0.3
    )
    assert (
        sensitivity("smart-building", "information")["net"]["mean"] > effect("smart-building")["net"]["mean"]
    )


def test_irrigation_follows_the_study_of_punjab() -> None:
    # 1516 GWh over 0.67 million hectare-metres; lifting by 30 m at one half takes 0.16 kWh a cubic metre
    given = {k: v["value"] for k, v in study("precision-irrigation")["parameters"].items()}
    assert given["pump_energy"] == pytest.approx(1516e6 / 0.67e10, rel=2e-3)
    assert 0.5 < factor("lift_energy") * 30 / factor("pump_efficiency") / given["pump_energy"] < 1.5
    # 13 % of it on 30 % of 2.8 million hectares, half of them on average over 15 years: 240 kWh a hectare and year
    published = 1516e6 / 15 / (0.3 * 2.8e6 / 2)
    assert 0.5 < given["water"] * given["pump_energy"] * given["saving"] / published < 2
    lost = sensitivity("precision-irrigation", "all_lost")
    assert lost["higher_order"]["point"] == pytest.approx(-point("precision-irrigation", "pumping"))
    sun = sensitivity("precision-irrigation", "solar_pumps")["net"]
    assert abs(sun["point"]) < 0.1 * abs(effect("precision-irrigation")["net"]["point"])
    assert sun["high"] > 0  # water is saved all the same; emissions hardly are


def test_the_assistant_follows_the_hours_that_were_measured() -> None:
    name = "ai-application"
    energy = (
        15
        * 600
        * 220
        * factor("ai_energy_per_token", "dense model of 70e9 parameters")
        * factor("data_centre_pue", "public cloud")
    )
    # beside what a provider states for a request, times the requests of a year
    assert 0.3 < energy / (15 * 220 * factor("ai_energy_per_request", "Gemini Apps, median text prompt")) < 3
    first = next(y for y in effect(name)["years"] if y["year"] == "2025")
    assert first["second_order"]["point"] == pytest.approx(0, abs=1e-6)
    assert sensitivity(name, "no_change")["net"]["low"] > 0 > sensitivity(name, "all_kept")["net"]["point"]
    assert effect(name)["higher_order"]["mean"] > abs(effect(name)["second_order"]["mean"])
    assert point(name, "training") > point(name, "inference") > point(name, "servers") > 0


def test_a_warning_costs_a_country_next_to_nothing_in_emissions() -> None:
    found = effect("early-warning")["first_order"]
    assert 1e5 < found["point"] < 1e7  # kg a year, for a country of 170 million
    phones = 1e8 * 0.5 * 6 * 2 / 60 * 2 / 1000 * at_plug("BGD")
    assert point("early-warning", "phones_run") == pytest.approx(phones)
