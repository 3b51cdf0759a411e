"""XLSX workbooks: cells by python-calamine; what calamine does not tell is read from the sheet's XML.

Before calamine unpacks anything, the archive's directory is judged by its sizes, and the sheet's extent by its
cells: one stray cell in the last corner would otherwise ask for a table of seventeen thousand million cells.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree

from netprint.engine.reading.frames import cell_text
from netprint.engine.reading.tables import Table, check_header, first_line, known_tables, register_text
from netprint.errors import Problems

if TYPE_CHECKING:
    import duckdb

UNPACKED = 1 << 30
CELLS = 20_000_000
_ENTRIES = 10_000
_RATIO = 200
_BLOCK = 1 << 20
_SHOWN = 1000
_OLE = b"\xd0\xcf\x11\xe0"
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, OSError, EOFError, LookupError, ValueError, RuntimeError,
)  # fmt: skip
_REF = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')
_CELL = re.compile(rb"<c ([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_VALUE = re.compile(rb"<v>([^<]+)</v>|<t[ >]")
_ATTRIBUTE = re.compile(rb'\b([rst])="([^"]*)"')


@dataclass(frozen=True)
class _Marks:
    """What the XML of a sheet says beside the values; keys are (row, column) from 0."""

    rows: int = 0
    width: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    percent: frozenset[tuple[int, int]] = frozenset()


def open_sheet(
    path: Path, sheet: str, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """One sheet as a table of text columns, ``_row`` being the row of the sheet.

    The header is the first row that is not blank; a header alone is a table without rows, as a sheet of a form
    is that nobody needed. Cells shown as a percentage are read as they are shown (``5%``). Error values, formulas
    without a value and merged cells are problems.
    """
    import python_calamine

    if not _may_open(path, name, problems):
        return None
    try:
        with path.open("rb") as stream:
            book = python_calamine.CalamineWorkbook.from_filelike(stream)
            chosen = _choose(book.sheet_names, sheet, name, problems)
            marks = None if chosen is None else _marks(path, chosen, name, problems)
            if chosen is None or marks is None:
                return None
            page = book.get_sheet_by_name(chosen)
            cells = page.to_python(skip_empty_area=False)
            merged = page.merged_cell_ranges or []
    except (python_calamine.CalamineError, *_DAMAGED) as error:
        problems.add(name, None, None, found=f"a workbook that cannot be read ({first_line(error)})",
                     expected="XLSX", remedy="Open it in a spreadsheet program and save it again.")  # fmt: skip
        return None
    rows = [[cell_text(value) for value in row] for row in cells]
    for row, column in marks.percent:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = _percent(rows[row][column])
    return _table(rows, marks, merged, name, connection, problems)


def _table(
    rows: list[list[str | None]],
    marks: _Marks,
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    name: str,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
) -> Table | None:
    """The view over the rows below the header."""
    filled = [index for index, row in enumerate(rows) if any(cell and cell.strip() for cell in row)]
    if not filled:
        problems.add(name, None, None, found="an empty sheet", expected="a header and rows",
                     remedy="Name the sheet that holds the rows, as file.xlsx#Sheet.")  # fmt: skip
        return None
    head, body = filled[0], filled[1:]
    names = [(cell or "").strip() for cell in rows[head]]
    while names and not names[-1] and not any(rows[index][len(names) - 1] for index in body):
        names.pop()
    if not check_header(names, name, head + 1, problems):
        return None
    _odd_cells(marks, merged, head, names, name, problems)
    columns = {column: [rows[index][at] for index in body] for at, column in enumerate(names)}
    view = register_text(columns, [index + 1 for index in body], connection)
    return Table(view, name, text=True, header=head + 1)


def _odd_cells(
    marks: _Marks,
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    head: int,
    names: Sequence[str],
    name: str,
    problems: Problems,
) -> None:
    """Report merged cells, error values and formulas without a value, at and below the header."""
    for (row, column), (last_row, last_column) in merged:
        if last_row >= head and column < len(names):
            area = f"{_column_name(column)}{row + 1}:{_column_name(last_column)}{last_row + 1}"
            problems.add(name, row + 1, names[column], found=f"the merged cells {area}",
                         expected="one value in each cell",
                         remedy="Unmerge them and write the value into each row.")  # fmt: skip
    for (row, column), text in list(marks.errors.items())[:_SHOWN]:
        if row > head and column < len(names):
            problems.add(name, row + 1, names[column], found=f"the error value {text}", expected="a value",
                         remedy="Mend the formula of the cell or write its value.")  # fmt: skip
    for row, column in marks.uncalculated[:_SHOWN]:
        if row > head and column < len(names):
            problems.add(name, row + 1, names[column], found="a formula that was never calculated",
                         expected="a value",
                         remedy="Open the workbook in a spreadsheet program and save it.")  # fmt: skip


def _choose(names: Sequence[str], sheet: str, name: str, problems: Problems) -> str | None:
    """The sheet asked for, or the only one."""
    if sheet in names:
        return sheet
    if not sheet and len(names) == 1:
        return names[0]
    found = f"no sheet '{sheet}'" if sheet else f"{len(names)} sheets and no word which to read"
    remedy = known_tables(names, sheet)
    problems.add(name, None, None, found=found, expected="file.xlsx#Sheet", remedy=remedy)
    return None


# ---- the archive


def _may_open(path: Path, name: str, problems: Problems) -> bool:
    """Whether the file is an XLSX archive whose sizes are sane, by its directory alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _DAMAGED:
        with path.open("rb") as stream:
            old = stream.read(4) == _OLE
        found = (
            "an old .xls workbook or one with a password" if old else "a file that is not an XLSX workbook"
        )
        remedy = (
            "Save it as .xlsx without a password." if old else "Save it as .xlsx from a spreadsheet program."
        )
        problems.add(name, None, None, found=found, expected="XLSX", remedy=remedy)
        return False
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    bomb = size > 100 << 20 and size > _RATIO * max(packed, 1)
    if size > UNPACKED or len(entries) > _ENTRIES or bomb:
        problems.add(name, None, None,
                     found=f"a workbook of {len(entries)} parts that unpacks to {size / 1e6:.0f} MB",
                     expected=f"at most {UNPACKED >> 20} MB, not {_RATIO} times the packed size",
                     remedy="Save the rows as CSV or Parquet.")  # fmt: skip
        return False
    return True


