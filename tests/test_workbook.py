"""The workbook: recalculated in LibreOffice, every formula gives netprint's point value, and follows its inputs."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import python_calamine

import netprint
from netprint import bundle
from netprint.cli import main
from netprint.errors import UsageError
from netprint.formula.evaluate import Names
from netprint.formula.parse import parse
from netprint.report.workbook import Contents, grid, write_workbook
from netprint.report.workbook.formulas import Place, transcribe
from netprint.report.workbook.grid import Column, Grid, letters, runs
from netprint.report.workbook.say import TEXTS, Say
from netprint.report.workbook.sheets import fits

ROOT = Path(__file__).parent.parent
SHEETS = ["README", "Results", "Checks", "Indicators", "Cells", "Lines", "CellTerms", "Sums", "Activities", "Factors",
          "Sources", "Terms", "Gaps"]  # fmt: skip
WRONG = b"<v>12345</v>"
_FORMULA = re.compile(rb'(<c [^>]*?r="([A-Z]+)([0-9]+)"[^>]*>)(<f[^>]*>.*?</f>)(<v>.*?</v>)?', re.DOTALL)
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""

# -- recalculating -----------------------------------------------------------------------------------------------------


@dataclass
class Book:
    """The values of a workbook by sheet, row and column (from 0), and where it has formulas."""

    path: Path
    sheets: dict[str, list[list[object]]] = field(init=False)
    formulas: dict[tuple[str, int, int], str] = field(init=False)

    def __post_init__(self):
        book = python_calamine.load_workbook(str(self.path))
        self.sheets = {
            n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names
        }
        self.formulas = {}
        with zipfile.ZipFile(self.path) as archive:
            for number, name in enumerate(book.sheet_names, 1):
                for match in _FORMULA.finditer(archive.read(f"xl/worksheets/sheet{number}.xml")):
                    text = re.sub(rb"<.*?>", b"", match[4]).decode()
                    self.formulas[name, int(match[3]) - 1, number_of(match[2].decode())] = text

    def at(self, name, row, column):
        rows = self.sheets[name]
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""

    def table(self, name):
        """The rows of a sheet's table by their headings."""
        rows = self.sheets[name]
        start = next(i for i, row in enumerate(rows) if row[0] in ("No.", "Source", "Term", "Notation"))
        return [
            dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :] if any(c != "" for c in row)
        ]

    @property
    def verdicts(self):
        return [row["Verdict"] for row in self.table("Checks")]


def number_of(letters_):
    total = 0
    for letter in letters_:
        total = total * 26 + ord(letter) - 64
    return total - 1


