"""Forms: what is created can be filled in with a spreadsheet program and read back to the same result."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date
from itertools import product

import openpyxl
import pytest

from netprint import places
from netprint.assess import assess, prepare, schema
from netprint.engine.reading import remedies
from netprint.engine.reading.read import COLUMNS as READ
from netprint.engine.reading.read import REQUIRED as NEEDED
from netprint.errors import InputError, Problems, UsageError
from netprint.forms import sheets
from netprint.forms.inventory import FACTOR_COLUMNS, factor_example, new_inventory, texts
from netprint.load.activities import Activity, load_activities
from netprint.load.study import load_study

LANGUAGES = places.LANGUAGES
DATA = [sheet.name for sheet in sheets.SHEETS]

ROWS = {
    "Electricity": [
        {"activity": "electricity", "site": "NBO-1", "country": "Kenya", "year": 2023, "quantity": 1200.5,
         "unit": "MWh", "tier": "billed", "uncertainty": 2, "record_id": "000123"},
        {"activity": "electricity", "site": "NBO-2", "start": date(2022, 3, 1), "end": date(2022, 3, 31),
         "quantity": 51_000, "unit": "kWh", "tier": "estimated", "uncertainty": 20, "market": "East Africa"},
        {"activity": "it_electricity", "site": "NBO-1", "year": 2023, "quantity": 700, "unit": "MWh"},
    ],
    "Fuel": [{"activity": "fuel", "item": "diesel", "year": 2023, "quantity": 20_000, "unit": "L"}],
    "Vehicles": [{"activity": "vehicle_fuel", "item": "petrol", "year": 2022, "quantity": 9.5, "unit": "t"}],
    "Refrigerants": [{"activity": "refrigerant", "item": "R-410A", "year": 2023, "quantity": 12.25, "unit": "kg"}],
    "Instruments": [
        {"activity": "instrument", "item": "I-REC", "year": 2023, "quantity": 100, "unit": "MWh",
         "instrument_factor": 0},
    ],
    "Drivers": [{"activity": "subscribers", "year": 2023, "quantity": 1_000_000, "unit": "subscriber"}],
}  # fmt: skip


def created(folder, **given):
    asked = {"organisation": "Savanna Mobile", "country": "KEN", "years": (2022, 2023)} | given
    new_inventory(folder, **asked)
    return folder


def filled(folder, rows=ROWS, change=lambda book: None):
    """Type the rows into the form as a spreadsheet program would, each below an empty row."""
    path = folder / "activities.xlsx"
    book = openpyxl.load_workbook(path)
    for name, listed in rows.items():
        page = book[name]
        heads = [cell.value for cell in page[1]]
        for number, row in enumerate(listed):
            for column, value in row.items():
                page.cell(3 + 2 * number, heads.index(column) + 1, value)
    change(book)
    book.save(path)
    study = folder / "study.yaml"
    study.write_text(study.read_text("utf-8").replace("draws: 10000", "draws: 100"), "utf-8")
    return study


def as_dicts(rows):
    """The same rows as a caller in Python would give them."""
    return [
        {key: str(value) if isinstance(value, date) else value for key, value in row.items()}
        for listed in rows.values()
        for row in listed
    ]


def tidy(result):
    return [{key: row[key] for key in row} for row in result.cells]


# ---- round trip


def test_what_is_filled_in_is_read_back(tmp_path):
    study = filled(created(tmp_path))
    from_form, from_rows = assess(study), assess(study, as_dicts(ROWS))
    assert from_form.tags["collapsed"] == from_rows.tags["collapsed"]
    assert tidy(from_form) == tidy(from_rows) and len(tidy(from_form)) > 5
    assert not [w for w in from_form.warnings if "not assessed" in w or "No record" in w]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_read_back(tmp_path, lang):
    kenya = {"Electricity": [{**ROWS["Electricity"][0], "country": places.load().name("KEN", lang)}]}
    study = filled(created(tmp_path, lang=lang, country=""), kenya)
    assert {row["country"] for row in tidy(assess(study))} >= {"KEN"}


def test_an_empty_form_says_so(tmp_path):
    with pytest.raises(InputError, match="a header without rows") as caught:
        assess(created(tmp_path) / "study.yaml")
    assert [problem.file for problem in caught.value.problems] == sorted(f"activities.xlsx#{n}" for n in DATA)


def test_a_problem_names_sheet_row_and_column(tmp_path):
    def spoil(book):
        book["Fuel"].cell(3, 1, "feul")

    with pytest.raises(InputError) as caught:
        assess(filled(created(tmp_path), change=spoil))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.field) == ("activities.xlsx#Fuel", 3, "activity")


def test_own_columns_and_another_order_do_no_harm(tmp_path):
    def change(book):
        page = book["Electricity"]
        width = page.max_column
        page.cell(1, width + 1, "region")
        page.cell(3, width + 1, "coast")

    study = filled(created(tmp_path), change=change)
    text = study.read_text("utf-8").replace("by: [year, ", "by: [region, year, ")
    study.write_text(text, "utf-8")
    assert "coast" in {row["region"] for row in tidy(assess(study))}


def test_the_example_of_own_factors_is_used(tmp_path):
    folder = created(tmp_path)
    study = filled(folder)
    before = assess(study)
    (folder / "factors.csv").write_text("\n".join(factor_example(2023)), "utf-8-sig")
    after = assess(study)
    assert not [row for row in before.factors if row["source"] == "Statement of the grid operator"]
    assert [row for row in after.factors if row["source"] == "Statement of the grid operator"]


# ---- the files


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("organisation", "country", "years"), [("", "", (2023, 2023)), ('A "B": #1 ', "Kenya", None)]
)
def test_the_study_is_valid(tmp_path, lang, organisation, country, years):
    paths = new_inventory(
        tmp_path / "new", lang=lang, organisation=organisation, country=country, years=years
    )
    assert [path.name for path in paths] == ["study.yaml", "activities.xlsx", "factors.csv"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in paths)
    problems = Problems()
    study = load_study(paths[0], problems)
    assert not list(problems) and study is not None
    assert [method.id for method in study.methods] == ["itu-t-l1420"]
    assert study.activities == [f"activities.xlsx#{name}" for name in DATA]
    assert (study.kind, study.gwp, study.draws, study.seed, study.gaps) == (
        "inventory",
        "AR6",
        10_000,
        1429,
        "error",
    )
    assert study.defaults.get("country") == ("KEN" if country else None)
    assert study.defaults.get("entity") == (organisation.strip() or None)
    assert study.period == (years or (date.today().year - 1,) * 2)


def test_what_is_commented_out_is_valid_too(tmp_path):
    path = created(tmp_path, organisation="", country="") / "study.yaml"
    head, rest = path.read_text("utf-8").split("# What a reader", 1)
    rest = rest.split("\n", 1)[1]
    uncommented = re.sub(r"^# ", "", head.split("\n", 1)[1] + rest, flags=re.MULTILINE)
    path.write_text(uncommented, "utf-8")
    problems = Problems()
    study = load_study(path, problems)
    assert not [str(p) for p in problems]
    assert study.consolidation == "operational control" and study.defaults["entity"] == "Savanna Mobile"
    assert {"boundary", "exclusions", "recalculation_policy", "verification"} <= set(study.statements)


@pytest.mark.parametrize("name", ["study.yaml", "activities.xlsx", "factors.csv"])
def test_nothing_is_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=f"already holds {name}; nothing was written. Choose another folder"):
        new_inventory(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "here").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        new_inventory(tmp_path / "here")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lang": "de"}, "Use one of en, fr, es, ru, zh, ar"),
        ({"country": "Keny"}, r"no country. Did you mean KEN \(Kenya\)"),
        ({"country": "Africa"}, "no country"),
        ({"years": (2023, 2019)}, "no period"),
        ({"years": (23, 24)}, "no period"),
        ({"organisation": "a\x07b"}, "control characters"),
    ],
)
def test_wrong_usage_writes_nothing(tmp_path, given, message):
    with pytest.raises(UsageError, match=message):
        new_inventory(tmp_path / "new", **given)
    assert not (tmp_path / "new").exists()


def test_names_stay_text(tmp_path):
    created(tmp_path, organisation="=1+1")
    with zipfile.ZipFile(tmp_path / "activities.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert load_study(tmp_path / "study.yaml", Problems()).defaults["entity"] == "=1+1"


def test_the_factor_table_is_empty(tmp_path):
    with (created(tmp_path) / "factors.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [list(FACTOR_COLUMNS)]


# ---- the workbook


def validations(page):
    """Column name to what its cells accept."""
    heads = {cell.column_letter: cell.value for cell in page[1]}
    return {
        heads[re.match("[A-Z]+", str(rule.sqref))[0]]: rule
        for rule in page.data_validations.dataValidation
        if not re.fullmatch(r"[A-Z]+1", str(rule.sqref))
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheets(tmp_path, lang):
    book = openpyxl.load_workbook(created(tmp_path, lang=lang) / "activities.xlsx")
    assert book.sheetnames == ["Read me", *DATA, "Lists"] and book.active.title == "Read me"
    said = texts(lang)
    for page in book:
        assert bool(page.sheet_view.rightToLeft) == (lang == "ar")
        assert page.page_setup.orientation == "landscape" and page.sheet_properties.pageSetUpPr.fitToPage
        assert page.protection.sheet == (page.title in ("Read me", "Lists"))
    for sheet in sheets.SHEETS:
        page = book[sheet.name]
        assert tuple(cell.value for cell in page[1]) == sheet.columns
        assert page.freeze_panes == "B2" and page.print_title_rows == "$1:$1"
        assert [cell.comment.text for cell in page[1]] == [said[f"column_{c}"] for c in sheet.columns]
        assert not [cell.value for row in page.iter_rows(min_row=2) for cell in row if cell.value is not None]
        rules = validations(page)
        wanted = {"activity", "country", "year", "unit", "quantity"}
        wanted |= {"tier", "uncertainty"} & set(sheet.columns) | {"start", "end"} & set(sheet.columns)
        assert wanted <= set(rules)
        assert ("item" in rules) == (sheet.name != "Drivers")
        assert all(str(rule.sqref).endswith("1048576") for rule in rules.values())
        for column in ("activity", "country", "unit"):
            assert rules[column].type == "list" and rules[column].formula1.startswith("list_")
            assert rules[column].formula1 in book.defined_names
        assert (rules["quantity"].type, rules["quantity"].errorStyle or "stop") == ("decimal", "stop")
        guarded = [rule for rule in page.data_validations.dataValidation if rule.type == "custom"]
        assert len(guarded) == len(sheet.columns)
    for rule in (rule for page in book for rule in page.data_validations.dataValidation):
        assert len(rule.error) <= 255 and len(rule.errorTitle) <= 32


def test_the_lists_are_where_the_names_say(tmp_path):
    book = openpyxl.load_workbook(created(tmp_path, lang="fr") / "activities.xlsx")
    for name, values in sheets.lists("fr", (2022, 2023)).items():
        title, area = next(book.defined_names[f"list_{name}"].destinations)
        assert tuple(row[0].value for row in book[title][area]) == values


def test_examples_stand_on_the_first_sheet_only(tmp_path):
    book = openpyxl.load_workbook(created(tmp_path) / "activities.xlsx")
    words = {str(cell.value) for row in book["Read me"].iter_rows() for cell in row}
    assert {"NBO-0147", "R-410A", "2022-01-31", *factor_example(2022)} <= words


# ---- what the form offers, the reader accepts


def test_columns_are_those_of_the_reader():
    used = {column for sheet in sheets.SHEETS for column in sheet.columns}
    assert used == set(sheets.COLUMNS)
    assert used - set(READ) == {"market", "instrument_factor"}
    assert sheets.REQUIRED == NEEDED and sheets.TIERS == remedies.TIERS
    assert all(set(sheets.REQUIRED) <= set(sheet.columns) for sheet in sheets.SHEETS)


def test_activities_and_units_are_known(tmp_path):
    accepted = schema(prepare(created(tmp_path) / "study.yaml"))
    for activity, units in sheets.UNITS.items():
        for unit in units:
            assert isinstance(remedies.choose(activity, unit, accepted), Activity), (activity, unit)
    offered = {word for sheet in sheets.SHEETS for word in sheet.activities}
    known = load_activities().values()
    assert offered == set(sheets.UNITS)
    assert offered <= {activity.family or activity.name for activity in known}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_countries_are_found_by_what_is_offered(lang):
    known = places.load()
    listed = sheets.countries(lang)
    assert [known.find(text) for text in listed].count(None) == 0
    assert {known.find(text) for text in listed} == set(known.countries)


def test_items_have_factors():
    by_name = {sheet.name: sheets.items(sheet) for sheet in sheets.SHEETS}
    assert by_name["Fuel"][:2] == ("diesel", "petrol") and by_name["Refrigerants"][0] == "R-410A"
    assert "R-22" in by_name["Refrigerants"] and "" not in by_name["Refrigerants"]
    assert not by_name["Drivers"]


# ---- texts


def test_all_languages_say_the_same_things():
    english = texts("en")
    for lang in LANGUAGES:
        said = texts(lang)
        assert list(said) == list(english)
        assert all(text.strip() for text in said.values())
        for key, text in said.items():
            assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", english[key]), (lang, key)
            assert "\n" not in text
    for one, other in product(LANGUAGES, LANGUAGES):
        assert one == other or texts(one)["step_1"] != texts(other)["step_1"]


def test_every_text_is_there_for_what_the_form_holds():
    said = texts("en")
    assert all(f"column_{column}" in said for column in sheets.COLUMNS)
    assert all(f"activity_{activity}" in said for activity in sheets.UNITS)
    assert all(f"sheet_{name}" in said for name in (*DATA, "Lists"))
