"""The miniature of the design, from dict rows to the trace, against numbers printed there and a second computation.

The second computation (``reference``) knows nothing of the engine: keyed streams from ``hashlib`` and Philox, the
inverse normal from scipy, and the arithmetic of the miniature written out.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from scipy.special import ndtri

import netprint

SEED, DRAWS = 1429, 10_000
STUDY = {
    "title": "The miniature",
    "entity": "Savanna",
    "method": {
        "id": "miniature",
        "activities": {"electricity": "kWh", "fuel": "L"},
        "terms": [
            {
                "id": "s2",
                "activity": "electricity",
                "formula": "quantity * grid_direct[country, year]",
                "books": {"flow": "CO2e", "scope": 2},
            },
            {
                "id": "s1",
                "activity": "fuel",
                "formula": "quantity * fuel_direct[item, gas]",
                "over": {"gas": ["CO2"]},
                "books": {"flow": "gas", "scope": 1},
            },
        ],
    },
    "period": 2023,
    "by": ["scope"],
    "seed": SEED,
    "draws": DRAWS,
    "activities": [
        {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1000, "unit": "MWh",
         "tier": "metered",
         "uncertainty": 2},
        {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 500, "unit": "MWh",
         "tier": "estimated",
         "uncertainty": 30},
        {"activity": "fuel", "item": "diesel", "country": "KEN", "year": 2023, "quantity": 20000, "unit": "L",
         "tier": "metered", "uncertainty": 2},
    ],
    "cards": [
        {"factor": "grid_direct", "unit": "kg/kWh", "index": "country year", "fallback": "year", "correlation": 0.9},
        {"factor": "fuel_direct", "unit": "kg/L", "index": "item gas", "correlation": 0.9},
    ],
    "factors": [
        {"factor": "grid_direct", "country": "KEN", "year": 2022, "value": 0.10, "unit": "kg/kWh",
         "statistic": "mean",
         "gsd": 1.10, "source": "S1"},
        {"factor": "fuel_direct", "item": "diesel", "gas": "CO2", "value": 2.70, "unit": "kg/L", "statistic": "mean",
         "gsd": 1.02, "source": "S2"},
        {"factor": "proxy:grid_direct", "level": "year", "lag": 1, "value": 1, "unit": "1", "statistic": "mean",
         "gsd": 1.15, "source": "spread lag 1"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return netprint.assess(STUDY)


def z(*identity: object) -> np.ndarray:
    """Standard normals of an identity, from the definition."""
    text = json.dumps([SEED, *identity], separators=(",", ":"), ensure_ascii=False)
    key = np.frombuffer(hashlib.blake2b(text.encode(), digest_size=16).digest(), dtype="<u8")
    words = np.random.Philox(key=key).random_raw(DRAWS)
    return ndtri(((words >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53)


def spread(gsd: float, normal: np.ndarray) -> np.ndarray:
    """A lognormal of mean one."""
    s = np.log(gsd)
    return np.exp(s * normal - s * s / 2)


def factor(
    gsd: float, name: str, source: str, without_year: tuple[str, ...], index: tuple[str, ...]
) -> np.ndarray:
    mixed = np.sqrt(0.9) * z("series", name, source, *without_year) + np.sqrt(0.1) * z(
        "own", name, source, *index
    )
    return spread(gsd, mixed)


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    """The draws of both scopes. Years in identities are texts; columns stand in the canonical order."""
    grid = 0.10 * factor(1.10, "grid_direct", "S1", ("KEN",), ("KEN", "2022"))
    grid = grid * spread(1.15, z("own", "proxy:grid_direct", "spread lag 1", "KEN", "2023"))
    diesel = 2.70 * factor(1.02, "fuel_direct", "S2", ("diesel", "CO2"), ("diesel", "CO2"))
    metered, estimated = 0.02 / 1.959964, 0.30 / 1.959964
    electricity = (
        1.5e6
        + 1e6 * metered * z("rows", "Savanna", "electricity", "", "KEN", "2023", "")
        + 5e5 * estimated * z("error", "electricity|estimated|Savanna")
    )
    fuel = 20000 * (1 + metered * z("rows", "Savanna", "fuel", "diesel", "KEN", "2023", ""))
    return {"1": fuel * diesel, "2": electricity * grid}


def test_points_means_and_intervals_as_printed(result):
    printed = {
        "1": (54_000, 54_032, 51_717, 56_445),
        "2": (150_000, 150_246, 104_095, 208_942),
    }
    for scope, numbers in printed.items():
        row = result.cells.one(scope=scope)
        assert tuple(round(row[s]) for s in ("point", "mean", "low", "high")) == numbers
        assert row["unit"] == "kg CO2e" and row["account"] == "inventory"
    total = result.total("inventory")
    assert tuple(round(total[s]) for s in ("point", "mean", "low", "high")) == (
        204_000,
        204_277,
        158_081,
        262_692,
    )


def test_the_draws_as_printed(result):
    """The design rounds its draws down or up as it pleases, so they hold to one unit."""
    total = result.draws["2023", "inventory", "climate change"]
    assert total.shape == (1 + DRAWS,)
    assert total[1:4] == pytest.approx([227_950, 197_730, 229_398], abs=1)
    for rows, printed in (
        (slice(0, 2), [175_038, 142_797, 176_589]),
        (slice(2, 3), [52_914, 54_934, 52_809]),
    ):
        alone = netprint.assess({**STUDY, "activities": STUDY["activities"][rows]})
        assert alone.draws["2023", "inventory", "climate change"][1:4] == pytest.approx(printed, abs=1)


def test_every_draw_against_the_second_computation(result, reference):
    expected = reference["1"] + reference["2"]
    np.testing.assert_allclose(result.draws["2023", "inventory", "climate change"][1:], expected, rtol=1e-12)
    for scope, draws in reference.items():
        row = result.cells.one(scope=scope)
        low, high = np.quantile(draws, [0.025, 0.975])
        assert (row["mean"], row["low"], row["high"]) == pytest.approx((draws.mean(), low, high), rel=1e-12)


def test_collapsed_rows_as_printed(result):
    rows = result.collapsed
    found = {
        (rows.labels["activity"].texts()[i], rows.labels["error_group"].texts()[i]): (
            rows.quantity[i], rows.shared[i], rows.independent[i]
        )
        for i in range(len(rows))
    }  # fmt: skip
    assert set(found) == {
        ("electricity", ""),
        ("electricity", "electricity|estimated|Savanna"),
        ("fuel", ""),
    }
    assert found["electricity", ""] == (1_000_000, 0, pytest.approx(1.041e8, rel=5e-4))
    q, qs, squares = found["electricity", "electricity|estimated|Savanna"]
    assert (q, round(qs), squares) == (500_000, 76_532, 0)
    q, qs, squares = found["fuel", ""]
    assert (q, qs, round(squares)) == (20_000, 0, 41_651)


def test_the_trace_as_printed(result):
    line = result.lines.one(term="s2", error_group="electricity|estimated|Savanna")
    assert line["quantity"] == 500_000 and line["coefficient"] == 0.10
    assert line["contribution"] == pytest.approx(50_000, rel=1e-15)
    assert line["labels"] == "country KEN, year 2023"
    assert line["factors"] == "grid_direct[KEN, 2022] (proxy, lag 1)"
    assert round(line["share_of_variance"], 3) == 0.387
    assert sum(row["share_of_variance"] for row in result.lines) == pytest.approx(1, rel=1e-12)


def test_years_in_identities_are_texts(result):
    """A year given as a number, a text or not at all (the period's) belongs to the same identity."""
    expected = result.draws["2023", "inventory", "climate change"]
    for year in ("2023", None):
        rows = [{k: v for k, v in row.items() if k != "year"} for row in STUDY["activities"]]
        rows = [row if year is None else {**row, "year": year} for row in rows]
        again = netprint.assess({**STUDY, "activities": rows})
        assert np.array_equal(again.draws["2023", "inventory", "climate change"], expected)


def test_both_engines_to_the_bit(result):
    dense = netprint.assess(STUDY, engine="dense")
    assert dense.collapsed.hash == result.collapsed.hash
    key = ("2023", "inventory", "climate change")
    assert np.array_equal(dense.draws[key], result.draws[key])
