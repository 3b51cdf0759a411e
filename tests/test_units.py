"""Units: the whole table against Pint, the algebra, reading and writing, and what is refused."""

from __future__ import annotations

import pickle
import time
from fractions import Fraction
from itertools import pairwise

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netprint.units import DIMENSIONLESS, Unit, UnitError, parse, ratio, same_dimension
from netprint.units.table import COUNTING, CURRENCIES, REFUSED, _entries, symbols

# ---- against Pint

PINT = pint.UnitRegistry()
# Our symbol, and what Pint calls it where that differs. Pint's year is Julian and its kB is a kilobel.
PINT_NAMES = {
    "toe": "tonne_of_oil_equivalent", "tce": "0.7 * tonne_of_oil_equivalent", "Btu": "Btu_it",
    "bps": "bit/second", "pkm": "km", "vkm": "km", "tkm": "tonne * km", "gal_US": "US_liquid_gallon",
    "gal_UK": "imperial_gallon", "bbl": "oil_barrel", "therm": "1e5 * Btu_it", "therms": "1e5 * Btu_it",
    "MMBTU": "1e6 * Btu_it", "mmBTU": "1e6 * Btu_it", "MMBtu": "1e6 * Btu_it", "mmBtu": "1e6 * Btu_it",
    "year": "365 * day", "years": "365 * day", "yr": "365 * day", "a": "365 * day",
    "ha": "hectare", "B": "byte", "K": "kelvin", "%": "percent", "‰": "0.001", "lb": "pound", "L": "liter",
    "l": "liter", "t": "tonne", "h": "hour", "d": "day", "min": "minute", "ft": "foot", "short_ton": "US_ton",
    "long_ton": "UK_ton", "s": "second", "m": "meter", "g": "gram", "W": "watt", "Wh": "watt * hour", "J": "joule",
}  # fmt: skip
PREFIXES = {
    "p": "1e-12", "n": "1e-9", "u": "1e-6", "m": "1e-3", "c": "1e-2", "d": "1e-1", "h": "1e2", "k": "1e3",
    "M": "1e6", "G": "1e9", "T": "1e12", "P": "1e15", "E": "1e18", "Z": "1e21", "Y": "1e24",
    "Ki": "2**10", "Mi": "2**20", "Gi": "2**30", "Ti": "2**40", "Pi": "2**50", "Ei": "2**60",
}  # fmt: skip


def in_pint(name: str) -> pint.Quantity:
    """What Pint says of our symbol, its prefix taken off first: Pint must know the unit, not our spelling."""
    if name in PINT_NAMES:
        return PINT.Quantity(1, "") * PINT.parse_expression(PINT_NAMES[name])
    if name[:-1] in symbols() and name[-1] in "23":
        return in_pint(name[:-1]) ** int(name[-1])
    for length in (2, 1):
        if name[:length] in PREFIXES and name[length:] in (*PINT_NAMES, "bit"):
            return PINT.parse_expression(PREFIXES[name[:length]]) * in_pint(name[length:])
    return PINT.Quantity(1, "") * PINT.parse_expression(name)


MEASURES = sorted(set(symbols()) - COUNTING)
BY_DIMENSION: dict[tuple, list[str]] = {}
for symbol in MEASURES:
    BY_DIMENSION.setdefault(symbols()[symbol].dims, []).append(symbol)


