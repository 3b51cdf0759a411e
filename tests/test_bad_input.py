"""Each kind of bad input: the whole message, with row and remedy."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter

from netprint import places
from netprint.engine.reading import checks, textfile, workbook
from netprint.engine.reading.read import read
from netprint.engine.reading.rejected import write_rejected
from netprint.engine.reading.tables import connect
from netprint.errors import Problems
from netprint.load.activities import Activity, Schema, families

KINDS = [
    Activity("electricity", "kWh", family="electricity"),
    Activity("fuel_mass", "kg", family="fuel"),
    Activity("fuel_volume", "L", family="fuel"),
    Activity("fuel_energy_net", "MJ_net", family="fuel"),
    Activity("fuel_energy_gross", "MJ_gross", family="fuel"),
    Activity("refund", "kWh", sign="any"),
    Activity("subscribers", "subscriber", kind="driver"),
]
SCHEMA = Schema(
    {a.name: a for a in KINDS},
    families(KINDS),
    places.load(),
    (2019, 2023),
    keep=("country",),
    numeric={"share": "1"},
)
HEADER = "activity,country,year,quantity,unit"


def told(source, root=None, schema=SCHEMA):
    problems = Problems()
    read(source, schema, connection=connect(), problems=problems, root=root)
    return sorted(str(problem) for problem in problems)


def of_csv(folder: Path, text: str | bytes, name: str = "a.csv", schema=SCHEMA):
    """What is told of a file with this text, without the place where all is in ``a.csv``."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return told(name, folder, schema)


# ---- labels


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "electrcity,KEN,2023,1,kWh",
            "a.csv:2, activity: unknown activity 'electrcity'; expected an activity that the catalogue or the method "
            "knows. Did you mean 'electricity'?",
        ),
        (
            ",KEN,2023,1,kWh",
            "a.csv:2, activity: an empty cell; expected an activity such as electricity. "
            "Write what the quantity is of.",
        ),
        (
            "electricity,KEN,2023,1,kwh",
            "a.csv:2, unit: 'kwh' is not a known unit; expected a unit for electricity, such as kWh. "
            "Did you mean 'kWh'?",
        ),
        (
            "electricity,KEN,2023,1,",
            "a.csv:2, unit: an empty cell; expected a unit for electricity, such as kWh. "
            "Write the unit of the quantity.",
        ),
        (
            "electricity,KEN,2023,1,L",
            "a.csv:2, unit: electricity in 'L', a unit of another dimension; expected a unit of the dimension of kWh. "
            "Write the quantity in kWh, or correct the activity.",
        ),
        (
            "fuel,KEN,2023,1,kWh",
            "a.csv:2, unit: fuel in 'kWh', an energy without its calorific value; expected a unit of the dimension of "
            "kg or L or MJ_net or MJ_gross. Write 'kWh_net' or 'kWh_gross': say on which calorific value the energy "
            "is stated.",
        ),
        (
            "electricity,Kenja,2023,1,kWh",
            "a.csv:2, country: unknown country 'Kenja'; expected a country as ISO 3166-1 alpha-3, such as KEN, or its "
            f"name. Did you mean {' or '.join(places.load().nearest('Kenja'))}?",
        ),
        (
            "electricity,,2023,1,kWh",
            "a.csv:2, country: an empty cell; expected a country as ISO 3166-1 alpha-3, such as KEN, or its name. "
            "Write the country; WORLD where it is truly not known.",
        ),
        (
            "electricity,KEN,203,1,kWh",
            "a.csv:2, year: '203'; expected a whole year from 1990 to 2100. Write the year with four digits.",
        ),
        (
            "electricity,KEN,2023.5,1,kWh",
            "a.csv:2, year: '2023.5', which is not a whole year; expected a whole year from 1990 to 2100. "
            "Write 2023 if that is meant.",
        ),
        (
            "electricity,KEN,FY2023,1,kWh",
            "a.csv:2, year: 'FY2023', which is not a whole year; expected a whole year from 1990 to 2100. "
            "Write 2023 if that is meant.",
        ),
        (
            "electricity,KEN,,1,kWh",
            "a.csv:2, year: an empty cell; expected a whole year from 1990 to 2100. "
            "Write the year, or start and end dates that lie in one year.",
        ),
        (
            "electricity,#N/A,2023,1,kWh",
            "a.csv:2, country: the error value #N/A; expected a value. "
            "Mend the formula of the cell or write its value.",
        ),
    ],
)
def test_labels(tmp_path, row, message):
    assert of_csv(tmp_path, f"{HEADER}\n{row}\n") == [message]


