"""assess, check and new."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from netprint.cli.text import Progress, amount, columns, percent, print_json
from netprint.errors import InputError, UsageError
from netprint.result import Result
from netprint.units import parse, ratio

DRAWS = (100, 1_000_000)


def assess(args: Namespace) -> int:
    from netprint.load import release

    with release.using(release.as_of(args.as_of) if args.as_of else None):
        return _assess(args)


def _assess(args: Namespace) -> int:
    from netprint import bundle
    from netprint.assess import assess_prepared, prepare
    from netprint.claims import check_publishable

    progress = Progress()
    target = Path(args.out) if args.out else Path(args.study).parent / "result"
    bundle.check_target(target)
    if args.draws is not None and not DRAWS[0] <= args.draws <= DRAWS[1]:
        raise UsageError(f"--draws is {args.draws}; expected a whole number from {DRAWS[0]} to {DRAWS[1]}.")
    try:
        progress(f"Reading {args.study} …")
        prepared = prepare(Path(args.study))
        if args.draws is not None:
            prepared = replace(prepared, study=replace(prepared.study, draws=args.draws))
        progress(f"Assessing {prepared.study.title} …")
        with _rejected_rows(Path(args.study).parent):
            result = assess_prepared(prepared, args.engine)
        if args.public:
            check_publishable(result.tags.get("effect"))
        progress(f"Writing {target} …")
        bundle.write(result, target, public=args.public)
    finally:
        progress.done()
    if args.json:
        print_json({**bundle.summary(result), "bundle": str(target)})
    else:
        print("\n".join(told(result)))
        print(f"The result is in {target}")
    return 0


@contextmanager
def _rejected_rows(folder: Path) -> Iterator[None]:
    """Where rows of the activity data are refused, `rejected/rows.csv` beside the study lists them with their reasons.

    It stands in a folder of its own, so that no `*.csv` reads it as data, and goes when the data are accepted.
    """
    from netprint import bundle

    target = folder / "rejected" / "rows.csv"
    try:
        yield
        if target.is_file():
            target.unlink()
            with suppress(OSError):
                target.parent.rmdir()
    except InputError as error:
        if error.rejected:
            bundle.write_text("\ufeff" + error.rejected, target)
            error.add_note(f"The rows concerned are in {target}")
        raise


def told(result: Result) -> Iterator[str]:
    """A result for the terminal: yearly totals, basis, reported figures, gaps and warnings."""
    yield result.title
    yield ""
    yield totals(result)
    yield ""
    tags = result.tags
    if "effect" in tags:
        yield from effect_told(tags["effect"])
    basis = [", ".join(tags["methods"]), f"GWP of {tags['gwp']}", tags["consolidation"]]
    yield f"Basis: {'; '.join(b for b in basis if b)}; {tags['draws']} draws, seed {tags['seed']}."
    for name, parts in tags["totals"].items():
        yield f"{name} = {' + '.join(parts)}"
    for row in result.indicators.where(indicator="supplier_share"):
        year = row.get("year") or str(row["cell"]).removeprefix("year ")
        yield f"Scope 3 calculated from data of suppliers and other partners, {year}: {percent(row['point'])}"
    beside = result.beside_reported()
    if beside:
        yield ""
        yield "Beside the figures reported:"
        yield columns(
            ("year", "scope", "account", "reported", "result", "unit", "difference", "implied factor"),
            [
                (str(r["year"]), r["scope"], r["account"], amount(r["value"]), amount(r["result"]), r["unit"],
                 "" if r["difference"] is None else f"{r['difference']:+.1f} %",
                 "" if r["implied"] is None else f"{r['implied']:.3f} {r['unit']}/{r['per_unit']}")
                for r in beside
            ], "lllrrlrr",
        )  # fmt: skip
    for heading, listed in (("Gaps", gap_lines(result)), ("Warnings", list(result.warnings))):
        if listed:
            yield ""
            yield f"{heading}:"
            yield from (f"  {line}" for line in listed)
    yield ""


def effect_told(effect: Mapping[str, Any]) -> Iterator[str]:
    """The nodes of an effect study over the period, NET and what may be said of it."""
    from netprint.report.words import Words

    words = Words("en")
    rows = []
    for node in effect["nodes"]:
        if node["effect"] is not None:
            rows.append(
                (node["title"], words.plain(f"ef_order_{node['order']}"), *_statistics(node["effect"]))
            )
        elif not node["group"]:
            said = node["described"]
            told = "excluded" if said is None else f"{said['direction']}, {said['size']}"
            state = (told, "not quantified") if node["id"] not in effect.get("missing", ()) else ("gap", "")
            rows.append((node["title"], words.plain(f"ef_order_{node['order']}"), *state, ""))
    if effect["net"] is not None:
        rows.append(("NET", "", *_statistics(effect["net"])))
    yield columns(("node, whole period", "order", "point", "95 % interval", "unit"), rows, "llrrl")
    yield ""
    yield " ".join(filter(None, (
        words.plain(f"ef_verdict_{effect['verdict']}"),
        "" if effect["probability"] is None else f"Probability of a reduction: {effect['probability']:.1%}.",
        f"Tier {effect['tier']}." if effect["tier"] < 3 else "Tier 3: nothing of it may be said in public.",
        words.plain("ef_reading"),
    )))  # fmt: skip
    yield ""


def _statistics(row: Mapping[str, float]) -> tuple[str, str, str]:
    unit, per = _tonnes("kg CO2e")
    return amount(row["point"] * per), f"{amount(row['low'] * per)} to {amount(row['high'] * per)}", unit


def totals(result: Result) -> str:
    """Yearly accounts and totals with interval, in t CO2e (other impacts in their own unit)."""
    rows = []
    for row in result.views["year"]:
        unit, per = _tonnes(str(row["unit"]))
        point, low, high = (None if row[k] is None else row[k] * per for k in ("point", "low", "high"))
        interval = "gap" if point is None else f"{amount(low)} to {amount(high)}"
        account = _account(str(row["account"]), str(row["impact"]))
        rows.append(
            (str(row["year"]), account, amount(point), interval, unit, percent(row["coverage"]),
             percent(row["provisional_share"]), percent(row["proxy_share"]))
        )  # fmt: skip
    head = ("year", "account", "point", "95 % interval", "unit", "coverage", "provisional", "proxies")
    return columns(head, rows, "llrrlrrr")


def _account(account: str, impact: str) -> str:
    """An account, and its impact where that is not climate change."""
    return account if impact == "climate change" else f"{account}, {impact}"


def _tonnes(unit: str) -> tuple[str, float]:
    return ("t CO2e", ratio(parse("kg CO2e"), parse("t CO2e"))) if unit == "kg CO2e" else (unit, 1.0)


def gap_lines(result: Result) -> list[str]:
    from netprint.engine.audit import gap_text

    return [gap_text(row) for row in result.gaps]


def check(args: Namespace) -> int:
    from netprint.check import check

    found = check(Path(args.study))
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
    return 2 if found.problems else 1 if found.gaps else 0


def new(args: Namespace) -> int:
    from netprint.forms.effect import new_effect
    from netprint.forms.inventory import new_inventory, period

    if args.folder and args.out:
        raise UsageError(f"Both '{args.folder}' and --out {args.out} name a folder. Give one of them.")
    folder = Path(args.out or args.folder or args.kind)
    years = period(args.period) if args.period else None
    if args.kind == "effect":
        made = new_effect(folder, organisation=args.organisation, countries=args.country, years=years)
    else:
        made = new_inventory(
            folder, profile=args.profile, lang=args.lang, organisation=args.organisation, countries=args.country,
            years=years,
        )  # fmt: skip
    if args.json:
        print_json({"written": [str(p) for p in made]})
    else:
        print("\n".join(f"Wrote {p}" for p in made))
    return 0
