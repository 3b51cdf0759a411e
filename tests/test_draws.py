"""The keyed streams: fixed words, the inverse normal, and that an identity knows nothing but itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from netprint.engine import draws

OWN = ["own", "grid_direct", "S1", "KEN", "2022"]


def test_fixed_words():
    """These must never change: a study that was assessed years ago is assessed again to the same draws."""
    assert draws.uniform(1429, OWN, 4).tolist() == [
        0.4110117416854016, 0.8601068011033726, 0.27672944295087615, 0.7724687214927641
    ]  # fmt: skip
    np.testing.assert_allclose(
        draws.normal(1429, OWN, 4),
        [-0.22494317204914693, 1.0807993047733058, -0.592585051093969, 0.7470016629774002],
        rtol=1e-14,
    )
    np.testing.assert_allclose(
        draws.error_group(1429, "electricity|estimated|Savanna", 3),
        [0.7971752740610033, 1.4417699974446372, 0.8660270488973321],
        rtol=1e-14,
    )
    np.testing.assert_allclose(  # letters beyond ASCII are keyed by their UTF-8
        draws.row(0, ["Éléphant", "électricité"], 3),
        [-0.19682843475134967, 0.26704876919658754, 0.8197099575779547],
        rtol=1e-14,
    )


def test_as241_against_scipy():
    p = np.concatenate(
        [np.logspace(-300, -1, 2000), np.linspace(1e-6, 1 - 1e-6, 20001), 1 - np.logspace(-16, -1, 500)]
    )
    p = p[(p > 0) & (p < 1)]
    np.testing.assert_allclose(draws.inverse_normal(p), ndtri(p), rtol=4e-15, atol=4e-16)


@pytest.mark.parametrize("edge", [0.075, 0.925, 0.5, np.exp(-25.0), 1 - np.exp(-25.0)])
def test_as241_where_its_pieces_meet(edge):
    around = np.array([np.nextafter(edge, 0), edge, np.nextafter(edge, 1)])
    np.testing.assert_allclose(draws.inverse_normal(around), ndtri(around), rtol=4e-15, atol=4e-16)


@settings(max_examples=40)
@given(st.integers(0, 40), st.integers(1, 30))
def test_draw_i_needs_no_other_draw(start, n):
    whole = draws.normal(7, ["own", "x"], 80)
    np.testing.assert_array_equal(draws.normal(7, ["own", "x"], n, start), whole[start : start + n])


def test_identities_are_independent():
    identities = [
        OWN,
        ["series", *OWN[1:]],
        [*OWN[:-1], "2023"],
        ["own", "grid_direct", "S2", "KEN", "2022"],
        ["own", "grid_direct,S1", "KEN", "2022"],
        ["error", "a|b"],
        ["rows", "a|b"],
    ]
    n = 20_000
    z = np.array([draws.normal(1429, i, n) for i in identities] + [draws.normal(1430, OWN, n)])
    correlation = np.corrcoef(z)
    assert np.abs(correlation - np.eye(len(z))).max() < 4.5 / np.sqrt(n)


def test_an_identity_is_its_parts_not_their_joint_text():
    a, b = draws.uniform(1, ["own", "ab", "c"], 3), draws.uniform(1, ["own", "a", "bc"], 3)
    assert not np.array_equal(a, b)
    assert not np.array_equal(draws.uniform(1, ["x", "2023"], 3), draws.uniform(1, ["x", 2023], 3))


def test_uniforms_lie_inside_and_are_uniform():
    u = draws.uniform(3, ["own", "y"], 100_000)
    assert u.min() > 0 and u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * len(u)))
    counts = np.histogram(u, bins=50, range=(0, 1))[0]
    expected = len(u) / 50
    assert ((counts - expected) ** 2 / expected).sum() < 95  # χ² of 49 degrees of freedom, p = 1e-4


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9, 1.0])
def test_series_and_own_are_standard_and_correlate_by_rho(rho):
    n = 20_000
    a = draws.series_and_own(1, "f", "S", ["KEN", "2022"], ["KEN"], rho, n)
    b = draws.series_and_own(1, "f", "S", ["KEN", "2023"], ["KEN"], rho, n)
    assert a.mean() == pytest.approx(0, abs=4 / np.sqrt(n)) and a.std() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(rho, abs=0.03)
