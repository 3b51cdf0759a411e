"""The crosswalk: which field of which form holds what of a result, and what is said where nothing can be."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from netprint.errors import Problems, UsageError, did_you_mean
from netprint.units import UnitError
from netprint.units import parse as parse_unit

FILE = "catalog/crosswalks/crosswalk.csv"
#: The notation keys of the UNFCCC's reporting tables, and FX for flexibility used.
KEYS = {
    "NO": "not occurring",
    "NA": "not applicable",
    "NE": "not estimated",
    "IE": "included elsewhere",
    "C": "confidential",
    "FX": "flexibility",
}
TARGETS = {
    "l1472": "Recommendation ITU-T L.1472, database on energy and emissions of the ICT sector",
    "gsma": "GSMA, ESG Metrics for Mobile",
    "cdp": "CDP corporate questionnaire, module 7",
    "ifrs-s2": "IFRS S2 with industry-based metrics of telecommunication and software services",
    "eu-2024-1364": "Delegated Regulation (EU) 2024/1364, data centres",
    "pact": "PACT Technical Specifications 3.0, product carbon footprint",
}
KINDS = (
    "emissions", "measure", "activity", "energy", "ratio", "indicator", "tag", "statement", "label", "text", "product",
    "pact", "none",
)  # fmt: skip
STATUS = ("verified", "provisional")
_COLUMNS = (
    "target", "table", "per", "field", "title", "unit", "selects", "needs", "absent", "reason", "citation", "status",
    "note",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a form.

    ``per``: the columns by which its table has rows, ``year`` first. ``kind``, ``words`` and ``options`` say what of
    the result it holds (``emissions scope=2 account=location-based|location``: the first of the accounts that the
    result has). ``needs``: an activity without which the field does not apply. ``absent`` and ``reason``: the notation
    key, and words, where it cannot be filled. ``status``: verified where the field was seen in what ``citation`` names.
    """

    target: str
    table: str
    per: tuple[str, ...]
    name: str
    title: str
    unit: str
    kind: str
    words: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]
    needs: str
    absent: str
    reason: str
    citation: str
    status: str
    note: str


@lru_cache(maxsize=1)
def load() -> tuple[Field, ...]:
    """All fields of the catalogue's crosswalk, in its order."""
    return parsed((resources.files("netprint") / FILE).read_text("utf-8"), FILE)


def fields_of(target: str) -> tuple[Field, ...]:
    """The fields of one form. Raises :class:`UsageError` where there is no such form."""
    if target not in TARGETS:
        hint = did_you_mean(target, TARGETS) or f"The forms are {', '.join(TARGETS)}."
        raise UsageError(f"There is no form {target!r}. {hint}")
    return tuple(f for f in load() if f.target == target)


def parsed(text: str, name: str) -> tuple[Field, ...]:
    """The crosswalk in ``text``, which messages call ``name``.

    Raises :class:`netprint.errors.InputError` with every problem: a missing column, a word that is none of those
    known, a unit that cannot be read, a field twice, a key without a reason where no field can be filled.
    """
    problems = Problems()
    reader = csv.DictReader(text.splitlines())
    for column in _COLUMNS:
        if column not in (reader.fieldnames or ()):
            problems.add(name, 1, column, found="no such column", expected=f"a column {column!r}",
                         remedy="Add it to the header.")  # fmt: skip
    problems.raise_if_any()
    found: dict[tuple[str, str, str], Field] = {}
    for row in reader:
        cells = {k: (v or "").strip() for k, v in row.items() if k is not None}
        _check(cells, name, reader.line_num, problems)
        field = _field(cells)
        key = (field.target, field.table, field.name)
        if key in found:
            problems.add(name, reader.line_num, "field", found=f"'{field.name}' a second time",
                         expected="each field of a table once", remedy="Remove one of the rows.")  # fmt: skip
        found[key] = field
    problems.raise_if_any()
    return tuple(found.values())


def _field(cells: Mapping[str, str]) -> Field:
    kind, _, rest = cells["selects"].partition(" ")
    parts = [rest] if kind == "text" else rest.split()
    options = {k: tuple(v.replace("_", " ").split("|")) for k, _, v in (p.partition("=") for p in parts) if v}
    return Field(
        target=cells["target"], table=cells["table"], per=tuple(cells["per"].split()), name=cells["field"],
        title=cells["title"], unit=cells["unit"], kind=kind, words=tuple(p for p in parts if p and "=" not in p),
        options=options, needs=cells["needs"], absent=cells["absent"], reason=cells["reason"],
        citation=cells["citation"], status=cells["status"], note=cells["note"],
    )  # fmt: skip


def _check(cells: Mapping[str, str], name: str, line: int, problems: Problems) -> None:
    kind = cells["selects"].partition(" ")[0]
    for column, value, known in (
        ("target", cells["target"], TARGETS),
        ("selects", kind, KINDS),
        ("absent", cells["absent"], KEYS),
        ("status", cells["status"], STATUS),
    ):
        if value not in known:
            problems.add(name, line, column, found=f"'{value}'", expected=" or ".join(known),
                         remedy=did_you_mean(value, known) or "Write one of these.")  # fmt: skip
    if kind in ("none", "product") and not cells["reason"]:
        problems.add(name, line, "reason", found="no reason", expected="why the field cannot be filled",
                     remedy="Write it as a sentence without a capital.")  # fmt: skip
    if cells["per"].split()[:1] != ["year"]:
        problems.add(name, line, "per", found=f"'{cells['per']}'", expected="columns that begin with year",
                     remedy="Write 'year', or 'year country'.")  # fmt: skip
    if cells["unit"] and kind not in ("none", "text"):
        try:
            parse_unit(cells["unit"])
        except UnitError as error:
            problems.add(name, line, "unit", found=error.found, expected=error.expected, remedy=error.remedy)