# ---- quantities


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1.234,5", "'1.234,5', with a decimal comma or thousands separators|Write 1234.5."),
        ("1,234.5", "'1,234.5', with a decimal comma or thousands separators|Write 1234.5."),
        (
            "1,234",
            "'1,234', with a decimal comma or thousands separators|"
            "Write 1234 if the comma separates thousands, or 1.234 if it is the decimal mark.",
        ),
        ("12,5", "'12,5', with a decimal comma or thousands separators|Write 12.5."),
        ("0,125", "'0,125', with a decimal comma or thousands separators|Write 0.125."),
        ("1,234,567", "'1,234,567', with a decimal comma or thousands separators|Write 1234567."),
        ("1.234.567", "'1.234.567', with a decimal comma or thousands separators|Write 1234567."),
        ("12,34,567.5", "'12,34,567.5', with a decimal comma or thousands separators|Write 1234567.5."),
        ("1 234", "'1 234', with a decimal comma or thousands separators|Write 1234."),
        ("1\u00a0234,5", "'1\u00a0234,5', with a decimal comma or thousands separators|Write 1234.5."),
        ("1'234", "'1'234', with a decimal comma or thousands separators|Write 1234."),
        ("nan", "'nan', which is not a finite number|Write the number that was measured."),
        ("-inf", "'-inf', which is not a finite number|Write the number that was measured."),
        ("1e400", "'1e400', which is not a finite number|Write the number that was measured."),
        (
            "12 kWh",
            "'12 kWh', a number with a unit|Write the number alone and put 'kWh' where the unit belongs.",
        ),
        ("5%", "'5%', a number with a unit|Write the number alone and put '%' where the unit belongs."),
        ("1_000", "'1_000', which is not a number|Write the number in digits."),
        ("0x1F", "'0x1F', which is not a number|Write the number in digits."),
        ("n/a", "'n/a', which is not a number|Write the number in digits."),
    ],
)
def test_numbers(tmp_path, cell, message):
    found, remedy = message.split("|")
    expected = f"a.csv:2, quantity: {found}; expected a plain number such as 1234.5. {remedy}"
    assert of_csv(tmp_path, f'{HEADER}\nelectricity,KEN,2023,"{cell}",kWh\n') == [expected]


@pytest.mark.parametrize("cell", ["1234.5", "1e6", "+5", ".5", "5.", " 7 ", "0", "1E-3"])
def test_plain_numbers_are_taken(tmp_path, cell):
    assert of_csv(tmp_path, f"{HEADER}\nelectricity,KEN,2023,{cell},kWh\n") == []


def test_an_empty_quantity(tmp_path):
    assert of_csv(tmp_path, f"{HEADER}\nelectricity,KEN,2023,,kWh\n") == [
        "a.csv:2, quantity: an empty cell; expected a number. "
        "Write the quantity; write 0 only where it is truly zero."
    ]


def test_an_error_value_as_quantity(tmp_path):
    assert of_csv(tmp_path, f"{HEADER}\nelectricity,KEN,2023,#REF!,kWh\n") == [
        "a.csv:2, quantity: the error value #REF!; expected a value. Mend the formula of the cell or write its value."
    ]


def test_below_zero(tmp_path):
    text = f"{HEADER}\nelectricity,KEN,2023,-5,kWh\nrefund,KEN,2023,-5,kWh\n"
    assert of_csv(tmp_path, text) == [
        "a.csv:2, quantity: -5, below zero; expected a quantity of electricity that is zero or more. "
        "Write the quantity without its sign, or correct the row that it reverses."
    ]


