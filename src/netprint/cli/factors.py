"""factors: list, search and show what the catalogue knows; attributions, coverage and import beside them."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from netprint.cli.catalogue import methods_using
from netprint.cli.text import MOST, Row, columns, print_json, print_rows
from netprint.errors import UsageError, did_you_mean
from netprint.explain import number

MANY = 12
"""How many years of a series are shown in a line."""


def factors(args: Namespace) -> int:
    if args.action in ("import", "check"):
        from netprint.cli import imports

        return imports.run_import(args) if args.action == "import" else imports.run_check(args)
    from netprint.load import release

    with release.using(release.as_of(args.as_of) if args.as_of else None):
        return _ACTIONS[args.action](args)


def _list(args: Namespace) -> int:
    from netprint.ask.show import cards

    rows, head = list(cards()), ("factor", "unit", "index", "rows", "title")
    if args.json:
        print_json(rows)
    else:
        print(columns(head, [[str(row[c]) for c in head] for row in rows], "lllrl"))
    return 0


def _search(args: Namespace) -> int:
    from netprint.ask.search import search

    if not args.words:
        raise UsageError("`netprint factors search` needs words.")
    place = _place(args.country) if args.country else ""
    hits = search(
        " ".join(args.words), place=place, year=args.year or "", item=args.item or "", kind=args.kind or ""
    )
    if not hits:
        print("Nothing in the catalogue has all these words.")
        return 1
    print_rows(
        args.json, [_hit(h) for h in hits], ("factor", "index", "years", "value", "unit", "status", "source")
    )
    return 0


def _hit(hit: Any) -> Row:
    series, row = hit.series, hit.row
    return {
        "factor": series.card.name, "index": ", ".join(i or "any" for i in series.rest), "years": series.span,
        "value": row.text if row.formula is not None else row.value, "unit": series.card.unit, "status": row.status,
        "source": row.source, "licence": row.licence, "note": row.note, "title": series.card.title,
        "all_years": [y for y, _ in series.years if y], "found": hit.found, "score": round(hit.score, 3),
    }  # fmt: skip


def _place(text: str) -> str:
    from netprint import places

    code = places.load().find(text)
    if code is None:
        near = ", ".join(places.load().nearest(text))
        raise UsageError(f"'{text}' is no country.{f' Nearest: {near}.' if near else ''}")
    return code


# -- show ------------------------------------------------------------------------------------------------------------


def _show(args: Namespace) -> int:
    from netprint.ask.show import answer, cards, matching, spreads
    from netprint.load.factors import catalog

    if not args.words:
        raise UsageError("`netprint factors show` needs a factor.")
    if len(args.words) > 1:
        raise UsageError(f"`netprint factors show` takes one factor, not {' '.join(args.words)}.")
    name, table = args.words[0], catalog()
    card = table.cards.get(name)
    if card is None:
        raise UsageError(f"The catalogue has no factor '{name}'. {did_you_mean(name, table.cards)}".strip())
    labels = _labels(args, card.index)
    about = next(row for row in cards() if row["factor"] == name)
    about |= {"proxies": spreads(name), "methods": methods_using(name)}
    if len(labels) == len(card.index):
        about["answer"] = answer(name, tuple(labels[c] for c in card.index))
    else:
        about["matching"] = matching(name, labels)
    if args.json:
        print_json(about)
    else:
        print("\n".join(_told(about, labels)))
    return 1 if "answer" in about and about["answer"]["state"] == "gap" else 0


def _labels(args: Namespace, index: tuple[str, ...]) -> dict[str, str]:
    """The index entries given as options; a country by any of its names."""
    given = {c: getattr(args, c) for c in ("country", "year", "item") if getattr(args, c) is not None}
    for pair in args.at:
        column, equals, label = pair.partition("=")
        if not equals:
            raise UsageError(f"--at is '{pair}'; expected COLUMN=LABEL, like gas=CO2.")
        given[column] = label
    for column in given:
        if column not in index:
            held = f"it has {', '.join(index) or 'none'}. {did_you_mean(column, index)}"
            raise UsageError(f"The factor has no index '{column}'; {held}".strip())
    if "country" in given:
        given["country"] = _place(given["country"])
    return given


def _told(about: Row, labels: Mapping[str, str]) -> Iterator[str]:
    yield f"{about['factor']}: {about['title']}"
    yield ""
    proxies = ", ".join(f"{p['level']} ×{p['low']:.2f} to ×{p['high']:.2f}" for p in about["proxies"])
    for key, text in (
        ("unit", about["unit"]), ("index", about["index"] or "none"), ("kind", about["kind"]),
        ("boundary", about["boundary"]), ("fallback", about["fallback"] or "none: a gap where no row answers"),
        ("proxies", proxies), ("methods", ", ".join(about["methods"])), ("note", about["note"]),
    ):  # fmt: skip
        if text:
            yield f"{key:<10}{text}"
    yield ""
    if "answer" in about:
        yield from _told_answer(about["factor"], about["answer"])
        return
    rows = about["matching"]
    if rows:
        texts = [[r["index"], _shown(r["value"]), r["status"], r["source"]] for r in rows[:MOST]]
        yield columns((about["index"], "value", "status", "source"), texts, "lrll")
    if len(rows) > MOST:
        yield f"… and {len(rows) - MOST} more; give an index like --country KEN --year 2023."
    if not rows:
        yield (
            f"No row has {', '.join(f'{k} {v}' for k, v in labels.items())}."
            if labels
            else "The table has no row."
        )


def _shown(value: float | str) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _told_answer(name: str, answer: Row) -> Iterator[str]:
    asked = f"{name}[{', '.join(answer['asked'])}]"
    if answer["state"] == "gap":
        near = f"; the nearest known are {', '.join(answer['nearest'])}" if answer["nearest"] else ""
        yield f"{asked} is a gap: no row answers{near}."
        return
    interval = ""
    if answer["low"] is not None:
        interval = f", 95 % interval {number(answer['low'], 4)} to {number(answer['high'], 4)}"
    yield f"{asked} = {number(answer['value'])} {answer['unit']}{interval}"
    if answer["formula"]:
        yield f"{'formula':<10}{answer['formula'].removeprefix('=')}"
    proxy = f" (stands in: {answer['proxy']})" if answer["proxy"] else ""
    yield f"{'row':<10}{name}[{', '.join(answer['found'])}]{proxy}"
    yield f"{'status':<10}{answer['status']}"
    source = ", ".join(
        str(answer[k]) for k in ("source_title", "publisher", "published", "page", "url") if answer[k]
    )
    yield f"{'source':<10}{answer['source']}{f': {source}' if source else ''}"
    duties = f" ({', '.join(answer['duties'])})" if answer["duties"] else ""
    for key, text in (
        ("licence", answer["licence"] + duties if answer["licence"] else ""), ("cite as", answer["attribution"]),
        ("seen", answer["seen"]), ("note", answer["note"]),
    ):  # fmt: skip
        if text:
            yield f"{key:<10}{text}"
    yield from _told_beside(answer)


def _told_beside(answer: Row) -> Iterator[str]:
    """Why this value, the others, the years and the releases."""
    yield f"{'why':<10}{answer['why']}"
    if answer["alternatives"]:
        yield ""
        yield f"Values kept as evidence ({len(answer['alternatives'])}):"
        yield columns(
            ("value", "unit", "status", "source", "verdict"),
            [(a["value"], a["unit"], a["status"], a["source"], a["verdict"]) for a in answer["alternatives"]],
            "r",
        )
    if len(answer["series"]) > 1:
        shown = answer["series"][-MANY:]
        yield ""
        yield "Years:    " + "  ".join(f"{r['year']} {_shown(r['value'])}" for r in shown)
    if answer["releases"]:
        told = (
            f"{r['release']} ({r['date']}) {_shown(r['value'])}, {r['status']}" for r in answer["releases"]
        )
        yield f"Releases: {'; '.join(told)}"


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
    if args.factor is None:
        if form == "svg":
            raise UsageError(
                "A map needs a factor: `netprint factors coverage --factor grid_lifecycle --to svg`."
            )
        about: Row = {"factors": coverage.overview(), "calibration": coverage.calibration()}
        return _written(args, _as_json(about) if form == "json" else "\n".join(_told_overview(about)))
    found = coverage.coverage(args.factor, year=args.year or "", item=args.item or "")
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


_ACTIONS = {
    "list": _list, "search": _search, "show": _show, "coverage": _coverage, "attributions": _attributions,
}  # fmt: skip