@pytest.mark.parametrize("dims", BY_DIMENSION, ids=str)
def test_every_ratio_of_the_table_is_that_of_pint(dims):
    names = BY_DIMENSION[dims]
    for a, b in pairwise([*names, names[0]]):
        theirs = (in_pint(a) / in_pint(b)).to("").magnitude
        assert ratio(parse(a), parse(b)) == pytest.approx(theirs, rel=1e-9), (a, b)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("W s/J", "watt * second / joule"),
        ("L/dm3", "liter / decimeter ** 3"),
        ("kW year/kWh", "kilowatt * 365 * day / (kilowatt * hour)"),
        ("bps h/bit", "bit / second * hour / bit"),
        ("lb/(MWh g/kWh)", "pound / megawatt_hour / (gram / kilowatt_hour)"),
    ],
)
def test_dimensions_hang_together_as_in_pint(ours, theirs):
    assert same_dimension(parse(ours), DIMENSIONLESS)
    assert parse(ours).scale == pytest.approx(PINT.parse_expression(theirs).to("").magnitude, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "scale", "dims"),
    [
        ("kWh", 1.0, {"kWh": 1}),
        ("MJ", 1 / 3.6, {"kWh": 1}),
        ("kg CO2e", 1.0, {"kg": 1, "CO2e": 1}),
        ("kW", 1.0, {"kWh": 1, "h": -1}),
        ("GB", 8e9, {"bit": 1}),
        ("KiB", 8192.0, {"bit": 1}),
        ("year", 8760.0, {"h": 1}),
        ("L", 1e-3, {"m": 3}),
        ("tkm", 1e6, {"kg": 1, "m": 1}),
        ("ktoe", 11_630_000.0, {"kWh": 1}),
        ("%", 0.01, {}),
        ("USD2022", 1.0, {"USD2022": 1}),
        ("kEUR", 1000.0, {"EUR": 1}),
        ("MJ_net", 1 / 3.6, {"kWh": 1, "net": 1}),
        ("kg/TJ_net", 3.6e-6, {"kg": 1, "kWh": -1, "net": -1}),
        ("t CO2e", 1e3, {"kg": 1, "CO2e": 1}),
        ("kg Sb", 1.0, {"kg": 1, "Sb": 1}),
        ("person", 1.0, {}),
        ("kWh/100 km", 1e-5, {"kWh": 1, "m": -1}),
        ("10^6 m3", 1e6, {"m": 3}),
    ],
)
def test_scale_and_dimensions(text, scale, dims):
    unit = parse(text)
    assert unit.scale == pytest.approx(scale, rel=1e-15)
    assert unit.dims == tuple(sorted(dims.items()))


# ---- spellings

SAME = [
    ["kg CO2e", "kgCO2e", "kg CO2eq", "kg CO2-eq", "kg CO2-e", "kg CO₂e", "kg CO₂-eq.", "kg CO2 eq", "kg CO2 equiv",
     "kg CO2 equivalent", "kgCO2-eq", " kg  CO2e "],
    ["t CO2e/MWh", "tCO2e/MWh", "kgCO2e/kWh", "kg CO2e per kWh", "kg CO2e kWh^-1", "kg CO2e·kWh⁻¹", "kg CO2e*kWh**-1"],
    ["g CO2e/kWh", "gCO2e/kWh", "gCO2eq/kWh"],
    ["kWh_net", "kWh net", "kWh (net)", "kWh (net CV)", "kWh (Net CV)", "kWh(net cv)", "kWh net CV", "kWh (NCV)",
     "kWh LHV", "kWh net calorific value"],
    ["kWh_gross", "kWh gross", "kWh (Gross CV)", "kWh gross CV", "kWh (GCV)", "kWh HHV"],
    ["kg/TJ_net", "kg CH4/TJ_net", "kgCH4/TJ (net CV)", "kg N2O/TJ net", "kg CH4_fossil/TJ_net", "kg HFC-134a/TJ_net"],
    ["m3", "m³", "m^3", "m**3", "m·m·m", "m m2", "(m)^3", "1 m3", "kL"],
    ["pkm", "passenger km", "passenger.km", "passenger-km", "passengerkm", "km"],
    ["tkm", "tonne.km", "tonne-km", "t km", "t*km", "Mg km"],
    ["kg/(m2 year)", "kg/m2/year", "kg/(m2 a)", "kg/m2/yr", "kg m^-2 a^-1", "kg/(m²·year)"],
    ["W", "J/s", "0.001 kW", "J s^-1"],
    ["us", "µs", "μs"],
    ["Mbit/s", "Mbps", "Mbit per second"],
    ["t", "Mg", "tonne", "1000 kg", "tCO2", "t CH4", "1e3 kg CO2"],
    ["m^(1/2)", "m^0.5", "m**0.5"],
    ["1", "", "unit", "subscriber/site", "kg/kg", "users per server", "1/1"],
    ["kg Sb", "kg Sb eq", "kg Sb-eq", "kgSb", "kg Sbe"],
    ["USD/t CO2e", "USD/tCO2e", "USD/(t CO2e)"],
    ["km2", "km^2", "km²", "100 ha", "10^6 m2"],
]  # fmt: skip


