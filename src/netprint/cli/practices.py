"""practices and apply: what is known to work, and what it would do for an inventory."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netprint.cli.text import Row, amount, columns, print_json
from netprint.errors import InputError, Problems, UsageError, did_you_mean


def practices(args: Namespace) -> int:
    from netprint.load.practice import LANGUAGES

    if args.lang not in LANGUAGES:
        raise UsageError(f"--language is '{args.lang}'; expected {', '.join(LANGUAGES)}.")
    actions = {"list": _list, "search": _list, "show": _show, "check": _check, "achieved": _achieved}
    return actions[args.action](args)


# -- list and search ---------------------------------------------------------------------------------------------------


def _list(args: Namespace) -> int:
    from netprint.load.practice import ACTORS, DOMAINS, STATUSES, heads

    if args.action == "search" and not args.words:
        raise UsageError("`netprint practices search` needs words.")
    _one_of("--domain", args.domain, DOMAINS)
    _one_of("--actor", args.actor, ACTORS)
    _one_of("--status", args.status, STATUSES)
    chosen = [
        h
        for h in heads()
        if (args.domain in (None, h.domain)) and (args.actor is None or args.actor in h.actors)
        and (args.status in (None, h.status))
    ]  # fmt: skip
    whole = True
    if args.words:
        from netprint.cli.practice_search import search

        chosen, whole = search(chosen, args.words)
    if args.study:
        return _offered(args, {h.id for h in chosen})
    if args.json:
        print_json(
            [{**vars(h), "title": h.named(args.lang), "summary": _in(h.summary, args.lang)} for h in chosen]
        )
    else:
        rows = [(h.id, h.domain, h.order, h.status, h.named(args.lang)) for h in chosen]
        print(columns(("practice", "domain", "order", "status", "title"), rows))
        if chosen and not whole:
            print("No practice holds all of these words; those above hold the most of them.")
        print(f"{len(chosen)} practices; `netprint practices show PRACTICE` tells all of one.")
    return 0


def _one_of(option: str, given: str | None, known: tuple[str, ...]) -> None:
    if given is not None and given not in known:
        near = did_you_mean(given, known) or f"These are known: {', '.join(known)}."
        raise UsageError(f"{option} is '{given}', which is not known. {near}")


def _in(texts: Any, language: str) -> str:
    return str(texts.get(language) or texts.get("en") or "")


def _offered(args: Namespace, names: set[str]) -> int:
    from netprint.apply.offers import offers
    from netprint.load.practice import practices as load

    found, could = offers(load(names) if names else [], _study(args.study), args.year, args.total)
    if args.json:
        print_json({"apply": found, "would": could})
        return 0
    print("\n".join(_told_offers(found, args.lang)))
    if could:
        print("These would apply if the activity data said more:")
        wanted = [(r["id"], ", ".join(r["columns"]), r["applies"]) for r in could]
        print(columns(("practice", "fill the column", "selects"), wanted))
    return 0


def _told_offers(found: list[Row], language: str) -> Iterator[str]:
    if not found:
        yield "No practice selects a row of this inventory."
        return
    yield f"{found[0]['account']}, {found[0]['year']}; t CO2e behind the rows, and avoided at full adoption:"
    yield from _offer_table([r for r in found if r["order"] == "first"], language)
    others = [r for r in found if r["order"] != "first"]
    if others:
        yield "For other sectors, where rows like these are theirs; shown beside an inventory, never subtracted:"
        yield from _offer_table(others, language)


def _offer_table(found: list[Row], language: str) -> Iterator[str]:
    rows = [
        (r["id"], "; ".join(f"{amount(a['quantity'])} {a['unit']} {a['activity']}" for a in r["amounts"]),
         amount(r["emissions"]), "?" if r["avoids"] is None else amount(r["avoids"]), r["grade"] or "no default",
         _in(r["title"], language))
        for r in found
    ]  # fmt: skip
    yield columns(("practice", "acts on", "emissions", "avoids", "grade", "title"), rows, "llrrll")


def _study(given: str) -> Path:
    path = Path(given)
    if not path.exists():
        raise UsageError(f"There is no study or bundle '{given}'.")
    return path


# -- show and check ----------------------------------------------------------------------------------------------------


def _show(args: Namespace) -> int:
    from netprint.load.practice import practice

    if not args.words:
        raise UsageError("`netprint practices show` needs a practice.")
    found = [practice(name) for name in args.words]
    if args.json:
        print_json([_record(p) for p in found] if len(found) > 1 else _record(found[0]))
    else:
        print("\n\n".join("\n".join(_told(p, args.lang)) for p in found))
    return 0


def _record(practice: Any) -> Row:
    from dataclasses import asdict

    from netprint.apply.default import default_effect

    data = {k: v for k, v in asdict(practice).items() if k not in ("select", "file")}
    default = default_effect(practice)
    data["default"] = None if default is None else {
        "value": default.value, "low": default.limits[0], "high": default.limits[1], "rule": default.rule,
        "grade": default.grade, "status": default.status, "flags": list(default.flags),
    }  # fmt: skip
    return data


def _told(p: Any, language: str) -> Iterator[str]:
    from netprint.apply.default import default_effect

    yield f"{p.id}: {p.named(language)}"
    yield _in(p.summary, language)
    yield f"{p.domain}; order {p.order}; {p.maturity}; status {p.status}; by {', '.join(p.actors)}"
    if p.applies:
        yield f"Acts on: {p.applies}"
        yield f"Stream: {p.stream}; share of those rows: {_range(p.share)}"
    default = default_effect(p)
    if p.effect.kind == "benefit":
        yield f"Benefit, told and never added to emissions: {p.effect.what}"
    elif default is None:
        yield "Default effect: none, for only potentials or claims are known"
    else:
        low, high = default.limits
        yield (
            f"Default effect: {default.value:g} ({low:.4g} to {high:.4g}) {p.effect.unit} {p.effect.what}; "
            f"{default.rule}; {default.grade}, {default.status}"
        )
    yield "Evidence:"
    for e in p.evidence:
        held = (("value", e.value), ("low", e.low), ("high", e.high))
        numbers = " ".join(f"{k} {v:g}" for k, v in held if v is not None)
        context = ", ".join(x for x in (e.place, e.year, e.status, *e.flags) if x)
        yield f"  {e.grade}: {numbers} {e.unit}; {e.what} ({context}; {e.source}{f', {e.page}' if e.page else ''})"
    if p.own_footprint is None:
        yield "Own footprint: not known"
    else:
        added = [
            f"{_range(a.quantity)} {a.unit} {a.activity} {a.item} per {a.per}, {a.when}"
            for a in p.own_footprint
        ]
        yield f"Own footprint: {'; '.join(added) or p.own_footprint_reason}"
    yield f"Rebound: {_range(p.rebound)}; lasts: {_range(p.persistence)} years"
    costs = [
        (w, m) for w, m in (("investment", p.cost.investment), ("a year", p.cost.yearly)) if m is not None
    ]
    told = [f"{_range(m.amount)} {m.amount.unit} per {m.per} ({w})" for w, m in costs]
    yield f"Cost: {'; '.join(told) or p.cost.unknown}"
    yield f"Serves: SDG {', '.join(p.sdg)}; {p.measure}"
    yield from (f"Warning: {text}" for text in p.warnings)
    yield "Sources:"
    yield from (
        f"  {s.id}: {s.author}, {s.title} ({s.published}), {s.url}{_read(s)}" for s in p.sources.values()
    )


def _read(source: Any) -> str:
    promoter = "; promotes the practice" if source.promoter else ""
    return f"{promoter}; read: {source.seen}" if source.seen else f"{promoter}; not read, recalled"


def _range(e: Any) -> str:
    if not e.known:
        return f"not known{f' ({e.note})' if e.note else ''}"
    ends = "" if e.low is None or e.high is None else f" ({e.low:g} to {e.high:g})"
    return f"{e.point:g}{ends}"


def _check(args: Namespace) -> int:
    from netprint.apply.guards import findings
    from netprint.load.practice import shipped
    from netprint.load.practice_file import load_practice

    known = shipped()
    for name in args.words:
        if name not in known:
            raise UsageError(f"The catalogue has no practice '{name}'. {did_you_mean(name, known)}".strip())
    problems = Problems()
    held = [load_practice(known[name], problems) for name in args.words or known]
    if len(problems):
        raise InputError(problems)
    found = findings(p for p in held if p is not None)
    if args.json:
        print_json([vars(f) for f in found])
    else:
        for finding in found:
            print(finding)
        print(f"{len(held)} practices read; {len(found)} findings.")
    return 1 if found else 0


def _achieved(args: Namespace) -> int:
    from netprint.apply.achieved import achieved

    if len(args.words) != 2:
        raise UsageError("`netprint practices achieved` needs a practice and a CSV file of measurements.")
    found = achieved(args.words[0], args.words[1], place=args.place)
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
    return 0 if found.saves else 1


# -- apply -------------------------------------------------------------------------------------------------------------


def apply(args: Namespace) -> int:
    from netprint.apply import apply as run

    found = run(
        args.practices,
        _study(args.study),
        adoption=_for_all(args.adoption, "--adoption"),
        effects=_pairs(args.effect, "--effect"),
        shares=_pairs(args.share, "--share"),
        years=_for_all(args.years, "--years"),
        on=_pairs(args.on, "--on"),
        streams=_pairs(args.stream, "--stream"),
        prices=_pairs(args.price, "--price"),
        investment=_pairs(args.investment, "--investment"),
        yearly=_pairs(args.yearly_cost, "--yearly-cost"),
        year=args.year, total=args.total, budget=args.budget, target=args.target, discount=args.discount,
        accept_claims=args.accept_claims, overlap=args.overlap,
    )  # fmt: skip
    if args.out:
        _write(found, Path(args.out), args.lang)
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
        if args.out:
            print(f"Wrote {args.out}")
    return 0


def _pairs(given: list[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` texts as a mapping; a selector may hold more equal signs."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{option} is '{text}'; expected NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def _for_all(given: list[str], option: str) -> str | dict[str, float | str] | None:
    """One value for all practices, or ``NAME=VALUE`` texts."""
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    return dict(_pairs(given, option)) if given else None


def _write(found: Any, path: Path, language: str) -> None:
    from netprint.bundle import write_text
    from netprint.report.macc import curve
    from netprint.report.practices import page

    if path.suffix == ".svg":
        if not found.curve:
            raise UsageError("There is no cost curve: it needs costs (--investment) and prices (--price).")
        write_text(curve(found, language), path)
    elif path.suffix in (".html", ".htm"):
        write_text(page(found, language), path)
    else:
        raise UsageError(f"--out is '{path}'; expected a file that ends in .html or .svg.")