@pytest.fixture(scope="session")
def recalculate(tmp_path_factory):
    """A workbook as LibreOffice computes it anew. The values that stand in it are made wrong first."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.fail(
            "LibreOffice is not installed: run tools/setup.sh test, or install the package libreoffice-calc."
        )
    folder = tmp_path_factory.mktemp("office")
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_ALWAYS, encoding="utf-8")
    count = iter(range(1000))

    def run(path, change=None):
        spoilt = folder / f"{next(count)}.xlsx"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoilt, "w", zipfile.ZIP_DEFLATED) as new:
            names = python_calamine.load_workbook(str(path)).sheet_names
            for part in old.namelist():
                content = old.read(part)
                if part.startswith("xl/worksheets/sheet"):
                    sheet = names[int(re.search(r"\d+", part)[0]) - 1]
                    content = _FORMULA.sub(lambda m: m[1].replace(b' t="str"', b"") + m[4] + WRONG, content)
                    content = content if change is None else change(sheet, content)
                new.writestr(part, content)
        done = subprocess.run(
            [program, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "xlsx",
             "--outdir", str(folder / "out"), str(spoilt)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        found = folder / "out" / spoilt.name
        assert found.is_file(), done.stdout + done.stderr
        return Book(found)

    return run


def same(one, two):
    if isinstance(one, float | int) and isinstance(two, float | int):
        return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-12)
    return one == two


def agree(book, again):
    """Every formula cell of the one has the same value in the other, but for differences, which are small."""
    assert list(book.sheets) == SHEETS
    differs = []
    for (name, row, column), text in book.formulas.items():
        one, two = book.at(name, row, column), again.at(name, row, column)
        small = name == "Checks" and "ISNUMBER" in text and column == 7
        if not same(one, two) and not (small and abs(one - two) <= 1e-9 * abs(book.at(name, row, 5))):
            differs.append((name, row + 1, letters(column), text, one, two))
    assert differs == []
    assert 12345 not in [again.at(*place) for place in book.formulas]


# -- studies -----------------------------------------------------------------------------------------------------------

OWN = {
    "id": "own",
    "title": "Everything that formulas can say",
    "activities": {"shipped": "piece", "chilling": "kWh", "load": "kW", "caused": "kg", "bought": "USD", "hours": "h"},
    "columns": {"power": {"unit": "W"}},
    "impacts": {"water": "L"},
    "terms": [
        {"id": "waste", "activity": "shipped",
         "formula": "quantity * mass_of[item] * waste_factor * (weibull_survival(age, shape, scale)"
                    " - weibull_survival(age + age_step, shape, scale))",
         "over": {"age": "0..14 year"},
         "books": {"flow": "CO2e", "account": "inventory", "scope": 3, "category": "end of life"}},
        {"id": "cooling_water", "activity": "chilling",
         "formula": "quantity * where(item == 'tower', water_use * 2, water_use) * max(0.5, min(1, wet ** 2 - 0.25))",
         "books": {"flow": "water", "account": "inventory", "category": "cooling"}},
        {"id": "standby", "activity": "hours",
         "formula": "quantity * power * first(better_grid[country], grid_direct[country, year]) * exp(-loss)"
                    " * sqrt(1 + loss) / (1 - log(1 + loss))",
         "books": {"flow": "CO2e", "account": "inventory", "scope": 2, "category": "stand-by"}},
        {"id": "avoided", "activity": "caused", "formula": "quantity * per_caused",
         "books": {"flow": "CO2e", "account": "account", "category": "category"}},
        {"id": "spent", "activity": "bought", "formula": "quantity * where(rate > 1, rate, 1 / rate)"},
        {"id": "spent_twice", "each": ["entity", "year"],
         "formula": "spent * 2 + where(2 * spent >= sum(spent, over=[entity]), 1, 0) * spent", "unit": "USD"},
        {"id": "tax", "each": ["entity", "year"], "formula": "-spent_twice * tax_factor ** 1",
         "books": {"flow": "CH4_fossil", "category": "tax"}},
        {"id": "intensity", "formula": "location_based / bought", "unit": "g CO2e/USD"},
        {"id": "per_site", "formula": "electricity / chilling", "unit": "1"},
        {"id": "roof", "formula": "max(electricity, chilling) - min(electricity, chilling)", "unit": "MWh"},
    ],
    "totals": {"NET": ["first_order", "second_order"]},
}  # fmt: skip


def value(factor, number, unit="", **more):
    return {"factor": factor, "value": number, "unit": unit, "statistic": "mean", "source": "invented",
            "status": "provisional", **more}  # fmt: skip


FACTORS = [
    value("grid_direct", 120, "g CO2e/kWh", country="KEN", year=2023, distribution="lognormal", gsd=1.1),
    value("grid_direct", "=grid_direct['KEN', year] * grid_ratio + imported * 0.5", country="UGA", year=2023),
    value("grid_direct", 0.45, "t CO2e/MWh", country="DEU", year=2023),
    value("residual_mix", 0.6, "kg CO2e/kWh", market="DEU", year=2023),
    value("residual_mix", 0.2, "kg CO2e/kWh", market="KEN", year=2021),
    value("mass_of", 0.15, "kg/piece", item="phone"), value("waste_factor", 2.5, "kg CO2e/kg"),
    value("mass_of", 300, "g/piece", item="=tablet"), value("water_use", 1.8, "L/kWh"),
    value("per_caused", 1, "kg CO2e/kg"),
]  # fmt: skip
CARDS = [
    {"factor": "mass_of", "unit": "kg/piece", "index": "item"}, {"factor": "waste_factor", "unit": "kg CO2e/kg"},
    {"factor": "water_use", "unit": "L/kWh"}, {"factor": "per_caused", "unit": "kg CO2e/kg"},
    {"factor": "better_grid", "unit": "kg CO2e/kWh", "index": "country"},
]  # fmt: skip
PARAMETERS = {
    "grid_ratio": {"value": 1.5, "unit": "1", "source": "invented"},
    "imported": {"value": 20, "unit": "g CO2e/kWh", "source": "invented"},
    "shape": {"value": 2.0, "unit": "1", "source": "invented"},
    "scale": {"value": 30000, "unit": "h", "source": "invented"},
    "age_step": {"value": 1, "unit": "year", "source": "invented"},
    "wet": {"value": 1.05, "unit": "1", "source": "invented"},
    "loss": {"value": 0.07, "unit": "1", "source": "invented"},
    "rate": {"value": 0.8, "unit": "1", "source": "invented"},
    "saving": {"value": 0.3, "unit": "1", "source": "invented"},
    "tax_factor": {"value": 0.001, "unit": "kg/USD", "source": "invented"},
}  # fmt: skip
HOSTILE = [
    "<r><t>x</t></r>",
    "a & b",
    "=1+1",
    "+SUM(A1)",
    "-2",
    "@x",
    "*",
    "a?",
    "A?",
    "<>",
    "Site 1",
    "site 1",
    "https://example.org",
]


def rows():
    at = {"year": 2023, "entity": "Savanna"}
    power = {**at, "activity": "electricity", "unit": "MWh"}
    found = [
        {**power, "country": "KEN", "quantity": 1000, "uncertainty": 2, "site": "Site 1"},
        {**power, "country": "KEN", "quantity": 250.5, "tier": "estimated", "uncertainty": 30, "site": "site 1"},
        {**power, "country": "UGA", "quantity": 77, "site": "=1+1"},
        {**power, "country": "DEU", "quantity": 3000, "unit": "GJ", "times": "1 - saving"},
        {**power, "country": "DEU", "quantity": 5, "entity": "Nile"},
        {**at, "activity": "fuel", "item": "diesel", "country": "KEN", "quantity": 20000, "unit": "L"},
        {**at, "activity": "refrigerant", "item": "R-410A", "country": "KEN", "quantity": 12, "unit": "kg"},
        {**at, "activity": "refrigerant", "item": "R-22", "country": "KEN", "quantity": 2, "unit": "kg"},
        {**at, "activity": "shipped", "item": "phone", "country": "KEN", "quantity": 4000, "unit": "piece"},
        {**at, "activity": "shipped", "item": "=tablet", "country": "UGA", "quantity": 100, "unit": "piece"},
        {**at, "activity": "chilling", "item": "tower", "country": "KEN", "quantity": 12, "unit": "MWh"},
        {**at, "activity": "chilling", "item": "dry", "country": "UGA", "quantity": 0, "unit": "kWh"},
        {**at, "activity": "hours", "country": "KEN", "quantity": 8760, "unit": "h", "power": 7.5},
        {**at, "activity": "hours", "country": "UGA", "quantity": 100, "unit": "h", "power": 12},
        {**at, "activity": "caused", "country": "KEN", "quantity": 900, "unit": "kg", "account": "first_order"},
        {**at, "activity": "caused", "country": "KEN", "quantity": 1000, "unit": "kg", "account": "second_order",
         "times": "-1"},
        {**at, "activity": "caused", "country": "KEN", "quantity": 700, "unit": "kg", "account": "second_order"},
        {**at, "activity": "bought", "country": "KEN", "quantity": 1234.5, "unit": "USD"},
        {**at, "activity": "subscribers", "country": "KEN", "quantity": 2e6, "unit": "subscriber"},
        {**at, "activity": "it_electricity", "country": "KEN", "quantity": 0, "unit": "kWh"},
    ]  # fmt: skip
    for name in HOSTILE:
        found.append({**at, "activity": "caused", "country": "KEN", "quantity": 1, "unit": "kg", "entity": name,
                      "category": name, "account": "removals"})  # fmt: skip
    return found


SAVANNA = {"entity": "Savanna"}
INSTRUMENTS = [
    {"type": "I-REC", "market": "KEN", "vintage": 2023, "quantity": 400, "unit": "MWh", "factor": 0.02, **SAVANNA},
    {"type": "PPA", "market": "KEN", "vintage": 2023, "quantity": 100, "unit": "MWh", "factor": 0.01, **SAVANNA},
    {"type": "GO", "market": "DEU", "vintage": 2023, "quantity": 9999, "unit": "MWh", "factor": 0.03, **SAVANNA},
]  # fmt: skip
STUDY = {
    "title": "=Everything at once", "method": ["itu-t-l1420", OWN], "period": 2023, "base_year": 2023,
    "consolidation": "operational control", "boundary": "All sites", "by": ["year", "country", "scope", "category"],
    "gwp": "AR6", "draws": 200, "seed": 1429, "factors": FACTORS, "cards": CARDS, "parameters": PARAMETERS,
    "instruments": INSTRUMENTS,
}  # fmt: skip


def made(folder, **more):
    study = {**STUDY, "root": str(folder), "activities": rows(), **more}
    return netprint.assess(study)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The study with all of it, its workbook, and the workbook as LibreOffice computes it."""
    folder = tmp_path_factory.mktemp("everything")
    result = made(folder)
    return result, Book(write_workbook(result, folder / "book.xlsx"))