@pytest.mark.parametrize("spellings", SAME, ids=lambda s: s[0])
def test_spellings_of_the_same(spellings):
    for text in spellings:
        unit = parse(text)
        assert unit.dims == parse(spellings[0]).dims, text
        assert unit.scale == pytest.approx(parse(spellings[0]).scale, rel=1e-15), text


APART = [
    "kg",
    "kg CO2e",
    "kg Sb",
    "kWh",
    "kWh_net",
    "kWh_gross",
    "USD",
    "USD2022",
    "USD2021",
    "EUR2022",
    "1",
    "m",
    "h",
]


def test_what_must_not_be_mixed_does_not_balance():
    for a in APART:
        for b in APART:
            assert same_dimension(parse(a), parse(b)) is (a == b)


def test_the_spelling_is_kept_for_display():
    assert str(parse("tCO2e/MWh")) == parse("tCO2e/MWh").text == "tCO2e/MWh"
    assert parse("tCO2e/MWh") == parse("kg CO2e/kWh")
    assert hash(parse("tCO2e/MWh")) == hash(parse("kg CO2e/kWh"))


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (parse("MWh") * parse("kg CO2e/kWh"), "1000 kg CO2e"),
        (parse("kg CO2e/kg") * DIMENSIONLESS, "kg CO2e/kg"),
        (DIMENSIONLESS / parse("kg CO2e"), "1/(kg CO2e)"),
        (DIMENSIONLESS / parse("kg CO2e") ** 2, "1/(kg CO2e)^2"),
        (parse("MJ_net") / parse("MJ_gross"), "kWh_net/kWh_gross"),
        (parse("kWh") / parse("m2") / parse("h"), "kWh/(m2 h)"),
        (parse("m") ** Fraction(1, 2), "m^(1/2)"),
        (parse("kg") / parse("kg"), "1"),
        (parse("USD2022") / parse("kg CO2e"), "USD2022/(kg CO2e)"),
    ],
)
def test_derived_units_are_shown_in_base_units(unit, text):
    assert str(unit) == text
    assert parse(text) == unit


# ---- algebra

BASES = ["kg", "m", "h", "kWh", "bit", "K", "CO2e", "Sb", "net", "gross", "USD2022", "USD", "KES"]
POWERS = st.integers(-4, 4) | st.fractions(-3, 3, max_denominator=4)
SCALES = st.floats(1e-12, 1e12)


@st.composite
def units(draw) -> Unit:
    chosen = draw(st.dictionaries(st.sampled_from(BASES), POWERS.filter(bool), max_size=4))
    simple = {name: power.numerator if power.denominator == 1 else power for name, power in chosen.items()}
    return Unit(draw(SCALES), tuple(sorted(simple.items())))


def close(a: Unit, b: Unit) -> bool:
    return a.dims == b.dims and a.scale == pytest.approx(b.scale, rel=1e-12)


@given(units())
def test_what_is_written_reads_back(unit):
    assert parse(str(unit)) == unit
    assert str(parse(str(unit))) == str(unit)
    assert pickle.loads(pickle.dumps(unit)) == unit


@given(units(), units(), units())
def test_units_multiply_as_numbers_do(a, b, c):
    assert close(a * b, b * a)
    assert close((a * b) * c, a * (b * c))
    assert close(a / b, a * b**-1)
    assert close((a * b) / b, a)
    assert a * DIMENSIONLESS == a == a / DIMENSIONLESS
    assert same_dimension(a / a, DIMENSIONLESS)
    assert all(power for _, power in (a * b).dims)


@given(units(), units(), st.integers(-3, 3), st.integers(-3, 3))
def test_powers_of_units(a, b, n, m):
    assert close(a**n * a**m, a ** (n + m))
    assert close((a * b) ** n, a**n * b**n)
    assert a**1 == a
    assert a**0 == DIMENSIONLESS
    assert close((a ** Fraction(1, 2)) ** 2, a)


@given(units(), SCALES, SCALES)
def test_ratios_chain(unit, x, y):
    a, b = Unit(x, unit.dims), Unit(y, unit.dims)
    assert ratio(a, b) * ratio(b, a) == pytest.approx(1, rel=1e-12)
    assert ratio(a, unit) == pytest.approx(ratio(a, b) * ratio(b, unit), rel=1e-12)


