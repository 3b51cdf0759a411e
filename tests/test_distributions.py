"""Every distribution against closed forms of scipy, as a function and as a factor of a study."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import netprint
from netprint.engine.distributions import inverse_beta, inverse_gamma, normal_cdf, quantile
from netprint.errors import InputError
from netprint.load.factors import Shape

Z95 = 1.959963984540054
P = np.array([1e-12, 1e-6, 1e-3, 0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975, 0.999, 1 - 1e-6, 1 - 1e-10])
SHAPES = [0.05, 0.3, 0.9, 1.0, 1.5, 4.0, 20.0, 300.0]


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_inverse_beta(a, b):
    np.testing.assert_allclose(inverse_beta(a, b, P), stats.beta.ppf(P, a, b), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("a", [0.01, *SHAPES, 1e5])
def test_inverse_gamma(a):
    np.testing.assert_allclose(inverse_gamma(a, P), stats.gamma.ppf(P, a), rtol=1e-9, atol=1e-14)


def test_normal_cdf():
    z = np.linspace(-37, 8, 1001)
    np.testing.assert_allclose(normal_cdf(z), stats.norm.cdf(z), rtol=1e-12)
    assert normal_cdf(np.array([-60.0]))[0] > 0 and normal_cdf(np.array([60.0]))[0] < 1


def pert(low: float, mode: float, high: float) -> Any:
    a, b = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    return stats.beta(a, b, low, high - low)


def beta(low: float, high: float, mean: float, sd: float) -> Any:
    m, v = (mean - low) / (high - low), (sd / (high - low)) ** 2
    size = m * (1 - m) / v - 1
    return stats.beta(m * size, (1 - m) * size, low, high - low)


def lognormal(median: float, gsd: float) -> Any:
    return stats.lognorm(np.log(gsd), scale=median)


S = np.log(1.4)
#: (what a factor row says, the closed form)
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "normal": ({"value": 10, "p2_5": 8, "p97_5": 12}, stats.norm(10, 2 / Z95)),
    "normal around another value": (
        {"value": 11, "distribution": "normal", "p2_5": 8, "p97_5": 12},
        stats.norm(11, 2 / Z95),
    ),
    "lognormal, median": ({"value": 3, "gsd": 1.4}, lognormal(3, 1.4)),
    "lognormal, mean": (
        {"value": 3, "gsd": 1.4, "statistic": "mean"},
        lognormal(3 * np.exp(-S * S / 2), 1.4),
    ),
    "lognormal, mode": ({"value": 3, "gsd": 1.4, "statistic": "mode"}, lognormal(3 * np.exp(S * S), 1.4)),
    "lognormal by its limits": (
        {"value": 3, "distribution": "lognormal", "p2_5": 2, "p97_5": 4.5},
        lognormal(3, np.exp(np.log(4.5 / 2) / (2 * Z95))),
    ),
    "uniform": ({"value": 3, "distribution": "uniform", "min": 2, "max": 4}, stats.uniform(2, 2)),
    "triangular, mode": (
        {"value": 3, "distribution": "triangular", "statistic": "mode", "min": 1, "max": 9},
        stats.triang(2 / 8, 1, 8),
    ),
    "triangular, mean": (
        {"value": 4, "distribution": "triangular", "min": 1, "max": 9},
        stats.triang((12 - 1 - 9 - 1) / 8, 1, 8),
    ),
    "triangular with its mode at an end": (
        {"value": 1, "distribution": "triangular", "statistic": "mode", "min": 1, "max": 9},
        stats.triang(0, 1, 8),
    ),
    "pert, mode": (
        {"value": 3, "distribution": "pert", "statistic": "mode", "min": 1, "max": 9},
        pert(1, 3, 9),
    ),
    "pert, mean": ({"value": 4, "distribution": "pert", "min": 1, "max": 9}, pert(1, 3.5, 9)),
    "beta": (
        {"value": 0.3, "distribution": "beta", "p2_5": 0.1, "p97_5": 0.5},
        beta(0, 1, 0.3, 0.4 / (2 * Z95)),
    ),
    "beta with a shape below one": (
        {"value": 0.1, "distribution": "beta", "p2_5": 0, "p97_5": 0.6},
        beta(0, 1, 0.1, 0.6 / (2 * Z95)),
    ),
    "beta on a range": (
        {"value": 12, "distribution": "beta", "min": 10, "max": 20, "p2_5": 11, "p97_5": 14},
        beta(10, 20, 12, 3 / (2 * Z95)),
    ),
}
N = 20_000


def drawn(factor: dict[str, Any], n: int = N) -> np.ndarray:
    """Point and draws of one factor through a study."""
    study = {
        "title": "one factor",
        "entity": "E",
        "country": "WORLD",
        "period": 2023,
        "draws": n,
        "method": {
            "id": "one",
            "activities": {"use": "kWh"},
            "terms": [{"id": "all", "activity": "use", "formula": "quantity * f", "books": {"flow": "CO2e"}}],
        },
        "activities": [{"activity": "use", "quantity": 1, "unit": "kWh"}],
        "factors": [{"factor": "f", "unit": "kg CO2e/kWh", "source": "S", **factor}],
    }
    return netprint.assess(study).draws["", "inventory", "climate change"]


@pytest.mark.parametrize("name", CASES)
def test_a_factor_against_its_closed_form(name):
    factor, expected = CASES[name]
    draws = drawn(factor)
    assert draws[0] == pytest.approx(factor["value"])
    sample = draws[1:]
    assert sample.mean() == pytest.approx(expected.mean(), abs=4.5 * expected.std() / np.sqrt(N))
    assert sample.std() == pytest.approx(expected.std(), rel=0.05)
    for p in (0.025, 0.25, 0.5, 0.75, 0.975):
        below = (sample <= expected.ppf(p)).mean()
        assert below == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / N))


@pytest.mark.parametrize(
    "name", [n for n, (f, _) in CASES.items() if f.get("statistic", "mean") == "mean" and "gsd" not in f]
)
def test_the_stated_mean_is_the_mean(name):
    factor, expected = CASES[name]
    if factor.get("distribution") != "lognormal":
        assert expected.mean() == pytest.approx(factor["value"], rel=1e-12)


def test_widening_keeps_the_mean():
    for gsd in (1.05, 1.5, 2.5):
        sample = drawn({"value": 3, "gsd": gsd, "statistic": "mean"})[1:]
        assert sample.mean() == pytest.approx(3, abs=5 * sample.std() / np.sqrt(N))


def test_exact_has_no_draw():
    assert set(drawn({"value": 3}, 100).tolist()) == {3.0}
    assert quantile(3.0, Shape("exact"), np.zeros(2)).tolist() == [3.0, 3.0]


def test_empirical_is_the_piecewise_linear_quantile_function():
    draws = drawn({"value": 1.1, "distribution": "empirical", "points": "0:0.5 0.25:0.9 0.75:1.2 1:2"})
    sample = draws[1:]
    assert draws[0] == 1.1
    assert sample.min() >= 0.5 and sample.max() <= 2
    for p, x in ((0.125, 0.7), (0.25, 0.9), (0.5, 1.05), (0.75, 1.2), (0.875, 1.6)):
        assert (sample <= x).mean() == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / N))


def test_empirical_of_plain_values_gives_each_the_same_weight():
    sample = drawn({"value": 1.0, "points": "1.5 0.5 1.0"})[1:]
    assert (sample <= 1.0).mean() == pytest.approx(0.5, abs=0.02)
    assert sample.mean() == pytest.approx(1.0, abs=0.01)


SHARES = [
    {"factor": "share", "unit": "1", "place": name, "value": value, "p2_5": value - 0.04, "p97_5": value + 0.04,
     "distribution": "dirichlet", "source": "S"}
    for name, value in {"a": 0.1, "b": 0.3, "c": 0.6}.items()
]  # fmt: skip


def shared(factors: list[dict[str, Any]], places: list[str], n: int = 5000) -> Any:
    return netprint.assess(
        {
            "title": "shares",
            "entity": "E",
            "country": "WORLD",
            "period": 2023,
            "draws": n,
            "by": ["category"],
            "method": {
                "id": "shares",
                "activities": {"use": "kg CO2e"},
                "terms": [
                    {"id": "all", "activity": "use", "formula": "quantity * share[place]", "over": {"place": places},
                     "books": {"flow": "CO2e", "category": "place"}}
                ],
            },
            "activities": [{"activity": "use", "quantity": 1, "unit": "kg CO2e"}],
            "factors": factors,
        }
    )  # fmt: skip


def test_dirichlet_shares_add_to_one_in_every_draw():
    total = shared(SHARES, ["a", "b", "c"]).draws["", "inventory", "climate change"]
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)


def test_dirichlet_shares_have_their_means_and_are_betas():
    n = 5000
    size = np.mean([v * (1 - v) / (0.04 / Z95) ** 2 - 1 for v in (0.1, 0.3, 0.6)])
    for row in SHARES:
        alone = shared(SHARES, [row["place"]], n).draws["", "inventory", "climate change"]
        expected = stats.beta(row["value"] * size, (1 - row["value"]) * size)
        assert alone[0] == row["value"]
        assert alone[1:].mean() == pytest.approx(row["value"], abs=4.5 * expected.std() / np.sqrt(n))
        assert alone[1:].std() == pytest.approx(expected.std(), rel=0.06)


def refused(factor: dict[str, Any]) -> str:
    with pytest.raises(InputError) as told:
        drawn(factor, 100)
    return "\n".join(str(p) for p in told.value.problems)


WRONG = {
    "a distribution that is not known": (
        {"value": 1, "distribution": "lognorml"},
        "factors:1, distribution: the distribution 'lognorml' is not known; expected exact, normal, "
        "lognormal, uniform, "
        "triangular, pert, beta, empirical, dirichlet. Did you mean 'lognormal' or 'normal'?",
    ),
    "a statistic that is not known": (
        {"value": 1, "statistic": "average"},
        "factors:1, statistic: the statistic 'average' is not known; expected mean, median, mode. Say "
        "which of them the "
        "value is.",
    ),
    "one limit": (
        {"value": 1, "distribution": "normal", "p2_5": 0.5},
        "factors:1, p2_5: p2_5 is 0.5 and p97_5 is empty; expected p2_5 below p97_5, both given. The "
        "distribution needs "
        "both limits.",
    ),
    "limits the wrong way round": (
        {"value": 1, "distribution": "uniform", "min": 2, "max": 0.5},
        "factors:1, min: min is 2 and max is 0.5; expected min below max, both given. The distribution "
        "needs both limits.",
    ),
    "a gsd below one": (
        {"value": 1, "gsd": 0.9},
        "factors:1, gsd: the geometric standard deviation is 0.9; expected 1 or more, and limits above zero. "
        "A gsd of 1.1 means about ± 20 % at 95 %.",
    ),
    "a lognormal that reaches zero": (
        {"value": 1, "distribution": "lognormal", "p2_5": 0, "p97_5": 2},
        "factors:1, gsd: the geometric standard deviation is 0; expected 1 or more, and limits above zero. "
        "A gsd of 1.1 means about ± 20 % at 95 %.",
    ),
    "the median of a triangle": (
        {"value": 1, "distribution": "triangular", "statistic": "median", "min": 0, "max": 2},
        "factors:1, statistic: the value of a triangular distribution is given as median; expected mode or "
        "mean. "
        "Say `mode` for the most likely value.",
    ),
    "a value outside": (
        {"value": 3, "distribution": "pert", "statistic": "mode", "min": 0, "max": 2},
        "factors:1, value: the value and its mode put the mode at 3; expected between min 0 and max 2. "
        "Mend the value, its "
        "statistic or the limits.",
    ),
    "a mean that no triangle has": (
        {"value": 1.9, "distribution": "triangular", "min": 0, "max": 2},
        "factors:1, value: the value and its mean put the mode at 3.7; expected between min 0 and max 2. "
        "Mend the value, its "
        "statistic or the limits.",
    ),
    "a beta that is too wide": (
        {"value": 0.5, "distribution": "beta", "p2_5": -1, "p97_5": 2},
        "factors:1, value: no beta distribution on [0, 1] has mean 0.5 and standard deviation 0.76532; "
        "expected a mean "
        "inside and a narrower range. Mend min, max, p2_5 or p97_5.",
    ),
    "points that fall": (
        {"value": 1, "points": "0:2 1:1"},
        "factors:1, points: '0:2 1:1' is no quantile function; expected values, or p:value pairs with p "
        "and value rising. "
        "Write for example 0.8 0.95 1.0 1.3, or 0:0.5 0.5:1 1:2.",
    ),
    "a share above one": (
        {"value": 1.2, "distribution": "dirichlet", "p2_5": 1.1, "p97_5": 1.3},
        "factors:1, value: a share of 1.2; expected above 0 and below 1. Shares of one whole add to 1.",
    ),
    "no number": (
        {"value": "0,5"},
        "factors:1, value: '0,5' is not a finite number; expected a number like 0.089 or 1e-3. Use a "
        "decimal point and no "
        "separators.",
    ),
    "no value": (
        {"value": ""},
        "factors:1, value: the value is empty; expected a number, or a formula that starts with =. Leave "
        "the row out where "
        "the value is not known: absence is not zero.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_distribution_that_does_not_hold(name):
    factor, message = WRONG[name]
    assert refused(factor) == message


def test_shares_that_do_not_add_to_one_are_refused():
    with pytest.raises(InputError) as told:
        shared(SHARES[:2], ["a", "b"])
    assert str(told.value) == (
        "1 problem in the input; nothing was computed.\n"
        "  factors:1, value: the shares of share that are drawn together add to 0.4; expected shares of "
        "one whole, which "
        "add to 1. Add the share that is missing, or mend the values."
    )
