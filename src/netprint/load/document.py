"""Reading the fields of a YAML document (or of a mapping given from Python) with every problem listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from netprint.errors import InputError, Problems, did_you_mean
from netprint.formula.parse import FormulaError, Tree, parse
from netprint.load.yaml import Document, load

Source = Path | Mapping[str, Any]
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
#: A password in an address: of a database anything up to the last @ before the path, else without spaces.
_PASSWORDS = (
    re.compile(r"(\bpostgres(?:ql)?://[^\s/?#:@]*:)[^\n/?#]*(?=@)", re.I),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/?#:@]*:)[^\s/?#]*(?=@)", re.I),
    re.compile(r"([?&](?:password|passwd|pwd|sslpassword)=)[^&#\s'\"]+", re.I),
)


def masked(text: str) -> str:
    """The text with `***` for every password in an address."""
    for pattern in _PASSWORDS:
        text = pattern.sub(r"\1***", text)
    return text


def open_document(source: Source, what: str, problems: Problems) -> Fields | None:
    """The fields of a YAML file or of a mapping. None, with the problems noted, where it cannot be read."""
    if isinstance(source, Mapping):
        return Fields(dict(source), what, (), None, problems)
    try:
        document = load(source, source.name)
    except InputError as error:
        problems.extend(error.problems)
        return None
    if not isinstance(document.data, dict):
        problems.add(
            source.name,
            1,
            None,
            found="the file holds no keys",
            expected=f"a {what} as `key: value` lines",
            remedy="Begin with a title.",
        )
        return None
    return Fields(document.data, source.name, (), document, problems)


class Fields:
    """One mapping of a document while it is read. What nobody takes is a problem at the end (`nothing_else`)."""

    def __init__(
        self,
        data: dict[str, Any],
        file: str,
        path: tuple[str | int, ...],
        document: Document | None,
        problems: Problems,
    ) -> None:
        self.data, self.file, self.path = data, file, path
        self.document, self.problems = document, problems
        self.taken: set[str] = set()

    @property
    def here(self) -> int | None:
        return None if self.document is None else self.document.line(self.path)

    def line(self, *keys: str | int) -> int | None:
        return None if self.document is None else self.document.line((*self.path, *keys))

    def wrong(self, key: str | int | tuple[str | int, ...], found: str, expected: str, remedy: str) -> None:
        """Add a problem at a key of this mapping, or at a path of keys below it."""
        keys = key if isinstance(key, tuple) else (key,)
        field = ".".join(str(p) for p in (*self.path, *keys))
        self.problems.add(self.file, self.line(*keys), field, found=found, expected=expected, remedy=remedy)

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def take(self, key: str, default: Any = None, *, required: bool = False) -> Any:
        self.taken.add(key)
        value = self.data.get(key)
        if value is None:
            if required:
                self.problems.add(
                    self.file, self.here, ".".join(map(str, (*self.path, key))),
                    found=f"`{key}` is missing", expected="a value", remedy=f"Add a line `{key}: …`.",
                )  # fmt: skip
            return default
        return value

    def text(self, key: str, default: str, *, required: bool = False) -> str:
        value = self.take(key, default, required=required)
        if isinstance(value, (dict, list)):
            self.wrong(
                key,
                f"`{key}` is a {'mapping' if isinstance(value, dict) else 'list'}",
                "one text",
                "Write it on one line.",
            )
            return default
        return str(value)

    def name(self, key: str) -> str:
        value = self.text(key, "", required=True)
        if value and not _NAME.match(value):
            self.wrong(
                key,
                f"{value!r} is no name for formulas",
                "letters, digits and _, not beginning with a digit",
                "Rename it.",
            )
        return value

    def texts(self, key: str) -> list[str]:
        value = self.take(key, [])
        if isinstance(value, dict):
            self.wrong(key, f"`{key}` is a mapping", "a text or a list of texts", "Write [a, b].")
            return []
        return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.take(key, {})
        if not isinstance(value, Mapping):
            self.wrong(key, f"`{key}` is {value!r}", "`name: value` lines", "Write one name a line.")
            return {}
        return {str(k): v for k, v in value.items()}

    def mapping_of_texts(self, key: str) -> dict[str, list[str]]:
        found = {}
        for name, value in self.mapping(key).items():
            found[name] = [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]
        return found

    def listing(self, key: str) -> list[Fields]:
        """A list of mappings, each with its own fields."""
        value = self.take(key, [])
        if not isinstance(value, list | tuple):
            self.wrong(
                key, f"`{key}` is no list", "a list of `- key: value` blocks", "Begin each entry with a dash."
            )
            return []
        found = []
        for i, item in enumerate(value):
            if isinstance(item, Mapping):
                found.append(
                    Fields(dict(item), self.file, (*self.path, key, i), self.document, self.problems)
                )
            else:
                self.wrong(
                    key, f"entry {i + 1} of `{key}` is {item!r}", "`key: value` lines", "Mend the entry."
                )
        return found

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in choices:
            self.wrong(
                key,
                f"`{key}` is {value!r}",
                " or ".join(filter(None, choices)),
                did_you_mean(value, choices) or "Use one of these.",
            )
            return default
        return value

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(
                key, f"`{key}` is {value!r}", f"a whole number from {low} to {high}", "Mend the number."
            )
            return default
        return value

    def only(self, path: tuple[str | int, ...], given: Mapping[Any, Any], known: Iterable[str]) -> None:
        """Add a problem for every key of ``given``, the mapping at ``path``, that is not known."""
        known = tuple(known)
        for key in given:
            if key not in known:
                self.wrong(
                    (*path, str(key)),
                    f"the key `{key}` is not known here",
                    "one of " + ", ".join(known),
                    did_you_mean(str(key), known) or "Remove it.",
                )

    def formula(self, path: tuple[str | int, ...], text: Any) -> Tree | None:
        if text is None:
            return None
        try:
            return parse(str(text))
        except FormulaError as error:
            self.problems.add(
                self.file, self.line(*path), ".".join(map(str, (*self.path, *path))),
                found=error.found, expected=error.expected, remedy=error.remedy,
            )  # fmt: skip
            return None

    def nothing_else(self) -> None:
        """A key that nobody asked for is a problem, with the nearest known one."""
        for key in self.data:
            if key not in self.taken:
                self.wrong(
                    key,
                    f"the key `{key}` is not known here",
                    "one of " + ", ".join(sorted(self.taken)),
                    did_you_mean(str(key), self.taken) or "Remove it.",
                )
