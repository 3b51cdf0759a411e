"""How the command line writes: aligned columns, numbers, JSON, and progress on a terminal only."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from netprint.explain import number

Row = dict[str, Any]
MOST = 60


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> str:
    """Rows below a head, in aligned columns; ``right`` has an ``r`` for each column that is set to the right."""
    table = [list(head), *map(list, rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = []
    for row in table:
        cells = [
            cell.rjust(width) if right[i : i + 1] == "r" else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.3g} %"


def amount(value: float | None) -> str:
    return "" if value is None else number(value, 4)


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return value.item() if hasattr(value, "item") else str(value)


class Progress:
    """One line on standard error that says what is being done; nothing where that is no terminal."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __call__(self, text: str) -> None:
        if self.shown:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        self("")


def print_rows(as_json: bool, rows: list[Row], shown: tuple[str, ...]) -> None:
    """At most ``MOST`` rows in columns, or all of them as JSON."""
    if as_json:
        print_json(rows)
        return
    texts = [[number(r[c]) if isinstance(r[c], float) else str(r[c]) for c in shown] for r in rows[:MOST]]
    print(columns(shown, texts, "".join("r" if c in ("value", "rows", "terms") else "l" for c in shown)))
    if len(rows) > MOST:
        print(f"… and {len(rows) - MOST} more; give more words.")
