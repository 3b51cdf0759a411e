"""The report of an effect study: what may be said, the consequence tree, effects by node, stage and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netprint.report import charts, numbers
from netprint.report.effect_tree import described, tree
from netprint.report.front import period
from netprint.report.markup import Column, Html, Part, Row, foreign, join, listing, table, tag
from netprint.report.parts import Page, scaled, simple
from netprint.report.parts import told as statement

Data = Mapping[str, Any]
ACCOUNTS = ("net", "first_order", "second_order", "higher_order", "total")


def of(page: Page) -> Data:
    """What the result says of its effects."""
    found: Data = page.facts.tags["effect"]
    return found


def name(page: Page, account: str) -> str:
    spelled = page.words.label("total" if account in ("net", "total") else "account", account)
    return spelled[:1].upper() + spelled[1:]


def headline(page: Page) -> Html:
    """NET over the period first, then what it is made of and what stands beside it."""
    words, effect = page.words, of(page)
    cards = [_card(page, account, effect[account]) for account in ACCOUNTS if effect[account] is not None]
    said = [words.plain(f"ef_verdict_{effect['verdict']}")]
    if effect["probability"] is not None:
        said.append(words.plain("ef_probability", p=numbers.percent(effect["probability"])) + ".")
    missing = _missing(page)
    if missing:
        said.append(words.plain("ef_missing", nodes=", ".join(missing)))
    if not effect["whole"] and effect["higher_order"] is None:
        said.append(words.plain("ef_none_higher"))
    elif effect["net"] is not None and not effect["whole"]:
        said.append(words.plain("ef_no_total"))
    said.append(words.plain("ef_reading"))
    over = words("ef_over", period=period(page))
    return tag(
        "section", tag("h2", words("h_effect"), " ", over), tag("div", *cards, cls="cards"),
        tag("p", " ".join(said), cls="summary"), tag("p", tier(page), cls="note"), *_note(page), id="headline",
    )  # fmt: skip


def _note(page: Page) -> list[Html]:
    """The note of the study, word for word."""
    note = (page.facts.tags.get("statements") or {}).get("note")
    return (
        [tag("div", tag("b", page.words("field_remark")), ": ", statement(note), cls="note")] if note else []
    )


def _missing(page: Page) -> list[str]:
    """The titles of the nodes that a factor is missing for."""
    effect = of(page)
    titles = {n["id"]: n["title"] for n in effect["nodes"]}
    return [titles[i] for i in effect.get("missing", ())]


def _card(page: Page, account: str, row: Data) -> Html:
    value = tag("p", numbers.point(row, page.facts.scale), tag("span", " ", page.unit, cls="unit"), cls="big")
    told = tag("p", page.words("interval_is", interval=page.interval(row)), cls="range")
    return tag("div", tag("p", name(page, account), cls="name"), value, told, cls="card")


def tier(page: Page) -> Html:
    """The tier, and by which nodes."""
    effect = of(page)
    titles = {n["id"]: n["title"] for n in effect["nodes"]}
    named = join([foreign(titles[i]) for i in effect["tier_by"]], ", ")
    spelled = page.words.plain("ef_tier", n=str(effect["tier"]))
    return page.words("ef_tier_why", tier=spelled[:1].upper() + spelled[1:], nodes=named or "–")


def claims(page: Page) -> Html:
    """The statement that may be made, and those that may not."""
    words, effect = page.words, of(page)
    net, total = _told(effect["net"], effect["claims"]["may"]), effect["total"]
    values: dict[str, Part] = {
        "solution": foreign(effect["solution"]), "reference": foreign(effect["reference"]), "period": period(page),
        "tier": words.plain("ef_tier", n=str(effect["tier"])),
        "amount": join([page.point(net), numbers.THIN, page.unit]) if net else "–",
        "interval": page.interval(net),
        "total": join([page.point(total), numbers.THIN, page.unit]) if total else "–",
        "total_interval": page.interval(total),
    }  # fmt: skip
    may = [words(f"ef_say_{code}", **values) for code in effect["claims"]["may"]]
    may_not = [words(f"ef_not_{code}") for code in effect["claims"]["may_not"]]
    return page.section(
        "effect_claims", tag("p", tag("b", words("ef_may"))), listing(may), tag("p", tag("b", words("ef_may_not"))),
        listing(may_not), tag("p", words("ef_reading"), cls="note"),
    )  # fmt: skip


def _told(net: Data | None, may: Sequence[str]) -> Data | None:
    """NET as the sentence says it: "lowers by" goes without the sign."""
    if net is None or "net_reduction" not in may:
        return net
    return {"point": -net["point"], "low": -net["high"], "high": -net["low"]}


def picture(page: Page) -> Html:
    return page.section("effect_tree", tag("div", tree(page, of(page)), cls="scroll", tabindex="0"))


def nodes(page: Page) -> Html:
    """Every node with both sides, its effect, tier and time; what is excluded and described with its words."""
    words, effect = page.words, of(page)
    body = []
    for node in effect["nodes"]:
        what = words.label("ef_mechanism", node["mechanism"]) if node["mechanism"] else node["stage"]
        about = join([foreign(node["title"]), tag("small", _beside(page, node, what))], " ")
        body.append(Row([
            about, words(f"ef_order_{node['order']}"), page.point(node["with"]), page.point(node["without"]),
            page.both(node["effect"]), "–" if _silent(node) else str(node["tier"]),
            words(f"ef_term_{node['term']}"),
        ]))  # fmt: skip
    columns = page.columns(
        "ef_node", "ef_order", "ef_with@", "ef_without@", "ef_effect@", "ef_tier_col#", "ef_when"
    )
    return page.section("effect_nodes", table(words("h_effect_nodes"), columns, body), _split(page))


def _silent(node: Data) -> bool:
    return bool(node["group"]) or node["excluded"] is not None


def _beside(page: Page, node: Data, what: str) -> Html:
    """Mechanism or stage; why it is left out, or its direction and size and why; a note."""
    words, said = page.words, [] if node["group"] else [foreign(what)]
    if node["excluded"] is not None:
        said.append(join([words("ef_excluded"), ": ", foreign(node["excluded"])]))
    if node["described"] is not None:
        said.append(join([described(page, node["described"]), ": ", foreign(node["described"]["why"])]))
    if node["note"]:
        said.append(foreign(node["note"]))
    return join(said, "; ")


def _split(page: Page) -> Html:
    """What is avoided by actual reductions, and what is a lesser increase."""
    words, effect = page.words, of(page)
    if effect["reduction"] is None:
        return tag("p", words("ef_no_split"), cls="note")
    parts = ("actual", "lesser", "increase")
    told = [(n["title"], n["reduction"]) for n in effect["nodes"] if n["reduction"] is not None]
    body = [Row([foreign(title), *(page.both(r[p]) for p in parts)]) for title, r in told]
    whole = Row(
        [name(page, "second_order"), *(page.both(effect["reduction"][p]) for p in parts)], cls="total"
    )
    return table(
        words("ef_split"), page.columns("ef_node", "ef_actual@", "ef_lesser@", "ef_increase@"), [*body, whole]
    )


def first(page: Page) -> Html:
    """The life cycle of the solution by stage of L.1410, less that of the ICT that it displaces."""
    words, effect = page.words, of(page)
    body = [
        Row(
            [foreign(r["stage"]), page.both(r["solution"]), page.both(r["displaced"]), page.both(r["effect"])]
        )
        for r in effect["stages"]
    ]
    body.append(Row([name(page, "first_order"), "", "", page.both(effect["first_order"])], cls="total"))
    columns = page.columns("ef_stage", "ef_solution_side@", "ef_displaced@", "ef_effect@")
    return page.section("effect_first", table(words("h_effect_first"), columns, body))


def years(page: Page) -> Html:
    """Effects by year with the probability of a reduction, and what one user's amounts are multiplied by."""
    words, effect = page.words, of(page)
    held = [a for a in ACCOUNTS if any(y[a] is not None for y in effect["years"])]
    body = [
        [y["year"], *(page.both(y[a]) for a in held), numbers.isolated(numbers.percent(y["probability"]))]
        for y in effect["years"]
    ]
    heads = [tag("span", name(page, a), " ", tag("small", page.unit)) for a in held]
    columns = [*page.columns("year"), *(Column(h, True) for h in heads), *page.columns("ef_prob#")]
    beside = simple(words("h_effect_years"), columns, body)
    drawn = [
        {"year": y["year"], "series": name(page, a), **scaled(y[a], page.facts.scale)}
        for a in ("net", "higher_order") for y in effect["years"] if y[a] is not None
    ]  # fmt: skip
    if len(effect["years"]) < 2 or not drawn:
        return page.section("effect_years", beside, _scale(page))
    title = page.title(words.plain("h_effect_years"), name(page, "net"))
    said = "; ".join(f"{d['year']} {d['series']}: {numbers.number(d['value'])} {page.unit}" for d in drawn)
    spec = charts.years(drawn, [y["year"] for y in effect["years"]], page.unit)
    return page.section("effect_years", page.figure(spec, title, said, beside), _scale(page))