def test_a_numeric_column(tmp_path):
    assert of_csv(tmp_path, f"{HEADER},share\nelectricity,KEN,2023,5,kWh,half\n") == [
        "a.csv:2, share: 'half', which is not a number; expected a plain number such as 1234.5. "
        "Write the number in digits."
    ]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            "-5",
            "-5 %; expected an uncertainty from 0 to 1000 %, as ± % at 95 % confidence. Write 5 for ± 5 %.",
        ),
        (
            "1001",
            "1001 %; expected an uncertainty from 0 to 1000 %, as ± % at 95 % confidence. Write 5 for ± 5 %.",
        ),
        (
            "low",
            "'low', which is not a number; expected a plain number such as 1234.5. Write the number in digits.",
        ),
    ],
)
def test_uncertainty(tmp_path, cell, message):
    text = f"{HEADER},uncertainty\nelectricity,KEN,2023,5,kWh,{cell}\n"
    assert of_csv(tmp_path, text) == [f"a.csv:2, uncertainty: {message}"]


def test_an_unknown_tier(tmp_path):
    assert of_csv(tmp_path, f"{HEADER},tier\nelectricity,KEN,2023,5,kWh,Metered\n") == [
        "a.csv:2, tier: unknown tier 'Metered'; expected metered, billed, estimated or modelled. "
        "Did you mean 'metered'?"
    ]


def test_an_error_value_in_any_column(tmp_path):
    assert of_csv(tmp_path, f"{HEADER},site\nelectricity,KEN,2023,5,kWh,#DIV/0!\n") == [
        "a.csv:2, site: the error value #DIV/0!; expected a value. Mend the formula of the cell or write its value."
    ]


# ---- dates


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            "03/04/2023",
            "'03/04/2023', which may be 3 April or 4 March 2023; expected a date as YYYY-MM-DD. "
            "Write 2023-04-03 or 2023-03-04.",
        ),
        ("25/12/2023", "'25/12/2023'; expected a date as YYYY-MM-DD. Write 2023-12-25."),
        ("2023/01/02", "'2023/01/02'; expected a date as YYYY-MM-DD. Write 2023-01-02."),
        (
            "45017",
            "'45017', the day number of a spreadsheet; expected a date as YYYY-MM-DD. "
            "Write 2023-04-01 if that is meant, and format the column as a date.",
        ),
        (
            "2023-02-30",
            "'2023-02-30', which the calendar does not have or which lies outside 1990 to 2100; "
            "expected a date as YYYY-MM-DD. Correct the year, the month, the day or the time.",
        ),
        (
            "1 May 2023",
            "'1 May 2023', which is no ISO date; expected a date as YYYY-MM-DD. "
            "Write year, month and day with hyphens.",
        ),
    ],
)
def test_dates(tmp_path, start, message):
    text = f"{HEADER},start,end\nelectricity,KEN,2023,5,kWh,{start},2023-12-31\n"
    assert of_csv(tmp_path, text) == [f"a.csv:2, start: {message}"]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (
            "2023-02-01",
            "2023-01-01",
            "a.csv:2, end: 2023-01-01, before the start 2023-02-01; expected an end on or after the start. "
            "Exchange or correct the dates.",
        ),
        (
            "2023-02-01",
            "",
            "a.csv:2, start: start 2023-02-01 without end; expected both or neither. Write the date in 'end' too.",
        ),
        (
            "2021-01-01",
            "2022-02-01",
            "a.csv:2, year: the year 2023 for 2021-01-01 to 2022-02-01; expected a year that the dates touch. "
            "Correct the year or the dates.",
        ),
    ],
)
def test_periods(tmp_path, start, end, message):
    text = f"{HEADER},start,end\nelectricity,KEN,2023,5,kWh,{start},{end}\n"
    assert of_csv(tmp_path, text) == [message]


def test_a_period_over_two_years_needs_a_year(tmp_path):
    text = f"{HEADER},start,end\nelectricity,KEN,,5,kWh,2022-12-01,2023-01-31\n"
    assert of_csv(tmp_path, text) == [
        "a.csv:2, year: no year, and no dates that lie in one year; expected a year for each row. "
        "Write the year, or state `prepare: [split_periods]` in the study."
    ]
    split = Schema(SCHEMA.activities, SCHEMA.families, SCHEMA.countries, SCHEMA.years, split_periods=True)
    assert of_csv(tmp_path, text, schema=split) == []


def test_a_time_that_is_none(tmp_path):
    assert of_csv(tmp_path, f"{HEADER},time\nelectricity,KEN,2023,5,kWh,01/02/2023 10:00\n") == [
        "a.csv:2, time: '01/02/2023 10:00', which may be 1 February or 2 January 2023; expected a time as "
        "YYYY-MM-DDTHH:MM, with Z or an offset. Write 2023-02-01 or 2023-01-02."
    ]


