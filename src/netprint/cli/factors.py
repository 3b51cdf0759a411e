"""factors: list, search and show what the catalogue knows."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from netprint.cli.catalogue import methods_using
from netprint.cli.text import MOST, Row, columns, print_json, print_rows
from netprint.errors import UsageError, did_you_mean
from netprint.explain import number

DRAWS, SEED = 10_000, 1429


def factors(args: Namespace) -> int:
    if args.action == "list":
        print_rows(args.json, list(_cards()), ("factor", "unit", "index", "rows", "title"))
        return 0
    if not args.words:
        raise UsageError(
            f"`netprint factors {args.action}` needs {'a factor' if args.action == 'show' else 'words'}."
        )
    if args.action == "search":
        found = search(" ".join(args.words))
        if not found:
            print("Nothing in the catalogue has all these words.")
            return 1
        print_rows(args.json, found, ("factor", "index", "years", "value", "unit", "status", "source"))
        return 0
    if len(args.words) > 1:
        raise UsageError(f"`netprint factors show` takes one factor, not {' '.join(args.words)}.")
    return _show(args, args.words[0])


def _cards() -> Iterator[Row]:
    from netprint.load.factors import catalog

    table = catalog()
    for name, card in sorted(table.cards.items()):
        yield {
            "factor": name, "unit": card.unit, "index": " ".join(card.index), "kind": card.kind,
            "boundary": card.boundary, "fallback": " ".join(card.fallback), "rows": len(table.rows.get(name, {})),
            "title": card.title, "note": card.note,
        }  # fmt: skip


# -- search ----------------------------------------------------------------------------------------------------------


def search(words: str) -> list[Row]:
    """Factor rows all of whose ``words`` stand in some field: name, title, kind, index, note, source, or a name of the
    country in one of six languages. The years of one series are one row, with its latest value."""
    from netprint.load.factors import catalog, sources

    wanted = words.casefold().split()
    table, known, named = catalog(), sources(), _place_names()
    found: dict[tuple[str, tuple[str, ...]], Row] = {}
    for name, rows in sorted(table.rows.items()):
        card = table.cards[name]
        about = " ".join((name, card.title, card.kind, card.boundary, card.note))
        for index, row in rows.items():
            source = known.get(row.source, {})
            places = " ".join(named.get(i, "") for i in index)
            told = (row.source, source.get("title", ""), source.get("publisher", ""))
            text = " ".join((about, *index, places, row.note, row.page, *told)).casefold()
            if all(word in text for word in wanted):
                _enter(found, name, card.index, index, row)
    return sorted(found.values(), key=lambda r: (r["factor"], r["index"]))


def _enter(
    found: dict[tuple[str, tuple[str, ...]], Row],
    name: str,
    names: tuple[str, ...],
    index: tuple[str, ...],
    row: Any,
) -> None:
    rest = tuple(i or "any" for i, c in zip(index, names, strict=True) if c != "year")
    year = index[names.index("year")] if "year" in names else ""
    held = found.get((name, rest))
    years = sorted({*(held["all_years"] if held else ()), *([year] if year else [])})
    if held is None or year >= held["all_years"][-1]:
        held = found[name, rest] = {
            "factor": name, "index": ", ".join(rest), "value": row.text if row.formula is not None else row.value,
            "unit": row.card.unit, "status": row.status, "source": row.source, "licence": row.licence, "note": row.note,
        }  # fmt: skip
    held["all_years"] = years
    held["years"] = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}" if years else ""


def _place_names() -> dict[str, str]:
    """Every name of a place, by its code."""
    from netprint import places

    known = places.load()
    found = {code: " ".join(names.values()) for code, names in known.names.items()}
    for _, name, code in known.others:
        found[code] = f"{found.get(code, '')} {name}"
    return found


# -- show ------------------------------------------------------------------------------------------------------------


def _show(args: Namespace, name: str) -> int:
    from netprint.load.factors import catalog

    table = catalog()
    card = table.cards.get(name)
    if card is None:
        raise UsageError(f"The catalogue has no factor '{name}'. {did_you_mean(name, table.cards)}".strip())
    labels = _labels(args, card.index)
    about = next(row for row in _cards() if row["factor"] == name)
    about |= {"proxies": _proxies(name), "methods": methods_using(name)}
    if len(labels) == len(card.index):
        about["answer"] = _answer(name, tuple(labels[c] for c in card.index))
    else:
        about["matching"] = _rows(name, labels)
    if args.json:
        print_json(about)
    else:
        print("\n".join(_told(about, labels)))
    return 1 if "answer" in about and about["answer"]["state"] == "gap" else 0


def _labels(args: Namespace, index: tuple[str, ...]) -> dict[str, str]:
    """The index entries given as options; a country by any of its names."""
    from netprint import places

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
        code = places.load().find(given["country"])
        if code is None:
            near = ", ".join(places.load().nearest(given["country"]))
            raise UsageError(f"'{given['country']}' is no country.{f' Nearest: {near}.' if near else ''}")
        given["country"] = code
    return given


def _answer(name: str, index: tuple[str, ...]) -> Row:
    """What netprint uses for an index: the row that answers, its value and 95 % interval, proxies included."""
    import numpy as np

    from netprint import places
    from netprint.engine.coefficients import Coefficients
    from netprint.engine.resolve import Gap, Resolver
    from netprint.load.factors import catalog, sources

    resolver = Resolver((catalog(),), catalog().cards, places.load().groups)
    found = resolver((name, index))
    if isinstance(found, Gap):
        return {"state": "gap", "asked": list(index), "nearest": list(found.near)}
    factor = found.factor
    drawn = Coefficients(resolver, SEED, DRAWS).factor((name, index)) / factor.card.measure.scale
    low, high = (float(x) for x in np.quantile(drawn[1:], [0.025, 0.975])) if len(drawn) > 1 else (None, None)
    source = sources().get(factor.source, {})
    return {
        "state": "found", "asked": list(index), "found": [i or "any" for i in factor.index],
        "value": float(drawn[0]), "unit": factor.card.unit, "low": low, "high": high,
        "distribution": "formula" if found.formula is not None else factor.shape.distribution,
        "formula": factor.text if found.formula is not None else "", "status": factor.status,
        "proxy": found.proxy.text if found.proxy else "", "source": factor.source,
        "source_title": source.get("title", ""), "publisher": source.get("publisher", ""),
        "published": source.get("published", ""), "page": factor.page or source.get("table", ""),
        "url": source.get("url", ""), "licence": factor.licence or source.get("licence", ""), "note": factor.note,
    }  # fmt: skip


def _rows(name: str, labels: Mapping[str, str]) -> list[Row]:
    from netprint.load.factors import catalog

    table = catalog()
    names = table.cards[name].index
    return [
        {"index": ", ".join(i or "any" for i in index), "value": row.text if row.formula is not None else row.value,
         "status": row.status, "source": row.source}
        for index, row in sorted(table.rows.get(name, {}).items())
        if all(index[names.index(c)] in (v, "") for c, v in labels.items())
    ]  # fmt: skip


def _proxies(name: str) -> list[str]:
    """The levels at which a value from another place or year may stand in, with the spreads that are known."""
    from netprint.load.factors import catalog

    known = catalog().rows.get(f"proxy:{name}", {})
    return [f"{level} {f'lag {lag}' if lag not in ('', '0') else ''}".strip() for level, lag in known]


def _told(about: Row, labels: Mapping[str, str]) -> Iterator[str]:
    yield f"{about['factor']}: {about['title']}"
    yield ""
    for key, text in (
        ("unit", about["unit"]), ("index", about["index"] or "none"), ("kind", about["kind"]),
        ("boundary", about["boundary"]), ("fallback", about["fallback"] or "none: a gap where no row answers"),
        ("proxies", ", ".join(about["proxies"])), ("methods", ", ".join(about["methods"])), ("note", about["note"]),
    ):  # fmt: skip
        if text:
            yield f"{key:<10}{text}"
    yield ""
    if "answer" in about:
        yield from _told_answer(about["factor"], about["answer"])
        return
    rows = about["matching"]
    if rows:
        texts = [
            [r["index"], number(v) if isinstance(v := r["value"], float) else v, r["status"], r["source"]]
            for r in rows[:MOST]
        ]
        yield columns((about["index"], "value", "status", "source"), texts, "lrll")
    if len(rows) > MOST:
        yield f"… and {len(rows) - MOST} more; give an index like --country KEN --year 2023."
    if not rows:
        yield (
            f"No row has {', '.join(f'{k} {v}' for k, v in labels.items())}."
            if labels
            else "The table has no row."
        )


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
    for key in ("licence", "note"):
        if answer[key]:
            yield f"{key:<10}{answer[key]}"
