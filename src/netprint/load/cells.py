"""Texts in a CSV file that a spreadsheet would take for a formula, and back."""

from __future__ import annotations

import re
from typing import Any

#: A text that begins as a formula does and is no plain number; apostrophes before it are kept apart from ours.
_FORMULA = re.compile(r"'*(?![+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\Z)[=+\-@\t\r]", re.I)


def guarded(value: Any) -> Any:
    """A text that a spreadsheet would compute gets an apostrophe in front; everything else stays as it is."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguarded(text: str) -> str:
    """The text that :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