def test_a_period_over_two_years_is_not_the_year_of_the_study(tmp_path):
    stated = Schema(
        SCHEMA.activities, SCHEMA.families, SCHEMA.countries, (2023, 2023), defaults={"year": "2023"}
    )
    text = f"{HEADER},start,end\nelectricity,KEN,,5,kWh,2022-12-01,2023-01-31\nelectricity,KEN,,5,kWh,,\n"
    assert of_csv(tmp_path, text, schema=stated) == [
        "a.csv:2, year: no year, and no dates that lie in one year; expected a year for each row. "
        "Write the year, or state `prepare: [split_periods]` in the study."
    ]


def test_a_table_without_rows():
    assert told(pa.table({name: pa.array([], pa.string()) for name in HEADER.split(",")})) == [
        "rows: a table without rows; expected at least one row. Check that the right table was named."
    ]


# ---- rows that count twice


def test_a_repeated_record_id(tmp_path):
    rows = "electricity,KEN,2023,5,kWh,A1\n"
    (tmp_path / "b.csv").write_text(f"{HEADER},record_id\n{rows}")
    (tmp_path / "a.csv").write_text(f"{HEADER},record_id\n{rows}{rows}")
    assert told(["a.csv", "b.csv"], tmp_path) == [
        "a.csv:3, record_id: 'A1', which a.csv:2 has too; expected each record_id once. "
        "Remove the row if it is the same record, else give it an id of its own.",
        "b.csv:2, record_id: 'A1', which a.csv:2 has too; expected each record_id once. "
        "Remove the row if it is the same record, else give it an id of its own.",
    ]


def test_a_submeter_beside_its_parent(tmp_path):
    text = (
        f"{HEADER},record_id,part_of\nelectricity,KEN,2023,50,kWh,main,\nelectricity,KEN,2023,5,kWh,hall,main\n"
        "fuel,KEN,2023,5,L,tank,main\nelectricity,KEN,2022,5,kWh,old,main\nelectricity,KEN,2023,5,kWh,x,elsewhere\n"
    )
    assert of_csv(tmp_path, text) == [
        "a.csv:3, part_of: a part of 'main', whose whole stands at a.csv:2; expected the whole or its parts, not both. "
        "Remove this row and the other parts, or the whole."
    ]


# ---- columns


def test_a_missing_column(tmp_path):
    assert of_csv(tmp_path, "activity,country,year,unit\nelectricity,KEN,2023,kWh\n") == [
        "a.csv:1, quantity: no column 'quantity' (there are: activity, country, year, unit); expected the columns "
        "activity, country, year, quantity, unit. Add the column 'quantity' or rename the one that holds it."
    ]


def test_a_column_in_other_spelling(tmp_path):
    text = "Activity,country,year,quantity,unit,uncertanty\nelectricity,KEN,2023,5,kWh,3\n"
    assert of_csv(tmp_path, text) == [
        "a.csv:1, Activity: a column 'Activity'; expected 'activity'. "
        "Rename it to 'activity', or to something else if it is another thing.",
        "a.csv:1, uncertanty: a column 'uncertanty'; expected 'uncertainty'. "
        "Rename it to 'uncertainty', or to something else if it is another thing.",
    ]


def test_a_column_of_the_view(tmp_path):
    assert of_csv(tmp_path, f"{HEADER},sd\nelectricity,KEN,2023,5,kWh,3\n") == [
        "a.csv:1, sd: a column 'sd'; expected names that netprint does not use itself. Rename the column."
    ]


def test_a_column_that_two_tables_spell_differently(tmp_path):
    (tmp_path / "a.csv").write_text(f"{HEADER},hall\nelectricity,KEN,2023,5,kWh,x\n")
    (tmp_path / "b.csv").write_text(f"{HEADER},Hall\nelectricity,KEN,2023,5,kWh,x\n")
    assert told(["a.csv", "b.csv"], tmp_path) == [
        "b.csv:1, Hall: a column 'Hall'; expected 'hall', as in a.csv. Spell the column alike in all tables."
    ]