@given(st.sampled_from(MEASURES), st.sampled_from(MEASURES), st.sampled_from(MEASURES))
def test_text_means_what_the_algebra_says(a, b, c):
    x, y, z = parse(a), parse(b), parse(c)
    assert close(parse(f"{a}/{b}"), x / y)
    assert close(parse(f"{a} {b}/{c}"), x * y / z)
    assert close(parse(f"{a}/({b}·{c})"), x / (y * z))
    assert close(parse(f"{a}/{b}/{c}"), x / y / z)
    assert close(parse(f"({a})^2"), x**2)


@given(st.text(st.sampled_from("kgWhMJCO2e_net()/*^·- .13%²⁻"), max_size=20) | st.text(max_size=30))
def test_any_text_is_a_unit_or_a_unit_error(text):
    try:
        unit = parse(text)
    except UnitError as error:
        parts = (error.found, error.expected, error.remedy)
    else:
        parts = (str(unit),)
    assert all(parts)


# ---- what is refused

EXPECTED = "expected a unit such as kWh, kg CO2e, GB, m3 or USD2022."
ONE_WAY = "expected a unit that can be read in one way only."
MESSAGES = {
    "mwh": f"'mwh' is not a known unit; {EXPECTED} Did you mean 'MWh'?",
    "kWH": f"'kWH' is not a known unit; {EXPECTED} Did you mean 'kWh'?",
    "kg co2e": f"unit 'kg co2e': 'co2e' is not a known unit; {EXPECTED} Did you mean 'CO2e'?",
    "usd": f"'usd' is not a known unit; {EXPECTED} Did you mean 'USD'?",
    "Litres": f"'Litres' is not a known unit; {EXPECTED} Did you mean 'litres'?",
    "litr": f"'litr' is not a known unit; {EXPECTED} Did you mean 'litre' or 'liter' or 'litres'?",
    "xqz": f"'xqz' is not a known unit; {EXPECTED} A count of things has the unit 1.",
    "GB/month": f"unit 'GB/month': 'month' has no fixed length; {ONE_WAY} Use a day, or a year of 8760 h.",
    "mWh": f"'mWh' is mostly a misspelt MWh; {ONE_WAY} Write 'MWh' if mega is meant, else '0.001 Wh'.",
    "mt": f"'mt' may be a tonne or a million tonnes; {ONE_WAY} Write 't' for 1000 kg, 'Mt' for a million tonnes.",
    "tons": f"'tons' may be metric, short or long; {ONE_WAY} Write t for 1000 kg, short_ton or long_ton.",
    "Gb/s": f"unit 'Gb/s': 'Gb' may be bits or bytes; {ONE_WAY} Write Mbit or MB (kbit or kB, Gbit or GB ...).",
    "€/kWh": f"unit '€/kWh': '€' is a sign; {ONE_WAY} Write the ISO 4217 code: EUR.",
    "°C": f"'°C' has another zero than K; {ONE_WAY} Write K for a difference of temperature.",
    "kg/m2 year": "unit 'kg/m2 year': a product after '/' may be meant above or below the line; expected brackets. "
                  "Write a/(b c) or a c/b.",
    "1/100 km": "unit '1/100 km': a number divided by a number and a unit may be read in two ways; "
                "expected brackets. Write 1/(100 km) or 0.01 km.",
    "USD 2022": "unit 'USD 2022': the number 2022 follows a unit; expected numbers before units. "
                "Write powers as m2 or m^2, and the price year together with the currency: USD2022.",
    "kWh CO2": "unit 'kWh CO2': 'CO2' stands without a mass; expected a mass before the gas. Write 'kg CO2'.",
    "CO2e": "'CO2e' stands without a mass; expected a mass before the gas. Write 'kg CO2e'.",
    "t net": "unit 't net': 'net' after 't'; expected an energy before it. Write kWh_net, MJ_gross ...",
    "(kg": "unit '(kg': it ends too early; expected ')'. Check operators and brackets.",
    "kg)": "unit 'kg)': ')' stands in the wrong place; expected a unit. Check operators and brackets.",
    "kg//m": "unit 'kg//m': '/' stands in the wrong place; expected a unit. Check operators and brackets.",
    "W m-2": "unit 'W m-2': '-' stands in the wrong place; expected a unit. Write powers as m2 or m^-2.",
    "m^": "unit 'm^': it ends too early; expected a plain number as the power. Check operators and brackets.",
    "m^1e9": "unit 'm^1e9': '1e9' stands in the wrong place; expected a plain number as the power. "
             "Check operators and brackets.",
    "m^31": "unit 'm^31': the power 31; expected at most 30. Check the power.",
    "m^(1/0)": "unit 'm^(1/0)': a power divided by zero; expected another number than 0. Check the power.",
    "0 kg": "unit '0 kg': the scale of a unit is 0.0; expected a finite number above zero. "
            "Use a prefix or a power of ten nearer to one.",
    "Gg^30/ng^30": "unit 'Gg^30/ng^30': the scale of a unit is 0.0; expected a finite number above zero. "
                   "Use a prefix or a power of ten nearer to one.",
    "kg&m": "unit 'kg&m': the character '&'; expected names, numbers and * / ^ ( ). Take it out.",
    "k" * 201: "a unit of 201 characters; expected at most 200 characters. Write a shorter unit.",
}  # fmt: skip


