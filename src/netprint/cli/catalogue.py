"""methods and activities: what the catalogue knows besides factors."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from netprint.cli.text import Row, columns, print_json, print_rows
from netprint.errors import Problems, UsageError, did_you_mean

QUOTES = "'\""


def methods_using(name: str) -> list[str]:
    return [method.id for method, _ in _shipped() if name in _factors_of(method)]


def _shipped() -> list[tuple[Any, str]]:
    """The methods of the catalogue, each with its file."""
    from netprint.load.method import load_method, shipped

    problems = Problems()
    found = [(load_method(path, problems), path.name) for path in shipped().values()]
    problems.raise_if_any()
    return [(method, name) for method, name in found if method is not None]


def _factors_of(method: Any) -> set[str]:
    """The factors that a method's formulas ask for, those inside factors' own formulas included."""
    from netprint.formula.parse import Lookup, walk
    from netprint.load.factors import catalog

    table = catalog()
    waiting = [t.formula for t in method.terms]
    found: set[str] = set()
    while waiting:
        for node in walk(waiting.pop()):
            name = node.factor if isinstance(node, Lookup) else ""
            if name and name not in found:
                found.add(name)
                waiting += [f.formula for f in table.rows.get(name, {}).values() if f.formula is not None]
    books = any("flow" in t.books for t in method.terms)
    return found | ({n for n in table.cards if n.startswith("gwp_")} if books else set())


def methods(args: Namespace) -> int:
    known = {method.id: method for method, _ in _shipped()}
    if args.action == "list":
        rows = [
            {"method": m.id, "title": m.title, "terms": len(m.terms), "cites": list(m.cites)}
            for m in known.values()
        ]
        print_rows(args.json, rows, ("method", "terms", "title"))
        return 0
    if not args.name:
        raise UsageError("`netprint methods show` needs a method.")
    if args.name not in known:
        raise UsageError(
            f"The catalogue has no method '{args.name}'. {did_you_mean(args.name, known)}".strip()
        )
    about = _method(known[args.name])
    if args.json:
        print_json(about)
    else:
        print("\n".join(_told_method(about)))
    return 0


def _method(method: Any) -> Row:
    from netprint.formula.parse import write

    terms = [
        {"term": t.id, "title": t.title, "formula": write(t.formula), "activity": t.activity or "",
         "each": list(t.each or ()), "books": {k: write(v) for k, v in t.books.items()}, "unit": t.unit,
         "cites": t.cites, "status": t.status, "note": t.note}
        for t in method.terms
    ]  # fmt: skip
    totals = {name: list(parts) for name, parts in method.totals.items()}
    return {"method": method.id, "title": method.title, "cites": list(method.cites), "note": method.note,
            "fields": list(method.fields), "totals": totals, "terms": terms}  # fmt: skip


def _told_method(about: Row) -> Iterator[str]:
    yield f"{about['method']}: {about['title']}"
    yield from (f"  {c}" for c in about["cites"])
    if about["note"]:
        yield ""
        yield about["note"]
    for name, parts in about["totals"].items():
        yield f"{name} = {' + '.join(parts)}"
    for term in about["terms"]:
        fed = f"of {term['activity']}" if term["activity"] else "indicator"
        fed = f"each {', '.join(term['each'])}" if term["each"] else fed
        yield ""
        yield f"{term['term']} ({fed}): {term['title']}".rstrip(": ")
        yield f"  {term['formula']}"
        if term["books"]:
            yield f"  books {', '.join(f'{k} {v.strip(QUOTES)}' for k, v in term['books'].items())}"
        yield f"  {term['cites']}{', ' if term['cites'] else ''}{term['status']}"


def activities(args: Namespace) -> int:
    if args.units:
        from netprint.units.table import CURRENCIES, symbols

        units = sorted(symbols(), key=str.casefold)
        if args.json:
            print_json({"units": units, "currencies": sorted(CURRENCIES)})
        else:
            print(" ".join(units))
            print(f"\nCurrencies, also with a price year (USD2022): {' '.join(sorted(CURRENCIES))}")
        return 0
    from netprint.load.activities import load_activities

    rows = [
        {
            "activity": a.name,
            "family": a.family,
            "unit": a.unit,
            "kind": a.kind,
            "title": a.title,
            "note": a.note,
        }
        for a in load_activities().values()
    ]
    if args.json:
        print_json(rows)
    else:
        shown = ("activity", "family", "unit", "kind", "title")
        print(columns(shown, [[r[c] for c in shown] for r in rows]))
    return 0
