"""A strict reader of YAML: what stands there is what is meant, and every value knows its line.

It reads the part of YAML 1.2 (yaml.org/spec/1.2.2) that needs no knowledge of YAML to be read rightly. Only
``true`` and ``false`` are truth values: ``NO``, ``yes`` and ``on`` stay text. Dates, ``2019..2023``, ``1_000``,
``0x1F``, ``007`` and ``1:30`` stay text. Keys are always text. Repeated keys, anchors and aliases, tags, tabs and
deep nesting are refused, all of them in one :class:`~netprint.errors.InputError`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netprint.errors import Problems

if TYPE_CHECKING:
    from yaml import AliasEvent, CollectionStartEvent, Event, ScalarEvent

LARGEST_FILE = 5_000_000
DEEPEST = 50
MOST_PROBLEMS = 100

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """What a file says: ``data`` of dict, list, str, int, float, bool and None, and the line of each part."""

    name: str
    data: Any
    lines: Mapping[Place, int]

    def line(self, place: Place = ()) -> int:
        """The line, from 1, of a key or list item: ``line(("terms", 2, "formula"))``.

        For a place that is not there it is the line of what should hold it.
        """
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def dotted(place: Place) -> str:
    """A place as people write it: ``terms[2].formula``, the list counted from 0."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def load(source: Path | bytes | str, name: str | None = None) -> Document:
    """Read a file (a ``Path``) or a text (``str``, or ``bytes`` in UTF-8) that the messages call ``name``.

    Raises :class:`~netprint.errors.InputError` with all problems found (at most 100). A text that is not YAML at
    all, is too large or too deeply nested is read no further than to there.
    """
    name = name or (str(source) if isinstance(source, Path) else "text")
    problems = Problems()
    text = _text(source, name, problems)
    _check_characters(text, name, problems)
    problems.raise_if_any()
    builder = _Builder(name, problems)
    builder.build(text)
    problems.raise_if_any()
    return Document(name, builder.data, builder.lines)


# ---- characters


def _text(source: Path | bytes | str, name: str, problems: Problems) -> str:
    if isinstance(source, str):
        _check_size(len(source.encode("utf-8", "replace")), name, problems)
        return source.removeprefix("\ufeff")
    if isinstance(source, Path):
        source = _bytes(source, name, problems)
    _check_size(len(source), name, problems)
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(
            name, source.count(b"\n", 0, error.start) + 1, None,
            found=f"the byte 0x{source[error.start]:02X} is not UTF-8",
            expected="a text file in UTF-8",
            remedy="Save the file with the encoding UTF-8.",
        )  # fmt: skip
        problems.raise_if_any()
        raise


def _bytes(path: Path, name: str, problems: Problems) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        problems.add(
            name, None, None,
            found=f"the file cannot be read ({error.strerror or type(error).__name__})",
            expected="a YAML file",
            remedy="Check the path and the right to read it.",
        )  # fmt: skip
        problems.raise_if_any()
        raise


def _check_size(size: int, name: str, problems: Problems) -> None:
    if size > LARGEST_FILE:
        problems.add(
            name, None, None,
            found="the file is larger than 5 MB",
            expected="at most 5 MB of YAML",
            remedy="Put long tables into a CSV or Parquet file and name it here.",
        )  # fmt: skip
        problems.raise_if_any()


_UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _check_characters(text: str, name: str, problems: Problems) -> None:
    if tabbed := [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]:
        more = f" and on {len(tabbed) - 1} more lines" if len(tabbed) > 2 else ""
        more = f" and on line {tabbed[1]}" if len(tabbed) == 2 else more
        problems.add(
            name, tabbed[0], None,
            found=f"a tab stands here{more}",
            expected="spaces",
            remedy="Replace each tab by spaces, two for each level.",
        )  # fmt: skip
    if match := _UNSEEN.search(text):
        problems.add(
            name, text.count("\n", 0, match.start()) + 1, None,
            found=f"the character U+{ord(match[0]):04X} cannot be seen",
            expected="printable text",
            remedy="Delete the character; ordinary line ends separate lines.",
        )  # fmt: skip


# ---- scalars

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,299})\Z")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")


