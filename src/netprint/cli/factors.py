"""factors: list and search what the catalogue knows; attributions and coverage. ``show`` is in ``cli.showing``."""

from __future__ import annotations

import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netprint.cli.text import Row, columns, print_json
from netprint.errors import UsageError
from netprint.explain import number

BEST = 20
"""How many answers of a search are printed."""
OPTIONS = (
    "country",
    "year",
    "item",
    "at",
    "kind",
    "as_of",
    "language",
    "factor",
    "to",
    "out",
    "file",
    "sha256",
    "address",
)
TAKES = {
    "list": ("as_of", "language"), "search": ("country", "year", "item", "kind", "as_of", "language"),
    "show": ("country", "year", "item", "at", "as_of", "language"),
    "coverage": ("year", "item", "factor", "to", "out", "as_of"),
    "attributions": ("as_of",), "import": ("country", "year", "out", "file", "sha256", "address"), "check": (),
}  # fmt: skip
_YEAR = re.compile(r"\d{4}")


def factors(args: Namespace) -> int:
    _check(args)
    if args.action in ("import", "check"):
        from netprint.cli import imports

        return imports.run_import(args) if args.action == "import" else imports.run_check(args)
    from netprint.load import release

    with release.using(release.as_of(args.as_of) if args.as_of else None):
        return _ACTIONS[args.action](args)


def _check(args: Namespace) -> None:
    """Refuse an option that the action would ignore, and a year that is none."""
    for name in OPTIONS:
        given = getattr(args, name)
        if given and not (name == "to" and given == "table") and name not in TAKES[args.action]:
            takes = ", ".join(f"--{n.replace('_', '-')}" for n in TAKES[args.action]) or "none of these"
            raise UsageError(
                f"`netprint factors {args.action}` takes no --{name.replace('_', '-')}; it takes {takes}."
            )
    if args.year and args.action != "import" and not _YEAR.fullmatch(args.year):
        raise UsageError(f"--year is '{args.year}'; expected one year, like 2023.")


def _list(args: Namespace) -> int:
    from netprint.ask.show import cards

    if args.words:
        raise UsageError(
            f"`netprint factors list` takes no words; `netprint factors search {' '.join(args.words)}` finds them."
        )
    rows = [
        row | {"title": entitled(args, row["factor"], row["title"])}
        for row in cards()
        if not row["factor"].startswith("proxy:")
    ]
    head = ("factor", "unit", "index", "rows", "title")
    if args.json:
        print_json(rows)
    else:
        print(columns(head, [[str(row[c]) for c in head] for row in rows], "lllrl"))
    return 0


def _search(args: Namespace) -> int:
    from netprint.ask.search import search, unknown

    if not args.words:
        raise UsageError("`netprint factors search` needs words.")
    text, code = " ".join(args.words), place(args.country) if args.country else ""
    hits = search(text, place=code, year=args.year or "", item=args.item or "", kind=args.kind or "")
    left = unknown(text)
    if hits and left:
        print(
            f"Nothing in the catalogue has {' or '.join(map(repr, left))}; searched without.", file=sys.stderr
        )
    rows = [_hit(h) for h in (hits if args.json else hits[:BEST])]
    rows = [row | {"title": entitled(args, row["factor"], row["title"])} for row in rows]
    if args.json:
        print_json(rows)
    elif not rows:
        print("Nothing in the catalogue has all these words.")
    else:
        print("\n".join(_told_hits(rows, len(hits) - len(rows))))
    return 0 if rows else 1


def entitled(args: Namespace, factor: str, otherwise: str) -> str:
    """The title of a factor in the language asked for."""
    from netprint.ask.titles import title

    return title(factor, args.language or "en", otherwise)


def _told_hits(best: list[Row], more: int) -> Iterator[str]:
    """The best answers, what their factors are, and how to see more of one."""
    head = ("factor", "index", "years", "value", "unit", "status", "source")
    texts = [[number(r[c]) if isinstance(r[c], float) else str(r[c]) for c in head] for r in best]
    texts = [["formula" if cell.startswith("=") else cell for cell in row] for row in texts]
    yield columns(head, texts, "lllr")
    if more:
        yield f"… and {more} more; give more words, or --json for all."
    yield ""
    titles = {r["factor"]: r["title"] for r in best}
    yield from (f"{name}: {title}" for name, title in titles.items())
    yield ""
    yield f"One of them in full: {best[0]['show']}"