def test_china_telecom_recalculates(recalculate, tmp_path):
    result = netprint.assess(ROOT / "examples/china-telecom/study.yaml")
    path = bundle.write(result, tmp_path / "bundle.zip")
    book = Book(write_workbook(bundle.read(path), tmp_path / "book.xlsx"))
    again = recalculate(book.path)
    agree(book, again)
    assert set(again.verdicts) == {"OK"}
    total = next(
        r for r in again.table("Results") if r["Account"] == "location-based total" and r["Year"] == "2019"
    )
    assert total["Point (live formula)"] == pytest.approx(
        result.total("location-based", "2019")["point"], rel=1e-9
    )
    assert total["Mean (Monte Carlo, value)"] == pytest.approx(
        result.total("location-based", "2019")["mean"], rel=1e-12
    )


def test_everything_recalculates(everything, recalculate):
    _, book = everything
    again = recalculate(book.path)
    agree(book, again)
    assert set(again.verdicts) == {"OK"}


# -- what follows from a change ----------------------------------------------------------------------------------------


def setting(book, name, heading, number, **labels):
    """A change of one number: the cell of a sheet's table in the row that has these labels."""
    rows_ = book.sheets[name]
    start = next(i for i, row in enumerate(rows_) if row[0] == "No.")
    column = rows_[start].index(heading)
    found = [i for i in range(start + 1, len(rows_))
             if all(str(rows_[i][rows_[start].index(k)]) == v for k, v in labels.items())]  # fmt: skip
    assert len(found) == 1
    cell = rf'(<c r="{letters(column)}{found[0] + 1}"[^>]*><v>)[^<]*(</v>)'.encode()

    def change(sheet, content):
        if sheet != name:
            return content
        changed, times = re.subn(cell, rb"\g<1>" + repr(number).encode() + rb"\g<2>", content)
        assert times == 1
        return changed

    return change


