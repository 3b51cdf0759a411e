"""Method files: what terms may say, and each mistake with its whole message, file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

import netprint
from netprint.errors import InputError

STUDY = """\
title: A study with its own method
method: method.yaml
period: 2023
entity: E
country: KEN
activities: activities.csv
parameters:
  ef: {value: 2, unit: kg CO2e/kWh}
  none: {value: 0, unit: "1"}
by: [site]
draws: 100
"""
ACTIVITIES = """\
activity,quantity,unit,site,item
use,10,kWh,a,x
use,30,kWh,b,y
it,5,kWh,a,
it,20,kWh,b,
"""
HEAD = """\
id: own
activities: {use: kWh, it: kWh}
terms:
"""
TERM = """\
  - id: used
    activity: use
    formula: quantity * ef
    books: {flow: CO2e}
"""

Assess = Callable[..., Any]


@pytest.fixture
def assess(tmp_path: Path) -> Assess:
    """Write a method file, its study and its table, and assess them."""

    def run(method: str, study: str = STUDY, activities: str = ACTIVITIES) -> Any:
        for name, text in (("method.yaml", method), ("study.yaml", study), ("activities.csv", activities)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        return netprint.assess(tmp_path / "study.yaml")

    return run


def term(**changes: str) -> str:
    """The one term with some keys changed, added or (empty) left out."""
    keys = {"id": "used", "activity": "use", "formula": "quantity * ef", "books": "{flow: CO2e}"} | changes
    lines = [f"{key}: {value}" for key, value in keys.items() if value]
    return "  - " + "\n    ".join(lines) + "\n"


def told(assess: Assess, method: str, **more: str) -> list[str]:
    with pytest.raises(InputError) as error:
        assess(method, **more)
    assert str(error.value).startswith(f"{len(error.value.problems)} problem")
    return [str(problem) for problem in error.value.problems]


# ---- what a method may say


def test_its_own_method_and_factors_need_nothing_else(assess):
    result = assess(HEAD + TERM)
    assert {row["site"]: row["point"] for row in result.cells} == {"a": 20, "b": 60}


def test_an_impact_of_its_own_with_its_unit(assess):
    result = assess(HEAD + term(formula="quantity", books="{flow: energy}") + "impacts: {energy: MWh}\n")
    (row,) = result.views["all"]
    assert (row["impact"], row["unit"], row["point"]) == ("energy", "MWh", pytest.approx(0.04))


def test_an_indicator_is_recomputed_for_every_cell_and_never_summed(assess):
    indicator = '  - id: PUE\n    formula: use / it\n    unit: "1"\n'
    fine = assess(HEAD + TERM + indicator)
    assert {row["site"]: row["point"] for row in fine.indicators} == {"a": 2, "b": 1.5, "": 1.6}
    whole = assess(HEAD + TERM + indicator, study=STUDY.replace("by: [site]\n", ""))
    assert {row["point"] for row in whole.indicators} == {1.6}


def test_an_indicator_has_the_distribution_of_its_ratio(assess):
    """Numerator and denominator of one meter share its error: the ratio has none of it."""
    indicator = "  - id: intensity\n    formula: used / use\n    unit: kg CO2e/kWh\n"
    uncertain = (
        ACTIVITIES.replace("item\n", "item,uncertainty\n")
        .replace(",x\n", ",x,20\n")
        .replace(",y\n", ",y,20\n")
    )
    uncertain = uncertain.replace("it,5,kWh,a,", "it,5,kWh,a,,").replace("it,20,kWh,b,", "it,20,kWh,b,,")
    result = assess(HEAD + TERM + indicator, activities=uncertain)
    for row in result.indicators:
        assert (row["low"], row["high"]) == pytest.approx((2, 2))
    assert result.total("inventory")["high"] > 84


def test_an_indicator_over_accounts_and_totals(assess):
    more = term(id="shipped", formula="quantity * ef * 2", books="{flow: CO2e, account: location}")
    indicators = "  - id: per_kwh\n    formula: location_based / use\n    unit: kg CO2e/kWh\n"
    result = assess(HEAD + TERM + more + indicators + "totals: {location-based: [inventory, location]}\n")
    assert [row["point"] for row in result.indicators] == [6, 6, 6]


def test_an_indicator_needs_all_its_parts(assess):
    indicator = '  - id: PUE\n    formula: use / it\n    unit: "1"\n'
    result = assess(HEAD + TERM + indicator, activities=ACTIVITIES.replace("it,20,kWh,b,\n", ""))
    assert [row["site"] for row in result.indicators if row["site"]] == ["a"]


def test_an_indicator_that_divides_by_zero_is_undefined(assess):
    indicator = '  - id: PUE\n    formula: use / it\n    unit: "1"\n'
    result = assess(HEAD + TERM + indicator, activities=ACTIVITIES.replace("it,20", "it,0"))
    assert [(row["site"], row["point"], row["note"]) for row in result.indicators if row["site"]] == [
        ("a", 2, ""),
        ("b", None, "undefined: it is zero"),
    ]


def test_an_indicator_that_is_no_number_is_undefined(assess):
    indicator = '  - id: log_it\n    formula: log(it / use - 0.6)\n    unit: "1"\n'
    (a, b, _) = assess(HEAD + TERM + indicator).indicators
    assert (a["point"], a["note"]) == (None, "undefined: it is not a finite number")
    assert b["point"] == pytest.approx(np.log(20 / 30 - 0.6))


CELL = "  - id: lost\n    each: [entity, site, year]\n    formula: {}\n    books: {{flow: CO2e, category: losses}}\n"


def test_a_cell_term_is_computed_for_each_cell_and_then_summed(assess):
    result = assess(
        HEAD + TERM + CELL.format("max(use - 3 * it, 0) * ef"), study=STUDY.replace("[site]", "[category]")
    )
    assert result.cells.one(category="losses")["point"] == 0
    result = assess(
        HEAD + TERM + CELL.format("max(use - it, 0) * ef"), study=STUDY.replace("[site]", "[category]")
    )
    assert result.cells.one(category="losses")["point"] == 2 * (5 + 10)
    assert result.total("inventory")["point"] == 2 * (40 + 15)


def test_a_cell_term_may_use_a_sum_over_more_than_its_cell(assess):
    share = "use * ef * it / sum(it, over=[site])"
    result = assess(HEAD + TERM + CELL.format(share), study=STUDY.replace("[site]", "[category, site]"))
    found = {row["site"]: row["point"] for row in result.cells if row["category"] == "losses"}
    assert found == pytest.approx({"a": 10 * 2 * 5 / 25, "b": 30 * 2 * 20 / 25})


def test_cell_terms_may_need_each_other_in_any_order(assess):
    chain = """\
  - id: last
    each: [entity, year]
    formula: middle * ef
    books: {flow: CO2e, category: chain}
  - id: middle
    each: [entity, site, year]
    formula: begun + it
    unit: kWh
  - id: begun
    each: [entity, site, item, year]
    formula: use * 2
    unit: kWh
