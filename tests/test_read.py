"""Tables of every kind give the same rows; rows become typed columns in the activity's unit."""

from __future__ import annotations

import datetime
import gzip
import sqlite3
import sys
import types
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter

from netprint import places
from netprint.engine.reading import textfile
from netprint.engine.reading.read import read
from netprint.engine.reading.tables import connect, open_table
from netprint.errors import InputError, Problems, UsageError
from netprint.load.activities import Activity, Schema, families, load_activities

KINDS = [
    Activity("electricity", "kWh", sign="any", family="electricity"),
    Activity("fuel_mass", "kg", family="fuel"),
    Activity("fuel_volume", "L", family="fuel"),
    Activity("fuel_energy_net", "MJ_net", family="fuel"),
    Activity("subscribers", "subscriber", kind="driver"),
]


def schema(**other):
    return Schema({a.name: a for a in KINDS}, families(KINDS), places.load(), (2019, 2023), **other)


def rows_of(source, columns, root=None, connection=None, **other):
    """The columns of the view, in the order of the rows. Raises where a problem was found."""
    connection = connection or connect()
    problems = Problems()
    view = read(source, schema(**other), connection=connection, problems=problems, root=root)
    problems.raise_if_any()
    listed = ", ".join(f'"{column}"' for column in columns.split())
    return connection.execute(f"SELECT {listed} FROM {view} ORDER BY source_file, _row").fetchall()


# ---- every source gives the same

COLUMNS = ("activity", "country", "year", "quantity", "unit", "site", "uncertainty")
ROWS = [
    ("electricity", "KEN", 2023, 1000.5, "MWh", "Thika, plant", 2),
    ("fuel", "Kenya", 2022, 20, "L", "Æther", None),
]
WANTED = [
    ("electricity", "KEN", "2023", 1000500.0, 2 / 195.9964, True, "Thika, plant"),
    ("fuel_volume", "KEN", "2022", 20.0, 0.0, False, "Æther"),
]
READ = "activity country year quantity sd has_uncertainty site"


def as_text(delimiter=","):
    rows = [["" if cell is None else str(cell) for cell in row] for row in [COLUMNS, *ROWS]]
    return (
        "\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in rows)
        + "\n"
    )