def points_of(book):
    return [r["Point (live formula)"] for r in book.table("Results")]


def points_in(result, statistic="point"):
    return [r[statistic] for t in (*result.views.values(), result.cells) for r in t]


CHANGES = [
    ("grid_direct", "KEN, 2023", 0.3, {"factor": "grid_direct", "country": "KEN"}),  # a formula and a first rest on it
    ("residual_mix", "KEN, 2023", 0.9, {"factor": "residual_mix", "market": "KEN"}),  # as a proxy
    ("waste_factor", "", 7.0, {"factor": "waste_factor"}),
]  # fmt: skip


@pytest.mark.parametrize(("factor", "asked", "number", "which"), CHANGES, ids=[c[0] for c in CHANGES])
def test_a_changed_factor_changes_the_results_as_assess_does(
    everything, recalculate, tmp_path, factor, asked, number, which
):
    result, book = everything
    at = {"Factor": factor, "Index asked for": asked}
    again = recalculate(book.path, setting(book, "Factors", "Value", number, **at))
    assert "NOT OK" in again.verdicts and again.sheets["README"][4][1] == "NOT OK"
    changed = [
        {**f, "value": number, "unit": {"waste_factor": "kg CO2e/kg"}.get(factor, "kg CO2e/kWh")}
        if all(f.get(k) == v for k, v in which.items()) else f for f in FACTORS
    ]  # fmt: skip
    other = made(tmp_path, factors=changed)
    assert points_of(again) == pytest.approx(points_in(other), rel=1e-9, abs=1e-12)
    assert points_of(again) != pytest.approx(points_in(result), rel=1e-9)
    live = [r["Point (live formula)"] for r in again.table("Indicators")]
    expected = [r["point"] for r in other.indicators]
    assert live == ["n.a." if e is None else pytest.approx(e, rel=1e-9, abs=1e-12) for e in expected]