def _scalar(text: str) -> str | int | float | bool | None:
    """The value of a text without quotes. Raises OverflowError for a number beyond double precision."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _WHOLE.match(text):
        return int(text)
    if not _DECIMAL.match(text):
        return text
    value = float(text)
    if math.isinf(value):
        raise OverflowError(text)
    return value


# ---- structure


@dataclass
class _Open:
    """A mapping or list that is being read. ``key`` is the key whose value comes next; None: a key comes next."""

    value: dict[str, Any] | list[Any]
    place: Place
    key: str | None = None
    refused: bool = False  # the key was, so its value is read but not kept


class _Builder:
    """Turns the events of the YAML parser into plain data, without recursion."""

    def __init__(self, name: str, problems: Problems) -> None:
        self.name, self.problems = name, problems
        self.data: Any = None
        self.lines: dict[Place, int] = {}
        self.open: list[_Open] = []
        self.documents = 0

    def build(self, text: str) -> None:
        import yaml

        steps: dict[type[Any], Callable[[Any, int], bool]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.AliasEvent: self.alias,
            yaml.MappingStartEvent: lambda event, line: self.start(event, line, {}),
            yaml.SequenceStartEvent: lambda event, line: self.start(event, line, []),
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.DocumentStartEvent: self.start_document,
        }
        event: Any
        try:
            for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                step = steps.get(type(event))
                if step and not step(event, event.start_mark.line + 1):
                    return
                if len(self.problems) >= MOST_PROBLEMS:
                    return
        except yaml.MarkedYAMLError as error:
            mark, begun = error.problem_mark, error.context_mark
            line = 1 + mark.line if mark is not None else 1
            said = " ".join(filter(None, [error.context, error.problem]))
            if begun is not None and begun.line + 1 != line:
                said += f" (begun on line {begun.line + 1})"
            self.refuse(
                line, found=f"this is not YAML: {said}",
                expected="lines of the form `key: value` or `- item`",
                remedy="Check the indentation and quotes; a text with ': ' or ' #' in it needs quotes.",
            )  # fmt: skip

    def refuse(self, line: int, *, found: str, expected: str, remedy: str, place: Place = ()) -> None:
        field = dotted(place) or None
        self.problems.add(self.name, line, field, found=found, expected=expected, remedy=remedy)

    # Each step takes in one event and returns False when there is no point in going on.

    def start_document(self, event: Event, line: int) -> bool:
        self.documents += 1
        if self.documents > 1:
            self.refuse(
                line, found="a second document starts here (`---`)", expected="one document in a file",
                remedy="Put it into a file of its own.",
            )  # fmt: skip
        return self.documents == 1

    def alias(self, event: AliasEvent, line: int) -> bool:
        self.refuse_mark(f"the alias *{event.anchor}", "anchors and aliases", "Write the value out.", line)
        top = self.open[-1] if self.open else None
        if top and isinstance(top.value, dict) and top.key is None:
            top.key, top.refused = f"*{event.anchor}", True
        else:
            self.put(None, line)
        return True

    def scalar(self, event: ScalarEvent, line: int) -> bool:
        self.refuse_marks(event, line)
        plain, text = event.implicit[0], event.value
        top = self.open[-1] if self.open else None
        if top and isinstance(top.value, dict) and top.key is None:
            self.start_key(top, top.value, text, line, plain=plain)
            return True
        value: Any = text
        if plain:
            try:
                value = _scalar(text)
            except OverflowError:
                self.refuse(
                    line, found=f"the number {text} is too large", expected="a number below 1.8e308",
                    remedy="Check the exponent.", place=self.next_place(),
                )  # fmt: skip
        self.put(value, line)
        return True

    def start(self, event: CollectionStartEvent, line: int, value: dict[str, Any] | list[Any]) -> bool:
        self.refuse_marks(event, line)
        top = self.open[-1] if self.open else None
        if len(self.open) == DEEPEST:
            self.refuse(
                line, found=f"lists and mappings are nested more than {DEEPEST} deep",
                expected=f"at most {DEEPEST} levels", remedy="Write it flatter.",
            )  # fmt: skip
            return False
        if top and isinstance(top.value, dict) and top.key is None:
            self.refuse(
                line, found="a list or mapping stands as a key", expected="a text as key",
                remedy="Put a text that starts with { or [ in quotes.", place=top.place,
            )  # fmt: skip
            return False
        place = self.next_place()
        self.put(value, line)
        self.open.append(_Open(value, place))
        return True

    def end(self, event: Event, line: int) -> bool:
        self.open.pop()
        return True

    def refuse_marks(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            found = f"the anchor &{event.anchor}"
            self.refuse_mark(found, "anchors and aliases", "Write the value out.", line)
        if event.tag is not None:
            self.refuse_mark(f"the tag {event.tag}", "tags", "Take the tag out.", line)

    def refuse_mark(self, found: str, without: str, remedy: str, line: int) -> None:
        expected = f"values without {without}"
        self.refuse(line, found=found, expected=expected, remedy=remedy, place=self.next_place())

    def next_place(self) -> Place:
        """Where the next value will stand; where a key comes next, the mapping that holds it."""
        if not self.open:
            return ()
        top = self.open[-1]
        if isinstance(top.value, list):
            return (*top.place, len(top.value))
        return top.place if top.key is None else (*top.place, top.key)

    def start_key(self, top: _Open, mapping: dict[str, Any], key: str, line: int, *, plain: bool) -> None:
        place = (*top.place, key)
        top.key, top.refused = key, True
        if plain and not key:
            self.refuse(
                line, found="a value without a key", expected="`key: value`",
                remedy="Write the key before the colon.", place=top.place,
            )  # fmt: skip
        elif key in mapping:
            self.refuse(
                line, found=f"the key {key!r} is given again, first on line {self.lines[place]}",
                expected="each key once", remedy="Delete or rename one of the two.", place=place,
            )  # fmt: skip
        else:
            top.refused = False
            self.lines[place] = line

    def put(self, value: Any, line: int) -> None:
        """Store a value where it belongs."""
        if not self.open:
            self.data = value
            self.lines[()] = line
            return
        top = self.open[-1]
        if isinstance(top.value, list):
            self.lines[self.next_place()] = line
            top.value.append(value)
            return
        if not top.refused and top.key is not None:
            top.value[top.key] = value
        top.key = None
