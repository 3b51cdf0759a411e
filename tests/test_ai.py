"""AI systems by ITU-T L.1801: training and use apart, tokens, servers, direct and indirect water."""

from __future__ import annotations

from typing import Any

import pytest

import netprint
from netprint.errors import GapError

CLASS = "dense model of 8e9 parameters"


def row(activity: str, quantity: float, unit: str, **labels: Any) -> dict[str, Any]:
    return {"activity": activity, "quantity": quantity, "unit": unit, "data_centre": "hall", **labels}


def factor(name: str, value: float | str, unit: str, **index: Any) -> dict[str, Any]:
    return {"factor": name, "value": value, "unit": unit, "source": "for this test", **index}


PLACE = [
    factor("grid_lifecycle", 0.5, "kg CO2e/kWh", country="KEN"),
    factor("grid_losses", 0.2, "1", country="KEN"),
    factor("grid_water", 3, "L/kWh", country="KEN"),
    factor("data_centre_pue", 1.2, "1", item="hall"),
    factor("data_centre_wue", 0.4, "L/kWh", item="hall"),
    factor("ai_embodied_per_energy", 0.04, "kg CO2e/kWh"),
]


def assess(rows: list[dict[str, Any]], *factors: dict[str, Any], **more: Any) -> netprint.Result:
    base = {
        "title": "t",
        "method": "itu-t-l1801",
        "period": "2023",
        "entity": "E",
        "country": "KEN",
        "draws": 200,
    }
    return netprint.assess(
        base | {"by": ["category", "stage"], "activities": rows, "factors": [*PLACE, *factors]} | more
    )


def cells(result: netprint.Result) -> dict[tuple[str, str], float]:
    return {(c["category"].removeprefix("AI "), c["stage"]): c["point"] for c in result.cells}


def test_training_and_use_are_shown_apart_with_servers_and_water():
    rows = [
        row("ai_training_electricity", 1000, "kWh", item="ours"),
        row("ai_use_electricity", 100, "kWh", item="ours"),
    ]
    found = cells(assess(rows))
    assert {k[1]: v for k, v in found.items() if k[0] == "training"} == pytest.approx(
        {
            "electricity": 1000 * 1.2 * 0.5 / 0.8,
            "servers": 1000 * 0.04,
            "direct water": 1000 * 0.4e-3,
            "indirect water": 1000 * 1.2 * 3e-3,
        }
    )
    for (phase, stage), amount in found.items():
        if phase == "use":
            assert amount == pytest.approx(found["training", stage] / 10)


def test_water_and_climate_are_impacts_of_their_own():
    result = assess([row("ai_use_electricity", 100, "kWh")])
    assert {(c["impact"], c["unit"]) for c in result.cells} == {
        ("climate change", "kg CO2e"),
        ("water", "m3"),
    }
    assert {c["account"] for c in result.cells} == {"first_order"}


def test_tokens_put_in_put_out_and_of_reasoning():
    rate = factor("ai_energy_per_token", 2e-6, "kWh", item=CLASS)
    own = factor("ai_energy_per_input_token", 5e-7, "kWh", item=CLASS)
    rows = [
        row("ai_tokens", 1e8, "token", item=CLASS),
        row("ai_tokens_reasoning", 3e8, "token", item=CLASS),
        row("ai_tokens_in", 2e8, "token", item=CLASS),
    ]
    kwh = 1e8 * 2e-6 + 3e8 * 2e-6 + 2e8 * 5e-7
    result = assess(rows, rate, own)
    assert cells(result)["use", "electricity"] == pytest.approx(kwh * 1.2 * 0.5 / 0.8)
    (per_token,) = [
        r["point"] for r in assess(rows, rate, own, by=[]).indicators
        if r["indicator"] == "ai_emissions_per_token" and not r["cell"]
    ]  # fmt: skip
    assert per_token == pytest.approx(kwh * 0.75 / 1e8 * 1000)
    with pytest.raises(GapError, match="ai_energy_per_input_token"):
        assess(rows, rate)


def test_gpu_time_counts_the_load_the_host_and_the_share_of_the_server():
    rows = [row("gpu_time", 100, "h", item="G"), row("ai_training_gpu_time", 1000, "h", item="G")]
    factors = [
        factor("gpu_power_idle", 50, "W", item="G"),
        factor("gpu_power_full", 450, "W", item="G"),
        factor("gpu_load", 0.5, "1", item="G"),
        factor("gpu_host_power", 150, "W", item="G"),
        factor("gpu_embodied", 876, "kg CO2e/unit", item="G"),
        factor("device_lifetime", 5, "year", item="GPU server"),
    ]
    found = cells(assess(rows, *factors))
    assert found["use", "electricity"] == pytest.approx(100 * 0.4 * 0.75)
    assert found["training", "electricity"] == pytest.approx(1000 * 0.4 * 0.75)
    assert found["use", "servers"] == pytest.approx(100 * 876 / (5 * 8760))
    full = [f for f in factors if f["factor"] not in ("gpu_load", "gpu_power_idle")]
    assert cells(assess(rows, *full))["use", "electricity"] == pytest.approx(100 * 0.6 * 0.75)


def test_a_gpu_of_the_catalogue_needs_nothing_more():
    found = cells(assess([row("gpu_time", 8, "h", item="NVIDIA H100")]))
    assert found["use", "electricity"] == pytest.approx(8 * (0.7 + 1.2 / 8) * 0.75)
    assert found["use", "servers"] == pytest.approx(8 * (211.6 + 5700 / 8) / (3 * 8760))


def test_training_as_published_and_spread_over_the_life_of_the_model():
    rows = [
        row("ai_training_runs", 1, "unit", item="Llama 3.1 8B"),
        row("ai_lifetime_tokens", 1e12, "token", item="Llama 3.1 8B"),
    ]
    result = assess(rows, by=[])
    (spread,) = [r for r in result.indicators if r["indicator"] == "ai_training_per_token" and not r["cell"]]
    assert spread["point"] == pytest.approx(1_022_000 * 0.75 / 1e12 * 1000)
    assert spread["unit"] == "g CO2e"
    assert {c["category"] for c in assess(rows).cells} == {"AI training"}


def test_requests_keep_the_boundary_of_their_publisher():
    item = "ChatGPT, average query"
    found = cells(assess([row("ai_requests", 1e6, "request", item=item)]))
    assert found["use", "electricity"] == pytest.approx(1e6 * 0.00034 * 0.5)  # no overhead is added to it
    assert found["use", "direct water"] == pytest.approx(1e6 * 0.00032176e-3)
    told = cells(assess([row("ai_requests", 1e6, "request", item="Le Chat, 400 tokens")]))
    assert told["use", "electricity"] == pytest.approx(1e6 * 0.00114)


def test_a_data_centre_that_is_not_named_is_told():
    unnamed = [row("ai_use_electricity", 100, "kWh", data_centre="")]
    assert [w for w in assess(unnamed).warnings if "names no data_centre" in w and "100 kWh" in w]
    assert not [w for w in assess([row("ai_use_electricity", 100, "kWh")]).warnings if "data_centre" in w]