def test_the_share_of_suppliers_data_is_a_live_formula(recalculate, tmp_path):
    """Of Scope 3 with electricity of what is held and not consolidated, which is none of suppliers' data."""
    power = {"activity": "electricity", "country": "KEN", "year": 2023, "unit": "kWh"}
    stated = {**power, "activity": "partner_emissions", "unit": "kg CO2e", "entity": "Group", "quantity": 60,
              "category": "13 downstream leased assets"}  # fmt: skip
    entities = [
        {"entity": "Group", "control": "yes"},
        {"entity": "Minor", "parent": "Group", "share": 0.2, "control": "no"},
    ]
    result = netprint.assess({
        "title": "group", "method": ["ghgp-corporate", "ghgp-scope2-2015", "ghgp-scope3-2011"], "period": 2023,
        "consolidation": "operational control", "entities": entities, "by": ["scope"], "draws": 100,
        "gaps": "report", "factors": [value("grid_direct", 0.1, "kg CO2e/kWh", country="KEN", year=2023),
                                      value("grid_upstream", 0, "kg CO2e/kWh", country="KEN", year=2023)],
        "activities": [{**power, "entity": "Minor", "quantity": 2000}, stated],
    })  # fmt: skip
    scope_3 = result.views["scope"].one(scope="3", account="location-based")["point"]
    share = result.indicators.one(indicator="supplier_share")
    location = result.views["scope"].one(scope="3", account="location")["point"]
    assert location == pytest.approx(40)  # 2000 kWh, a fifth of them, and losses of the grid in the inventory
    assert scope_3 > 100
    assert share["point"] == pytest.approx(60 / scope_3)
    path = write_workbook(result, tmp_path / "book.xlsx")
    book, again = Book(path), recalculate(path)
    agree(book, again)
    assert set(book.verdicts) == set(again.verdicts) == {"OK"}
    (line,) = [r for r in again.table("Indicators") if r["Indicator"] == "supplier_share"]
    assert any(same(v, share["point"]) for v in line.values())


def test_a_changed_quantity_changes_the_results_as_assess_does(everything, recalculate, tmp_path):
    _, book = everything
    at = {"Entity": "Nile", "Activity": "electricity"}
    again = recalculate(book.path, setting(book, "Activities", "Quantity", 800000.0, **at))
    other = made(
        tmp_path, activities=[{**r, "quantity": 800} if r["entity"] == "Nile" else r for r in rows()]
    )
    assert points_of(again) == pytest.approx(points_in(other), rel=1e-9, abs=1e-12)


# -- what is in it -----------------------------------------------------------------------------------------------------


def test_undefined_indicators_are_shown_as_such(everything, recalculate):
    result, book = everything
    undefined = [r for r in result.indicators if r["point"] is None]
    shown = [r for r in recalculate(book.path).table("Indicators") if r["Point (live formula)"] == "n.a."]
    assert [r["indicator"] for r in undefined] == [r["Indicator"] for r in shown]
    assert "per_site" in {r["Indicator"] for r in shown}


