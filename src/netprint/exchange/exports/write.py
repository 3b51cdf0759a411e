"""An export as a file: CSV, JSON or XLSX; for PACT, JSON as its specification has it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from netprint.bundle import write_text
from netprint.errors import Problems, UsageError
from netprint.exchange.exports.crosswalk import KEYS, TARGETS
from netprint.exchange.exports.tables import COLUMNS, Export
from netprint.load.cells import guarded

FORMS = (".csv", ".json", ".xlsx")
_WIDTHS = {"field": 44, "title": 44, "reason": 60, "citation": 60, "note": 60}


def write(export: Export, target: str | Path) -> Path:
    """Write an export in the form that the file's ending says; the path written.

    Raises :class:`UsageError` for another ending, and :class:`netprint.errors.InputError` with every mandatory field
    that is not filled where PACT's own JSON is asked for.
    """
    path = Path(target)
    ending = path.suffix.lower()
    if ending not in FORMS:
        raise UsageError(
            f"{path} ends in none of {', '.join(FORMS)}; the ending says the form of the export."
        )
    if ending == ".xlsx":
        _workbook(export, path)
    else:
        write_text(as_csv(export) if ending == ".csv" else as_json(export), path)
    return path


def as_csv(export: Export) -> str:
    """UTF-8; lines of the header that begin with `#`, then the table."""
    stream = io.StringIO()
    stream.writelines(f"# {line}\n" for line in export.header)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in export.rows:
        writer.writerow(["" if row[c] is None else guarded(row[c]) for c in COLUMNS])
    return stream.getvalue()


def as_json(export: Export) -> str:
    """The table with its header; for PACT `{"data": [ProductFootprint, …]}`, one a year."""
    if export.target != "pact":
        return json.dumps(export.as_dict(), ensure_ascii=False, indent=1) + "\n"
    problems = Problems()
    for text in export.missing:
        place, _, reason = text.partition(": ")
        problems.add(
            "product", None, place, found=f"not filled ({reason})", expected="every mandatory field of PACT",
            remedy="State it in the product's description, or write the table as .csv or .xlsx.",
        )  # fmt: skip
    problems.raise_if_any()
    return json.dumps({"data": list(export.footprints)}, ensure_ascii=False, indent=1) + "\n"


def _workbook(export: Export, path: Path) -> None:
    """Sheets: about (the header and the notation keys), then one for each table of the form."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    about = book.add_worksheet("about")
    about.set_column(0, 0, 110)
    for i, line in enumerate([*export.header, "", *(f"{k}: {v}" for k, v in KEYS.items())]):
        about.write(i, 0, line, wrapped)
    for name in dict.fromkeys(row["table"] for row in export.rows):
        sheet = book.add_worksheet(_sheet(str(name)))
        for at, column in enumerate(COLUMNS):
            sheet.write(0, at, column, bold)
            sheet.set_column(at, at, _WIDTHS.get(column, 14))
        for place, row in enumerate((r for r in export.rows if r["table"] == name), 1):
            for at, column in enumerate(COLUMNS):
                if row[column] is not None:
                    sheet.write(place, at, row[column])
        sheet.freeze_panes(1, 0)
    book.set_properties({"title": f"{TARGETS[export.target]}: {export.title}"})
    book.close()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stream.getvalue())
    except OSError as error:
        raise UsageError(f"The export could not be written to {path}: {error.strerror}.") from None


def _sheet(name: str) -> str:
    return "".join("-" if c in r"[]:*?/\\" else c for c in name)[:31]