"""
    result = assess(HEAD + chain)
    assert result.total("inventory")["point"] == 2 * (2 * 40 + 25)


def test_a_cell_without_a_part_counts_it_as_none(assess):
    """In a cell term a sum over nothing is zero: an unmatched instrument, a site without generation."""
    result = assess(
        HEAD + CELL.format("(use + it) * ef"), activities=ACTIVITIES.replace("it,20,kWh,b,\n", "")
    )
    assert {row["site"]: row["point"] for row in result.cells} == {"a": 30, "b": 60}


# ---- columns


def test_computed_columns(assess):
    columns = """\
columns:
  hour: hour(time)
  season: where(month(time) > 6, 'dry', 'wet')
  peak: where(hour(time) >= 18, 'yes', 'no')
"""
    activities = """\
activity,quantity,unit,time
use,10,kWh,2023-03-01T17:30Z
use,30,kWh,2023-08-01T18:00Z
use,5,kWh,2023-08-01T23:59+02:00
"""
    result = assess(
        HEAD + TERM + columns, activities=activities, study=STUDY.replace("[site]", "[hour, season, peak]")
    )
    found = {(row["hour"], row["season"], row["peak"]): row["point"] for row in result.cells}
    assert found == {("17", "wet", "no"): 20, ("18", "dry", "yes"): 60, ("21", "dry", "yes"): 10}


def test_a_column_of_a_study_indexes_a_factor(assess):
    study = (
        STUDY.replace("[site]", "[year]")
        + """\
