"""What a source of factors is, and the helpers by which each one reads its answers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from netprint import places
from netprint.errors import Problems, UsageError, did_you_mean
from netprint.exchange.imports.client import Answer, Client, Key
from netprint.load.factors import CATALOG, read_csv

FIRST_YEAR, LAST_YEAR = 1960, 2100
CHANGED = (
    "The service has changed its answer: look for a newer release of netprint, or give a file in the documented "
    "shape with --file. Nothing was written."
)


@dataclass(frozen=True)
class Asked:
    """What the user asked for: years from ``first`` to ``last``, alpha-3 ``countries``; none means all."""

    first: int = FIRST_YEAR
    last: int = LAST_YEAR
    countries: tuple[str, ...] = ()

    def wants(self, country: str, year: str) -> bool:
        return (not self.countries or country in self.countries) and self.has_year(year)

    def has_year(self, year: str) -> bool:
        return not year or (year.isdigit() and self.first <= int(year) <= self.last)

    def years(self) -> range:
        """The years asked for, where the service wants them one by one. Raises :class:`UsageError` where not said."""
        if (self.first, self.last) == (FIRST_YEAR, LAST_YEAR):
            raise UsageError("This source is asked year by year: say --year 2023, or --year 2020..2023.")
        return range(self.first, self.last + 1)

    def named(self) -> tuple[str, ...]:
        if not self.countries:
            raise UsageError(
                "This source is asked country by country: say --country KEN, or --country KEN,UGA."
            )
        return self.countries


@dataclass(frozen=True)
class Part:
    """One answer, as received; ``name`` is that of the file in the snapshot."""

    name: str
    address: str
    body: bytes
    modified: str = ""

    @classmethod
    def of(cls, name: str, answer: Answer) -> Part:
        return cls(name, answer.address, answer.body, answer.headers.get("last-modified", ""))


Raw = tuple[Part, ...]
Row = dict[str, str]


@dataclass
class Rows:
    """Factor rows in netprint's own form; ``skipped``: what the answer held besides, by reason."""

    source: str
    licence: str
    problems: Problems = field(default_factory=Problems)
    rows: list[Row] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, factor: str, value: str, unit: str, *, status: str = "verified", note: str = "", page: str = "",
            **index: str) -> None:  # fmt: skip
        """A row. ``verified`` is only right for the value as the source publishes it."""
        self.rows.append(
            {"factor": factor, **index, "value": value, "unit": unit, "statistic": "mean", "source": self.source,
             "page": page, "licence": self.licence, "status": status, "note": note}
        )  # fmt: skip

    def skip(self, reason: str) -> None:
        self.skipped[reason] += 1


@dataclass(frozen=True)
class Source:
    """A source: its address, what its licence allows and asks, how it is asked and how its answers are read.

    ``cards``: of the factors that the catalogue does not know. ``share_alike`` and ``non_commercial`` data may not be
    mixed into tables under another licence; they are for the user's own study. ``every``: seconds between requests.
    ``duties`` is what the licence asks of the user; ``attribution`` the text that it wants to see, where it gives one.
    """

    name: str
    title: str
    publisher: str
    address: str
    licence: str
    duties: str
    kind: str
    fetch: Callable[[Client, Asked], Raw]
    read: Callable[[Raw, Asked, Rows], None]
    cards: tuple[Mapping[str, str], ...] = ()
    key: Key | None = None
    every: float = 0.0
    share_alike: bool = False
    non_commercial: bool = False
    attribution: str = ""


def csv_rows(part: Part, needed: Sequence[str], problems: Problems) -> Iterator[tuple[int, Row]]:
    """The rows of a CSV answer; a problem for every needed column that it lacks, and then no row."""
    reader = csv.DictReader(io.StringIO(text_of(part, problems)))
    if has_columns(part.name, reader.fieldnames or (), needed, problems):
        for row in reader:
            yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k is not None}


def has_columns(
    file: str, found: Iterable[str], needed: Sequence[str], problems: Problems, line: int = 1
) -> bool:
    """Whether a table has the needed columns; each one that is missing becomes a problem."""
    here = [f for f in found if f]
    new = ", ".join(repr(f) for f in here[:12]) or "none"
    missing = [c for c in needed if c not in here]
    for column in missing:
        problems.add(
            file, line, column, found=f"the column {column!r} is missing; the table has {new}",
            expected=f"the columns {', '.join(needed)}", remedy=f"{did_you_mean(column, here)} {CHANGED}".strip(),
        )  # fmt: skip
    return not missing


def has_fields(file: str, record: Any, needed: Sequence[str], problems: Problems) -> bool:
    """Whether a record of a JSON answer has the needed fields."""
    keys = list(record) if isinstance(record, Mapping) else []
    missing = [k for k in needed if k not in keys]
    for key in missing:
        problems.add(
            file, None, key, found=f"a record has no field {key!r}; it has {', '.join(map(str, keys)) or 'none'}",
            expected=f"the fields {', '.join(needed)}", remedy=CHANGED,
        )  # fmt: skip
    return not missing


def json_of(part: Part, problems: Problems) -> Any:
    """A JSON answer, its numbers as the texts that were sent; ``None`` and a problem where it is none."""
    try:
        return json.loads(text_of(part, problems), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        problems.add(
            part.name, None, None, found=f"the answer is no JSON ({error})", expected="JSON", remedy=CHANGED
        )
        return None


def records_of(raw: Raw, needed: Sequence[str], problems: Problems) -> Iterator[tuple[Part, Any]]:
    """The records under `data` of every JSON answer, each with its answer. Ends, with the problem told, at the first
    record that lacks a needed field."""
    for part in raw:
        answer = json_of(part, problems)
        if not has_fields(part.name, answer, ("data",), problems):
            continue
        for record in answer["data"]:
            if not has_fields(part.name, record, needed, problems):
                return
            yield part, record


def text_of(part: Part, problems: Problems) -> str:
    try:
        return part.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.add(
            part.name, None, None, found="the answer is no UTF-8 text", expected="UTF-8", remedy=CHANGED
        )
        return ""


def is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None


def country_of(text: str) -> str:
    """The alpha-3 code for a code or an English name; empty where it is no country of netprint's list."""
    known = places.load()
    code = known.find(text.strip()) if text.strip() else None
    return code if code and known.kinds[code] == "country" else ""


@lru_cache(maxsize=1)
def by_m49() -> dict[str, str]:
    """Alpha-3 codes by the numeric code of the United Nations, without leading zeros; the world is 1."""
    rows = read_csv(CATALOG / "places" / "countries.csv")
    return {row["m49"].lstrip("0"): row["code"] for _, row in rows if row["m49"]} | {"1": places.WORLD}
