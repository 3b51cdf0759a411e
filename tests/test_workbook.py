"""The workbook: recalculated in LibreOffice, every formula gives netprint's point value, and follows its inputs."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import python_calamine

import netprint
from netprint import bundle
from netprint.cli import main
from netprint.errors import UsageError
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
        self.sheets = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names}
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
        return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :] if any(c != "" for c in row)]

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
        pytest.fail("LibreOffice is not installed: run tools/setup.sh test, or install the package libreoffice-calc.")
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
    "activities": {"shipped": "piece", "cooling": "kWh", "load": "kW", "caused": "kg", "bought": "USD", "hours": "h"},
    "columns": {"power": {"unit": "W"}},
    "impacts": {"water": "L"},
    "terms": [
        {"id": "waste", "activity": "shipped",
         "formula": "quantity * mass_of[item] * waste_factor * (weibull_survival(age, shape, scale)"
                    " - weibull_survival(age + age_step, shape, scale))",
         "over": {"age": "0..12 year"}, "books": {"flow": "CO2e", "scope": 3, "category": "end of life"}},
        {"id": "cooling_water", "activity": "cooling",
         "formula": "quantity * where(item == 'tower', water_use * 2, water_use) * max(0.5, min(1, wet ** 2 - 0.25))",
         "books": {"flow": "water", "account": "inventory", "category": "cooling"}},
        {"id": "standby", "activity": "hours",
         "formula": "quantity * power * first(better_grid[country], grid_direct[country, year]) * exp(-loss)"
                    " * sqrt(1 + loss) / (1 - log(1 + loss))",
         "books": {"flow": "CO2e", "scope": 2, "category": "stand-by"}},
        {"id": "avoided", "activity": "caused", "formula": "quantity * per_caused",
         "books": {"flow": "CO2e", "account": "account", "category": "category"}},
        {"id": "spent", "activity": "bought", "formula": "quantity * where(rate > 1, rate, 1 / rate)"},
        {"id": "spent_twice", "each": ["entity", "year"],
         "formula": "spent * 2 + where(2 * spent >= sum(spent, over=[entity]), 1, 0) * spent", "unit": "USD"},
        {"id": "tax", "each": ["entity", "year"], "formula": "-spent_twice * tax_factor ** 1",
         "books": {"flow": "CH4_fossil", "category": "tax"}},
        {"id": "intensity", "formula": "location_based / bought", "unit": "g CO2e/USD"},
        {"id": "per_site", "formula": "electricity / cooling", "unit": "1"},
        {"id": "roof", "formula": "max(electricity, cooling) - min(electricity, cooling)", "unit": "MWh"},
    ],
    "totals": {"NET": ["first_order", "second_order"]},
}  # fmt: skip


def value(factor, number, unit="", **more):
    return {"factor": factor, "value": number, "unit": unit, "statistic": "mean", "source": "invented",
            "status": "provisional", **more}  # fmt: skip


FACTORS = [
    value("grid_direct", 120, "g CO2e/kWh", country="KEN", year=2022, distribution="lognormal", gsd=1.1),
    value("grid_direct", "=grid_direct['KEN', year] * grid_ratio + imported * 0.5", country="UGA", year=2023),
    value("grid_direct", 0.45, "t CO2e/MWh", country="DEU", year=2023),
    value("residual_mix", 0.6, "kg CO2e/kWh", market="DEU", year=2023),
    value("mass_of", 0.15, "kg/piece", item="phone"), value("waste_factor", 2.5, "kg CO2e/kg"),
    value("mass_of", 300, "g/piece", item="=tablet"), value("water_use", 1.8, "L/kWh"), value("per_caused", 1, "kg CO2e/kg"),
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
    "wet": {"value": 1.05, "unit": "1", "source": "invented"}, "loss": {"value": 0.07, "unit": "1", "source": "invented"},
    "rate": {"value": 0.8, "unit": "1", "source": "invented"},
    "saving": {"value": 0.3, "unit": "1", "source": "invented"},
    "tax_factor": {"value": 0.001, "unit": "kg/USD", "source": "invented"},
}  # fmt: skip
HOSTILE = ["=1+1", "+SUM(A1)", "-2", "@x", "*", "a?", "A?", "<>", "Site 1", "site 1", "https://example.org"]


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
        {**at, "activity": "cooling", "item": "tower", "country": "KEN", "quantity": 12, "unit": "MWh"},
        {**at, "activity": "cooling", "item": "dry", "country": "UGA", "quantity": 0, "unit": "kWh"},
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


INSTRUMENTS = [
    {"type": "I-REC", "market": "KEN", "vintage": 2023, "quantity": 400, "unit": "MWh", "factor": 0.02, "entity": "Savanna"},
    {"type": "PPA", "market": "KEN", "vintage": 2023, "quantity": 100, "unit": "MWh", "factor": 0.01, "entity": "Savanna"},
    {"type": "GO", "market": "DEU", "vintage": 2023, "quantity": 9999, "unit": "MWh", "factor": 0.03, "entity": "Savanna"},
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
    total = next(r for r in again.table("Results") if r["Account"] == "location-based total" and r["Year"] == "2019")
    assert total["Point (live formula)"] == pytest.approx(result.total("location-based", "2019")["point"], rel=1e-9)
    assert total["Mean (Monte Carlo, value)"] == pytest.approx(result.total("location-based", "2019")["mean"], rel=1e-12)


def test_everything_recalculates(everything, recalculate):
    _, book = everything
    again = recalculate(book.path)
    agree(book, again)
    assert set(again.verdicts) == {"OK"}
