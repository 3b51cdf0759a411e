"""Small CSV tables, the catalogue's and the user's, with the line on which each row begins."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netprint.errors import Problems, did_you_mean

Row = tuple[int, dict[str, str]]
AS_CSV = "Save the table as CSV UTF-8 (comma delimited) in your spreadsheet program, and name that file."
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
EXPECTED = "a CSV file in UTF-8 with commas"


def read_csv(path: Path) -> list[Row]:
    """The rows of a small table with the line each one starts on. Raises :class:`InputError`."""
    problems = Problems()
    rows = read_table(path, problems)
    problems.raise_if_any()
    return rows


def read_table(
    path: Path,
    problems: Problems,
    *,
    needs: Sequence[str] = (),
    known: Sequence[str] | None = None,
) -> list[Row]:
    """The rows of a UTF-8 table with the line each one starts on, as an editor counts; problems go to ``problems``.

    ``needs``: columns that it must have. ``known``: the only ones that it may have. A row with cells beyond the header
    is left out, and told.
    """
    text = _text(path, problems)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [h.strip() for h in next(reader, [])]
        if not _header_holds(path, header, needs, known, problems):
            return []
        rows = _rows(path, header, reader, problems)
    except csv.Error as error:
        problems.add(
            path.name, reader.line_num, None, found=f"the line is no CSV ({error})",
            expected="cells between commas, each quotation mark with its partner", remedy="Mend the line.",
        )  # fmt: skip
        return []
    return rows


def _text(path: Path, problems: Problems) -> str | None:
    raw = path.read_bytes()
    if path.suffix.lower() in SPREADSHEETS or raw.startswith(b"PK\x03\x04"):
        problems.add(
            path.name, None, None, found="the table is a spreadsheet", expected=EXPECTED, remedy=AS_CSV
        )
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add(path.name, 1, None, found="the table is in UTF-16", expected=EXPECTED, remedy=AS_CSV)
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(raw[: error.start].splitlines()) or 1
        problems.add(
            path.name, line, None, found=f"the byte 0x{raw[error.start]:02x} is no UTF-8", expected=EXPECTED,
            remedy=AS_CSV,
        )  # fmt: skip
        return None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        problems.add(
            path.name, line, None, found="a character of code 0 stands here", expected=EXPECTED, remedy=AS_CSV
        )
        return None
    return text


def _header_holds(
    path: Path, header: list[str], needs: Sequence[str], known: Sequence[str] | None, problems: Problems
) -> bool:
    before = len(problems)

    def wrong(column: str | None, found: str, expected: str, remedy: str) -> None:
        problems.add(path.name, 1, column, found=found, expected=expected, remedy=remedy)

    if needs and not any(header):
        wrong(None, "the table is empty", "a header and rows", "Fill it, or do not name it in the study.")
        return False
    for column in dict.fromkeys(h for h in header if h and header.count(h) > 1):
        wrong(
            column, f"the column {column!r} stands {header.count(column)} times in the header", "each column once",
            "Delete or rename the others.",
        )  # fmt: skip
    split = len(header) == 1 and next((mark for mark in (";", "\t", "|") if mark in header[0]), None)
    if split:
        wrong(None, f"the columns are divided by {split!r}", EXPECTED, AS_CSV)
        return False
    for column in needs:
        if column not in header:
            wrong(
                column, f"the column {column!r} is missing", f"the columns {', '.join(needs)} in the first line",
                did_you_mean(column, header) or "Add it.",
            )  # fmt: skip
    for column in () if known is None else dict.fromkeys(h for h in header if h):
        if known is not None and column not in known:
            wrong(
                column, f"the column {column!r} is not known here", ", ".join(known),
                did_you_mean(column, known) or "Remove it.",
            )  # fmt: skip
    return len(problems) == before


def _rows(path: Path, header: list[str], reader: Any, problems: Problems) -> list[Row]:
    rows, line = [], reader.line_num + 1
    for raw in reader:
        cells = [c.strip() for c in raw]
        beyond = [c for i, c in enumerate(cells) if c and (i >= len(header) or not header[i])]
        if beyond:
            problems.add(
                path.name, line, None,
                found=f"the cell {beyond[0]!r} stands under no column: the row has {len(cells)} cells and the header "
                f"names {sum(map(bool, header))}",
                expected="no more cells than columns",
                remedy="Put a text that has commas between quotation marks, or name the column.",
            )  # fmt: skip
        elif any(cells):
            rows.append((line, {h: c for h, c in zip(header, cells, strict=False) if h}))
        line = reader.line_num + 1
    return rows