columns: {month: month(time)}
factors: monthly.csv
"""
    )
    method = HEAD + term(formula="quantity * monthly[month]")
    activities = "activity,quantity,unit,time\nuse,10,kWh,2023-03-01\nuse,30,kWh,2023-08-01\n"
    path = Path(assess.__closure__[0].cell_contents)  # type: ignore[attr-defined]
    (path / "monthly.csv").write_text(
        "factor,month,value,unit\nmonthly,3,1,kg CO2e/kWh\nmonthly,8,2,kg CO2e/kWh\n"
    )
    assert assess(method, study=study, activities=activities).total("inventory")["point"] == 70


def test_numeric_columns_with_their_unit(assess):
    method = HEAD.replace("use: kWh", "use: piece") + term(formula="quantity * power * hours * ef")
    method += "columns: {power: {unit: W}, hours: {unit: h}}\n"
    activities = "activity,quantity,unit,site,power,hours\n"
    activities += "use,3,piece,a,200,10\nuse,1,piece,a,100,\nuse,2,piece,b,50,4\n"
    with pytest.raises(InputError):
        assess(method, activities=activities.replace("200", "2oo"))
    filled = activities.replace("100,\n", "100,20\n")
    result = assess(method, activities=filled)
    assert {row["site"]: row["point"] for row in result.cells} == pytest.approx(
        {"a": 2 * (6 + 2), "b": 2 * 0.4}
    )


# ---- mistakes

COMMON = "expected an activity, factor, column, term or function that is known"
ACCOUNTS = (
    "inventory, location, market, biogenic, non_kyoto, first_order, second_order, higher_order, removals, "
    "credits, adaptation"
)
MEND_FLOW = "Mend the formula, or declare the flow and its unit under `impacts:`."
KEYS = "one of activity, books, cites, equals, formula, id, note, over, status, title, unit, valid, warn"
AXES = "expected a list, a range like 0..30 or items(factor). Write for example `gas: [CO2, N2O]`."

MISTAKES: dict[str, tuple[str, list[str]]] = {
    "a key that is not known": (
        HEAD + term(formla="1") + "foo: 1\n",
        [
            f"method.yaml:8, terms.0.formla: the key `formla` is not known here; expected {KEYS}. Did you "
            "mean 'formula'?",
            "method.yaml:9, foo: the key `foo` is not known here; expected one of activities, cites, "
            "columns, fields, id, "
            "impacts, includes, note, prepare, rules, terms, title, totals. Remove it.",
        ],
    ),
    "no formula": (
        HEAD + term(formula=""),
        ["method.yaml:4, terms.0.formula: `formula` is missing; expected a value. Add a line `formula: …`."],
    ),
    "no id": (
        HEAD + term(id=""),
        ["method.yaml:4, terms.0.id: `id` is missing; expected a value. Add a line `id: …`."],
    ),
    "an id that is no name": (
        HEAD + term(id="scope-2"),
        [
            "method.yaml:4, terms.0.id: 'scope-2' is no name for formulas; expected letters, digits and _, "
            "not beginning with "
            "a digit. Rename it."
        ],
    ),
    "both activity and each": (
        HEAD + term(each="[entity]"),
        [
            "method.yaml:8, terms.0.each: the term has both `activity` and `each`; expected one of them. "
            "Rows feed `activity`; "
            "cells feed `each`."
        ],
    ),
    "a status": (
        HEAD + term(status="checked"),
        ["method.yaml:8, terms.0.status: `status` is 'checked'; expected verified or provisional. Use one "
        "of these."],
    ),
    "a book": (
        HEAD + term(books="{flow: CO2e, scop: 2}"),
        [
            "method.yaml:7, terms.0.books: the term books 'scop'; expected flow, account, scope, category, "
            "stage, year, approach, quality. "
            "Did you mean 'scope'?"
        ],
    ),
    "an account": (
        HEAD + term(books="{flow: CO2e, account: locaton}"),
        [f"method.yaml:7, terms.0.books: the account 'locaton' is not known; expected {ACCOUNTS}. Did you "
        "mean 'location'?"],
    ),
    "an account in a total": (
        HEAD + TERM + "totals: {location-based: [inventory, locatoin], market: [inventory]}\n",
        [
            f"method.yaml:8, totals: the total 'location-based' adds 'locatoin'; expected {ACCOUNTS}. Did "
            "you mean 'location'?",
            "method.yaml:8, totals: the total 'market' is called like an account; expected a name of its "
            "own. Rename it.",
        ],
    ),
    "axes": (
        HEAD + term(over="{age: 0..x, gas: 5, b: [], c: 5..1}"),
        [
            f"method.yaml:8, terms.0.over: the axis age: '0..x'; {AXES}",
            f"method.yaml:8, terms.0.over: the axis gas: 5; {AXES}",
            f"method.yaml:8, terms.0.over: the axis b: []; {AXES}",
            f"method.yaml:8, terms.0.over: the axis c: '5..1'; {AXES}",
        ],
    ),
    "items of a factor without that index": (
        HEAD + term(over="{part: items(ef)}"),
        [
            "method.yaml:4, used.over.part: items(ef) has no index `part`; expected a factor whose card "
            "has the index `part`. "
            "Did you mean 'ef'?"
        ],
    ),
    "an activity": (
        HEAD + term(activity="uze"),
        [
            "method.yaml:4, used.activity: the activity 'uze' is not known; expected an activity of the "
            "catalogue, or one "
            "declared with its unit under `activities:`. Did you mean 'use'?"
        ],
    ),
    "the unit of an activity": (
        HEAD.replace("it: kWh", "it: kWhh") + TERM,
        [
            "method.yaml, activities.it: 'kWhh' is not a known unit; expected a unit such as kWh, kg CO2e, "
            "GB, m3 or USD2022. "
            "Did you mean 'kWh' or 'Wh' or 'kW'?"
        ],
    ),
    "the unit declared": (
        HEAD + term(unit="kWh"),
        ["method.yaml:4, used.unit: the formula gives kg CO2e; expected the unit declared, kWh. Mend one "
        "of them."],
    ),
    "the unit of the flow CO2e": (
        HEAD + term(formula="quantity"),
        ["method.yaml:4, used.formula: the formula gives kWh and books the flow CO2e; expected kg CO2e "
        f"(or kg). {MEND_FLOW}"],
    ),
    "the unit of a gas": (
        HEAD + term(books="{flow: CO2}"),
        ["method.yaml:4, used.formula: the formula gives kg CO2e and books the flow CO2; expected kg. "
        f"{MEND_FLOW}"],
    ),
    "the unit of an impact": (
        HEAD + term(books="{flow: energy}") + "impacts: {energy: MWh}\n",
        ["method.yaml:4, used.formula: the formula gives kg CO2e and books the flow energy; expected MWh. "
        f"{MEND_FLOW}"],
    ),
    "no quantity": (
        HEAD + term(formula="ef", books=""),
        [
            "method.yaml:4, used.formula: `ef` has degree 0 in quantity; expected degree 1: the term is "
            "linear in quantity. "
            "Write quantity exactly once in each product, or make it a cell term (`each`)."
        ],
    ),
    "quantity twice": (
        HEAD + term(formula="quantity * ef * quantity", books=""),
        [
            "method.yaml:4, used.formula: `quantity * ef * quantity` has degree 2 in quantity; expected "
            "degree 1: the term is "
            "linear in quantity. Write quantity exactly once in each product, or make it a cell term "
            "(`each`)."
        ],
    ),
    "the same term twice": (
        HEAD + TERM + term(formula="quantity * ef * 2"),
        ["method.yaml:8, used.id: 'used' stands twice (method.yaml:4); expected one term of that name. "
        "Rename one of them."],
    ),
    "names of others": (
        HEAD + term(id="ef") + term(id="min", formula="quantity * ef * 3") + term(id="use"),
        [
            "method.yaml:4, ef.id: 'ef' is also a factor; expected a name of its own. Rename the term.",
            "method.yaml:8, min.id: 'min' is also a function; expected a name of its own. Rename the term.",
            "method.yaml:12, use.id: 'use' is also an activity; expected a name of its own. Rename the term.",
        ],
    ),
    "a column called like a parameter": (
        HEAD + TERM + "columns: {ef: \"where(item == 'x', 1, 2)\"}\n",
        ["study.yaml, ef: 'ef' is a factor and also a column; expected a name of its own. Rename one of "
        "them."],
    ),
    "a column in place of the quantity": (
        HEAD + TERM + 'columns: {quantity: "1"}\n',
        [
            "study.yaml, columns.quantity: the column `quantity` is computed; expected a name that the "
            "engine does not keep for "
            "itself. Give it another name."
        ],
    ),
    "what a column cannot say": (
        HEAD + TERM + "columns: {a: 'hour(time', b: 'grid_direct[country]', c: {unit: xx}, d: 'hours(time)'}\n",
        [
            "method.yaml:8, columns.a: `hour(time` is not a formula at column 5; expected numbers, names, "
            "factor[index], "
            "+ - * / **, comparisons and the functions of the formula language. Check brackets, commas and "
            "operators.",
            "study.yaml, columns.b: `grid_direct[country]` stands in a column; expected columns, texts and "
            "numbers of the same "
            "row. Use it in a term.",
            "study.yaml, columns.c: 'xx' is not a known unit; expected a unit such as kWh, kg CO2e, GB, m3 "
            "or USD2022. "
            "A count of things has the unit 1.",
            "study.yaml, columns.d: `hours` is no function of one row; expected where, place, hour, month, "
            "weekday, hour_of_year, min, "
            "max, exp, log, sqrt. Did you mean 'hour'?",
        ],
    ),
    "an indicator that books": (
        HEAD + TERM + "  - id: PUE\n    formula: use / it\n    books: {flow: CO2e}\n",
        [
            "method.yaml:8, PUE.books: an indicator books something; expected no `books`. Give the term an "
            "`activity` or "
            "`each`."
        ],
    ),
    "the unit of an indicator": (
        HEAD + TERM + "  - id: PUE\n    formula: use / it\n    unit: kWh\n",
        ["method.yaml:8, PUE.unit: the formula gives 1; expected the unit declared, kWh. Mend one of them."],
    ),
    "an indicator of quantity": (
        HEAD + TERM + "  - id: PUE\n    formula: quantity / it\n",
        [f"method.yaml:8, PUE.formula: the name `quantity` is not known; {COMMON}. Did you mean 'entity' "
        "or 'activity'?"],
    ),
    "cell terms that need each other": (
        HEAD
        + TERM
        + "  - id: a\n    each: [entity]\n    formula: b * 2\n    unit: kWh\n"
        + "  - id: b\n    each: [entity]\n    formula: a + use\n    unit: kWh\n",
        [
            "method.yaml:8, a.formula: the cell terms a, b need each other; expected terms that can be "
            "computed one after the "
            "other. Break the circle.",
            "method.yaml:12, b.formula: the cell terms a, b need each other; expected terms that can be "
            "computed one after the "
            "other. Break the circle.",
        ],
    ),
    "a term that divides by zero": (
        HEAD + term(formula="quantity * ef / none"),
        [
            "method.yaml:4, used.formula: `quantity * ef / none` divides by `none`, which is zero at every "
            "row; expected a "
            "divisor that is not zero. Mend the factor or column, or guard it with where(divisor > 0, …, …)."
        ],
    ),
    "a name in a cell term": (
        HEAD + TERM + CELL.format("use * ef * use / (it - one_kwh)"),
        [
            f"method.yaml:8, lost.formula: the name `one_kwh` is not known; {COMMON}. Declare it, or add "
            "it to the factor table."
        ],
    ),
    "a cell term that is undefined in a cell": (
        HEAD + TERM + CELL.format("use * ef / (it / use - 0.5)"),
        [
            "method.yaml:8, lost.formula: `use * ef / (it / use - 0.5)` is undefined at entity = E, site = "
            "a, year = 2023: "
            "it / use - 0.5 is zero; expected a finite number in every draw. Mend the activity data, or "
            "guard it with "
            "where(divisor > 0, …, …)."
        ],
    ),
    "a year of labels that are none": (
        HEAD + term(books="{flow: CO2e, year: yaer + 1}"),
        [
            "method.yaml:4, used.formula: `yaer` is '' and stands in arithmetic; expected a whole number "
            "in every row. "
            "Fill the column, or compute it under `columns:`."
        ],
    ),
    "no mapping": (
        "- a\n",
        ["method.yaml:1: the file holds no keys; expected a method as `key: value` lines. Begin with a "
        "title."],
    ),
    "nothing": (
        "",
        ["method.yaml:1: the file holds no keys; expected a method as `key: value` lines. Begin with a "
        "title."],
    ),
    "terms that are no list": (
        "id: own\nterms: 3\n",
        ["method.yaml:2, terms: `terms` is no list; expected a list of `- key: value` blocks. Begin each "
        "entry with a dash."],
    ),
    "a term that is no mapping": (
        "id: own\nterms: [3]\n",
        ["method.yaml:2, terms: entry 1 of `terms` is 3; expected `key: value` lines. Mend the entry."],
    ),
    "an include": (
        HEAD + TERM + "includes: [qqqq]\n",
        [
            "method.yaml:8, method: the method 'qqqq' is neither in the catalogue nor a file "
            "beside the study; expected "
            "an id like ghgp-corporate or a path to a method file. See `netprint methods list`."
        ],
    ),
    "an activity of the catalogue in another dimension": (
        HEAD.replace("it: kWh", "it: kWh, electricity: kg") + TERM,
        [
            "method.yaml:2, activities.electricity: the activity 'electricity' is given in kg, and the catalogue "
            "has it in kWh; expected a unit like kWh, or another name. Declare it under a name of its own."
        ],
    ),
    "the keys of a column": (
        HEAD + TERM + "columns:\n  load: {unti: kWh}\n",
        [
            "method.yaml:9, columns.load.unti: the key `unti` is not known here; expected one of formula, unit. "
            "Did you mean 'unit'?"
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_method(assess, name):
    method, messages = MISTAKES[name]
    assert sorted(told(assess, method)) == sorted(messages)


def test_all_mistakes_are_listed_at_once(assess):
    method = HEAD + term(status="checked", books="{flow: CO2e, scop: 2}") + term(id="a-b") + "foo: 1\n"
    study = STUDY.replace("by: [site]", "gaps: ignore")
    found = told(assess, method, study=study)
    assert [problem.split(": ")[0] for problem in found] == [
        "method.yaml:7, terms.0.books",
        "method.yaml:8, terms.0.status",
        "method.yaml:9, terms.1.id",
        "method.yaml:13, foo",
        "study.yaml:10, gaps",
    ]


def test_methods_of_the_catalogue_hold(tmp_path):
    """Every shipped method loads, is planned and assesses a row."""
    from netprint.load.method import shipped

    for name in shipped().keys() - {"itu-t-l1480"}:  # only for studies of effects, see test_effect.py
        (tmp_path / "study.yaml").write_text(
            dedent(f"""\
            title: {name}
            method: {name}
            period: 2023
            entity: E
            activities: a.csv
            gaps: report
            draws: 100
            """)
        )
        (tmp_path / "a.csv").write_text("activity,country,quantity,unit\nelectricity,KEN,1,MWh\n")
        assert netprint.assess(tmp_path / "study.yaml").tags["terms"]


def test_an_included_method_keeps_its_fields_and_note(tmp_path):
    from netprint.errors import Problems
    from netprint.load.method import load_method

    (tmp_path / "base.yaml").write_text("id: base\nfields: [boundary, contact]\nnote: Of the base.\n")
    top = "id: top\nfields: [organisation, boundary]\nnote: Of the top.\nincludes: [base.yaml]\n"
    (tmp_path / "top.yaml").write_text(top)
    problems = Problems()
    method = load_method(tmp_path / "top.yaml", problems)
    assert method is not None and not len(problems)
    assert method.fields == ("boundary", "contact", "organisation")
    assert method.note == "Of the top.\n\nOf the base."