def test_lines_name_the_rows_of_their_factors(everything):
    _, book = everything
    factors = {r["No."]: r for r in book.table("Factors")}
    line = next(r for r in book.table("Lines") if r["Term"] == "scope2_location" and r["Country"] == "UGA")
    (factor,) = [factors[f] for f in line["Factor rows"].split(", ")]
    assert (factor["Factor"], factor["Index asked for"]) == ("grid_direct", "UGA, 2023")
    assert factor["Formula, as given"].startswith("=grid_direct['KEN', year]")
    assert factor["Source (Sources)"] in {r["Source"] for r in book.table("Sources")}
    proxy = next(f for f in factors.values() if f["Factor"] == "residual_mix" and f["Proxy"])
    assert (proxy["Index asked for"], proxy["Index found"], proxy["Proxy"]) == (
        "KEN, 2023",
        "KEN, 2021",
        "lag 2",
    )
    assert {f["Whose"] for f in factors.values()} == {"own", "catalogue"}


def test_every_number_of_the_result_is_there(everything):
    result, book = everything
    high = [r["97.5th percentile (Monte Carlo, value)"] for r in book.table("Results")]
    assert points_of(book) == pytest.approx(points_in(result), rel=1e-12, abs=1e-12)
    assert high == pytest.approx(points_in(result, "high"), rel=1e-12, abs=1e-12)
    assert len(book.table("Checks")) == len(high) + len(result.indicators)
    told = [str(row[1]) for row in book.sheets["README"]]
    for text in (
        *result.warnings,
        "100 years, IPCC AR6",
        "All sites",
        result.versions["catalogue"],
    ):
        assert text in told


def test_texts_stay_texts(everything):
    _, book = everything
    assert {"=1+1", "+SUM(A1)", "-2", "@x", "<>", "*", "a & b", "<r><t>x</t></r> "} <= {
        r["Entity"] for r in book.table("Activities")
    }
    with zipfile.ZipFile(book.path) as archive:
        sheets = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        styles = archive.read("xl/styles.xml")
    assert not any(b"<hyperlink " in s for s in sheets[1:])
    assert all(b"<sheetProtection " in s and b" password=" not in s for s in sheets)
    assert b'quotePrefix="1"' in styles and b'locked="0"' in styles
    assert not any("=1+1" in text or "SUM(A1)" in text for text in book.formulas.values())


def test_gaps_are_listed_and_add_nothing(recalculate, tmp_path):
    at = {"entity": "Savanna", "country": "DEU", "year": 2023}
    more = [{**at, "activity": "shipped", "item": "toaster", "quantity": 5, "unit": "piece"}]
    result = made(tmp_path, activities=[*rows(), *more], gaps="report")
    book = Book(write_workbook(result, tmp_path / "book.xlsx"))
    again = recalculate(book.path)
    agree(book, again)
    assert set(again.verdicts) == {"OK"}
    gaps = again.table("Gaps")
    assert ("mass_of", "toaster", 0.0) in [
        (r["Factor"], r["Asked for"], r["Added to the sums"]) for r in gaps
    ]
    lost = [r for r in again.table("Results") if str(r["Point (live formula)"]).startswith("gap")]
    assert len(lost) == points_in(result).count(None) > 0
    assert any("gaps are listed" in str(row[1]) for row in again.sheets["README"])


def test_sums_over_many_rows_are_written_by_their_cells(recalculate, tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "BY_KEY", 0)
    book = Book(write_workbook(made(tmp_path), tmp_path / "book.xlsx"))
    assert not any("SUMIFS" in text for text in book.formulas.values())
    again = recalculate(book.path)
    agree(book, again)
    assert set(again.verdicts) == {"OK"}


def test_a_value_that_does_not_follow_is_found(recalculate, tmp_path):
    result = made(tmp_path)
    wrong = [{**r, "point": r["point"] * (1 + 1e-6)} for r in result.views["all"]]
    columns = {c: [r[c] for r in wrong] for c in result.views["all"].columns}
    result = replace(result, views={**result.views, "all": replace(result.views["all"], columns=columns)})
    book = Book(write_workbook(result, tmp_path / "book.xlsx"))
    verdicts = recalculate(book.path).verdicts
    assert verdicts == book.verdicts
    assert verdicts.count("NOT OK") == sum(bool(r["point"]) for r in wrong)


