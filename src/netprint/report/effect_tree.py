"""The consequence tree as a picture: an indented tree of boxes, each with its amount, as a plain SVG.

Boxes are told apart by a word and a letter as well as by colour; the table of nodes beside it holds the same in text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netprint.report import charts, numbers
from netprint.report.markup import Html, tag
from netprint.report.parts import Page

WIDTH, INDENT, GAP, LINE, PAD = 620, 26, 10, 18, 9
LETTERS = 8.0
"""About the width of a letter at 14 pixels."""
COLOURS = {"": charts.INK, "first": charts.DARK, "second": charts.MIDDLE, "higher": charts.WARM}
Row = Mapping[str, Any]


def tree(page: Page, effect: Row) -> Html:
    """The tree with the solution and NET at its root."""
    words = page.words
    title = words.plain("h_effect_tree")
    boxes = _boxes(page, effect)
    height = boxes[-1]["y"] + boxes[-1]["h"] + 2 if boxes else 0
    said = ". ".join(f"{b['title']}: {', '.join(b['lines'])}" for b in boxes)
    parts = [tag("title", title), tag("desc", said), _marker()]
    parts += [_branch(b, boxes[b["above"]]) for b in boxes if b["above"] is not None]
    parts += [_depends(b, other) for b in boxes for other in boxes if other["id"] in b["rests"]]
    parts += [_box(b, page.words.direction) for b in boxes]
    return tag(
        "svg", *parts, viewBox=f"0 0 {WIDTH} {height}", role="img", aria_label=f"{title}. {said}", font_size="14",
        style=f"max-width:{WIDTH}px",
    )  # fmt: skip


def _boxes(page: Page, effect: Row) -> list[dict[str, Any]]:
    """Boxes from top to bottom: the solution, then each node below its parent, in the order of the orders."""
    words, nodes = page.words, {n["id"]: n for n in effect["nodes"]}
    rank = {"first": 0, "second": 1, "higher": 2}
    below: dict[str, list[str]] = {}
    for node in sorted(nodes.values(), key=lambda n: rank[n["order"]]):
        below.setdefault(node["parent"], []).append(node["id"])
    net = effect["net"]
    lines = [words.label("total", "net") + (f": {_amount(page, net)}" if net else "")]
    found = [_laid("", effect["solution"], lines, "", 0, None, 2.0, (), False)]

    def lay(name: str, depth: int, above: int) -> None:
        node, last = nodes[name], found[-1]
        y = last["y"] + last["h"] + GAP
        excluded = node["excluded"] is not None
        found.append(
            _laid(
                name,
                node["title"],
                _said(page, node),
                node["order"],
                depth,
                above,
                y,
                node["depends_on"],
                excluded,
            )
        )
        here = len(found) - 1
        for child in below.get(name, ()):
            lay(child, depth + 1, here)

    for name in below.get("", ()):
        lay(name, 1, 0)
    return found


def _laid(
    name: str, title: str, lines: list[str], order: str, depth: int, above: int | None, y: float, rests: Any,
    excluded: bool,
) -> dict[str, Any]:  # fmt: skip
    x = depth * INDENT + 1
    room = int((WIDTH - 22 - x - 2 * PAD) / LETTERS)
    titles = _wrapped(title, room)
    wrapped = [w for line in lines for w in _wrapped(line, room)]
    height = 2 * PAD + LINE * (len(titles) + len(wrapped)) - 4
    return {
        "id": name, "title": title, "titles": titles, "lines": lines, "wrapped": wrapped, "order": order, "x": x,
        "y": y, "w": WIDTH - 22 - x, "h": height, "above": above, "rests": tuple(rests), "excluded": excluded,
    }  # fmt: skip


def _wrapped(text: str, room: int) -> list[str]:
    """A text in lines of so many letters; wide letters of Chinese count twice."""
    lines, line, width = [], "", 0
    for word in _words(text):
        size = sum(2 if ord(c) > 0x2E80 else 1 for c in word)
        if line and width + size > room:
            lines.append(line.strip())
            line, width = "", 0
        line, width = line + word, width + size
    return [*lines, line.strip()]


def _words(text: str) -> list[str]:
    """Words with the space after them; letters of Chinese each on their own."""
    found, word = [], ""
    for letter in text:
        word += letter
        if letter == " " or ord(letter) > 0x2E80:
            found.append(word)
            word = ""
    return [*found, word]


def _said(page: Page, node: Row) -> list[str]:
    """What a box says below its title."""
    words = page.words
    about = [words.plain(f"ef_order_{node['order']}")]
    if node["mechanism"]:
        about.append(words.label("ef_mechanism", node["mechanism"]))
    if node["stage"]:
        about.append(node["stage"])
    if node["group"]:
        return [about[0]]
    if node["excluded"] is not None:
        return [words.plain("comma").join([*about, words.plain("ef_excluded")])]
    about.append(words.plain("ef_tier", n=str(node["tier"])))
    lines = [words.plain("comma").join(about)]
    if node["effect"] is not None:
        lines.append(_amount(page, node["effect"]))
    if node["described"] is not None:
        lines.append(described(page, node["described"]))
    return lines


def described(page: Page, said: Row) -> str:
    """`not quantified: increase, medium`."""
    words = page.words
    told = words.plain(
        "ef_described",
        direction=words.label("ef_direction", said["direction"]),
        size=words.label("ef_size", said["size"]),
    )
    return words.plain("comma").join([told, words.plain("ef_bounded")]) if said["bounds"] else told


def _amount(page: Page, row: Row) -> str:
    """`−330 t CO₂e [−603, −143]`; left to right in every script."""
    scale, places = page.facts.scale, numbers.places_of(row, page.facts.scale)
    point, low, high = (numbers.fixed(row[k] * scale, places) for k in ("point", "low", "high"))
    sign = "+" if row["point"] > 0 else ""
    return f"\u2066{sign}{point}{numbers.THIN}{page.unit} [{low}, {high}]\u2069"


# -- drawing -------------------------------------------------------------------------------------------------------


def _box(box: Row, direction: str) -> Html:
    """A box with a bar of its order's colour; broken where the node is excluded."""
    rtl = direction == "rtl"
    rest: dict[str, Any] = {"stroke_dasharray": "5 4"} if box["excluded"] else {}
    colour = COLOURS[box["order"]]
    frame = tag(
        "rect", x=_n(box["x"]), y=_n(box["y"]), width=_n(box["w"]), height=_n(box["h"]), rx="3",
        fill="#fff" if box["excluded"] else "#f4f7f9", stroke="#9aa7b1", **rest,
    )  # fmt: skip
    bar_x = box["x"] + box["w"] - 5 if rtl else box["x"]
    bar = tag("rect", x=_n(bar_x), y=_n(box["y"]), width="5", height=_n(box["h"]), fill=colour)
    x = box["x"] + box["w"] - PAD - 5 if rtl else box["x"] + PAD + 5
    lines, y = [], box["y"] + PAD + 9
    for i, text in enumerate((*box["titles"], *box["wrapped"])):
        heading = i < len(box["titles"])
        lines.append(tag(
            "text", text, x=_n(x), y=_n(y), fill=charts.INK if heading else "#46545f",
            font_weight="600" if heading else None, direction="rtl" if rtl else None, stroke="none",
        ))  # fmt: skip
        y += LINE
    return tag("g", frame, bar, *lines)


def _branch(box: Row, above: Row) -> Html:
    x, y = above["x"] + INDENT / 2, box["y"] + box["h"] / 2
    start = above["y"] + above["h"]
    return tag("path", d=f"M{_n(x)},{_n(start)}V{_n(y)}H{_n(box['x'])}", fill="none", stroke="#9aa7b1")


def _depends(box: Row, other: Row) -> Html:
    """A broken line at the right, from a node to what rests on it."""
    x = box["x"] + box["w"]
    start, end = other["y"] + other["h"] / 2, box["y"] + box["h"] / 2
    return tag(
        "path", d=f"M{_n(x)},{_n(start)}h12V{_n(end)}h-10", fill="none", stroke=charts.WARM, stroke_dasharray="4 3",
        marker_end="url(#rests)",
    )  # fmt: skip


def _marker() -> Html:
    head = tag("path", d="M0,0L7,3.5L0,7Z", fill=charts.WARM)
    marker = tag("marker", head, id="rests", viewBox="0 0 7 7", refX="6", refY="3.5", markerWidth="7", markerHeight="7",
                 orient="auto")  # fmt: skip
    return tag("defs", marker)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
