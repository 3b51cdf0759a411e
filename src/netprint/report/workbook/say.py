"""The words of the workbook in the six languages; what a report says already is taken from there."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from netprint.report.words import Words

TEXTS = Path(__file__).parent / "texts"


@lru_cache(maxsize=8)
def _own(lang: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((TEXTS / f"{lang}.json").read_text(encoding="utf-8"))
    return found


class Say:
    """The texts of one language. Raises :class:`netprint.errors.UsageError` for a language without texts."""

    def __init__(self, lang: str) -> None:
        self.words = Words(lang)
        self.own = _own(lang)
        self.rtl = self.words.direction == "rtl"

    def __call__(self, key: str, **values: str) -> str:
        """A text with its values filled in."""
        return (self.own.get(key) or self.words.texts[key]).format(**values)

    def column(self, name: str) -> str:
        """The heading of a column of labels: a column of the data by its own name where no language has a word."""
        texts = self.words.texts
        return texts.get(f"column_{name}") or self.own.get(f"d_{name}") or texts.get(name) or name

    def label(self, kind: str, name: str) -> str:
        return self.words.label(kind, name)