def _marks(path: Path, sheet: str, name: str, problems: Problems) -> _Marks | None:
    """Errors, formulas without a value and percentages of the sheet; None where it is too wide and long."""
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        percent = _percent_styles(archive)
        with archive.open(part) as stream:
            marks = _scan(stream, percent)
    if marks.rows * marks.width <= CELLS:
        return marks
    problems.add(name, None, None,
                 found=f"a sheet of {marks.rows} rows and {marks.width} columns",
                 expected=f"at most {CELLS // 1_000_000} million cells",
                 remedy="Delete the stray cells beside and below the table, or save the rows as CSV.")  # fmt: skip
    return None


def _scan(stream: IO[bytes], percent: frozenset[bytes]) -> _Marks:
    """Walk the cells of a sheet's XML, a block at a time."""
    rows = width = 0
    errors: dict[tuple[int, int], str] = {}
    uncalculated: list[tuple[int, int]] = []
    shown: set[tuple[int, int]] = set()
    for block in _blocks(stream):
        refs = _REF.findall(block)
        rows = max(rows, max((int(row) for _, row in refs), default=0))
        width = max(width, max((_column(name) for name in {column for column, _ in refs}), default=0))
        if not percent and b't="e"' not in block and b"<f" not in block:
            continue
        for match in _CELL.finditer(block):
            about = dict(_ATTRIBUTE.findall(match[1]))
            place = _place(about.get(b"r", b""))
            value = _VALUE.search(match[2] or b"")
            if about.get(b"t") == b"e":
                errors[place] = value[1].decode() if value and value[1] else "of a formula"
            elif value is None and b"<f" in (match[2] or b"") and about.get(b"t") != b"str":
                uncalculated.append(place)
            elif value is not None and about.get(b"s") in percent and about.get(b"t", b"n") == b"n":
                shown.add(place)
    return _Marks(rows, width, errors, uncalculated, frozenset(shown))


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The XML in blocks that end where a cell ends."""
    rest = b""
    while data := stream.read(_BLOCK):
        data = rest + data
        cut = data.rfind(b"<c ")
        cut = len(data) if cut < 0 else cut
        yield data[:cut]
        rest = data[cut:]
    yield rest


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The path of the XML part that holds the sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            keys = [value for key, value in element.attrib.items() if key.endswith("}id")]
            target = targets[keys[0]] if keys else ""
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(f"no part for the sheet {sheet}")


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """The cell styles (as they stand in ``s="..."``) that show a number as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    formats = {"9", "10"}
    for element in styles.iter():
        if element.tag.endswith("}numFmt") and "%" in element.get("formatCode", ""):
            formats.add(element.get("numFmtId", ""))
    for element in styles.iter():
        if element.tag.endswith("}cellXfs"):
            used = [item.get("numFmtId") for item in element]
            return frozenset(str(at).encode() for at, number in enumerate(used) if number in formats)
    return frozenset()


def _column(name: bytes) -> int:
    """``b"A"`` is 1, ``b"AA"`` 27."""
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _column_name(index: int) -> str:
    """0 is ``A``, 26 ``AA``."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _place(ref: bytes) -> tuple[int, int]:
    """``b"B3"`` is (2, 1)."""
    letters = ref.rstrip(b"0123456789")
    return int(ref[len(letters) :] or 1) - 1, _column(letters) - 1


def _percent(text: str | None) -> str | None:
    """0.05 as ``5%``."""
    try:
        return None if text is None else f"{(Decimal(text) * 100).normalize():f}%"
    except ArithmeticError:
        return text
