"""Titles of factors in the six languages of the United Nations: ``catalog/words/titles.csv`` (factor, language, title).

English titles stand in the cards; a factor of the user's own has no other than its own card's.
"""

from __future__ import annotations

import csv
from functools import lru_cache

from netprint.errors import UsageError
from netprint.load.release import CATALOG
from netprint.places import LANGUAGES

FILE = CATALOG / "words" / "titles.csv"


def title(factor: str, language: str, otherwise: str = "") -> str:
    """The title of a factor in a language; ``otherwise``, the title of its card, in English and where there is none.

    Raises :class:`UsageError` for another language than :data:`netprint.places.LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise UsageError(f"The language is {language!r}; expected {', '.join(LANGUAGES)}.")
    return otherwise if language == "en" else titles(language).get(factor, otherwise)


@lru_cache(maxsize=len(LANGUAGES))
def titles(language: str) -> dict[str, str]:
    """All titles in a language, by factor."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return {r["factor"]: r["title"] for r in csv.DictReader(stream) if r["language"] == language}