def test_headers(tmp_path):
    assert of_csv(tmp_path, f"{HEADER},Item,item,,_row\nelectricity,KEN,2023,5,kWh,a,b,c,d\n") == [
        "a.csv:1, _row: '_row' as a column's name; expected a name that netprint does not use itself. "
        "Rename the column.",
        "a.csv:1, column 8: no name; expected a name for each column. Name the column in the header or remove it.",
        "a.csv:1, item: the name 'item' for columns 6 and 7; expected each name once (upper and lower case count as "
        "the same). Rename or remove one of the two columns.",
    ]


# ---- text files


def test_ragged_rows(tmp_path):
    text = f'{HEADER}\nelectricity,KEN,2023,1,5,kWh\nelectricity,KEN\n"electricity",KEN,2023,1,kWh\n'
    assert of_csv(tmp_path, text) == [
        "a.csv:2: 6 cells; expected 5 as in the header. Put a cell that holds the delimiter into quotation marks.",
        "a.csv:3: 2 cells; expected 5 as in the header. Add the missing delimiters.",
    ]


def test_quotation_marks(tmp_path):
    text = (
        f'{HEADER}\n"elec"tricity,KEN,2023,1,kWh\nelectricity,"KEN,2023,1,kWh\nelectricity,KEN,2023,1,kWh\n'
    )
    assert of_csv(tmp_path, text) == [
        "a.csv:2: text after a closing quotation mark; expected cells as CSV has them (RFC 4180). "
        "Write a quotation mark inside a cell twice.",
        "a.csv:3: a quotation mark that is never closed; expected cells as CSV has them (RFC 4180). "
        "Close it, or write it twice to mean the mark itself.",
    ]


def test_encodings(tmp_path):
    row = f"{HEADER},site\nelectricity,KEN,2023,1,kWh,Thikä\n"
    assert of_csv(tmp_path, row.encode("cp1252")) == [
        "a.csv:2: the byte 0xE4, which is not UTF-8 (the file is in another encoding, such as Windows-1252); expected "
        "UTF-8. Save it again as 'CSV UTF-8' (in Excel: Save As, CSV UTF-8)."
    ]
    assert of_csv(tmp_path, row.encode("utf-16-le")[:-1] + b"\n") != []
    assert of_csv(tmp_path, row.replace("Thik", "\0").encode()) == [
        "a.csv:2: a NUL character; expected text. Save it again as 'CSV UTF-8': it is damaged, or UTF-16 without a "
        "byte order mark."
    ]
    assert of_csv(tmp_path, b"\xff\xfea\x00b") == [
        "a.csv: bytes that are not UTF-16, though the file begins as UTF-16 does; expected UTF-8. "
        "Save it again as 'CSV UTF-8'."
    ]


@pytest.mark.parametrize("text", [b"", b"\xef\xbb\xbf", b"\n \r\n\n"])
def test_an_empty_file(tmp_path, text):
    assert of_csv(tmp_path, text) == [
        "a.csv: an empty file; expected a header and rows. Check that the right file was saved."
    ]


def test_a_header_alone(tmp_path):
    assert of_csv(tmp_path, f"{HEADER}\n\n") == [
        "a.csv:1: a header without rows; expected at least one row. Check that the right file was saved."
    ]


@pytest.mark.parametrize("size", [textfile.LONGEST_LINE + 10, textfile.SMALL + 10])
def test_one_endless_line(tmp_path, size):
    assert of_csv(tmp_path, f"{HEADER}\n".encode() + b"x" * size) == [
        "a.csv:2: a line of more than 1 MB; expected one row on each line. "
        "Check that the file is a table with line breaks."
    ]


def test_a_damaged_gzip_file(tmp_path):
    messages = of_csv(tmp_path, b"\x1f\x8b no gzip", "a.csv.gz")
    assert messages == [
        "a.csv.gz: a file that cannot be unpacked (Unknown compression method); expected a whole file. "
        "Copy or compress it again."
    ]


