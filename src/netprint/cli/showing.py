"""factors show: one factor, or the value that answers an index, with all that it rests on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping

from netprint.cli.catalogue import methods_using
from netprint.cli.factors import entitled, place
from netprint.cli.text import MOST, Row, columns, print_json
from netprint.errors import UsageError, did_you_mean
from netprint.explain import number

MANY = 12
"""How many years of a series are shown in a line."""


def show(args: Namespace) -> int:
    from netprint.ask.answers import years
    from netprint.ask.show import answer, cards, matching, spreads
    from netprint.load.factors import catalog

    if not args.words:
        raise UsageError("`netprint factors show` needs a factor.")
    if len(args.words) > 1:
        raise UsageError(f"`netprint factors show` takes one factor, not {' '.join(args.words)}.")
    name, table = args.words[0], catalog()
    card = table.cards.get(name)
    if card is None:
        near = did_you_mean(name, [n for n in table.cards if not n.startswith("proxy:")])
        raise UsageError(
            f"The catalogue has no factor '{name}'. {near or 'Find one with `netprint factors search WORDS`.'}"
        )
    labels = _labels(args, card.index)
    if set(card.index) - set(labels) == {"year"} and (known := years(name, labels)):
        labels["year"] = known[-1]
    about = next(row for row in cards() if row["factor"] == name)
    about["title"] = entitled(args, name, about["title"])
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
        given["country"] = place(given["country"])
    return given


def _told(about: Row, labels: Mapping[str, str]) -> Iterator[str]:
    yield f"{about['factor']}: {about['title']}"
    yield ""
    for key, text in (
        ("unit", about["unit"]), ("index", about["index"] or "none"), ("kind", about["kind"]),
        ("boundary", about["boundary"]), ("fallback", about["fallback"] or "none: a gap where no row answers"),
        ("proxies", _told_proxies(about["proxies"])), ("methods", ", ".join(about["methods"])), ("note", about["note"]),
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


def _told_proxies(rows: list[Row]) -> str:
    """The 95 % intervals of true over found; of the years apart only the fewest and the most."""
    apart = [r for r in rows if r["level"].startswith("year")]
    kept = [r for r in rows if r not in apart[1:-1]]
    told = (
        (r["level"].replace("year lag ", "") + " years apart" if r in apart else r["level"], r) for r in kept
    )
    return ", ".join(f"{name.replace('1 years', '1 year') if name.startswith('1 ') else name} "
                     f"×{r['low']:.2f} to ×{r['high']:.2f}" for name, r in told)  # fmt: skip


def _shown(value: float | str) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _told_answer(name: str, answer: Row) -> Iterator[str]:
    asked = f"{name}[{', '.join(answer['asked'])}]"
    if answer["state"] == "gap":
        yield f"{asked} is a gap: no row answers{_told_near(answer['nearest'])}."
        return
    interval = ""
    if answer["low"] is not None:
        interval = f", 95 % interval {number(answer['low'], 4)} to {number(answer['high'], 4)}"
    unit = "" if answer["unit"] == "1" else f" {answer['unit']}"
    yield f"{asked} = {number(answer['value'])}{unit}{interval}"
    if answer["formula"]:
        yield f"{'formula':<10}{answer['formula'].removeprefix('=')}"
    yield f"{'row':<10}{name}[{', '.join(answer['found'])}]{_told_proxy(answer['proxy'])}"
    yield f"{'status':<10}{answer['status']}"
    for at, row in enumerate(answer["inputs"]):
        yield f"{'' if at else 'from':<10}{_told_input(row)}"
    source = ", ".join(
        str(answer[k]) for k in ("source_title", "publisher", "published", "page", "url") if answer[k]
    )
    yield f"{'source':<10}{answer['source']}{f': {source}' if source else ''}"
    cite = "; ".join(answer["cite"]) if answer["formula"] else answer["attribution"]
    duties = f" ({', '.join(answer['duties'])})" if answer["duties"] else ""
    for key, text in (
        ("licence", answer["licence"] + duties if answer["licence"] else ""), ("cite as", cite),
        ("holds", answer["validity"]), ("seen", answer["seen"]), ("note", answer["note"]),
    ):  # fmt: skip
        if text:
            yield f"{key:<10}{text}"
    yield from _told_beside(answer)


def _told_near(near: list[str]) -> str:
    if near and near[0].startswith("it "):
        return f"; {near[0]}"
    return f"; the nearest known are {', '.join(near)}" if near else ""


def _told_proxy(text: str) -> str:
    return f" (stands in: {text})" if text else ""


def _told_input(row: Row) -> str:
    value = (
        ""
        if row["value"] is None
        else f" = {number(row['value'])} {'' if row['unit'] == '1' else row['unit']}".rstrip()
    )
    stands = f" (stands in: {', '.join(row['found'])}, {row['proxy']})" if row["proxy"] else ""
    return f"{row['factor']}[{', '.join(row['asked'])}]{value}{stands}, {row['status']}, {row['source']}"


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
    for row in answer["crosschecks"]:
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        yield (
            f"{'compared':<10}{row['value']}{unit} here, {row['second_value']} in {row['second_source']}: "
            f"{row['explanation']}"
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
