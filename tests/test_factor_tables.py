"""Factor tables of a study: files that are no tables, units of other gases, distributions, places; whole messages."""

from __future__ import annotations

from pathlib import Path

import pytest

import netprint
from netprint.errors import InputError
from netprint.load.factors import read_csv

METHOD = {
    "id": "own",
    "activities": {"use": "kWh"},
    "terms": [
        {
            "id": "used",
            "activity": "use",
            "formula": "quantity * grid_direct[country, year]",
            "books": {"flow": "CO2e"},
        }
    ],
}


def study(root: Path, table: str | bytes, name: str = "own.csv") -> dict[str, object]:
    """A study whose factor table is ``table``."""
    (root / name).write_bytes(table.encode() if isinstance(table, str) else table)
    return {
        "title": "t", "method": METHOD, "period": 2023, "entity": "E", "country": "KEN", "draws": 100,
        "activities": [{"activity": "use", "quantity": 10, "unit": "kWh"}], "factors": name, "root": str(root),
    }  # fmt: skip


def told(root: Path, table: str | bytes, name: str = "own.csv") -> list[str]:
    with pytest.raises(InputError) as error:
        netprint.assess(study(root, table, name))
    return [str(problem) for problem in error.value.problems]


# ---- the file

HEADER = "factor,country,value,unit\n"
ROW = "grid_direct,KEN,1,kg CO2e/kWh\n"
AS_CSV = (
    "expected a CSV file in UTF-8 with commas. Save the table as CSV UTF-8 (comma delimited) in your spreadsheet "
    "program, and name that file."
)
FILES: dict[str, tuple[str | bytes, list[str]]] = {
    "cells beyond the header": (
        HEADER + ROW + "\ngrid_direct,DEU,0,5,kg CO2e/kWh\n",
        [
            "own.csv:4: the cell 'kg CO2e/kWh' stands under no column: the row has 5 cells and the header names 4; "
            "expected no more cells than columns. Put a text that has commas between quotation marks, or name the "
            "column."
        ],
    ),
    "a repeated header": (
        "factor,country,value,value,unit\ngrid_direct,KEN,1,2,kg CO2e/kWh\n",
        [
            "own.csv:1, value: the column 'value' stands 2 times in the header; expected each column once. Delete or "
            "rename the others."
        ],
    ),
    "a column that is missing": (
        "factr,country,value\ngrid_direct,KEN,1\n",
        [
            "own.csv:1, factor: the column 'factor' is missing; expected the columns factor, value in the first line. "
            "Did you mean 'factr'?"
        ],
    ),
    "semicolons": (
        "factor;value\ngrid_direct;1\n",
        [f"own.csv:1: the columns are divided by ';'; {AS_CSV}"],
    ),
    "nothing": (
        "",
        [
            "own.csv:1: the table is empty; expected a header and rows. Fill it, or do not name it in the study."
        ],
    ),
    "UTF-16": ((HEADER + ROW).encode("utf-16"), [f"own.csv:1: the table is in UTF-16; {AS_CSV}"]),
    "UTF-16 without its mark": (
        (HEADER + ROW).encode("utf-16-le"),
        [f"own.csv:1: a character of code 0 stands here; {AS_CSV}"],
    ),
    "Latin-1": (
        (HEADER + ROW + "grid_direct,Côte d'Ivoire,1,kg CO2e/kWh\n").encode("latin-1"),
        [f"own.csv:3: the byte 0xf4 is no UTF-8; {AS_CSV}"],
    ),
    "a quotation mark without its partner": (
        HEADER + ROW + 'grid_direct,"DEU,1,kg\n',
        [
            "own.csv:3: the line is no CSV (unexpected end of data); expected cells between commas, each quotation "
            "mark with its partner. Mend the line."
        ],
    ),
    "a status": (
        "factor,country,value,unit,status\ngrid_direct,KEN,1,kg CO2e/kWh,verfied\n",
        [
            "own.csv:2, status: the status 'verfied' is not known; expected verified or provisional. Did you mean "
            "'verified'?"
        ],
    ),
    "a country": (
        HEADER + ROW.replace("KEN", "Kennya"),
        [
            "own.csv:2, country: the country 'Kennya' is not known, or more than one place is called so; expected a "
            "country by its code or name, such as KEN or Kenya. Did you mean KEN (Kenya) or "
            "KNA (Saint Kitts and Nevis)?"
        ],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_table_that_cannot_be_read(tmp_path, name):
    table, messages = FILES[name]
    assert told(tmp_path, table) == messages


def test_a_workbook_is_refused(tmp_path):
    expected = [f"own.xlsx: the table is a spreadsheet; {AS_CSV}"]
    assert told(tmp_path, b"PK\x03\x04", "own.xlsx") == expected
    assert told(tmp_path, b"PK\x03\x04") == [expected[0].replace("xlsx", "csv")]


@pytest.mark.parametrize("country", ["KEN", "ken", "KE", "Kenya", "肯尼亚", ""])
def test_a_country_by_code_or_name(tmp_path, country):
    result = netprint.assess(study(tmp_path, HEADER + ROW.replace("KEN", country)))
    assert result.total("inventory")["point"] == 10


def test_one_country_under_two_names_is_one_row(tmp_path):
    assert told(tmp_path, HEADER + ROW + ROW.replace("KEN", "Kenya")) == [
        "own.csv:3, factor: grid_direct[KEN, any] stands here and in own.csv:2; expected one row for one index. "
        "Remove one of them, or give them different factors where they are of different kind."
    ]


def test_columns_of_cards(tmp_path):
    (tmp_path / "cards.csv").write_text("factor,unit,fallbck\ngrid_of,kg CO2e/kWh,year\n")
    assert told(tmp_path, HEADER + ROW) == [
        "cards.csv:1, fallbck: the column 'fallbck' is not known here; expected factor, unit, index, kind, boundary, "
        "fallback, correlation, title, note. Did you mean 'fallback'?"
    ]


# ---- units

CO2 = (
    "CO2 alone is another kind than CO2e: use a factor of another name, or write kg CO2e if it includes the other "
    "gases."
)
GAS = (
    "{} becomes CO2e through its global warming potential: use a factor of another name and multiply it by gwp, or "
    "write kg CO2e if the value is one."
)


@pytest.mark.parametrize(
    ("unit", "remedy"),
    [
        ("kg CO2/kWh", CO2), ("kgCO2/kWh", CO2), ("tCO₂/MWh", CO2), ("kg CH4/kWh", GAS.format("CH4")),
        ("kg N2O/kWh", GAS.format("N2O")), ("kg CH4_fossil/kWh", GAS.format("CH4_fossil")),
        ("kg HFC-134a/kWh", GAS.format("HFC-134a")), ("kg R-410A/kWh", GAS.format("R-410A")),
    ],
)  # fmt: skip
def test_another_gas_is_not_read_as_co2e(tmp_path, unit, remedy):
    assert told(tmp_path, HEADER + ROW.replace("kg CO2e/kWh", unit)) == [
        f"own.csv:2, unit: grid_direct is given in {unit}; expected a unit like kg CO2e/kWh. {remedy}"
    ]


@pytest.mark.parametrize(
    "unit", ["kg/kWh", "kg CO2e/kWh", "kgCO2eq/kWh", "kg CO2-eq/kWh", "t CO₂e/MWh", "t/MWh"]
)
def test_a_bare_mass_and_co2e_are_read(tmp_path, unit):
    result = netprint.assess(study(tmp_path, HEADER + ROW.replace("kg CO2e/kWh", unit)))
    assert result.total("inventory")["point"] == 10


def test_a_gas_is_not_read_as_another(tmp_path):
    row = "grid_direct_co2,KEN,1,kg CH4/kWh\n"
    assert told(tmp_path, HEADER + row) == [
        "own.csv:2, unit: grid_direct_co2 is given in kg CH4/kWh; expected a unit like kg CO2/kWh. CH4 is another "
        "kind: use a factor of another name."
    ]


def test_a_formula_on_a_gas_is_not_read_as_co2e(tmp_path):
    table = "factor,value,unit\ngrid_direct,=leak * 2,\nleak,1,kg CH4/kWh\n"
    assert told(tmp_path, table) == [
        "own.csv:2, value: the formula of grid_direct takes leak, which is given in kg CH4/kWh; expected the unit of "
        f"the factor, kg CO2e/kWh. {GAS.format('CH4')}"
    ]


# ---- distributions

ALL = "p2_5, p97_5, min, max, gsd and points"
FILL = "Fill these and no others, or name the distribution that is meant."
NAME = (
    "expected p2_5 and p97_5 (normal), gsd (lognormal), points (empirical), or a distribution by name. Name the "
    "distribution, and fill the columns that it has."
)
SHAPES: dict[str, str] = {
    "min=0 max=2": f"distribution: no distribution is named, and what is filled is min and max; {NAME}",
    "p2_5=0.5": f"distribution: no distribution is named, and what is filled is p2_5; {NAME}",
    "gsd=1.1 p2_5=0.5 p97_5=2": (
        f"distribution: no distribution is named, and what is filled is p2_5, p97_5 and gsd; {NAME}"
    ),
    "distribution=exact gsd=1.1": (
        f"distribution: the distribution is exact, and what is filled is gsd; expected none of {ALL}. {FILL}"
    ),
    "distribution=normal gsd=1.1": (
        f"distribution: the distribution is normal, and what is filled is gsd; expected p2_5 and p97_5. {FILL}"
    ),
    "distribution=normal": (
        "distribution: the distribution is normal, and what is filled is none of its columns; expected p2_5 and "
        f"p97_5. {FILL}"
    ),
    "distribution=lognormal min=0 max=2": (
        "distribution: the distribution is lognormal, and what is filled is min and max; expected gsd, or p2_5 and "
        f"p97_5. {FILL}"
    ),
    "distribution=beta gsd=1.1": (
        "distribution: the distribution is beta, and what is filled is gsd; expected p2_5 and p97_5, and min and max "
        f"where they are not 0 and 1. {FILL}"
    ),
    "distribution=uniform min=0": (
        "min: min is 0 and max is empty; expected min below max, both given. The distribution needs both limits."
    ),
    "value=3 distribution=normal p2_5=0.5 p97_5=2": (
        "value: the value is 3; expected a value from p2_5 0.5 to p97_5 2. Mend the value or its limits."
    ),
    "value=3 distribution=lognormal p2_5=0.5 p97_5=2": (
        "value: the value is 3; expected a value from p2_5 0.5 to p97_5 2. Mend the value or its limits."
    ),
    "value=0 gsd=1.2": (
        "value: the value of a lognormal distribution is 0; expected a value above zero. Mend the value, or choose a "
        "distribution that reaches zero, such as normal or triangular."
    ),
    "value=0.5 distribution=beta p2_5=0.6 p97_5=0.7": (
        "value: the value is 0.5; expected a value from p2_5 0.6 to p97_5 0.7. Mend the value or its limits."
    ),
    "value=0.5 distribution=beta p2_5=-0.1 p97_5=0.7": (
        "p2_5: the limits -0.1 and 0.7 lie outside [0, 1]; expected limits from min to max, which are 0 and 1 where "
        "they are empty. Mend min, max, p2_5 or p97_5."
    ),
    "value=0.5 distribution=beta p2_5=0.4 p97_5=0.6 max=0": (
        "value: no beta distribution on [0, 0] has mean 0.5 and standard deviation 0.0510213; expected a mean inside "
        "and a narrower range. Mend min, max, p2_5 or p97_5."
    ),
    "value=0.5 distribution=beta p2_5=0.4 p97_5=0.6 statistic=mode": (
        "statistic: the value of a beta distribution is given as mode; expected mean. Give the mean, or choose a pert "
        "distribution for a most likely value."
    ),
    "value=0.5 distribution=dirichlet p2_5=-2 p97_5=2": (
        "p2_5: no share of 0.5 has a standard deviation of 1.02043, as its limits say; expected a standard deviation "
        "above 0 and below 0.5. Mend p2_5 or p97_5."
    ),
    "value=0.5 distribution=dirichlet p2_5=0.6 p97_5=0.7": (
        "value: the value is 0.5; expected a value from p2_5 0.6 to p97_5 0.7. Mend the value or its limits."
    ),
    "value==2*3 gsd=1.1": (
        f"distribution: the value is a formula, and what is filled is gsd; expected none of {ALL}. A formula has the "
        "uncertainty of the factors that it names: leave these cells empty."
    ),
}


@pytest.mark.parametrize("cells", SHAPES)
def test_a_distribution_has_its_columns_and_no_others(tmp_path, cells):
    row = {"factor": "mine", "value": "1", "unit": "1"} | dict(cell.split("=", 1) for cell in cells.split())
    table = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    assert told(tmp_path, table) == [f"own.csv:2, {SHAPES[cells]}"]


def test_a_table_with_a_header_alone_is_one_that_waits_to_be_filled(tmp_path):
    (tmp_path / "own.csv").write_text(HEADER)
    assert read_csv(tmp_path / "own.csv") == []
