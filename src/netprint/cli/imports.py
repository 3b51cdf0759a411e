"""factors import, factors check: factors from public services, and what the guards find in a table."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netprint.cli.text import Progress, Row, columns, print_json
from netprint.errors import Problem, Problems, UsageError

SHOWN = 20


def run_import(args: Namespace) -> int:
    """Import from a source, or list the sources where none is named."""
    from netprint.exchange.imports import Options, run

    if not args.words:
        return _sources(args.json)
    if len(args.words) > 1:
        raise UsageError(f"`netprint factors import` takes one source, not {' '.join(args.words)}.")
    name, progress = args.words[0], Progress()
    given = Options(
        year=args.year or "", country=args.country or "", files=[Path(f) for f in args.file], base=args.address,
        sha256=args.sha256, say=progress,
    )  # fmt: skip
    try:
        made = run(name, Path(args.out or f"imports/{name}"), given)
    finally:
        progress.done()
    found = _guarded(made.table)
    if args.json:
        print_json(
            {"folder": str(made.folder), "origin": made.origin, "findings": [f.as_dict() for f in found]}
        )
    else:
        print("\n".join(_told(made.folder, made.origin)))
        _print_findings(found)
    return 0


def _sources(as_json: bool) -> int:
    from netprint.exchange.imports import NAMES, source

    rows: list[Row] = []
    for known in map(source, NAMES):
        rows.append(
            {"source": known.name, "licence": known.licence, "key": known.key.variable if known.key else "",
             "publisher": known.publisher, "gives": known.kind, "duties": known.duties, "address": known.address}
        )  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        shown = ("source", "licence", "key", "gives")
        print(columns(shown, [[row[c] for c in shown] for row in rows]))
    return 0


def _told(folder: Path, origin: Any) -> Sequence[str]:
    received = sum(part["bytes"] for part in origin["parts"])
    lines = [
        f"Wrote {folder}: {origin['rows']:,} factor rows from {origin['publisher']}, {origin['title']}, "
        f"received {origin['date']} ({received:,} bytes).",
        f"  {origin['kind']}",
        f"  Licence: {origin['licence']}. {origin['duties']}",
    ]
    if origin["share_alike"] or origin["non_commercial"]:
        lines.append("  For your own study: never mix these rows into a table under another licence.")
    lines += [f"  Left out: {n:,} × {reason}" for reason, n in origin["skipped"].items()]
    lines.append(f"  In a study beside it:  factors: {(folder / 'factors.csv').as_posix()}")
    if (folder / "cards.csv").is_file():
        lines.append(f"                         cards: {(folder / 'cards.csv').as_posix()}")
    return lines


def run_check(args: Namespace) -> int:
    """What the guards find in factor tables or imports, or else in the catalogue; 1 where there is an error."""
    from netprint.load.guards import guard_catalog

    changed: list[Problem] = []
    found: list[Any] = []
    for word in args.words:
        table, problems = _read(Path(word))
        changed += problems
        found += _guarded(table)
    if not args.words:
        found = guard_catalog()
    if args.json:
        print_json({"problems": [p.as_dict() for p in changed], "findings": [f.as_dict() for f in found]})
    else:
        for problem in changed:
            print(f"error (checksum): {problem}")
        _print_findings(found, all_of_them=True)
        if not found and not changed:
            print(f"{', '.join(args.words) or 'The catalogue'}: the guards found nothing.")
    return 1 if changed or any(f.error for f in found) else 0


def _read(path: Path) -> tuple[Any, list[Problem]]:
    """A factor table, with `cards.csv` beside it where there is one; of an import also what was changed in it."""
    from netprint.exchange.imports.snapshot import ORIGIN, read_snapshot, verify
    from netprint.load.factors import cards_of, catalog, check_formulas, own_table, read_csv

    if path.is_dir():
        if not (path / ORIGIN).is_file():
            raise UsageError(f"{path} is no import of netprint: it has no {ORIGIN}.")
        return read_snapshot(path), verify(path)
    if not path.is_file():
        raise UsageError(f"There is no factor table {path}.")
    problems, beside = Problems(), path.parent / "cards.csv"
    mine = cards_of(read_csv(beside), beside.name, problems) if beside.is_file() else {}
    table = own_table(read_csv(path), path.name, catalog(), problems, mine)
    check_formulas(table, catalog().cards, problems)
    problems.raise_if_any()
    return table, []


def _guarded(table: Any) -> list[Any]:
    from netprint.load.factors import catalog
    from netprint.load.guards import guard

    return list(guard(table, catalog()))


def _print_findings(found: Sequence[Any], all_of_them: bool = False) -> None:
    if not found:
        return
    kinds = Counter("error" if f.error else "warning" for f in found)
    print(
        "The guards found " + " and ".join(f"{n} {k}{'s' if n > 1 else ''}" for k, n in kinds.items()) + ":"
    )
    shown = found if all_of_them else found[:SHOWN]
    print("\n".join(f"  {f}" for f in shown))
    if len(found) > len(shown):
        print(f"  … and {len(found) - len(shown)} more: `netprint factors check FOLDER` lists all.")
