"""What can go wrong, said so that the reader can mend it.

A :class:`Problem` names the place, what was found, what was expected and the remedy. Everything that reads
input collects problems into :class:`Problems` and raises them together, once, as one :class:`InputError`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    ``file`` is the name as the user gave it, ``line`` the line or row number that the user's editor or
    spreadsheet shows (from 1), ``field`` the column or key. ``found`` says what stands there, ``expected`` what
    should, ``remedy`` how to mend it.
    """

    file: str
    line: int | None
    field: str | None
    found: str
    expected: str
    remedy: str

    @property
    def place(self) -> str:
        """``file:line, field`` with what is known of it."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return where if self.field is None else f"{where}, {self.field}"

    def __str__(self) -> str:
        return f"{self.place}: {self.found}; expected {self.expected}. {self.remedy}"

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.file, "line": self.line, "field": self.field,
            "found": self.found, "expected": self.expected, "remedy": self.remedy,
        }  # fmt: skip


class Problems:
    """A growing list of problems; raised together by :meth:`raise_if_any`."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._items: list[Problem] = list(problems)

    def add(
        self, file: str, line: int | None, field: str | None, *, found: str, expected: str, remedy: str
    ) -> None:
        self._items.append(Problem(file, line, field, found, expected, remedy))

    def extend(self, problems: Iterable[Problem]) -> None:
        self._items.extend(problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def raise_if_any(self) -> None:
        """Raise :class:`InputError` with every problem found so far, ordered by place."""
        if self._items:
            raise InputError(self._items)


class NetprintError(Exception):
    """Base of every error that netprint raises on purpose."""


class UsageError(NetprintError):
    """The call itself is wrong: an unknown option, a verb on the wrong kind of thing. Exit code 2."""


class InputError(NetprintError):
    """One or more inputs are wrong; ``problems`` lists all of them. Exit code 2.

    ``rejected`` is the CSV text of the rows of activity data that were refused, with their reasons; empty where the
    problem lies elsewhere.
    """

    rejected: str = ""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line or 0, p.field or ""))
        )
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        return "\n".join([f"{head} in the input; nothing was computed.", *(f"  {p}" for p in self.problems)])


class GapError(NetprintError):
    """Factors are missing and the study says ``gaps: error``. ``gaps`` lists each one. Exit code 1."""

    def __init__(self, gaps: Iterable[str]) -> None:
        self.gaps = tuple(gaps)
        super().__init__(str(self))

    def __str__(self) -> str:
        head = "1 gap" if len(self.gaps) == 1 else f"{len(self.gaps)} gaps"
        tail = "Give the factor in the study's own factor table, or say `gaps: report` to go on without it."
        return "\n".join(
            [f"{head}: no factor was found and none was assumed.", *(f"  {g}" for g in self.gaps), tail]
        )


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names that look most like ``name``, best first, compared without regard to case."""
    by_key = {k.casefold(): k for k in known}
    hits = difflib.get_close_matches(name.casefold(), list(by_key), n=count, cutoff=0.6)
    starts = [k for k in by_key if name and k.startswith(name.casefold()) and k not in hits]
    return [by_key[k] for k in [*hits, *sorted(starts)][:count]]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``Did you mean 'a' or 'b'?``, or an empty string where nothing is near."""
    hits = nearest(name, known)
    if not hits:
        return ""
    return f"Did you mean {' or '.join(repr(h) for h in hits)}?"
