"""The formula language: reading and writing, units and degrees, every refusal, and values against numpy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netprint.formula.check import Scope, check
from netprint.formula.evaluate import DivisionByZero, Names, evaluate, needed
from netprint.formula.functions.registry import LANGUAGE, functions, register
from netprint.formula.parse import (
    Binary,
    Call,
    Compare,
    FormulaError,
    Lookup,
    Name,
    Negative,
    Number,
    Text,
    parse,
    walk,
    write,
)
from netprint.units import Unit
from netprint.units import parse as unit

# ---- reading and writing

names = st.sampled_from(["quantity", "share", "country", "_x", "été"])
numbers = st.one_of(st.integers(0, 10**20).map(float), st.floats(0, 1e300, allow_nan=False)).map(Number)
texts = st.text(max_size=6).map(Text)
labels = st.one_of(names.map(Name), texts, st.integers(0, 3000).map(lambda i: Number(float(i))))


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(Negative, inner),
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner),
        st.builds(
            Call, st.sampled_from(["min", "exp", "where", "f"]), st.lists(inner, max_size=3).map(tuple)
        ),
        st.builds(
            Call,
            st.just("sum"),
            st.tuples(names.map(Name)),
            st.lists(names, min_size=1, max_size=2).map(tuple),
        ),
        st.builds(Lookup, names, st.lists(st.one_of(labels, inner), min_size=1, max_size=3).map(tuple)),
    )


trees = st.recursive(st.one_of(numbers, names.map(Name), texts), grown, max_leaves=25)


@settings(max_examples=400)
@given(trees)
def test_what_is_written_reads_back_as_the_same_tree(tree):
    assert parse(write(tree)) == tree


@settings(max_examples=200)
@given(trees)
def test_writing_needs_no_more_than_once(tree):
    assert write(parse(write(tree))) == write(tree)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("((a))", "a"),
        ("a+b*c", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("a-b-c", "a - b - c"),
        ("a+(b+c)", "a + (b + c)"),
        ("a/(b/c)", "a / (b / c)"),
        ("2**3**2", "2 ** 3 ** 2"),
        ("(2**3)**2", "(2 ** 3) ** 2"),
        ("-a**2", "-a ** 2"),
        ("(-a)**2", "(-a) ** 2"),
        ("a - -b", "a - (-b)"),
        ("+a", "a"),
        ("1e3", "1000"),
        ("0.1", "0.1"),
        ("f[ 'x y',year+1 ]", "f['x y', year + 1]"),
        ("sum(a,over=[item])", "sum(a, over=[item])"),
        ("where(a>0,1,(b<c)*2)", "where(a > 0, 1, (b < c) * 2)"),
    ],
)
def test_as_written(text, written):
    assert write(parse(text)) == written


LANGUAGE_IS = (
    "numbers, names, factor[index], + - * / **, comparisons and the functions of the formula language"
)
REGISTERED = "What the language cannot say is a registered function that the formula calls by name."


def told(text: str, scope: Scope | None = None) -> str:
    def read() -> None:
        tree = parse(text)
        if scope is not None:
            check(tree, scope)

    with pytest.raises(FormulaError) as error:
        read()
    return str(error.value)


FOREIGN = {
    "quantity.real": "attribute access",
    "(lambda: 1)": "lambda",
    "[x for x in item]": "a comprehension",
    "max(x for x in item)": "a comprehension",
    "f'{a}'": "an f-string",
    "a and b": "`and`, `or`",
    "a if b else c": "`if … else`",
    "{'a': 1}": "a dictionary",
    "[1, 2]": "a list outside `over=[…]`",
    "not a": "UnaryOp",
    "a // b": "BinOp",
    "a % b": "BinOp",
    "a @ b": "BinOp",
    "a < b < c": "Compare",
    "a in b": "Compare",
    "a is b": "Compare",
    "f()()": "Call",
    "a.b()": "Call",
    "(a := 1)": "an assignment",
    "a[1:2]": "Slice",
    "f[a][b]": "Subscript",
    "True": "the constant True",
    "None": "the constant None",
    "1j": "the constant 1j",
    "b'x'": "the constant b'x'",
    "...": "the constant Ellipsis",
    "__builtins__": "the name `__builtins__`",
    "__import__('os')": "the name `__import__`",
    "__x__[item]": "the name `__x__`",
    "1e999": "a number that is not finite",
    "f(x=1)": "a keyword other than over=[column, …]",
    "sum(a, over=['item'])": "a keyword other than over=[column, …]",
    "sum(a, over=item)": "a keyword other than over=[column, …]",
    "f(**a)": "a keyword other than over=[column, …]",
    "f(*a)": "an unpacked argument",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_what_is_not_of_the_language(text):
    message = told(text)
    assert f"uses {FOREIGN[text]}; expected {LANGUAGE_IS}. {REGISTERED}" in message
    assert message.startswith("`") and "` at column " in message


def test_the_whole_message_of_a_refusal():
    assert told("quantity * country.upper()") == (
        f"`country.upper()` at column 12 uses Call; expected {LANGUAGE_IS}. {REGISTERED}"
    )
    assert (
        told("quantity * a.b")
        == f"`a.b` at column 12 uses attribute access; expected {LANGUAGE_IS}. {REGISTERED}"
    )


@pytest.mark.parametrize(
    "text", ["quantity *", "a b", "(a", "f[]", "a = 1", "import os", "1 +* 2", "'open", "\x00"]
)
def test_what_is_no_expression(text):
    message = told(text)
    assert message.startswith(f"`{text.strip()}` is not a formula")
    assert message.endswith(f"; expected {LANGUAGE_IS}. Check brackets, commas and operators.")


def test_empty():
    assert (
        told("  ")
        == f"the formula is empty; expected {LANGUAGE_IS}. Write a formula, for example quantity * "
        "factor[item]."
    )


def test_too_long():
    assert (
        told("1" + " + 1" * 1000)
        == "the formula has 4001 characters; expected at most 4000. Split it into several terms."
    )


@pytest.mark.parametrize(
    "text", ["(" * 70 + "a" + ")" * 70, "-" * 70 + "a", " + ".join(["a"] * 80), "f[" * 70 + "a" + "]" * 70]
)
def test_too_deep(text):
    if text.startswith("("):
        assert parse(text) == Name("a")  # brackets alone nest nothing
    else:
        shown = text if len(text) <= 80 else text[:77] + "…"
        assert (
            told(text)
            == f"`{shown}` nests deeper than 60; expected a flatter formula. Split it into several terms."
        )


def test_far_too_deep_is_no_crash():
    for text in ("(" * 1990 + "a" + ")" * 1990, "-" * 3900 + "a", "[" * 3900):
        with pytest.raises(FormulaError):
            parse(text)


# ---- units and degrees


@dataclass(frozen=True)
class Card:
    unit: str
    index: tuple[str, ...] = ()

    @property
    def measure(self) -> Unit:
        return unit(self.unit)


SCOPE = Scope(
    values={"quantity": unit("kWh"), "hours": unit("h"), "age": unit("1")},
    labels=frozenset({"country", "year", "item", "age"}),
    cards={
        "grid": Card("kg CO2e/kWh", ("country", "year")),
        "share": Card("1", ("item",)),
        "power": Card("kW"),
        "rate": Card("1"),
        "spent": Card("USD"),
    },
    degrees={"quantity": 1},
)
CELL = Scope(
    values={"electricity": unit("kWh"), "it": unit("kWh"), "emitted": unit("kg CO2e")},
    labels=frozenset({"country", "item"}),
    cards=SCOPE.cards,
    summable=frozenset({"electricity", "it", "emitted"}),
)


@pytest.mark.parametrize(
    ("text", "expected", "degree"),
    [
        ("quantity * grid[country, year]", "kg CO2e", 1),
        ("quantity * grid['KEN', 2023]", "kg CO2e", 1),
        ("quantity * grid[country, year - 1]", "kg CO2e", 1),
        ("-quantity", "kWh", 1),
        ("quantity + power * hours", None, None),
        ("power * hours * 2", "kWh", 0),
        ("quantity * (1 - rate)", "kWh", 1),
        ("quantity / hours", "kW", 1),
        ("quantity - 0", "kWh", 1),
        ("0", "any", None),
        ("0 * quantity", "any", None),
        ("where(item == 'a', quantity, 0)", "kWh", 1),
        ("where(rate > 0.5, quantity * 2, quantity)", "kWh", 1),
        ("quantity * where(country != 'KEN', share[item], 1)", "kWh", 1),
        ("min(max(rate - age, 0), 1)", "1", 0),
        ("quantity * min(max(rate - age, 0), 1)", "kWh", 1),
        ("first(share[item], rate)", "1", 0),
        ("power ** 2", "kW2", 0),
        ("power ** -1", "kW-1", 0),
        ("sqrt(power ** 2)", "kW", 0),
        ("rate ** share[item]", "1", 0),
        ("exp(-rate) * log(rate)", "1", 0),
        ("quantity * (rate > 0.5)", "kWh", 1),
        ("quantity * (age == 1)", "kWh", 1),
        ("weibull_survival(age, rate, rate)", "1", 0),
        ("max(0, rate)", "1", 0),
    ],
)
def test_unit_and_degree(text, expected, degree):
    if expected is None:
        assert "joins parts of degree 0 and 1 in quantity" in told(text, SCOPE)
        return
    kind = check(parse(text), SCOPE)
    assert kind.degree == degree
    if expected == "any":
        assert kind.unit is None
    else:
        assert (
            kind.unit is not None
            and kind.unit.dims == unit(expected.replace("kW2", "kW*kW").replace("kW-1", "1/kW")).dims
        )


UNKNOWN = "expected an activity, factor, column, term or function that is known"
DIMENSION = "expected the same dimension on both sides. Convert one of them by a factor with a source."
LINEAR = (
    "expected equal degrees in quantity, so that the term is linear. Multiply each part by quantity, or none."
)
DEGREE_1 = (
    "expected a term that is linear in quantity (degree 1). Use quantity as a plain factor of the whole "
    "term, or make it a "
    "cell term (`each`)."
)
WRONG = {
    "quantity * gird[country, year]": f"the factor `gird` is not known; {UNKNOWN}. Did you mean 'grid'?",
    "quantitty * rate": f"the name `quantitty` is not known; {UNKNOWN}. Did you mean 'quantity'?",
    "quantity * zzz": f"the name `zzz` is not known; {UNKNOWN}. Declare it, or add it to the factor table.",
    "quantity * mni(rate, 1)": f"the function `mni` is not known; {UNKNOWN}. Did you mean 'min'?",
    "quantity * grid[country]": "`grid[country]` has an index of 1; expected `grid[country, year]`. The "
    "index follows the "
    "order of the factor's card.",
    "quantity * power[item]": "`power[item]` has an index of 1; expected `power` without an index. The "
    "index follows the "
    "order of the factor's card.",
    "quantity * grid": "the factor `grid` stands without its index; expected `grid[country, year]`. Write "
    "the index that its "
    "card names.",
    "quantity * country": "the column `country` stands where a number is needed; expected a column with a "
    "unit, or the column "
    "inside an index. Declare a unit for it under `columns:` (`country: {unit: …}`), or use it as an index.",
    "quantity * 'KEN'": "the text 'KEN' stands where a number is needed; expected texts only inside an "
    "index or compared with a "
    "label. Put it into the brackets of a factor, or compare a column with it.",
    "quantity * grid[KEN, year]": "the index `KEN` is neither a column nor an axis; expected a column of "
    "the activity table, an "
    "axis of `over`, or a text in quotes. If it is a label, write it in quotes: 'KEN'.",
    "quantity * grid[cuntry, year]": "the index `cuntry` is neither a column nor an axis; expected a "
    "column of the activity "
    "table, an axis of `over`, or a text in quotes. Did you mean 'country'? If it is a label, write it in "
    "quotes: 'cuntry'.",
    "quantity * grid[country, 2 * year]": "`2 * year` stands in an index; expected a column, an axis, a "
    "text, a number or their "
    "sum. Compute the label in `columns:` and name it here.",
    "quantity + hours": f"`quantity + hours` joins kWh (`quantity`) and h (`hours`); {DIMENSION}",
    "quantity * (rate + power)": f"`rate + power` joins 1 (`rate`) and kW (`power`); {DIMENSION}",
    "quantity + 1": f"`quantity + 1` joins kWh (`quantity`) and 1 (`1`); {DIMENSION}",
    "quantity + power * hours": "`quantity + power * hours` joins parts of degree 0 and 1 in quantity; "
    f"{LINEAR}",
    "where(item == 'a', quantity, power * hours)": "`where(item == 'a', quantity, power * hours)` joins "
    "parts of degree 0 and 1 "
    f"in quantity; {LINEAR}",
    "rate / quantity": f"`quantity` has degree 1 in quantity and stands in a divisor; {DEGREE_1}",
    "quantity ** 2": f"`quantity` has degree 1 in quantity and stands in the base of a power; {DEGREE_1}",
    "rate ** quantity": f"`quantity` has degree 1 in quantity and stands in an exponent; {DEGREE_1}",
    "max(quantity, 0)": "`quantity` has degree 1 in quantity and stands in an argument of a function; "
    f"{DEGREE_1}",
    "sqrt(quantity)": "`quantity` has degree 1 in quantity and stands in an argument of a function; "
    f"{DEGREE_1}",
    "rate * (quantity > 5)": f"`quantity` has degree 1 in quantity and stands in a comparison; {DEGREE_1}",
    "where(quantity, rate, 0)": "`quantity` has degree 1 in quantity and stands in the condition of "
    f"where; {DEGREE_1}",
    "exp(power)": "`power` is in kW; expected a number without unit. Divide or multiply by a factor that "
    "carries the unit.",
    "rate ** power": "`power` is in kW; expected a number without unit. Divide or multiply by a factor "
    "that carries the unit.",
    "power ** 0.5": "`power ** 0.5` raises kW to a power that is not a whole number; expected a base "
    "without unit, or a whole "
    "number as exponent. Divide the base by its reference value first.",
    "power ** rate": "`power ** rate` raises kW to a power that is not a whole number; expected a base "
    "without unit, or a whole "
    "number as exponent. Divide the base by its reference value first.",
    "quantity * (country < 'K')": "`country < 'K'` compares a label; expected `==` or `!=` with a text in "
    "quotes. Labels have no "
    "order.",
    "quantity * (country == rate)": "`country == rate` compares a label; expected `==` or `!=` with a text "
    "in quotes. Labels "
    "have no order.",
    "where(cuntry == 'KEN', rate, 0)": f"the name `cuntry` is not known; {UNKNOWN}. Did you mean 'country'?",
    "quantity * (power > rate)": f"`power > rate` joins kW (`power`) and 1 (`rate`); {DIMENSION}",
    "quantity * min(rate)": "`min(rate)` has 1 arguments; expected at least 2. Add what is missing.",
    "quantity * first(rate)": "`first(rate)` has 1 arguments; expected at least 2. Add what is missing.",
    "quantity * first(rate, power)": f"`first(rate, power)` joins 1 (`rate`) and kW (`power`); {DIMENSION}",
    "quantity * where(rate, 1)": "`where(rate, 1)` has 2 arguments; expected 3. Mend the call.",
    "quantity * exp(rate, rate)": "`exp(rate, rate)` has 2 arguments; expected 1. Mend the call.",
    "quantity * weibull_survival(age, rate)": "`weibull_survival(age, rate)` has 2 arguments; expected 3. "
    "Mend the call.",
    "weibull_survival(hours, rate, rate)": "`weibull_survival(hours, rate, rate)` joins h (`hours`) and 1 "
    f"(`rate`); {DIMENSION}",
    "quantity * min(rate, 1, over=[item])": "`min` has `over`; expected `over` only in sum(x, over=[…]). "
    "Remove it.",
    "items(share)": "`items` stands in a formula; expected `items(factor)` as an axis of `over`. Move it "
    "there.",
    "sum(quantity, over=[item])": "`sum(quantity, over=[item])` sums something that is not an activity or "
    "a term; expected "
    "sum(activity or term, over=[column, …]) in a cell term or an indicator. Give it a term of its own and "
    "sum that.",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_hold(text):
    assert told(text, SCOPE) == WRONG[text]


CELL_WRONG = {
    "sum(rate, over=[item])": "`sum(rate, over=[item])` sums something that is not an activity or a term; "
    "expected sum(activity "
    "or term, over=[column, …]) in a cell term or an indicator. Give it a term of its own and sum that.",
    "sum(it * 2, over=[item])": "`sum(it * 2, over=[item])` sums something that is not an activity or a "
    "term; expected "
    "sum(activity or term, over=[column, …]) in a cell term or an indicator. Give it a term of its own and "
    "sum that.",
    "sum(it, over=[itm])": "`sum(it, over=[itm])` sums over `itm`; expected columns of the activity table. "
    "Did you mean 'item'?",
    "electrcity / it": f"the name `electrcity` is not known; {UNKNOWN}. Did you mean 'electricity'?",
    "electricity + emitted": "`electricity + emitted` joins kWh (`electricity`) and kg CO2e (`emitted`); "
    f"{DIMENSION}",
}


@pytest.mark.parametrize("text", CELL_WRONG)
def test_what_does_not_hold_in_a_cell(text):
    assert told(text, CELL) == CELL_WRONG[text]


def test_a_cell_may_be_any_function_of_its_sums():
    kind = check(parse("max(electricity * (1 - it / sum(electricity, over=[country])), 0)"), CELL)
    assert kind.unit == unit("kWh") and kind.degree == 0


# ---- values

X = np.array([2.0, 1.0, 3.0, -4.0])
Y = np.array([0.5, 0.25, 1.5, 2.0])
F = {("ef", ("KEN", "2023")): np.array([7.0, 6.0, 8.0, 9.0]), ("ef", ("KEN", "2024")): np.array([1.0])}


def names_of(**more: Any) -> Names:
    values = {"x": X, "y": Y, "one": np.array([1.0])}
    at = {"country": "KEN", "year": "2023", "item": "diesel"}
    given = {"labels": at, "values": values, "factor": lambda a: F[a], "held": lambda a: a in F} | more
    return Names(**given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y * 2", X + Y * 2),
        ("-x ** 2", -(X**2)),
        ("(-x) ** 2", X**2),
        ("x - y - 1", X - Y - 1),
        ("x / y", X / Y),
        ("2 ** 3 ** 2", np.array([512.0])),
        ("min(x, y, 1)", np.minimum(np.minimum(X, Y), 1)),
        ("max(x, y)", np.maximum(X, Y)),
        ("exp(y) * log(y) + sqrt(y)", np.exp(Y) * np.log(Y) + np.sqrt(Y)),
        ("(x > y) * 2 + (x <= y)", (X > Y) * 2.0 + (X <= Y)),
        ("where(x > 0, x, y)", np.where(X > 0, X, Y)),
        ("where(x > 0, 1 / max(x, 0), 0)", np.where(X > 0, 1 / np.where(X > 0, X, 1), 0)),
        ("where(item == 'diesel', x, y)", X),
        ("where(item != 'diesel', x, y)", Y),
        ("(item == 'petrol') * x + (country == 'KEN') * y", Y),
        ("ef[country, year]", F["ef", ("KEN", "2023")]),
        ("ef['KEN', year + 1] * x", X),
        ("ef[country, year - 0] - ef[country, 2023]", np.zeros(4)),
        ("first(ef['DEU', year], ef[country, year])", F["ef", ("KEN", "2023")]),
        ("first(ef[country, year] * 2, x)", 2 * F["ef", ("KEN", "2023")]),
        ("weibull_survival(y, 1.5, 5 * one)", np.exp(-((Y / 5) ** 1.5))),
    ],
)
def test_values_against_numpy(text, expected):
    found = evaluate(parse(text), names_of())
    np.testing.assert_allclose(*np.broadcast_arrays(found, expected), rtol=1e-15)


arithmetic = st.recursive(
    st.one_of(st.sampled_from(["x", "y", "one"]), st.floats(0.125, 8).map(lambda v: repr(round(v, 3)))),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(-{t})"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"min({t[0]}, {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"where({t[0]} > {t[1]}, {t[2]}, {t[0]})"),
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(arithmetic)
def test_made_up_formulas_against_numpy(text):
    own = {"x": X, "y": Y, "one": 1.0, "max": np.maximum, "min": np.minimum, "where": np.where}
    expected = eval(text, {"__builtins__": {}}, own)
    found = evaluate(parse(text), names_of())
    np.testing.assert_allclose(*np.broadcast_arrays(found, expected), rtol=1e-14)


def test_division_by_zero_names_the_divisor():
    with pytest.raises(DivisionByZero, match="x - 1"):
        evaluate(parse("y / (x - 1)"), names_of())


def test_a_guarded_division_is_none():
    found = evaluate(parse("where(x == 1, 0, y / (x - 1))"), names_of())
    np.testing.assert_allclose(found, [Y[0] / (X[0] - 1), 0, Y[2] / (X[2] - 1), Y[3] / (X[3] - 1)])


def test_one_draw_of_a_name_wherever_it_stands():
    assert not evaluate(parse("x - x + ef[country, year] - ef[country, 2023]"), names_of()).any()


def test_only_the_branch_that_labels_choose_is_needed():
    tree = parse("where(item == 'diesel', ef[country, year], ef['DEU', 2019])")
    found = needed(tree, {"country": "KEN", "year": "2023", "item": "diesel"}, {}, {}, lambda a: True)
    assert found == [("ef", ("KEN", "2023"))]


def test_of_first_only_the_one_that_is_taken_is_needed():
    tree, at = parse("first(a[item], b[item] * c[item], d[item])"), {"item": "x"}
    for held, expected in (
        ({"a"}, ["a"]),
        ({"b", "c", "d"}, ["b", "c"]),
        ({"b", "d"}, ["d"]),
        (set(), ["d"]),
    ):
        assert [n for n, _ in needed(tree, at, {}, {}, lambda q, held=held: q[0] in held)] == expected


# ---- registered functions


def test_a_function_needs_a_source_and_a_name_of_its_own():
    def taken(a: Any) -> Any:
        """Eq. 1."""
        return a

    taken.__name__ = "min"

    def quiet(a: Any) -> Any:
        return a

    with pytest.raises(ValueError, match="a formula function called 'min' exists already"):
        register(["1"], "1")(taken)
    with pytest.raises(ValueError, match="has no docstring; its first line names the clause or equation"):
        register(["1"], "1")(quiet)


def test_every_shipped_function_is_pure_and_cites():
    for name, function in functions().items():
        assert name not in LANGUAGE and function.call.__doc__
        arguments = [np.full(3, 0.5) for _ in function.arguments]
        first, second = function.call(*arguments), function.call(*arguments)
        np.testing.assert_array_equal(first, second)
        assert np.shape(first) == (3,) and np.isfinite(first).all()
        assert all((a == 0.5).all() for a in arguments)


def test_survival_falls_from_one_to_none():
    age = np.array([-1.0, 0.0, 1.0, 5.0, 200.0])
    found = functions()["weibull_survival"].call(age, 1.5, 5.0)
    assert found[:2].tolist() == [1, 1] and found[-1] == pytest.approx(0, abs=1e-12)
    assert found[3] == pytest.approx(math.exp(-1))


def test_walk_meets_every_node():
    tree = parse("a[b, 'c'] * where(d > 1, -e, sum(f, over=[g]))")
    assert sorted({n.id for n in walk(tree) if isinstance(n, Name)}) == ["b", "d", "e", "f"]
    assert any(isinstance(n, Lookup) and n.factor == "a" for n in walk(tree))
