"""The fixed texts of a report in the six languages of the United Nations."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from netprint.errors import UsageError, did_you_mean
from netprint.report.markup import Html, Part, text

TEXTS = Path(__file__).parent / "texts"


def languages() -> tuple[str, ...]:
    """The languages that a report can be written in."""
    return tuple(sorted(path.stem for path in TEXTS.glob("*.json")))


@lru_cache(maxsize=8)
def _catalogue(lang: str) -> dict[str, str]:
    path = TEXTS / f"{lang}.json"
    if lang not in languages():
        known = ", ".join(languages())
        raise UsageError(
            f"There is no report in the language {lang!r}; it can be written in {known}."
            f" {did_you_mean(lang, languages())}".rstrip()
        )
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


class Words:
    """The texts of one language. Raises :class:`netprint.errors.UsageError` for a language without texts."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.texts = _catalogue(lang)
        self.direction = self.texts["direction"]

    def __call__(self, key: str, **values: Part) -> Html:
        """A text with its values filled in; both are escaped."""
        return Html(text(self.texts[key]).format(**{k: text(v) for k, v in values.items()}))

    def plain(self, key: str, **values: str) -> str:
        """A text for an attribute or a chart, not escaped."""
        return self.texts[key].format(**values)

    def label(self, kind: str, name: str) -> str:
        """A name of the engine in this language where it has one, else as it stands; not escaped."""
        return self.texts.get(f"{kind}_{name}", name.replace("_", " "))