@pytest.mark.parametrize("lang", ["ar", "en", "es", "fr", "ru", "zh"])
def test_languages(everything, tmp_path, lang):
    result, english = everything
    book = Book(write_workbook(result, tmp_path / "book.xlsx", lang))
    assert book.formulas.keys() == english.formulas.keys()
    assert book.sheets["Results"][0][0] == Say(lang)("t_Results")
    with zipfile.ZipFile(book.path) as archive:
        turned = [
            b"rightToLeft" in archive.read(n)
            for n in archive.namelist()
            if n.startswith("xl/worksheets/sheet")
        ]
    assert set(turned) == {lang == "ar"}


def test_every_language_has_the_same_texts_with_the_same_places():
    texts = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in TEXTS.glob("*.json")}
    assert len(texts) == 6
    for lang, here in texts.items():
        assert list(here) == list(texts["en"]), lang
        for key, text in here.items():
            assert text.strip(), (lang, key)
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", texts["en"][key])), (
                lang,
                key,
            )


def test_the_same_result_gives_the_same_bytes(everything, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    one, two = (write_workbook(everything[0], tmp_path / n).read_bytes() for n in ("a.xlsx", "b.xlsx"))
    assert one == two


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_public_bundle_has_no_workbook(everything, tmp_path):
    path = bundle.write(everything[0], tmp_path / "public", public=True)
    with pytest.raises(UsageError) as caught:
        write_workbook(bundle.read(path), tmp_path / "book.xlsx")
    assert str(caught.value) == (
        "'=Everything at once' is a public bundle: it holds neither the summed activity data nor the values of the "
        "factors, so no workbook with live formulas can be written from it. Take the bundle that was written without "
        "--public, or write the page: --to html."
    )
    assert not (tmp_path / "book.xlsx").exists()


def test_a_licence_keeps_a_value_back(tmp_path):
    kept = [{**f, "licence": "no redistribution"} if f["factor"] == "water_use" else f for f in FACTORS]
    with pytest.raises(UsageError, match=r"the licence forbids to hand on water_use \(no redistribution\)"):
        write_workbook(made(tmp_path, factors=kept), tmp_path / "book.xlsx")


def test_a_sheet_that_is_too_long_is_refused():
    long = Grid("Lines", [Column("id", "No.")], 2_000_000)
    with pytest.raises(UsageError) as caught:
        fits(long, {"year": 3, "site": 500_000, "country": 5})
    assert str(caught.value) == (
        "The sheet Lines would have 2,000,003 rows; a sheet holds 1,048,576. Leave site (500,000 labels) or country (5 "
        "labels) or year (3 labels) out of the study's `by`, assess it again and write the workbook from that bundle."
    )
    with pytest.raises(UsageError, match="Split the study by year or by entity"):
        fits(long, {})
    fits(Grid("Lines", [Column("id", "No.")], 1_048_573), {})


def test_an_unknown_language_is_refused(everything, tmp_path):
    with pytest.raises(UsageError, match="There is no report in the language 'de'"):
        write_workbook(everything[0], tmp_path / "book.xlsx", "de")


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_writes_workbook_or_page(study, capsys, tmp_path):
    path = study(
        study__yaml="title: T\nmethod: itu-t-l1420\nperiod: 2023\nactivities: activities.csv\ndraws: 100\n"
    )
    assert main(["assess", str(path), "--out", str(tmp_path / "b")]) == 0
    capsys.readouterr()
    assert main(["report", str(tmp_path / "b"), "--to", "xlsx", "--lang", "fr"]) == 0
    assert capsys.readouterr().out == f"The workbook is in {tmp_path / 'b.xlsx'}\n"
    assert set(Book(tmp_path / "b.xlsx").sheets) == set(SHEETS)
    target = tmp_path / "other" / "x.xlsx"
    assert main(["report", str(tmp_path / "b"), "--to", "xlsx", "--out", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"written": str(target)}
    assert main(["report", str(tmp_path / "b")]) == 0
    assert capsys.readouterr().out == f"The report is in {tmp_path / 'b.html'}\n"
    assert (tmp_path / "b.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert (
        main(["report", str(tmp_path / "b"), "--to", "xlsx", "--out", str(tmp_path / "file" / "x.xlsx")]) == 2
    )
    assert "could not be written" in capsys.readouterr().err
    assert not [p for p in tmp_path.iterdir() if "netprint-" in p.name]


def test_many_lines_take_seconds(tmp_path):
    """20 000 lines; some 800 000 cells. Twice what a slow machine takes."""
    at = {"activity": "fuel", "item": "diesel", "country": "KEN", "year": 2023, "unit": "L"}
    data = [{**at, "entity": f"E{i:04d}", "quantity": 10 + i} for i in range(4000)]
    result = netprint.assess({"title": "Many", "method": "ghgp-corporate", "period": 2023, "by": ["year"], "draws": 100,
                              "activities": data, "root": str(tmp_path)})  # fmt: skip
    start = time.process_time()
    contents = Contents(result, Say("en"))
    assert contents.lines.grid.count == 20_000
    write_workbook(result, tmp_path / "book.xlsx")
    assert time.process_time() - start < 30


# -- formulas ----------------------------------------------------------------------------------------------------------


def place(**values):
    """Names that stand in cells called like them."""
    arrays = {n: np.array([v]) for n, v in values.items()}
    names = Names({"item": "diesel"}, arrays, lambda asked: np.array([2.0]), lambda asked: asked[0] != "lost")
    return Place(names, {n: n.upper() for n in values}, lambda asked: f"F_{'_'.join((asked[0], *asked[1]))}",
                 {"known": 1, "lost": 1})  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("a - (b - c)", "A-(B-C)"), ("(a - b) - c", "A-B-C"), ("a / (b * c)", "A/(B*C)"), ("a / b * c", "A/B*C"),
        ("(a + b) * c", "(A+B)*C"), ("-a ** 2", "(-POWER(A,2))"), ("a ** b", "IF(B=0,1,POWER(A,B))"),
        ("a - -b", "A-(-B)"), ("2 * -1e-7", "2*(-1E-07)"), ("min(a, b + 1)", "MIN(A,B+1)"), ("log(a)", "LN(A)"),
        ("where(a > b, a / b, 0)", "IF(A>B,A/B,0)"), ("where(a, b, c)", "IF(A<>0,B,C)"),
        ("(a == b) * c", "IF(A=B,1,0)*C"),
        ("where(item == 'diesel', a, b)", "A"), ("where(item != 'diesel', a, b + c) * 2", "(B+C)*2"),
        ("first(lost[item], a + known[item]) * 2", "(A+F_known_diesel)*2"), ("first(known, a)", "F_known"),
        ("weibull_survival(a, b, c)", "EXP(-POWER(MAX(A,0)/(C),B))"), ("sqrt(exp(a))", "SQRT(EXP(A))"),
        ("(item == 'diesel') * a", "IF(TRUE,1,0)*A"),
    ],
)  # fmt: skip
def test_formulas_are_transcribed(formula, written):
    assert transcribe(parse(formula), place(a=5.0, b=3.0, c=2.0)) == written


def test_what_a_spreadsheet_cannot_say_is_a_number_and_is_told(monkeypatch):
    from netprint.formula.functions import registry

    def strange(x):
        """Eq. 1 of nowhere."""
        return x * 3

    monkeypatch.setattr(registry, "_REGISTERED", dict(registry.functions()))
    registry.register(["1"], "1")(strange)
    where = place(a=5.0)
    assert transcribe(parse("a * strange(a + 1)"), where) == "A*18"
    assert where.numbers == ["strange(a + 1)"]
    long = f"max({', '.join(['a'] * 1000)}) * 2"
    assert transcribe(parse(long), where).count("MAX(") == 5
    wide = replace(where, cells={"a": "Factors!$M$1234"}, numbers=[])
    assert transcribe(parse(long), wide) == "10"
    assert wide.numbers == [long]


def test_columns_and_areas():
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert runs(np.array([3, 1, 2, 7])) == [(1, 4), (7, 8)]