def _hit(hit: Any) -> Row:
    series, row = hit.series, hit.row
    labels = dict(zip(series.card.index, hit.at or row.index, strict=True))
    year = labels.get("year", "")
    stated = row.text if row.formula is not None else row.value
    rest = [i or "any" for c, i in labels.items() if c != "year"]
    return {
        "factor": series.card.name, "index": ", ".join(rest), "years": year if hit.at else series.span,
        "value": stated if hit.value is None else hit.value, "unit": series.card.unit, "status": hit.status,
        "formula": row.text if row.formula is not None else "", "source": row.source, "licence": row.licence,
        "note": row.note, "title": series.card.title, "all_years": [y for y, _ in series.years if y],
        "found": hit.found, "score": round(hit.score, 3), "show": _command(series.card.name, labels),
    }  # fmt: skip


def _command(name: str, labels: dict[str, str]) -> str:
    """How to ask for one value."""
    words = [f"netprint factors show {name}"]
    for column, label in labels.items():
        if label:
            option = f"--{column} " if column in ("country", "year", "item") else f"--at {column}="
            words.append(option + (f"'{label}'" if re.search(r"[^\w.-]", label) else label))
    return " ".join(words)


def place(text: str) -> str:
    from netprint import places

    code = places.load().find(text)
    if code is None:
        near = ", ".join(places.load().nearest(text))
        raise UsageError(f"'{text}' is no country.{f' Nearest: {near}.' if near else ''}")
    return code


# -- attributions ----------------------------------------------------------------------------------------------------


def _attributions(args: Namespace) -> int:
    from netprint.ask import attributions

    if len(args.words) > 1:
        raise UsageError(
            "`netprint factors attributions` takes one study or bundle, or none for the whole catalogue."
        )
    rows = attributions.of_result(Path(args.words[0])) if args.words else attributions.of_catalogue()
    if args.json:
        print_json(rows)
    else:
        print("\n".join(attributions.told(rows)))
    return 0


# -- coverage --------------------------------------------------------------------------------------------------------


def _coverage(args: Namespace) -> int:
    from netprint.ask import coverage

    form = "json" if args.json else args.to
    named = [*args.words, *([args.factor] if args.factor else [])]
    if len(named) > 1:
        raise UsageError(f"`netprint factors coverage` takes one factor, not {' '.join(named)}.")
    if not named:
        if args.year or args.item:
            raise UsageError(
                "--year and --item need a factor: `netprint factors coverage grid_lifecycle --year 2023`."
            )
        if form == "svg":
            raise UsageError("A map needs a factor: `netprint factors coverage grid_lifecycle --to svg`.")
        about: Row = {"factors": coverage.overview(), "calibration": coverage.calibration()}
        return _written(args, _as_json(about) if form == "json" else "\n".join(_told_overview(about)))
    found = coverage.coverage(named[0], year=args.year or "", item=args.item or "")
    if form == "svg":
        from netprint.ask.chart import world

        return _written(args, world(found))
    return _written(args, _as_json(found.as_dict()) if form == "json" else "\n".join(_told_coverage(found)))


def _as_json(value: Row) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _written(args: Namespace, text: str) -> int:
    if args.out:
        from netprint import bundle

        bundle.write_text(text, Path(args.out))
        print(f"The coverage is in {args.out}")
    else:
        print(text.rstrip("\n"))
    return 0


def _told_overview(about: Row) -> Iterator[str]:
    head = ("factor", "rows", "verified", "provisional", "countries", "years", "items", "fallback")
    yield columns(head, [[str(r[c]) for c in head] for r in about["factors"]], "lrrrrlrl")
    yield from _told_calibration(about["calibration"])


def _told_coverage(found: Any) -> Iterator[str]:
    from netprint.ask.coverage import LABELS, QUALITIES

    at = ", ".join(f"{c} {v}" for c, v in found.at.items() if v)
    yield f"{found.factor}: {found.title}{f' ({at})' if at else ''}"
    yield ""
    rows = [[r["region"], *(str(r[q]) for q in QUALITIES)] for r in found.regions()]
    yield columns(("places", *(LABELS[q] for q in QUALITIES)), rows, "lrrrrrr")
    from netprint.ask.coverage import calibration

    yield from _told_calibration(calibration(found.factor))


def _told_calibration(rows: list[dict[str, str]]) -> Iterator[str]:
    if rows:
        yield ""
        yield "Values left out that fall inside the 95 % interval of what stands in for them:"
        told = [[r["factor"], r["level"], r["lag"] if r["lag"] != "0" else "", r["cases"], r["countries"],
                 *(f"{100 * float(r[c]):.1f} %" for c in ("inside", "below", "above"))] for r in rows]  # fmt: skip
        head = ("factor", "stand-in", "years away", "cases", "countries", "inside", "below", "above")
        yield columns(head, told, "llrrrrrr")


def _show(args: Namespace) -> int:
    from netprint.cli.showing import show

    return show(args)


_ACTIONS = {
    "list": _list, "search": _search, "show": _show, "coverage": _coverage, "attributions": _attributions,
}  # fmt: skip