def _scale(page: Page) -> Html:
    """Users, adoption, use and what other solutions leave, by year."""
    words, effect = page.words, of(page)
    keys = [k for k in dict.fromkeys(k for row in effect["scale"] for k in row) if k != "year"]
    if not keys:
        return Html("")

    def heading(key: str) -> Part:
        if key.startswith("left_"):
            return words("ef_left", what=foreign(effect["overlaps"][int(key.removeprefix("left_")) - 1]))
        return words(f"ef_{key}")

    def value(row: Data | None, key: str) -> Html:
        if row is None:
            return numbers.isolated("–")
        if key == "users":
            return join([numbers.point(row), tag("small", numbers.interval(row), cls="below")])
        low, high = (numbers.percent(row[k]) for k in ("low", "high"))
        return join([
            numbers.isolated(numbers.percent(row["point"])),
            tag("small", numbers.isolated(f"[{low}, {high}]" if low != high else ""), cls="below"),
        ])  # fmt: skip

    body = [[row["year"], *(value(row.get(k), k) for k in keys)] for row in effect["scale"]]
    columns = [*page.columns("year"), *(Column(heading(k), True) for k in keys)]
    return simple(words("ef_scale_of"), columns, body)


def other(page: Page) -> Html:
    """NET and what stands beside it under other assumptions, on the same draws."""
    words, effect = page.words, of(page)
    if not effect["sensitivities"]:
        return page.section("effect_other", tag("p", words("no_sensitivities"), cls="note"))
    base = {"title": words.plain("this_result"), "about": "", **{a: effect[a] for a in ACCOUNTS}}
    rows = [{**base, "probability": effect["probability"]}, *effect["sensitivities"]]
    body = [
        Row([
            foreign(r["title"] or r["id"]), words(f"ef_about_{r['about']}") if r["about"] else "",
            page.both(r["net"]), page.both(r["higher_order"]), numbers.isolated(numbers.percent(r["probability"])),
        ], cls="total" if i == 0 else None)
        for i, r in enumerate(rows)
    ]  # fmt: skip
    drawn = [
        {"name": r["title"] or r["id"], "color": charts.WARM if i else charts.DARK,
         **scaled(r["net"], page.facts.scale)}
        for i, r in enumerate(rows) if r["net"] is not None
    ]  # fmt: skip
    heads = [
        Column(tag("span", name(page, a), " ", tag("small", page.unit)), True)
        for a in ("net", "higher_order")
    ]
    columns = [*page.columns("sensitivity", "ef_about"), *heads, *page.columns("ef_prob#")]
    beside = table(words("h_effect_other"), columns, body)
    title = page.title(words.plain("h_effect_other"), name(page, "net"))
    if not drawn:
        return page.section("effect_other", beside)
    told = "; ".join(page.named(d) for d in drawn)
    return page.section(
        "effect_other", page.figure(charts.bars(drawn, page.unit, "point"), title, told, beside)
    )