@pytest.mark.parametrize("text", MESSAGES)
def test_refused_with_the_whole_message(text):
    with pytest.raises(UnitError) as caught:
        parse(text)
    assert str(caught.value) == MESSAGES[text]
    assert (
        str(caught.value) == f"{caught.value.found}; expected {caught.value.expected}. {caught.value.remedy}"
    )
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("word", REFUSED)
def test_ambiguous_words_are_refused_alone_and_within(word):
    for text in (word, f"kg/{word}"):
        with pytest.raises(UnitError) as caught:
            parse(text)
        assert caught.value.remedy == REFUSED[word][1]


@pytest.mark.parametrize(
    ("a", "b", "remedy"),
    [
        ("kWh", "kWh_net", "Say on which calorific value the energy is stated: "
                           "kWh_net or kWh_gross (MJ_net, GJ_gross ...)."),
        ("MJ_gross", "MJ_net", "Net and gross calorific value are linked by the factor net_per_gross."),
        ("kg", "kg CO2e", "A gas becomes CO2e through a global warming potential (gwp), "
                          "not through a change of unit."),
        ("USD2021", "USD2022", "Another currency or price year needs an exchange rate or a price index, "
                               "given as a factor."),
        ("EUR/kWh", "USD/kWh", "Another currency or price year needs an exchange rate or a price index, "
                               "given as a factor."),
        ("L", "kg", "Mass, volume and energy are linked by a density or a calorific value, given as a factor."),
        ("L", "MJ_net", "Mass, volume and energy are linked by a density or a calorific value, "
                        "given as a factor."),
        ("kWh", "kW", "In base units one is in kWh, the other in kWh/h."),
    ],
)  # fmt: skip
def test_what_does_not_balance_says_what_leads_across(a, b, remedy):
    with pytest.raises(UnitError) as caught:
        ratio(parse(a), parse(b))
    assert str(caught.value) == f"the unit {a!r}; expected a unit of the same dimension as {b!r}. {remedy}"


# ---- the table


def test_currencies_are_those_of_the_unicode_locale_data():
    babel = pytest.importorskip("babel.numbers")
    assert set(babel.list_currencies()) >= CURRENCIES
    current = {
        code
        for territory in babel.get_global("territory_currencies")
        for code in babel.get_territory_currencies(territory)
    }
    assert current - CURRENCIES <= {"CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "XXX"}  # funds


def test_no_name_stands_for_two_things():
    names = [name for name, _, _ in _entries()]
    assert len(names) == len(set(names))
    assert not set(names) & (CURRENCIES | set(REFUSED))


def test_five_hundred_units_take_a_few_milliseconds():
    above = ["kg CO2e", "tCO2e", "MJ_net", "GJ", "kg", "L", "m3", "USD2022", "kg CH4", "kWh (net CV)"]
    below = ["MWh", "kWh", "kg", "TJ_net", "(kWh year)", "km", "100 km", "unit", "m2/year", "t CO2e"]
    texts = [f"{a}/{b}{c}" for a in above for b in below for c in ("", "/site", "/h", "/L", "/user")]
    seconds = []
    for _ in range(5):
        parse.cache_clear()
        start = time.perf_counter()
        for text in texts:
            parse(text)
        seconds.append(time.perf_counter() - start)
    assert len(set(texts)) == 500
    assert min(seconds) < 0.05  # about 5 ms on a machine at rest


def test_a_unit_cannot_be_changed():
    unit = parse("kg")
    with pytest.raises(AttributeError):
        unit.scale = 2.0
    assert parse("kg") is unit
