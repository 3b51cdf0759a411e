"""How the columns of one source are read in SQL: as text, number, date or time, whatever type they have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from netprint.engine.reading.remedies import FIRST_YEAR, LAST_YEAR
from netprint.engine.reading.tables import literal, quoted

_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_DATE = r"\d{4}-\d{2}-\d{2}([T ]00:00(:00)?)?"
_TIME = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?"
_FLOAT = re.compile(r"DOUBLE|FLOAT|DECIMAL\(\d+,\d+\)")
_NUMERIC = re.compile(rf"{_FLOAT.pattern}|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


@dataclass(frozen=True)
class Cell:
    """A typed column in SQL: ``raw`` is the text to show (NULL where empty), ``value`` the value or NULL,
    ``empty`` holds where there is nothing, ``bad`` where there is something that is no such value."""

    raw: str
    value: str
    empty: str
    bad: str


@dataclass(frozen=True)
class Source:
    """One opened table: its view, the name in messages, the DuckDB type of each column, defaults of the study.

    ``trimmed`` says that empty cells are NULL and blanks are gone; ``parts`` that ``_file`` names the part;
    ``header`` is the line of the header.
    """

    relation: str
    name: str
    types: Mapping[str, str]
    trimmed: bool = False
    parts: bool = False
    header: int | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)

    def has(self, column: str) -> bool:
        """Whether the column is there or the study states it."""
        return column in self.types or bool(self.defaults.get(column))

    @property
    def file(self) -> str:
        """SQL for the name of the file that a row is from."""
        return "s._file" if self.parts else literal(self.name)

    def text(self, column: str) -> str:
        """SQL for the column as text: empty text or NULL where there is nothing."""
        default = self.defaults.get(column, "")
        kind = self.types.get(column)
        if kind is None:
            return literal(default)
        cell = f"s.{quoted(column)}"
        if kind != "VARCHAR":
            cell = self._as_text(cell, kind)
        if not default:
            return cell
        return f"coalesce({cell if self.trimmed else f'''nullif({cell}, '')'''}, {literal(default)})"

    def label(self, column: str) -> str:
        """SQL for the column as text that is never NULL."""
        text = self.text(column)
        return text if column not in self.types else f"coalesce({text}, '')"

    def filled(self, column: str) -> str:
        """SQL for the column as text without blanks around it, NULL where empty."""
        text = self.text(column)
        return text if self.trimmed and column in self.types else f"nullif(trim({text}), '')"

    def number(self, column: str, *, percent: bool = False) -> Cell:
        """The column as DOUBLE; with ``percent``, ``5%`` is 5."""
        kind = self.types.get(column, "VARCHAR")
        if _NUMERIC.fullmatch(kind):
            own = f"s.{quoted(column)}"
            default = self.defaults.get(column)
            cell = own if not default else f"coalesce({own}, TRY_CAST({literal(default)} AS DOUBLE))"
            bad = f"NOT isfinite({cell})" if kind in ("DOUBLE", "FLOAT") else "false"
            return Cell(f"CAST({cell} AS VARCHAR)", f"CAST({cell} AS DOUBLE)", f"{cell} IS NULL", bad)
        raw = self.filled(column)
        digits = f"rtrim({raw}, '% ')" if percent else raw
        fits = kind == "VARCHAR" or kind.startswith("ENUM")
        value = (
            f"CASE WHEN regexp_full_match({digits}, {literal(_NUMBER)}) THEN TRY_CAST({digits} AS DOUBLE) END"
        )
        value = value if fits else "NULL::DOUBLE"
        bad = f"({raw} IS NOT NULL AND NOT coalesce(isfinite({value}), false))"
        return Cell(raw, value, f"{raw} IS NULL", bad)

    def date(self, column: str) -> Cell:
        """The column as DATE, from ISO text, dates or times."""
        if self._dated(column):
            return self._moment(column, f"CAST(s.{quoted(column)} AS DATE)")
        raw = self.filled(column)
        iso = f"regexp_full_match({raw}, {literal(_DATE)})"
        return self._moment(column, f"CASE WHEN {iso} THEN TRY_CAST({raw}[1:10] AS DATE) END")

    def time(self, column: str) -> Cell:
        """The column as TIMESTAMP in UTC; a time without offset is UTC."""
        if self._dated(column):
            return self._moment(column, f"CAST(s.{quoted(column)} AS TIMESTAMP)")
        raw = self.filled(column)
        iso = f"regexp_full_match({raw}, {literal(_TIME)})"
        return self._moment(
            column, f"CASE WHEN {iso} THEN CAST(TRY_CAST({raw} AS TIMESTAMPTZ) AS TIMESTAMP) END"
        )

    def _dated(self, column: str) -> bool:
        return self.types.get(column, "").startswith(("DATE", "TIMESTAMP"))

    def _moment(self, column: str, value: str) -> Cell:
        raw = self.filled(column)
        plausible = f"year({value}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
        if self._dated(column):
            return Cell(raw, value, f"{value} IS NULL", f"NOT ({plausible})")
        return Cell(raw, value, f"{raw} IS NULL", f"({raw} IS NOT NULL AND NOT coalesce({plausible}, false))")

    @staticmethod
    def _as_text(cell: str, kind: str) -> str:
        """Other types as text; whole numbers without a fraction."""
        if not _FLOAT.fullmatch(kind):
            return f"CAST({cell} AS VARCHAR)"
        whole = f"TRY_CAST({cell} AS BIGINT)"
        return f"CASE WHEN {whole} = {cell} THEN CAST({whole} AS VARCHAR) ELSE CAST({cell} AS VARCHAR) END"