def test_a_large_file(tmp_path, monkeypatch):
    monkeypatch.setattr(textfile, "SMALL", 100)
    rows = "electricity,KEN,2023,1,kWh,a\n" * 5
    text = (
        f'{HEADER},site\n{rows}electricity,KEN,2023,1,kWh,"two\nlines"\n{rows}'
        f"electricity,KEN,2023,1,kWh,a,b\n{rows}electricity,KEN,2023\n{rows}electricity,KEN,2023,x,kWh,a\n"
    )
    assert of_csv(tmp_path, text) == [
        "a.csv:14: more cells than the header; expected cells as CSV has them (RFC 4180). "
        "Put a cell that holds the delimiter into quotation marks.",
        "a.csv:20: fewer cells than the header; expected cells as CSV has them (RFC 4180). "
        "Add the missing delimiters.",
        "a.csv:26, quantity: 'x', which is not a number; expected a plain number such as 1234.5. "
        "Write the number in digits.",
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_of_a_large_file_that_duckdb_cannot_tell(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(textfile, "SMALL", 100)
    rows = "electricity,KEN,2023,1,kWh\n" * 5
    text = f"{HEADER}\n{rows}\n{rows},,,,\nelectricity,KEN,2023,x,kWh\n"
    assert of_csv(tmp_path, text.replace("\n", ending)) == [
        "a.csv:14, quantity: 'x', which is not a number; expected a plain number such as 1234.5. "
        "Write the number in digits."
    ]
    broken = f'{HEADER}\n{rows}\n{rows}electricity,KEN\n"electricity,KEN,2023\n'
    assert of_csv(tmp_path, broken.replace("\n", ending)) == [
        "a.csv:13: 2 cells; expected 5 as in the header. Add the missing delimiters.",
        "a.csv:14: a quotation mark that is never closed; expected cells as CSV has them (RFC 4180). "
        "Close it, or write it twice to mean the mark itself.",
    ]


def test_a_large_file_with_a_header_of_two_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(textfile, "SMALL", 100)
    rows = "electricity,KEN,2023,1,kWh,a\n" * 5
    text = f'{HEADER},"the\nsite"\n{rows}electricity,KEN\nelectricity,KEN,2023,x,kWh,a\n'
    assert of_csv(tmp_path, text) == [
        "a.csv:8: fewer cells than the header; expected cells as CSV has them (RFC 4180). "
        "Add the missing delimiters.",
        "a.csv:9, quantity: 'x', which is not a number; expected a plain number such as 1234.5. "
        "Write the number in digits.",
    ]


# ---- paths


def test_paths(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "out.csv").write_text("a\n1\n")
    (tmp_path / "study" / "link.csv").symlink_to(tmp_path / "out.csv")
    (tmp_path / "study" / "activities.csv").write_text("a\n1\n")
    root = tmp_path / "study"
    assert told("../out.csv", root) == [
        "../out.csv: a path that leads out of the study's folder; expected a file inside it, given by a path relative "
        "to the study. Put the file into the study's folder."
    ]
    absolute = str(tmp_path / "out.csv")
    assert told(absolute, root) == [
        f"{absolute}: a path that leads out of the study's folder; expected a file inside it, given by a path "
        "relative to the study. Put the file into the study's folder."
    ]
    assert told("link.csv", root) == [
        "link.csv: 'link.csv' is a link that leads out of the study's folder; expected a file inside it. "
        "Put the file itself into the study's folder."
    ]
    assert told("activites.csv", root) == [
        "activites.csv: no such file; expected a file that can be read. Did you mean 'activities.csv'?"
    ]
    assert told("data/a.csv", root) == [
        "data/a.csv: no such file; expected a file that can be read. "
        "The folder does not exist either: check the path."
    ]
    assert told("*.parquet", root) == [
        "*.parquet: no CSV or Parquet file under this name; expected at least one. Check the name and the folder."
    ]
    (root / "a.xls").write_text("")
    assert told("a.xls", root) == [
        "a.xls: a file of the kind '.xls'; expected CSV, TSV (also .gz or .zst), Parquet, XLSX, DuckDB or SQLite. "
        "Save the workbook as .xlsx."
    ]


def test_names_that_look_like_a_glob(tmp_path):
    row = {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1.0, "unit": "kWh"}
    pyarrow.parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "a[1].parquet")
    assert told("a[1].parquet", tmp_path) == []


def test_rows_of_damaged_pages(tmp_path):
    row = {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1.0, "unit": "kWh"}
    pyarrow.parquet.write_table(pa.Table.from_pylist([row] * 1000), tmp_path / "a.parquet")
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[4:200] = bytes(196)
    (tmp_path / "a.parquet").write_bytes(data)
    (message,) = told("a.parquet", tmp_path)
    assert message.startswith("a.parquet: a table that cannot be read (")
    assert message.endswith("); expected rows. Write the file again.")


def test_a_damaged_parquet_file(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"no parquet at all")
    (message,) = told("a.parquet", tmp_path)
    assert message.startswith("a.parquet: a file that is not Parquet, or damaged (Invalid Input Error: ")
    assert message.endswith("); expected Parquet. Write the file again.")


# ---- typed tables


def test_typed_columns(tmp_path):
    table = pa.table(
        {
            "activity": ["electricity"] * 6,
            "country": ["KEN", "KEN", None, "KEN", "KEN", "KEN"],
            "year": [2023.0, 2023.5, 2023.0, 1066.0, None, float("nan")],
            "quantity": [float("inf"), None, 1.0, -1.0, 1.0, 1.0],
            "unit": ["kWh"] * 6,
            "start": [None, None, None, None, datetime.date(2022, 1, 1), datetime.date(2023, 1, 1)],
            "end": [None, None, None, None, datetime.date(2023, 1, 1), datetime.date(2023, 1, 1)],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    messages = told("a.parquet", tmp_path)
    assert messages == [
        "a.parquet:1, quantity: 'inf', which is not a finite number; expected a plain number such as 1234.5. "
        "Write the number that was measured.",
        "a.parquet:2, quantity: an empty cell; expected a number. "
        "Write the quantity; write 0 only where it is truly zero.",
        "a.parquet:2, year: '2023.5', which is not a whole year; expected a whole year from 1990 to 2100. "
        "Write 2023 if that is meant.",
        "a.parquet:3, country: an empty cell; expected a country as ISO 3166-1 alpha-3, such as KEN, or its name. "
        "Write the country; WORLD where it is truly not known.",
        "a.parquet:4, quantity: -1.0, below zero; expected a quantity of electricity that is zero or more. "
        "Write the quantity without its sign, or correct the row that it reverses.",
        "a.parquet:4, year: '1066'; expected a whole year from 1990 to 2100. Write the year with four digits.",
        "a.parquet:5, year: no year, and no dates that lie in one year; expected a year for each row. "
        "Write the year, or state `prepare: [split_periods]` in the study.",
        "a.parquet:6, year: 'nan', which is not a whole year; expected a whole year from 1990 to 2100. "
        "Write the year with four digits.",
    ]


def test_rows_in_memory():
    assert told({"activity": ["electricity"], "year": [2023, 2024]}) == [
        "rows: columns of different length ('activity' has 1, 'year' has 2); expected as many values in each column. "
        "Fill the shorter columns."
    ]
    assert told([{"activity": "electricity", "country": "KEN", "year": 2023, "quantity": "1,5", "unit": "kWh"},
                 {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1.5, "unit": "kWh"}]) == [
        "rows:1, quantity: '1,5', with a decimal comma or thousands separators; expected a plain number such as "
        "1234.5. Write 1.5."
    ]  # fmt: skip


# ---- workbooks


def of_workbook(folder: Path, fill, sheet=""):
    path = folder / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("Data")
    page.write_row(0, 0, HEADER.split(","))
    fill(book, page)
    book.close()
    return told(f"a.xlsx{sheet}", folder)


def test_a_workbook(tmp_path):
    def fill(book, page):
        page.write_row(1, 0, ["electricity", "KEN", 2023, 5, "kWh"])
        page.write_row(2, 0, ["electricity", "KEN", 2023, 5, "kWh"])
        page.write_formula(1, 3, "=NA()", None, "#N/A")
        page.write_formula(2, 4, '=""&"kWh"', None, "")
        page.merge_range("B4:B5", "KEN")
        page.write_row(3, 2, [2023, 5, "kWh"])
        page.write(3, 0, "electricity")
        page.write_row(5, 0, ["electricity", "KEN", 2023, "1 234", "kWh"])

    messages = of_workbook(tmp_path, fill)
    assert [m for m in messages if ":2" in m or ":4," in m or ":6" in m] == [
        "a.xlsx:2, quantity: an empty cell; expected a number. "
        "Write the quantity; write 0 only where it is truly zero.",
        "a.xlsx:2, quantity: the error value #N/A; expected a value. "
        "Mend the formula of the cell or write its value.",
        "a.xlsx:4, country: the merged cells B4:B5; expected one value in each cell. "
        "Unmerge them and write the value into each row.",
        "a.xlsx:6, quantity: '1 234', with a decimal comma or thousands separators; expected a plain number such as "
        "1234.5. Write 1234.",
    ]


def test_a_formula_without_value(tmp_path):
    def fill(book, page):
        page.write_row(1, 0, ["electricity", "KEN", 2023, 5, "kWh"])

    of_workbook(tmp_path, fill)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'<c r="D2"><v>5</v></c>', b'<c r="D2"><f>2+3</f></c>')
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert told("a.xlsx", tmp_path)[0] == (
        "a.xlsx:2, quantity: a formula that was never calculated; expected a value. "
        "Open the workbook in a spreadsheet program and save it."
    )


def test_sheets(tmp_path):
    def fill(book, page):
        book.add_worksheet("Notes")

    assert of_workbook(tmp_path, fill) == [
        "a.xlsx: 2 sheets and no word which to read; expected file.xlsx#Sheet. Choose one of 'Data', 'Notes'."
    ]
    assert of_workbook(tmp_path, fill, "#data") == [
        "a.xlsx#data: no sheet 'data'; expected file.xlsx#Sheet. Did you mean 'Data'?"
    ]
    assert of_workbook(tmp_path, fill, "#Notes") == [
        "a.xlsx#Notes: an empty sheet; expected a header and rows. "
        "Name the sheet that holds the rows, as file.xlsx#Sheet."
    ]
    assert of_workbook(tmp_path, fill, "#Data") == [
        "a.xlsx#Data:1: a header without rows; expected at least one row. Check that the right table was named."
    ]


def test_a_stray_cell(tmp_path):
    assert of_workbook(tmp_path, lambda book, page: page.write("XFD1048576", 1)) == [
        "a.xlsx: a sheet of 1048576 rows and 16384 columns; expected at most 20 million cells. "
        "Delete the stray cells beside and below the table, or save the rows as CSV."
    ]


def test_a_zip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "UNPACKED", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 3_000_000)
    assert told("a.xlsx", tmp_path) == [
        "a.xlsx: a workbook of 1 parts that unpacks to 3 MB; expected at most 1 MB, not 200 times the packed size. "
        "Save the rows as CSV or Parquet."
    ]


def test_what_is_no_workbook(tmp_path):
    assert of_csv(tmp_path, b"a,b\n", "a.xlsx") == [
        "a.xlsx: a file that is not an XLSX workbook; expected XLSX. Save it as .xlsx from a spreadsheet program."
    ]
    assert of_csv(tmp_path, b"\xd0\xcf\x11\xe0 rest", "a.xlsx") == [
        "a.xlsx: an old .xls workbook or one with a password; expected XLSX. Save it as .xlsx without a password."
    ]


# ---- many problems, and the rejected rows


def test_only_the_first_problems_in_full(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "DETAILED", 4)
    rows = "electricity,KEN,2023,x,kWh\n" * 5
    messages = of_csv(tmp_path, f"{HEADER}\n{rows}electricity,Kenja,2023,1,kWh\n")
    assert len(messages) == 5
    assert (
        messages[0]
        == "a.csv: 2 more problems (quantity 2); expected none. Mend the kinds that the other 4 show."
    )
    assert any("Kenja" in message for message in messages)


def test_rejected_rows(tmp_path):
    (tmp_path / "a.csv").write_text(f"{HEADER}\nelectricity,KEN,2023,x,kWh\nelectricity,KEN\n")
    connection = connect()
    problems = Problems()
    read("a.csv", SCHEMA, connection=connection, problems=problems, root=tmp_path)
    assert write_rejected(tmp_path / "rejected.csv", connection) == 2
    assert (tmp_path / "rejected.csv").read_text("utf-8-sig").splitlines() == [
        "file,row,field,reason,cell: activity,cell: country,cell: year,cell: quantity,cell: unit",
        "a.csv,2,quantity,\"'x', which is not a number; expected a plain number such as 1234.5. "
        'Write the number in digits.",electricity,KEN,2023,x,kWh',
        "a.csv,3,,2 cells; expected 5 as in the header. Add the missing delimiters.,,,,,",
    ]
