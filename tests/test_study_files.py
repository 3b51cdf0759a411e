"""Study files: each mistake with its whole message, file and line; several at once; factors and cards beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netprint
from netprint.errors import InputError

STUDY = """\
title: A study for its mistakes
method: method.yaml
period: 2023
entity: E
country: KEN
activities: activities.csv
parameters:
  ef: {value: 2, unit: kg CO2e/kWh}
draws: 100
"""
METHOD = """\
id: own
activities: {use: kWh}
terms:
  - id: used
    activity: use
    formula: quantity * ef
    books: {flow: CO2e}
"""
FILES = {"study.yaml": STUDY, "method.yaml": METHOD, "activities.csv": "activity,quantity,unit\nuse,10,kWh\n"}
Assess = Callable[..., Any]


@pytest.fixture
def assess(tmp_path: Path) -> Assess:
    """Write the three files, as changed, and assess them. ``more``: other files, a double underscore for the dot."""

    def run(study: str = STUDY, **more: str) -> Any:
        folder = tmp_path / "study"
        folder.mkdir(exist_ok=True)
        given = FILES | {"study.yaml": study} | {name.replace("__", "."): text for name, text in more.items()}
        for name, text in given.items():
            (folder / name).write_text(text, encoding="utf-8")
        return netprint.assess(folder / "study.yaml")

    return run


#: The keys of a study, which are too many to repeat in each message.
_KEYS = re.compile(r"expected one of activities, base_year, [a-z_, ]+\. ")


def told(assess: Assess, study: str, **more: str) -> list[str]:
    with pytest.raises(InputError) as error:
        assess(study, **more)
    return [_KEYS.sub("expected one of …. ", str(problem)) for problem in error.value.problems]


STUDY_KEYS = "one of …"
LANGUAGE = "numbers, names, factor[index], + - * / **, comparisons and the functions of the formula language"
PARAMETER_KEYS = (
    "distribution, factor, gsd, licence, max, min, note, p2_5, p97_5, page, points, source, statistic, "
    "status, unit, valid_from, valid_to, value"
)
COMMON = "expected an activity, factor, column, term or function that is known"

MISTAKES: dict[str, tuple[str, list[str]]] = {
    "a key that is not known": (
        STUDY + "perido: 3\nmethods: x\nfoo: 1\n",
        [
            f"study.yaml:10, perido: the key `perido` is not known here; expected {STUDY_KEYS}. Did you "
            "mean 'period'?",
            f"study.yaml:11, methods: the key `methods` is not known here; expected {STUDY_KEYS}. Did you "
            "mean 'method'?",
            f"study.yaml:12, foo: the key `foo` is not known here; expected {STUDY_KEYS}. Remove it.",
        ],
    ),
    "what must be there": (
        "gwp: AR6\n",
        [
            f"study.yaml:1, {key}: `{key}` is missing; expected a value. Add a line `{key}: …`."
            for key in ("activities", "method", "period", "title")
        ],
    ),
    "choices": (
        STUDY + "kind: inventry\ngwp: AR7\ngaps: ignore\nconsolidation: equity\n",
        [
            "study.yaml:10, kind: `kind` is 'inventry'; expected inventory or effect or account. Did you "
            "mean 'inventory'?",
            "study.yaml:11, gwp: `gwp` is 'AR7'; expected AR4 or AR5 or AR6. Did you mean 'AR6' or 'AR5' "
            "or 'AR4'?",
            "study.yaml:12, gaps: `gaps` is 'ignore'; expected error or report. Use one of these.",
            "study.yaml:13, consolidation: `consolidation` is 'equity'; expected operational control or "
            "financial control or "
            "equity share. Did you mean 'equity share'?",
        ],
    ),
    "a period that ends before it begins": (
        STUDY.replace("2023", "2023..2019"),
        ["study.yaml:3, period: the period ends in 2019, before it begins in 2023; expected first..last. "
        "Swap the years."],
    ),
    "a period in words": (
        STUDY.replace("2023", "last year"),
        [
            "study.yaml:3, period: `period` is 'last year'; expected a year or years like 2019..2023. "
            "Write the first and the "
            "last year."
        ],
    ),
    "whole numbers": (
        STUDY.replace("draws: 100", "draws: 5") + "seed: -1\nbase_year: 1850\n",
        [
            "study.yaml:9, draws: `draws` is 5; expected a whole number from 100 to 1000000. Mend the "
            "number.",
            "study.yaml:10, seed: `seed` is -1; expected a whole number from 0 to 9007199254740992. Mend "
            "the number.",
            "study.yaml:11, base_year: `base_year` is 1850; expected a whole number from 1990 to 2100. "
            "Mend the number.",
        ],
    ),
    "a number in words": (
        STUDY.replace("draws: 100", "draws: many"),
        ["study.yaml:9, draws: `draws` is 'many'; expected a whole number from 100 to 1000000. Mend the "
        "number."],
    ),
    "a method of the catalogue": (
        STUDY.replace("method.yaml", "qqqq"),
        [
            "study.yaml:2, method: the method 'qqqq' is neither in the catalogue nor a file beside "
            "the study; expected an "
            "id like ghgp-corporate or a path to a method file. See `netprint methods list`."
        ],
    ),
    "a method file": (
        STUDY.replace("method.yaml", "methods.yml"),
        [
            "study.yaml:2, method: the method 'methods.yml' is neither in the catalogue nor a file beside "
            "the study; expected an "
            "id like ghgp-corporate or a path to a method file. See `netprint methods list`."
        ],
    ),
    "a factor table": (
        STUDY + "factors: own.csv\n",
        ["study.yaml:10, factors: the table 'own.csv' does not exist; expected a CSV file beside the "
        "study. Check the name."],
    ),
    "a table of activities": (
        STUDY.replace("activities.csv", "activity.csv"),
        ["activity.csv: no such file; expected a file that can be read. Did you mean 'activities.csv'?"],
    ),
    "the keys of a parameter": (
        STUDY.replace("{value: 2,", "{value: 2, itm: x,"),
        [
            "method.yaml:4, used.formula: the factor `ef` stands without its index; expected `ef[itm]`. "
            "Write the index that its "
            "card names.",
            f"study.yaml:7, parameters: the parameter ef has the key `itm`; expected {PARAMETER_KEYS}. "
            "Mend the key.",
        ],
    ),
    "a parameter without a value": (
        STUDY.replace("{value: 2, ", "{"),
        [
            "study.yaml:8, value: the value is empty; expected a number, or a formula that starts with =. "
            "Leave the row out where "
            "the value is not known: absence is not zero."
        ],
    ),
    "a parameter without a unit": (
        STUDY.replace("{value: 2, unit: kg CO2e/kWh}", "2"),
        [
            "method.yaml:4, used.formula: the formula gives kWh and books the flow CO2e; expected kg CO2e "
            "(or kg). Mend the "
            "formula, or declare the flow and its unit under `impacts:`."
        ],
    ),
    "parameters in a list": (
        STUDY.replace("\n  ef: {value: 2, unit: kg CO2e/kWh}", " [ef]"),
        [
            f"method.yaml:4, used.formula: the name `ef` is not known; {COMMON}. Declare it, or add it to "
            "the factor table.",
            "study.yaml:7, parameters: `parameters` is ['ef']; expected `name: value` lines. Write one "
            "name a line.",
        ],
    ),
    "sensitivities": (
        STUDY
        + "sensitivities:\n  - id: a\n    factors: {ef: 'ef *', eff: '2'}\n"
        + "  - id: b\n    factors: {ef: ef * eff}\n    fo: 1\n"
        + "  - id: c\n    factors: {ef: '2'}\n",
        [
            f"study.yaml:12, sensitivities.0.factors.ef: `ef *` is not a formula; expected {LANGUAGE}. "
            "Check brackets, commas and "
            "operators.",
            "study.yaml:12, sensitivities.0.factors.eff: the factor `eff` is not known; expected a factor "
            "of the study or the "
            "catalogue. Did you mean 'ef'?",
            f"study.yaml:14, sensitivities.1.factors.ef: the name `eff` is not known; {COMMON}. Did you "
            "mean 'ef'?",
            "study.yaml:15, sensitivities.1.fo: the key `fo` is not known here; expected one of factors, "
            "id, select, times, "
            "title. Remove it.",
            "study.yaml:17, sensitivities.2.factors.ef: the formula gives 1; expected the unit of the "
            "factor, kg CO2e/kWh. "
            "Mend the formula or the unit.",
        ],
    ),
    "what was reported": (
        STUDY + "reported:\n  - year: 2023\n    value: 1,000\n",
        ["study.yaml:12, reported.0.value: `value` is '1,000'; expected a number. Write it without "
        "separators."],
    ),
    "completeness": (
        STUDY + "completeness: {site: none}\n",
        [
            "study.yaml:10, completeness: `completeness` is {'site': 'none'}; expected a share like 0.97, "
            "or `site: 1200`. "
            "State how much there should be."
        ],
    ),
    "a repeated key": (
        STUDY + "title: again\n",
        [
            "study.yaml:10, title: the key 'title' is given again, first on line 1; expected each key "
            "once. Delete or rename one "
            "of the two."
        ],
    ),
    "cards": (
        STUDY + "cards:\n  - {factor: g, unit: kgg, index: country, fallback: year near, correlation: 2}\n",
        [
            "study.yaml:11, correlation: the correlation is '2'; expected a number from 0 to 1. It says how much "
            "of a factor's error "
            "its years share.",
            "study.yaml:11, fallback: the fallback 'near' is not known; expected year group world. Use these, "
            "nearest first.",
            "study.yaml:11, unit: 'kgg' is not a known unit; expected a unit such as kWh, kg CO2e, GB, m3 or "
            "USD2022. "
            "Did you mean 'kg' or 'Gg' or 'KGS'?",
        ],
    ),
    "a root in a study file": (
        STUDY + "root: elsewhere\n",
        [
            "study.yaml:10, root: `root` stands in a study file; expected no such line: the tables of a study "
            "file lie in its own folder. Take the line out, and keep the tables beside the study."
        ],
    ),
    "a base year outside the period": (
        STUDY + "base_year: 2019\n",
        [
            "study.yaml:10, base_year: the base year 2019 lies outside the period 2023..2023; expected a year "
            "of the period. Extend the period to the base year, with its activity data, or name another year."
        ],
    ),
    "the keys of a column": (
        STUDY + "columns:\n  load: {unti: kWh}\n",
        [
            "study.yaml:11, columns.load.unti: the key `unti` is not known here; expected one of formula, unit. "
            "Did you mean 'unit'?"
        ],
    ),
    "the keys of a card, and a card that is none": (
        STUDY + "cards:\n  - {factor: g, unit: kg, fallbck: year}\n  - h\n",
        [
            "study.yaml:11, cards.0.fallbck: the key `fallbck` is not known here; expected one of factor, unit, "
            "index, kind, boundary, fallback, correlation, title, note. Did you mean 'fallback'?",
            "study.yaml:12, cards.1: entry 2 of `cards` is 'h'; expected `key: value` lines. Write the card as "
            "`factor: …`, `unit: …`, `index: …`.",
        ],
    ),
    "two cards of one factor": (
        STUDY + "cards:\n  - {factor: g, unit: kg}\n  - {factor: g, unit: kWh}\n",
        [
            "study.yaml:12, factor: the factor 'g' has a card already; expected one card for each factor. "
            "Remove one of them."
        ],
    ),
    "two sensitivities of one id": (
        STUDY + "sensitivities:\n  - {id: a, times: 2}\n  - {id: a, times: 3}\n",
        [
            "study.yaml:12, sensitivities.1.id: the id 'a' stands twice under `sensitivities`; expected an id of "
            "its own for each. Rename one of them."
        ],
    ),
    "sensitivities that change nothing": (
        STUDY + "sensitivities:\n  - id: a\n  - id: b\n    select: site == 'x'\n    factors: {ef: ef * 2}\n",
        [
            "study.yaml:11, sensitivities.0.id: 'a' changes nothing; expected `times` (with or without `select`) "
            "or `factors`. Say what it multiplies, or which factor it replaces.",
            "study.yaml:13, sensitivities.1.select: `select` stands without `times`; expected `times`, by which "
            "the selected rows are multiplied. Add `times`, or take `select` out: `factors` holds for all rows.",
        ],
    ),
    "a selector that selects nothing": (
        STUDY + "sensitivities:\n  - id: a\n    select: 1 + 1\n    times: 2\n",
        [
            "study.yaml:12, sensitivities.0.select: `select` is '1 + 1'; expected comparisons of a column with a "
            "text, joined by * (and) or + (or). Write for example (country == 'KEN') * (scope == '2'): a selector "
            "compares columns with texts."
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_study(assess, name):
    study, messages = MISTAKES[name]
    assert told(assess, study) == messages


def test_the_keys_that_a_study_may_have(assess):
    with pytest.raises(InputError) as error:
        assess(STUDY + "foo: 1\n")
    (problem,) = error.value.problems
    keys = problem.expected.removeprefix("one of ").split(", ")
    assert keys == sorted(keys)
    assert {
        "title",
        "kind",
        "method",
        "period",
        "base_year",
        "activities",
        "factors",
        "entities",
        "by",
        "gwp",
    } < set(keys)


def test_a_study_that_is_not_there(tmp_path):
    with pytest.raises(InputError) as error:
        netprint.assess(tmp_path / "study.yaml")
    assert str(error.value) == (
        "1 problem in the input; nothing was computed.\n"
        f"  {tmp_path / 'study.yaml'}: the study file does not exist; expected a YAML file. Check the "
        "path, or begin one with "
        "`netprint new inventory`."
    )


@pytest.mark.parametrize("key", ["factors", "method", "cards"])
def test_files_outside_the_folder_are_refused(assess, tmp_path, key):
    (tmp_path / "outside.txt").write_text(METHOD if key == "method" else "factor,value,unit\nf,1,1\n")
    study = (
        STUDY.replace("method: method.yaml", "method: ../outside.txt")
        if key == "method"
        else STUDY + f"{key}: ../outside.txt\n"
    )
    line = 2 if key == "method" else 10
    assert (
        f"study.yaml:{line}, {key}: the path '../outside.txt' leaves the study's folder; "
        "expected a file inside it. Copy the file beside the study."
    ) in told(assess, study)


def test_activities_outside_the_folder_are_refused(assess, tmp_path):
    (tmp_path / "outside.csv").write_text(FILES["activities.csv"])
    assert told(assess, STUDY.replace("activities.csv", "../outside.csv")) == [
        "../outside.csv: a path that leads out of the study's folder; expected a file inside it, given by "
        "a path relative to the "
        "study. Put the file into the study's folder."
    ]


def test_all_mistakes_of_all_files_are_listed_at_once(assess):
    found = told(
        assess,
        STUDY + "factors: own.csv\ngaps: no\n",
        own__csv="factor,country,value,unit\ngrid,KEN,x,kg/kWh\ngrid,DEU,1,kg/kWhh\n",
        method__yaml=METHOD.replace("quantity * ef", "quantity * eff"),
    )
    assert [message.split(": ")[0] for message in found] == [
        "method.yaml:4, used.formula",
        "own.csv:2, value",
        "own.csv:3, unit",
        "study.yaml:11, gaps",
    ]


# ---- own factors


def test_own_factors_and_cards_beside_the_study(assess):
    files = {
        "own__csv": "factor,country,year,value,unit,gsd\ngrid_of,KEN,2020,0.5,kg CO2e/kWh,1.1\n",
        "cards__csv": "factor,unit,index,fallback\ngrid_of,kg CO2e/kWh,country year,year\n",
        "method__yaml": METHOD.replace("ef", "grid_of[country, year]"),
    }
    result = assess(STUDY + "factors: own.csv\n", **files)
    assert result.total("inventory")["point"] == 5
    assert next(iter(result.lines))["factors"] == "grid_of[KEN, 2020] (proxy, lag 3)"


def test_without_a_card_an_own_factor_has_its_filled_columns_and_no_fallback(assess):
    own = "factor,country,year,item,value,unit\ngrid_of,KEN,2020,,0.5,kg CO2e/kWh\n"
    method = METHOD.replace("ef", "grid_of[country, year]")
    with pytest.raises(netprint.errors.GapError) as error:
        assess(STUDY + "factors: own.csv\n", own__csv=own, method__yaml=method)
    assert error.value.gaps == (
        "grid_of[KEN, 2023], needed by the term used for 10 kWh; nearest known: grid_of[KEN, 2020]",
    )


def test_mistakes_in_own_factors(assess):
    rows = [
        "grid_direct,KEN,x,kg/kWh,,",
        "grid_direct,KEN,1,kg/kWh,0.5,",
        "grid_direct,DEU,1,kg/kWh,,",
        "grid_direct,DEU,2,kg/kWh,,",
        "grid_direct,FRA,2,kg/kWh,,a note",
        ",FRA,2,kg/kWh,,",
    ]
    own = "factor,country,value,unit,gsd,note\n" + "\n".join(rows) + "\n"
    assert told(assess, STUDY + "factors: own.csv\n", own__csv=own) == [
        "own.csv:2, value: 'x' is not a finite number; expected a number like 0.089 or 1e-3. Use a decimal "
        "point and no "
        "separators.",
        "own.csv:3, gsd: the geometric standard deviation is 0.5; expected 1 or more, and limits above "
        "zero. A gsd of 1.1 means "
        "about ± 20 % at 95 %.",
        "own.csv:5, factor: grid_direct[DEU, any] stands here and in own.csv:4; expected one row for one "
        "index. Remove one of "
        "them, or give them different factors where they are of different kind.",
        "own.csv:7, factor: the factor '' has no card; expected a factor of the catalogue. Name the factor.",
    ]


def test_own_factors_win_over_the_catalogue(assess):
    method = METHOD.replace("ef", "grid_direct[country, year]")
    own = "factor,country,year,value,unit\ngrid_direct,KEN,2023,7,kg/kWh\n"
    assert (
        assess(STUDY + "factors: own.csv\n", own__csv=own, method__yaml=method).total("inventory")["point"]
        == 70
    )


def test_a_parameter_may_be_a_formula_on_others(assess):
    study = STUDY.replace("{value: 2,", "{value: '=base * share',").replace(
        "draws", "  base: {value: 4, unit: kg CO2e/kWh, gsd: 1.2}\n  share: 0.25\ndraws"
    )
    assert assess(study).total("inventory")["point"] == 10


# ---- the rest of a study


def test_a_sensitivity_uses_the_same_draws(assess):
    study = STUDY.replace("unit: kg CO2e/kWh}", "unit: kg CO2e/kWh, gsd: 1.3}")
    result = assess(study + "sensitivities:\n  - id: half\n    factors: {ef: ef / 2}\n")
    (row,) = (r for r in result.sensitivities["half"] if r["account"] == "inventory")
    total = result.total("inventory")
    for statistic in ("point", "mean", "median", "low", "high"):
        assert row[statistic] == pytest.approx(total[statistic] / 2, rel=1e-12)


def test_completeness_by_counting_and_as_stated(assess):
    table = "activity,quantity,unit,site\nuse,10,kWh,a\nuse,10,kWh,b\nuse,5,kWh,b\n"
    counted = assess(STUDY + "completeness: {site: 8}\n", activities__csv=table)
    assert counted.total("inventory")["completeness"] == pytest.approx(2 / 8)
    assert assess(STUDY + "completeness: 0.97\n").total("inventory")["completeness"] == 0.97
    assert assess(STUDY).total("inventory")["completeness"] is None


def test_rows_outside_the_period_are_not_assessed(assess):
    table = "activity,quantity,unit,year\nuse,10,kWh,2023\nuse,10,kWh,2022\n"
    assert assess(activities__csv=table).total("inventory")["point"] == 20


def test_an_activity_that_no_term_takes_is_told(assess):
    table = FILES["activities.csv"] + "electricity,3,MWh\nsubscribers,100,1\n"
    result = assess(activities__csv=table)
    assert (
        "No term of the method takes the activity electricity: 3,000 kWh are not assessed." in result.warnings
    )
    assert not any("subscribers" in warning for warning in result.warnings)


def test_the_same_study_from_a_file_and_from_a_mapping(assess):
    from_file = assess()
    mapping = {
        "title": "A study for its mistakes", "period": 2023, "entity": "E", "country": "KEN", "draws": 100,
        "method": {
            "id": "own", "activities": {"use": "kWh"},
            "terms": [{"id": "used", "activity": "use", "formula": "quantity * ef", "books": {"flow": "CO2e"}}],
        },
        "parameters": {"ef": {"value": 2, "unit": "kg CO2e/kWh"}},
        "activities": [{"activity": "use", "quantity": 10, "unit": "kWh"}],
    }  # fmt: skip
    from_mapping = netprint.assess(mapping)
    assert from_mapping.collapsed.hash == from_file.collapsed.hash
    assert from_mapping.total("inventory") == from_file.total("inventory")


def test_the_mapping_given_is_not_changed():
    mapping = {
        "title": "t", "method": "itu-t-l1420", "period": 2023, "entity": "E", "draws": 100,
        "activities": [{"activity": "electricity", "country": "KEN", "quantity": 1, "unit": "kWh"}],
    }  # fmt: skip
    before = repr(mapping)
    netprint.assess(mapping)
    assert repr(mapping) == before


# ---- several methods


def test_methods_that_define_a_name_differently(assess):
    other = (
        METHOD.replace("id: own", "id: other").replace("id: used", "id: again").replace("use: kWh", "use: kg")
    )
    assert (
        "study.yaml:2, method: the methods own and other define the activity 'use' differently; expected one "
        "meaning for one name. Rename it in one of the methods."
    ) in told(assess, STUDY.replace("method.yaml", "[method.yaml, other.yaml]"), other__yaml=other)
    totals = "totals: {both: [%s]}\n"
    assert told(
        assess,
        STUDY.replace("method.yaml", "[method.yaml, other.yaml]"),
        method__yaml=METHOD + totals % "inventory, location",
        other__yaml="id: other\n" + totals % "inventory, market",
    ) == [
        "study.yaml:2, method: the methods own and other define the total 'both' differently; expected one "
        "meaning for one name. Rename it in one of the methods."
    ]


def test_methods_that_define_a_name_alike(assess):
    totals = "totals: {both: [%s]}\nactivities: {use: MWh}\n"
    study = STUDY.replace("method.yaml", "[method.yaml, other.yaml]")
    one, other = (
        METHOD + "totals: {both: [inventory, location]}\n",
        "id: other\n" + totals % "location, inventory",
    )
    assert assess(study, method__yaml=one, other__yaml=other).total("inventory")["point"] == 20
