"""Forms: what is created can be filled in with a spreadsheet program and read back to the same result."""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import subprocess
import zipfile
from datetime import date
from functools import lru_cache
from itertools import product

import openpyxl
import pytest

from netprint import places
from netprint.assess import assess, prepare, schema
from netprint.check import check
from netprint.cli import studies
from netprint.engine.reading import remedies
from netprint.engine.reading.read import COLUMNS as READ
from netprint.errors import InputError, Problems, UsageError
from netprint.forms import form as at
from netprint.forms import offers
from netprint.forms.arguments import arguments
from netprint.forms.inventory import FACTOR_COLUMNS, factor_example, new_inventory, period, texts
from netprint.forms.organisation import FIRST_STATEMENT
from netprint.forms.profiles import LISTS, ORGANISATION, OVERVIEW, READ_ME, columns, profiles, statements
from netprint.load.activities import Activity
from netprint.load.entities import CONTROLS
from netprint.load.factors import catalog
from netprint.load.method import COLUMNS as LABELS
from netprint.load.method import shipped
from netprint.load.study import STATEMENTS, load_study

LANGUAGES = places.LANGUAGES
PROFILES = tuple(profiles())
HEADER, FIRST = at.HEADER + 1, at.FIRST + 1

OPERATOR = {
    "Sites": [{"activity": "sites", "site": "NBO-1", "country": "KEN", "year": 2023, "technology": "4G",
               "tenancy": "leased", "tower_company": "Rift Towers", "quantity": 1, "unit": "site"}],
    "Electricity": [
        {"activity": "electricity", "site": "NBO-1", "country": "Kenya", "year": 2023, "quantity": 1200.5,
         "unit": "MWh", "tier": "billed", "uncertainty": 2, "record_id": "000123"},
        {"activity": "electricity", "site": "NBO-2", "country": "KEN", "start": date(2022, 12, 1),
         "end": date(2023, 1, 30), "quantity": 61_000, "unit": "kWh", "tier": "estimated", "uncertainty": 20,
         "market": "East Africa"},
    ],
    "Fuel": [{"activity": "fuel", "item": "diesel", "country": "KEN", "year": 2023, "quantity": 20_000, "unit": "L"}],
    "Vehicles": [{"activity": "vehicle_fuel", "item": "petrol", "country": "KEN", "year": 2022, "quantity": 9.5,
                  "unit": "t"}],
    "Refrigerants": [{"activity": "refrigerant", "item": "R-410A", "country": "KEN", "year": 2023,
                      "quantity": 12.25, "unit": "kg"}],
    "Drivers": [{"activity": "subscribers", "country": "KEN", "year": 2023, "quantity": 1_000_000,
                 "unit": "subscriber"}],
    "ICT_goods": [{"activity": "ict_goods", "item": "rack server", "category": "2 capital goods", "country": "KEN",
                   "year": 2023, "quantity": 40, "unit": "unit"}],
    "Freight": [{"activity": "freight", "item": "HGV", "category": "4 upstream transportation and distribution",
                 "country": "KEN", "year": 2023, "quantity": 18_000, "unit": "tkm"}],
    "Waste": [{"activity": "waste", "item": "WEEE", "treatment": "recycling", "country": "KEN", "year": 2023,
               "category": "5 waste generated in operations", "quantity": 1.2, "unit": "t"}],
    "Travel": [{"activity": "travel", "item": "flight long-haul", "category": "6 business travel", "country": "KEN",
                "year": 2023, "quantity": 52_000, "unit": "km"}],
}  # fmt: skip
CERTIFICATES = [
    {"type": "I-REC", "country": "KEN", "vintage": 2023, "quantity": 100, "unit": "MWh", "factor": 0,
     "registry_id": "IREC-77", "from": date(2023, 1, 1), "to": date(2023, 12, 31), "uncertainty": 4},
]  # fmt: skip
DATACENTRE = {
    "Halls": [{"activity": "floor_area", "site": "DC1", "hall": "1", "country": "KEN", "year": 2023, "quantity": 900,
               "unit": "m2"}],
    "Electricity": [{"activity": "electricity", "site": "DC1", "country": "KEN", "year": 2023, "quantity": 12,
                     "unit": "GWh"}],
    "IT_and_cooling": [
        {"activity": "it_electricity", "site": "DC1", "country": "KEN", "year": 2023, "quantity": 8000, "unit": "MWh"},
        {"activity": "cooling_electricity", "site": "DC1", "country": "KEN", "year": 2023, "quantity": 3,
         "unit": "GWh"},
        {"activity": "heat_removed", "site": "DC1", "country": "KEN", "year": 2023, "quantity": 9, "unit": "GWh"},
    ],
    "Heat_reuse": [{"activity": "energy_reused", "site": "DC1", "country": "KEN", "year": 2023, "quantity": 600,
                    "unit": "MWh"}],
}  # fmt: skip
OFFICE = {
    "Electricity": [{"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 400, "unit": "MWh"}],
    "Commuting": [{"activity": "telework_hours", "item": "office equipment", "country": "KEN", "year": 2023,
                   "quantity": 64_000, "unit": "h"}],
    "Cloud": [{"activity": "vcpu_time", "item": "AWS", "country": "KEN", "year": 2023, "quantity": 350_000,
               "unit": "h"}],
    "Spend": [{"activity": "spend", "item": "cleaning", "category": "1 purchased goods and services",
               "country": "KEN", "year": 2023, "quantity": 25_000, "unit": "EUR", "price": "purchaser"}],
}  # fmt: skip
FILLED = {"operator": OPERATOR, "datacentre": DATACENTRE, "office": OFFICE}


def created(folder, **given):
    asked = {"organisation": "Savanna Mobile", "countries": ["KEN"], "years": (2022, 2023)} | given
    new_inventory(folder, **asked)
    return folder


def filled(folder, rows=OPERATOR, change=lambda book: None):
    """Type the rows into the form as a spreadsheet program would, each below an empty row."""
    path = folder / "activities.xlsx"
    book = openpyxl.load_workbook(path)
    for name, listed in rows.items():
        page = book[name]
        heads = [cell.value for cell in page[HEADER]]
        for number, row in enumerate(listed):
            for column, value in row.items():
                page.cell(FIRST + 1 + 2 * number, heads.index(column) + 1, value)
    change(book)
    book.save(path)
    study = folder / "study.yaml"
    text = (
        study.read_text("utf-8").replace("draws: 10000", "draws: 100").replace("gaps: error", "gaps: report")
    )
    study.write_text(text, "utf-8")
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


@lru_cache(maxsize=8)
def drawn(path):
    """The texts of the boxes of each sheet: what stands over its empty rows."""
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode()
        names = re.findall(r'<sheet name="([^"]+)"', book)
        found = {}
        for number, name in enumerate(names, start=1):
            links = f"xl/worksheets/_rels/sheet{number}.xml.rels"
            if links in archive.namelist():
                drawing = re.search(r"drawings/(drawing\d+\.xml)", archive.read(links).decode())
                if drawing:
                    boxes = archive.read(f"xl/drawings/{drawing[1]}").decode()
                    found[name] = re.findall(r"<a:t>([^<]*)</a:t>", boxes)
    return found


# ---- round trip


def test_what_is_filled_in_is_read_back(tmp_path):
    study = filled(created(tmp_path))
    from_form, from_rows = assess(study), assess(study, as_dicts(OPERATOR))
    assert from_form.tags["collapsed"] == from_rows.tags["collapsed"]
    assert tidy(from_form) == tidy(from_rows) and len(tidy(from_form)) > 10
    assert {"1", "2", "3"} <= {row["scope"] for row in tidy(from_form)}
    assert not [w for w in from_form.warnings if "not assessed" in w or "No record" in w]


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_is_assessed(tmp_path, profile):
    study = filled(created(tmp_path, profile=profile), FILLED[profile])
    assert check(study).problems == ()
    result = assess(study)
    amounts = {row["account"]: row["point"] for row in result.views["year"] if row["year"] == "2023"}
    assert amounts["location"] > 0
    assert not [w for w in result.warnings if "not assessed" in w]


def test_indicators_of_a_data_centre(tmp_path):
    result = assess(filled(created(tmp_path, profile="datacentre", years=(2023, 2023)), DATACENTRE))
    found = {row["indicator"]: row["point"] for row in result.indicators if row["point"] is not None}
    assert found["pue"] == pytest.approx(1.5)
    assert found["energy_reuse_factor"] == pytest.approx(0.05)
    assert found["cooling_efficiency_ratio"] == pytest.approx(3)


def test_a_bill_over_the_turn_of_the_year_is_divided(tmp_path):
    electricity = {"Electricity": OPERATOR["Electricity"][1:]}
    rows = assess(filled(created(tmp_path), electricity)).collapsed
    by_year = dict(zip(rows.labels["year"].texts(), rows.quantity, strict=True))
    assert by_year == {"2022": pytest.approx(31_000), "2023": pytest.approx(30_000)}


def test_certificates_are_matched(tmp_path):
    electricity = {"Electricity": OPERATOR["Electricity"][:1]}
    before = (
        assess(filled(created(tmp_path / "a"), electricity)).views["year"].one(year="2023", account="market")
    )
    after = assess(filled(created(tmp_path / "b"), {**electricity, "Instruments": CERTIFICATES}))
    covered = after.views["year"].one(year="2023", account="market")
    assert covered["point"] == pytest.approx(before["point"] * (1 - 100 / 1200.5))
    assert covered["high"] - covered["low"] > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_read_back(tmp_path, lang):
    kenya = {"Electricity": [{**OPERATOR["Electricity"][0], "country": places.load().name("KEN", lang)}]}
    study = filled(created(tmp_path, lang=lang, countries=[]), kenya)
    assert {row["country"] for row in tidy(assess(study))} >= {"KEN"}


@pytest.mark.parametrize("profile", PROFILES)
def test_of_an_empty_form_only_the_rows_are_missing(tmp_path, profile):
    found = check(created(tmp_path, profile=profile) / "study.yaml")
    sheets = [
        f"activities.xlsx#{sheet.name}" for sheet in profiles()[profile].sheets if sheet.role != "entities"
    ]
    assert [problem.file for problem in found.problems] == sorted(sheets)
    assert {(problem.line, problem.found) for problem in found.problems} == {
        (HEADER, "a header without rows")
    }


def test_a_problem_names_sheet_row_and_column(tmp_path):
    def spoil(book):
        book["Fuel"].cell(FIRST + 1, 1, "feul")
        book["Travel"].cell(
            FIRST + 1, [c.value for c in book["Travel"][HEADER]].index("unit") + 1
        ).value = None

    with pytest.raises(InputError) as caught:
        assess(filled(created(tmp_path), change=spoil))
    places_of = {(problem.file, problem.line, problem.field) for problem in caught.value.problems}
    assert places_of == {
        ("activities.xlsx#Fuel", FIRST + 1, "activity"),
        ("activities.xlsx#Travel", FIRST + 1, "unit"),
    }


def test_own_columns_do_no_harm(tmp_path):
    def change(book):
        page = book["Electricity"]
        width = page.max_column
        page.cell(HEADER, width + 1, "region")
        page.cell(FIRST + 1, width + 1, "coast")

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


# ---- formulas, recalculated by a spreadsheet program


def recalculated(folder):
    """The form after LibreOffice has computed its formulas and saved it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    target = folder / "saved"
    subprocess.run(
        [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target), str(folder / "activities.xlsx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return target / "activities.xlsx"


def test_formulas_count_convert_and_say_what_is_missing(tmp_path):
    say = texts("fr")

    def change(book):
        page = book["Fuel"]
        page.cell(FIRST + 5, 1, "fuel")  # a row begun
        overview = book[OVERVIEW]
        rows = {overview.cell(row, 1).value: row for row in range(1, 60)}
        overview.cell(rows["Heat"], 5, say["no"])
        overview.cell(rows["Heat"], 6, "aucun réseau")
        overview.cell(rows["Water"], 5, say["no"])
        organisation = book[ORGANISATION]
        organisation.cell(FIRST_STATEMENT + 3, 3, 'Kenya "et"\nOuganda, c:\\')
        entities = book["Entities"]
        for row, values in enumerate((("Group",), ("Towers", "Group", 0.6, "yes", date(2023, 7, 1)))):
            for column, value in enumerate(values):
                entities.cell(FIRST + row, column + 1 if value != "Group" or row else 1, value)
        entities.cell(FIRST, 4, "yes")

    study = filled(created(tmp_path, lang="fr"), {**OPERATOR, "Instruments": CERTIFICATES}, change)
    saved = recalculated(tmp_path)
    book = openpyxl.load_workbook(saved, data_only=True)
    overview = [[cell.value for cell in row] for row in book[OVERVIEW].iter_rows(max_col=7)]
    sheets = {row[0]: row for row in overview if row[0] in {s.name for s in profiles()["operator"].sheets}}
    assert [sheets["Electricity"][i] for i in (2, 3, 6)] == [2, 0, say["state_complete"]]
    assert [sheets["Fuel"][i] for i in (2, 3, 6)] == [2, 1, f"1 {say['state_incomplete']}"]
    assert sheets["Heat"][6] == say["state_none"] and sheets["Water"][6] == say["state_reason"]
    assert sheets["Spend"][6] == say["state_missing"] and sheets["Instruments"][2:4] == [1, 0]
    still = sum(row[6] not in (say["state_complete"], say["state_none"]) for row in sheets.values())
    assert next(row[2] for row in overview if row[1] == say["open_topics"]) == still

    totals = {
        (row[0] or "", row[4]): row[3] for row in overview if isinstance(row[3], int | float) and row[4]
    }
    assert totals["electricity", "kWh"] == pytest.approx(1_261_500)
    assert totals["vehicle_fuel", "kg"] == pytest.approx(9_500) and totals["instrument", "kWh"] == 100_000
    assert totals["waste", "kg"] == pytest.approx(1_200)

    lines = [
        book[ORGANISATION].cell(row, 4).value for row in range(FIRST_STATEMENT + 1, FIRST_STATEMENT + 10)
    ]
    at_line = [column.name for column in profiles()["operator"].sheets[0].columns].index("line") + 1
    entities = [book["Entities"].cell(FIRST + row, at_line).value for row in range(2)]
    shutil.copy(saved, tmp_path / "activities.xlsx")
    refilled = openpyxl.load_workbook(tmp_path / "activities.xlsx")
    refilled["Fuel"].cell(FIRST + 5, 1).value = None
    refilled.save(tmp_path / "activities.xlsx")
    text = study.read_text("utf-8").replace('organisation: "Savanna Mobile"\n', "")
    extra = ["consolidation: operational control", *filter(None, lines), "entities:", *entities]
    study.write_text("\n".join([text, *extra]), "utf-8")
    problems = Problems()
    loaded = load_study(study, problems)
    assert not [str(p) for p in problems]
    assert loaded.statements["boundary"] == 'Kenya "et"\nOuganda, c:\\'
    assert loaded.statements["organisation"] == "Savanna Mobile"
    held = {(h.entity, h.share, h.start) for h in loaded.holdings if h.entity == "Towers"}
    assert held == {("Towers", 1.0, date(2023, 7, 1))}


def test_a_saved_form_gives_the_same_result(tmp_path):
    study = filled(created(tmp_path), {**OPERATOR, "Instruments": CERTIFICATES})
    before = assess(study)
    shutil.copy(recalculated(tmp_path), tmp_path / "activities.xlsx")
    assert assess(study).tags["collapsed"] == before.tags["collapsed"]


# ---- the files


@pytest.mark.parametrize(
    ("lang", "profile"), [*product(LANGUAGES, ["operator"]), ("zh", "datacentre"), ("fr", "office")]
)
@pytest.mark.parametrize(
    ("organisation", "countries", "years"), [("", [], (2023, 2023)), ('A "B": #1 ', ["Kenya"], None)]
)
def test_the_study_is_valid(tmp_path, lang, profile, organisation, countries, years):
    paths = new_inventory(
        tmp_path / "new",
        profile=profile,
        lang=lang,
        organisation=organisation,
        countries=countries,
        years=years,
    )
    assert [path.name for path in paths] == ["study.yaml", "activities.xlsx", "factors.csv"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in paths)
    problems = Problems()
    study = load_study(paths[0], problems)
    assert not [str(p) for p in problems] and study is not None
    assert tuple(method.id for method in study.methods) == profiles()[profile].methods
    read = [sheet.name for sheet in profiles()[profile].sheets if sheet.role == "activities"]
    assert study.activities == [f"activities.xlsx#{name}" for name in read]
    assert study.instruments == "activities.xlsx#Instruments"
    assert (study.kind, study.gwp, study.draws, study.seed, study.gaps) == (
        "inventory",
        "AR6",
        10_000,
        1429,
        "error",
    )
    assert study.defaults.get("country") == ("KEN" if countries else None)
    assert study.defaults.get("entity") == (organisation.strip() or None)
    assert study.period == (years or (date.today().year - 1,) * 2)


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_commented_out_is_valid_too(tmp_path, profile):
    path = created(tmp_path, profile=profile, organisation="", countries=[]) / "study.yaml"
    head, rest = path.read_text("utf-8").split("# What a reader", 1)
    rest = rest.split("\n", 1)[1]
    uncommented = re.sub(r"^# ", "", head.split("\n", 1)[1] + rest, flags=re.MULTILINE)
    path.write_text(uncommented, "utf-8")
    problems = Problems()
    study = load_study(path, problems)
    assert not [str(p) for p in problems]
    assert study.consolidation == "operational control" and study.defaults["entity"] == "Savanna Mobile"
    assert {"boundary", "exclusions", "recalculation_policy", "verification"} <= set(study.statements)


def test_several_countries_come_first_and_each_row_says_its_own(tmp_path):
    folder = created(tmp_path, countries=["UGA", "Kenya", "UGA"], lang="es")
    assert "country" not in load_study(folder / "study.yaml", Problems()).defaults
    book = openpyxl.load_workbook(folder / "activities.xlsx")
    title, area = next(book.defined_names["list_country"].destinations)
    assert [row[0].value for row in book[title][area]][:3] == ["Uganda", "Kenya", "Afganistán"]


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
        ({"profile": "shop"}, "Use one of operator, datacentre, office"),
        ({"countries": ["Keny"]}, r"no country. Did you mean KEN \(Kenya\)"),
        ({"countries": ["KEN", "Africa"]}, "no country"),
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


# ---- the command


def command(*words):
    parser = argparse.ArgumentParser()
    arguments(parser)
    return argparse.Namespace(**vars(parser.parse_args(["inventory", *map(str, words)])), json=True)


def test_the_command_takes_profile_countries_period_and_language(tmp_path, capsys):
    words = ("--for", "office", "--country", "KEN", "UGA", "--period", "2023..2025", "--language", "ar")
    assert studies.new(command(*words, "--out", tmp_path / "new")) == 0
    assert len(json.loads(capsys.readouterr().out)["written"]) == 3
    study = load_study(tmp_path / "new" / "study.yaml", Problems())
    assert study.period == (2023, 2025) and [m.id for m in study.methods] == list(
        profiles()["office"].methods
    )
    assert openpyxl.load_workbook(tmp_path / "new" / "activities.xlsx")["Cloud"].sheet_view.rightToLeft


def test_the_command_refuses_two_folders_and_a_wrong_period(tmp_path):
    with pytest.raises(UsageError, match="Give one of them"):
        studies.new(command(tmp_path / "a", "--out", tmp_path / "b"))
    with pytest.raises(UsageError, match="is no period"):
        studies.new(command(tmp_path / "a", "--period", "2023-2025"))
    assert not list(tmp_path.iterdir())
    assert period(" 2023 .. 2025") == (2023, 2025) and period("2024") == (2024, 2024)


# ---- the workbook


def validations(page):
    """Column name to what its cells accept."""
    heads = {cell.column_letter: cell.value for cell in page[HEADER]}
    return {heads[re.match("[A-Z]+", str(r.sqref))[0]]: r for r in page.data_validations.dataValidation}


@pytest.mark.parametrize(
    ("lang", "profile"), [*product(LANGUAGES, ["operator"]), ("en", "datacentre"), ("ar", "office")]
)
def test_the_sheets(tmp_path, lang, profile):
    path = created(tmp_path, lang=lang, profile=profile) / "activities.xlsx"
    book, said, boxes = openpyxl.load_workbook(path), texts(lang), drawn(path)
    sheets = profiles()[profile].sheets
    assert book.sheetnames == [READ_ME, OVERVIEW, ORGANISATION, *(s.name for s in sheets), LISTS]
    assert book.active.title == READ_ME
    for page in book:
        assert bool(page.sheet_view.rightToLeft) == (lang == "ar")
        assert page.page_setup.orientation == "landscape" and page.sheet_properties.pageSetUpPr.fitToPage
        assert page.protection.sheet and not page.protection.password
    for sheet in sheets:
        page = book[sheet.name]
        assert tuple(cell.value for cell in page[HEADER]) == sheet.names
        assert page.freeze_panes == f"B{FIRST}" and page.print_title_rows == f"${HEADER}:${HEADER}"
        values = [
            cell for row in page.iter_rows() for cell in row if cell.value is not None and cell.row != HEADER
        ]
        assert all(str(cell.value).startswith("=") and cell.protection.locked for cell in values)
        assert not values or sheet.role == "entities"
        assert all(cell.protection.locked for cell in page[HEADER])
        for column in sheet.typed:
            assert any(
                d.min <= sheet.at(column) + 1 <= d.max and not d.protection.locked
                for d in page.column_dimensions.values()
            )
        words = [text.strip("\u202a\u202b\u202c") for text in boxes[sheet.name]]
        told = [said[f"{kind}_{column}"] for column in sheet.names for kind in ("label", "column")]
        assert {text.replace("&amp;", "&") for text in words} >= {said[f"title_{sheet.name}"], *told}
        assert any(said["sheet_note"] in text for text in words)
        assert str(sheet.example[next(iter(sheet.example))]) in words
        rules = validations(page)
        assert set(rules) == set(sheet.typed)
        assert all(str(rule.sqref).endswith("1048576") for rule in rules.values())
        assert all(rule.promptTitle and rule.prompt for rule in rules.values())
        for column in {"activity", "country", "unit", "tier"} & set(sheet.typed):
            assert rules[column].type == "list" and "list_" in rules[column].formula1
        if "quantity" in rules:
            assert (rules["quantity"].type, rules["quantity"].errorStyle or "stop") == ("decimal", "stop")
        for column in {"start", "end", "from", "to"} & set(rules):
            assert rules[column].type == "date"
        if sheet.role == "instruments":
            assert {"uncertainty", "from", "to"} <= set(rules)
    for rule in (rule for page in book for rule in page.data_validations.dataValidation):
        assert len(rule.error or "") <= 255 and len(rule.errorTitle or "") <= 32
        assert len(rule.prompt or "") <= 255 and len(rule.promptTitle or "") <= 32
        for name in re.findall(r"\blist_\w+(?!\")\b", re.sub(r"INDIRECT\([^)]*\)", "", rule.formula1 or "")):
            assert name in book.defined_names


@pytest.mark.parametrize("profile", PROFILES)
def test_dependent_lists_are_there_for_every_activity(tmp_path, profile):
    book = openpyxl.load_workbook(created(tmp_path, profile=profile) / "activities.xlsx")
    for sheet in profiles()[profile].sheets:
        for word in sheet.activities:
            assert f"list_unit_{word}" in book.defined_names
            if offers.items(word):
                assert f"list_item_{word}" in book.defined_names


def test_the_lists_are_where_the_names_say(tmp_path):
    book = openpyxl.load_workbook(created(tmp_path, lang="fr") / "activities.xlsx")
    for name, values in offers.lists(profiles()["operator"], "fr", ["KEN"], (2022, 2023)).items():
        title, area = next(book.defined_names[f"list_{name}"].destinations)
        cells = book[title][area]
        found = [row[0].value for row in cells] if isinstance(cells, tuple) else [cells.value]
        assert tuple(found) == values, name


# ---- what the form offers, the reader accepts


def test_profiles_name_what_the_catalogue_knows():
    for profile in profiles().values():
        assert offers.unknown(profile) == {}
        assert set(profile.methods) <= set(shipped())
        for sheet in profile.sheets:
            assert set(sheet.needed) <= set(sheet.names) and set(sheet.example) <= set(sheet.names)
            if sheet.role == "activities":
                assert sheet.activities and sheet.names[0] == "activity"
                assert sheet.example["activity"] in {w for p in profiles().values() for s in p.sheets
                                                     if s.name == sheet.name for w in s.activities}  # fmt: skip
    known = {*READ, *LABELS, "market", "type", "vintage", "factor", "factor_unit", "registry_id", "from", "to",
             "parent", "share", "control"}  # fmt: skip
    own = {"hall", "meter", "serial", "technology", "tenancy", "tower_company", "treatment", "price", "line"}
    assert {column.name for column in columns()} <= known | own
    assert offers.TIERS == remedies.TIERS and set(statements()) <= {*STATEMENTS, "consolidation"}
    control = next(column for column in columns() if column.name == "control")
    assert control.choices == CONTROLS


@pytest.mark.parametrize("profile", PROFILES)
def test_units_are_accepted(tmp_path, profile):
    accepted = schema(prepare(created(tmp_path, profile=profile) / "study.yaml"))
    for sheet in profiles()[profile].sheets:
        for word in offers.words(sheet):
            assert offers.units(word), word
            for unit in offers.units(word):
                assert isinstance(remedies.choose(word, unit, accepted), Activity), (word, unit)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_countries_are_found_by_what_is_offered(lang):
    known = places.load()
    listed = offers.countries(lang)
    assert [known.find(text) for text in listed].count(None) == 0
    assert {known.find(text) for text in listed} == set(known.countries)


def test_items_have_factors():
    assert offers.items("fuel")[:2] == ("diesel", "petrol") and offers.items("refrigerant")[0] == "R-410A"
    assert "R-22" in offers.items("refrigerant") and "" not in offers.items("refrigerant")
    assert "rack server" in offers.items("ict_goods") and "cleaning" in offers.items("spend")
    assert not offers.items("subscribers")
    for names in profiles_items().values():
        assert all("item" in catalog().cards[name].index for name in names)


def profiles_items():
    from netprint.forms.profiles import offers as offered

    return offered().factors


def test_categories_are_those_of_the_methods():
    operator = profiles()["operator"]
    assert offers.demanded(operator, "category", "freight")[-1].startswith("9 downstream")
    assert offers.demanded(operator, "category", "ict_goods") == (
        "1 purchased goods and services",
        "2 capital goods",
    )
    assert offers.demanded(operator, "price", "spend") == ("purchaser", "basic")
    assert offers.demanded(operator, "category", "electricity") == ()
    offered = offers.lists(operator, "en", [], (2023, 2023))
    for sheet in (s for s in operator.sheets if "category" in s.needed):
        assert sheet.example["category"] in offered[f"category_{sheet.name}"]


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


#: Words that are the same in two languages, and not left over.
_ALIKE = re.compile(r"label_(site|note|type|year|item|line|activity|control|price|network|market|factor|parent)|"
                    r"title_(Sites|Lists)|head_(total|unit|activity)|no")  # fmt: skip


@pytest.mark.parametrize("lang", [code for code in LANGUAGES if code != "en"])
def test_nothing_is_left_in_english(lang):
    english, said = texts("en"), texts(lang)
    left = [key for key, text in said.items() if text == english[key] and not _ALIKE.fullmatch(key)]
    assert left == []
    script = {"ru": "[а-яё]", "zh": "[\u4e00-\u9fff]", "ar": "[\u0600-\u06ff]"}.get(lang)
    if script:
        assert [key for key, text in said.items() if not re.search(script, text, re.IGNORECASE)] == []


def test_every_text_is_there_and_none_too_many():
    said = texts("en")
    asked = {f"{kind}_{column.name}" for column in columns() for kind in ("label", "column")}
    named = {sheet.name for profile in profiles().values() for sheet in profile.sheets}
    asked |= {
        f"{kind}_{name}" for name in (*named, OVERVIEW, ORGANISATION, LISTS) for kind in ("title", "sheet")
    }
    asked |= {f"activity_{w}" for p in profiles().values() for s in p.sheets for w in offers.words(s)}
    asked |= {f"profile_{name}" for name in profiles()} | {f"statement_{name}" for name in statements()}
    groups = ("label_", "column_", "title_", "sheet_", "activity_", "profile_", "statement_")
    there = {key for key in said if key.startswith(groups)} - {"sheet_note"}
    assert there == asked
