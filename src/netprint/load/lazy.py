"""The catalogue's tables, read at once and turned into records row by row, when a row is first asked for.

A study names a few factors of thousands: only their rows cost more than splitting a line at its commas. What is wrong
with a row is told when it is read; ``tools/release.py`` and the tests read all of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TextIO

from netprint.errors import Problems
from netprint.load.factor import Card, Factor
from netprint.load.factor_rows import load_rows

Index = tuple[str, ...]
INDEX = "index"
"""The column of a snapshot that holds all index entries, in the order of the card."""
BETWEEN = "|"


@dataclass(frozen=True)
class Sheet:
    """The name of a table and the place of each of its columns."""

    name: str
    columns: Mapping[str, int]

    def cell(self, cells: list[str], column: str) -> str:
        at = self.columns.get(column, -1)
        return cells[at].strip() if 0 <= at < len(cells) else ""

    def index(self, cells: list[str], card: Card) -> Index:
        if INDEX in self.columns:
            return tuple(self.cell(cells, INDEX).split(BETWEEN)) if card.index else ()
        return tuple(self.cell(cells, column) for column in card.index)

    def row(self, cells: list[str], card: Card) -> dict[str, str]:
        """The cells by column, the index entries among them."""
        row = {column: self.cell(cells, column) for column in self.columns if column != INDEX}
        return row | dict(zip(card.index, self.index(cells, card), strict=False))


Line = tuple[Sheet, int, list[str]]


@dataclass(frozen=True)
class Shelf(Mapping[str, Mapping[Index, Factor]]):
    """The rows of every factor by name, each factor's by index; see :meth:`add` and the module."""

    cards: Mapping[str, Card]
    lines: dict[str, list[Line]] = field(default_factory=dict)
    _made: dict[str, Mapping[Index, Factor]] = field(default_factory=dict)

    def add(self, stream: TextIO, name: str) -> None:
        """Take in the table ``name`` from a text stream; nothing but its factors' names is looked at."""
        reader = csv.reader(stream)
        header = [h.strip() for h in next(reader, [])]
        sheet = Sheet(name, {h: i for i, h in enumerate(header)})
        at, line = sheet.columns["factor"], reader.line_num + 1
        for cells in reader:
            if any(cells):
                self.lines.setdefault(cells[at].strip(), []).append((sheet, line, cells))
            line = reader.line_num + 1

    def __getitem__(self, name: str) -> Mapping[Index, Factor]:
        if name not in self._made:
            self._made[name] = self._rows(name, self.lines[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.lines

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def _rows(self, name: str, lines: list[Line]) -> Mapping[Index, Factor]:
        problems = Problems()
        card = self.cards.get(name)
        if card is None:
            for sheet, line, cells in lines:
                load_rows([(line, sheet.row(cells, Card(name, "")))], sheet.name, self.cards, problems)
            problems.raise_if_any()
            return {}
        found: dict[Index, Line] = {}
        for sheet, line, cells in lines:
            index = sheet.index(cells, card)
            twin = found.setdefault(index, (sheet, line, cells))
            if twin[2] is not cells:
                repeated(card, index, (sheet.name, line), (twin[0].name, twin[1]), problems)
        problems.raise_if_any()
        rows = Rows(card, found)
        if any(sheet.cell(cells, "distribution") == "dirichlet" for sheet, _, cells in lines):
            together = with_groups({name: dict(rows)}, problems)[name]
            problems.raise_if_any()
            return together
        return rows


@dataclass(frozen=True)
class Rows(Mapping[Index, Factor]):
    """The rows of one factor by index, made into records when they are first asked for."""

    card: Card
    lines: Mapping[Index, Line]
    _made: dict[Index, Factor] = field(default_factory=dict)

    def __getitem__(self, index: Index) -> Factor:
        found = self._made.get(index)
        if found is None:
            sheet, line, cells = self.lines[index]
            problems = Problems()
            row = sheet.row(cells, self.card)
            for factor in load_rows([(line, row)], sheet.name, {self.card.name: self.card}, problems):
                found = self._made[index] = factor
            problems.raise_if_any()
        assert found is not None
        return found

    def __contains__(self, index: object) -> bool:
        return index in self.lines

    def __iter__(self) -> Iterator[Index]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


def repeated(
    card: Card, index: Index, here: tuple[str, int], there: tuple[str, int], problems: Problems
) -> None:
    """Two rows for one index."""
    label = f"{card.name}[{', '.join(i or 'any' for i in index)}]" if index else card.name
    problems.add(
        *here, "factor",
        found=f"{label} stands here and in {there[0]}:{there[1]}",
        expected="one row for one index",
        remedy="Remove one of them, or give them different factors where they are of different kind.",
    )  # fmt: skip


def with_groups(rows: dict[str, dict[Index, Factor]], problems: Problems) -> dict[str, dict[Index, Factor]]:
    """Shares that add to one, drawn together: Dirichlet rows learn of the others with the same leading index."""
    for table in rows.values():
        wholes: dict[tuple[Index, str], list[Factor]] = {}
        for factor in table.values():
            if factor.shape.distribution == "dirichlet":
                wholes.setdefault((factor.index[:-1], factor.source), []).append(factor)
        for members in wholes.values():
            total = sum(m.value for m in members)
            if abs(total - 1) > 1e-6:
                problems.add(
                    members[0].file, members[0].line, "value",
                    found=f"the shares of {members[0].card.name} that are drawn together add to {total:.6g}",
                    expected="shares of one whole, which add to 1",
                    remedy="Add the share that is missing, or mend the values.",
                )  # fmt: skip
            size = sum(m.shape.concentration for m in members) / len(members)
            group = tuple(sorted((m.index, m.value * size) for m in members))
            for member in members:
                table[member.index] = replace(member, group=group)
    return rows