def dicts():
    return [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


def columns():
    return {name: [row[at] for row in ROWS] for at, name in enumerate(COLUMNS)}


TEXTS = {
    "a.csv": as_text().encode(),
    "semicolon.csv": as_text(";").encode(),
    "pipe.csv": as_text("|").encode(),
    "tab.tsv": as_text("\t").encode(),
    "bom.csv": as_text().encode("utf-8-sig"),
    "utf16.csv": as_text("\t").encode("utf-16"),
    "crlf.csv": as_text().replace("\n", "\r\n").encode(),
    "mac.csv": as_text().replace("\n", "\r").encode(),
    "packed.csv.gz": gzip.compress(as_text().encode()),
    "packed.csv.zst": pa.compress(as_text().encode(), "zstd", asbytes=True),
    "declared.csv": b"sep=;\r\n" + as_text(";").encode(),
    "blanks.csv": as_text().replace("KEN", " KEN\u00a0").replace("activity", " activity ", 1).encode(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_files(tmp_path, name):
    (tmp_path / name).write_bytes(TEXTS[name])
    assert rows_of(name, READ, tmp_path) == WANTED


@pytest.mark.parametrize(
    "name", ["a.csv", "semicolon.csv", "bom.csv", "crlf.csv", "packed.csv.gz", "packed.csv.zst"]
)
def test_large_text_files(tmp_path, monkeypatch, name):
    monkeypatch.setattr(textfile, "SMALL", 60)
    (tmp_path / name).write_bytes(TEXTS[name])
    assert rows_of(name, READ, tmp_path) == WANTED


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(dicts, id="dicts"),
        pytest.param(columns, id="columns"),
        pytest.param(lambda: pa.table(columns()), id="arrow"),
        pytest.param(lambda: pa.table(columns()).to_batches()[0], id="batch"),
        pytest.param(lambda: pa.table(columns()).to_reader(), id="reader"),
        pytest.param(lambda: pd.DataFrame(dicts()), id="pandas"),
        pytest.param(lambda: pd.DataFrame(dicts(), index=[7, 3]), id="pandas index"),
        pytest.param(lambda: pd.DataFrame(dicts(), dtype=object), id="pandas object"),
        pytest.param(lambda: pd.DataFrame(dicts()).astype({"activity": "category"}), id="pandas category"),
        pytest.param(lambda: pl.DataFrame(columns()), id="polars"),
        pytest.param(lambda: pl.LazyFrame(columns()), id="polars lazy"),
        pytest.param(
            lambda: duckdb.connect().from_arrow(pa.table(columns())), id="relation of another connection"
        ),
    ],
)
def test_rows_in_memory(frame):
    assert rows_of(frame(), READ) == WANTED


def test_a_relation_of_the_same_connection():
    connection = connect()
    relation = connection.from_arrow(pa.table(columns()))
    assert rows_of(relation, READ, connection=connection) == WANTED


def test_parquet(tmp_path):
    pyarrow.parquet.write_table(pa.table(columns()), tmp_path / "a.parquet")
    assert rows_of("a.parquet", READ, tmp_path) == WANTED
    assert rows_of(tmp_path / "a.parquet", READ) == WANTED


def test_parts(tmp_path):
    (tmp_path / "parts").mkdir()
    for at, part in enumerate(dicts()):
        pyarrow.parquet.write_table(pa.Table.from_pylist([part]), tmp_path / "parts" / f"{at}.parquet")
    wanted = [(*row, f"parts/{at}.parquet", 1) for at, row in enumerate(WANTED)]
    for source in ("parts", "parts/*.parquet"):
        assert rows_of(source, f"{READ} source_file _row", tmp_path) == wanted
    assert rows_of(["parts/0.parquet", "parts/1.parquet"], f"{READ} source_file _row", tmp_path) == wanted
    assert rows_of([["parts/0.parquet", "parts/1.parquet"]], f"{READ} source_file _row", tmp_path) == wanted


def test_csv_parts_with_different_columns(tmp_path):
    (tmp_path / "a.csv").write_text("activity,country,year,quantity,unit\nelectricity,KEN,2023,1,kWh\n")
    (tmp_path / "b.csv").write_text(
        "activity,country,year,quantity,unit,site\nelectricity,KEN,2023,2,kWh,x\n"
    )
    assert rows_of("*.csv", "quantity site source_file _row", tmp_path) == [
        (1.0, "", "a.csv", 2),
        (2.0, "x", "b.csv", 2),
    ]


@pytest.mark.parametrize("sheet", ["", "#Data"])
def test_a_workbook(tmp_path, sheet):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet("Data")
    for at, row in enumerate([COLUMNS, *ROWS]):
        page.write_row(2 * at + 1, 0, row)  # every other row of the sheet is blank
    page.write(3, 6, 0.02, book.add_format({"num_format": "0%"}))
    book.close()
    wanted = [(*row, 2 * at + 4) for at, row in enumerate(WANTED)]
    assert rows_of(f"a.xlsx{sheet}", f"{READ} _row", tmp_path) == wanted


def test_dates_of_a_workbook(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, ["activity", "country", "quantity", "unit", "start", "end", "time"])
    page.write_row(1, 0, ["electricity", "KEN", 5, "kWh"])
    day, hour = (
        book.add_format({"num_format": "d mmm yyyy"}),
        book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    )
    page.write_datetime(1, 4, datetime.datetime(2023, 1, 1), day)
    page.write_datetime(1, 5, datetime.datetime(2023, 3, 31), day)
    page.write_datetime(1, 6, datetime.datetime(2023, 2, 1, 13, 30), hour)
    book.close()
    assert rows_of("a.xlsx", "year start end time", tmp_path) == [
        ("2023", datetime.date(2023, 1, 1), datetime.date(2023, 3, 31), datetime.datetime(2023, 2, 1, 13, 30))
    ]


def test_duckdb_tables(tmp_path):
    with duckdb.connect(str(tmp_path / "a.duckdb")) as database:
        database.register("given", pa.table(columns()))
        database.execute("CREATE TABLE bills AS SELECT * FROM given")
        database.execute("CREATE SCHEMA s; CREATE TABLE s.seen AS SELECT * FROM bills")
    connection = connect()
    assert rows_of("a.duckdb#bills", READ, tmp_path, connection) == WANTED
    assert rows_of("a.duckdb#s.seen", READ, tmp_path, connection) == WANTED  # attached once


def test_sqlite_tables(tmp_path):
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE bills ({', '.join(COLUMNS)})")
        database.executemany("INSERT INTO bills VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    database.close()
    assert rows_of("a.sqlite#bills", READ, tmp_path) == WANTED


@pytest.mark.parametrize(
    ("name", "found", "remedy"),
    [
        ("a.sqlite#bill", "no table 'bill'", "Did you mean 'bills'?"),
        ("a.duckdb#bill", "no table 'bill'", "Did you mean 'bills'?"),
        ("a.duckdb", "a database and no word which table to read", "Choose one of 'bills'."),
    ],
)
def test_a_database_without_that_table(tmp_path, name, found, remedy):
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        database.execute("CREATE TABLE bills (a)")
    database.close()
    with duckdb.connect(str(tmp_path / "a.duckdb")) as other:
        other.execute("CREATE TABLE bills (a INTEGER)")
    problems = Problems()
    assert open_table(name, connection=connect(), problems=problems, root=tmp_path) is None
    assert [str(p) for p in problems] == [f"{name}: {found}; expected file#table. {remedy}"]


class Driver(types.ModuleType):
    """Stands for psycopg: a server whose catalogue and table are ``ROWS``."""

    class Error(Exception):
        pass

    def connect(self, address):
        if "wrong" in address:
            raise self.Error("password authentication failed with wrong-secret\nmore")
        return self

    def cursor(self, name=None):
        return Cursor()

    def close(self):
        pass


class Cursor:
    def execute(self, query):
        self.catalogue = "information_schema" in query
        self.rest = [("public", "bills")] if self.catalogue else list(ROWS)
        self.description = [(name, None) for name in COLUMNS]

    def fetchall(self):
        return self.rest

    def fetchmany(self, count):
        taken, self.rest = self.rest[:1], self.rest[1:]
        return taken


def test_postgresql(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", Driver("psycopg"))
    assert rows_of("postgresql://me:secret@host/base#bills", READ) == WANTED
    with pytest.raises(InputError) as caught:
        rows_of("postgresql://me:wrong-secret@host/base#bills", READ)
    assert str(caught.value.problems[0]) == (
        "postgresql://host/base#bills: a database that cannot be read (password authentication failed with ***); "
        "expected a PostgreSQL server that answers. Check the address, the user and the password."
    )


def test_postgresql_without_a_driver(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(UsageError, match="needs the package psycopg or psycopg2; install one of them"):
        rows_of("postgresql://host/base#bills", READ)


@pytest.mark.parametrize("source", [42, [1, 2], object()])
def test_what_is_no_table(source):
    with pytest.raises(UsageError, match="is no table; give a path, a dataframe"):
        rows_of(source, READ)


def test_frames_are_named_by_position():
    two = [pa.table(columns()), pa.table(columns())]
    assert rows_of(two, "source_file _row") == [("rows 1", 1), ("rows 1", 2), ("rows 2", 1), ("rows 2", 2)]


# ---- lines


def test_the_line_of_a_row_with_line_breaks_inside(tmp_path):
    head = "activity,country,year,quantity,unit,note\n\n"
    text = f'{head}"electricity",KEN,2023,1,kWh,"a\nb\n"\nelectricity,KEN,2023,2,kWh,\n'
    (tmp_path / "a.csv").write_text(text)
    assert rows_of("a.csv", "quantity _row", tmp_path) == [(1.0, 3), (2.0, 6)]


# ---- normalising

HEADER = "activity,country,year,quantity,unit"


def of_csv(folder: Path, header: str, *lines: str):
    (folder / "a.csv").write_text("\n".join([header, *lines, ""]))
    return "a.csv"


def test_errors_of_rows(tmp_path):
    name = of_csv(
        tmp_path,
        f"{HEADER},uncertainty,tier,entity,error_group",
        "electricity,KEN,2023,1,kWh,2,metered,S,",
        "electricity,KEN,2023,1,kWh,30%,estimated,S,",
        "fuel,KEN,2023,1,L,5,modelled,S,",
        "fuel,KEN,2023,1,L,,estimated,S,own",
        "fuel,KEN,2023,1,L,5,billed,S,",
        "fuel,KEN,2023,1,L,5,,S,",
    )
    assert rows_of(name, "sd has_uncertainty error_group", tmp_path) == [
        (2 / 195.9964, True, ""),
        (30 / 195.9964, True, "electricity|estimated|S"),
        (5 / 195.9964, True, "fuel_volume|modelled|S"),
        (0.0, False, "own"),
        (5 / 195.9964, True, ""),
        (5 / 195.9964, True, ""),
    ]


def test_units(tmp_path):
    name = of_csv(
        tmp_path,
        HEADER,
        "electricity,KEN,2023,1,GJ",
        "electricity,KEN,2023,-3,GWh",
        "fuel,KEN,2023,2,m3",
        "fuel,KEN,2023,2,t",
        "fuel,KEN,2023,2,kWh_net",
        "fuel_mass,KEN,2023,2,g",
        "subscribers,KEN,2023,2,1",
    )
    assert rows_of(name, "activity quantity", tmp_path) == [
        ("electricity", pytest.approx(277.7777777777778)),
        ("electricity", -3e6),
        ("fuel_volume", 2000.0),
        ("fuel_mass", 2000.0),
        ("fuel_energy_net", 7.2),
        ("fuel_mass", 0.002),
        ("subscribers", 2.0),
    ]


def test_years_and_times(tmp_path):
    name = of_csv(
        tmp_path,
        f"{HEADER},start,end,time",
        "electricity,KEN,,1,kWh,,,2023-01-01T01:00+03:00",
        "electricity,KEN,,1,kWh,,,2023-01-01T01:00",
        "electricity,KEN,,1,kWh,,,2023-01-01 01:00:00Z",
        "electricity,KEN,,1,kWh,2021-01-01,2021-12-31,",
        "electricity,KEN,2022,1,kWh,2021-07-01,2022-06-30,",
    )
    assert rows_of(name, "year time", tmp_path) == [
        ("2022", datetime.datetime(2022, 12, 31, 22)),
        ("2023", datetime.datetime(2023, 1, 1, 1)),
        ("2023", datetime.datetime(2023, 1, 1, 1)),
        ("2021", None),
        ("2022", None),
    ]


def test_typed_times():
    zone = datetime.timezone(datetime.timedelta(hours=3))
    rows = [{**dicts()[0], "year": None, "time": datetime.datetime(2023, 1, 1, 1, tzinfo=zone)}]
    assert rows_of(rows, "year time") == [("2022", datetime.datetime(2022, 12, 31, 22))]


def test_what_the_study_states(tmp_path):
    name = of_csv(tmp_path, "activity,quantity,unit,year", "electricity,1,kWh,", "electricity,1,kWh,2022")
    stated = {"country": "Kenya", "year": "2023", "entity": "Savanna", "uncertainty": "10"}
    assert rows_of(name, "country year entity sd", tmp_path, defaults=stated) == [
        ("KEN", "2023", "Savanna", 10 / 195.9964),
        ("KEN", "2022", "Savanna", 10 / 195.9964),
    ]


def test_a_row_s_dates_go_before_the_year_of_the_study(tmp_path):
    name = of_csv(
        tmp_path,
        "activity,quantity,unit,country,time",
        "electricity,1,kWh,KEN,2022-05-01",
        "electricity,1,kWh,KEN,",
    )
    assert rows_of(name, "year", tmp_path, defaults={"year": "2023"}) == [("2022",), ("2023",)]


def test_other_columns(tmp_path):
    name = of_csv(
        tmp_path, f"{HEADER},share,site", "electricity,KEN,2023,1,kWh,0.5,a", "electricity,KEN,2023,1,kWh,,"
    )
    assert rows_of(name, "share site item", tmp_path, keep=("item",), numeric={"share": "1"}) == [
        (0.5, "a", ""),
        (None, "", ""),
    ]


def test_a_table_of_the_catalogue(tmp_path):
    path = tmp_path / "activities.csv"
    path.write_text("activity,family,unit,sign,kind,title,item,note\ngas,fuel,m3,any,activity,Gas,,n\n")
    assert dict(load_activities(path)) == {
        "gas": Activity("gas", "m3", "any", "activity", "fuel", "Gas", "n")
    }
    path.write_text("activity,unit,sign\ngas,m3,some\ngas,m3,any\n")
    with pytest.raises(InputError) as caught:
        load_activities(path)
    assert [str(p) for p in caught.value.problems] == [
        f"{path}:2, sign: 'some'; expected positive or any. Write one of these.",
        f"{path}:3, activity: 'gas' a second time; expected each activity once. Remove one of the two rows.",
    ]


def test_the_catalogue_loads():
    known = load_activities()
    assert known["electricity"].unit == "kWh"
    assert set(families(known.values())["fuel"]) >= {"fuel_mass", "fuel_volume"}


def test_the_connection_fetches_no_extension():
    connection = connect()
    settings = dict(
        connection.execute(
            "SELECT name, value FROM duckdb_settings() "
            "WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions', 'TimeZone')"
        ).fetchall()
    )
    assert settings == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "TimeZone": "UTC",
    }
