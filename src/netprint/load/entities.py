"""Entities: who belongs to the reporting organisation, with which share, under whose control, and when.

GHG Protocol Corporate Standard, ch. 3 (organisational boundaries) and ch. 5 (acquisitions and divestments).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from netprint.errors import Problems, did_you_mean

COLUMNS = ("entity", "parent", "share", "control", "from", "to")
#: Who controls an entity: its parent in both senses or in one of them, its parent with others, or somebody else.
CONTROLS = ("yes", "operational", "financial", "joint", "no")
EQUITY = "equity share"
OPERATIONAL = "operational control"
FINANCIAL = "financial control"
#: What is held without control: its part of the emissions is category 15 of Scope 3.
INVESTMENT = "investment"
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Stake:
    """One row of the table: what ``parent`` holds of ``entity`` from one day to another, both included."""

    entity: str
    parent: str
    share: float
    control: str
    start: date
    end: date
    line: int | None = None


@dataclass(frozen=True)
class Holding:
    """How much of an entity's activity data the organisation answers for from one day to another, both included.

    ``holding`` is empty for what it consolidates, and ``investment`` for its part of what it does not control.
    """

    entity: str
    start: date
    end: date
    share: float
    holding: str


def stakes(rows: Iterable[tuple[int, Mapping[str, str]]], file: str, problems: Problems) -> list[Stake]:
    """The rows of the table as stakes; what is wrong with them is added to ``problems``."""
    found = [_stake(line, row, file, problems) for line, row in rows]
    kept = [s for s in found if s is not None]
    _check(kept, file, problems)
    return kept


def _stake(line: int, row: Mapping[str, str], file: str, problems: Problems) -> Stake | None:
    before = len(problems)

    def wrong(field: str, text: str, expected: str, remedy: str) -> None:
        problems.add(file, line, field, found=text, expected=expected, remedy=remedy)

    def day(field: str, default: date) -> date:
        text = row.get(field, "").strip()
        try:
            return date.fromisoformat(text) if text else default
        except ValueError:
            wrong(field, f"'{text}'", "a day such as 2023-07-01", "Write year, month and day.")
            return default

    entity, parent = row.get("entity", "").strip(), row.get("parent", "").strip()
    if not entity:
        wrong("entity", "no entity", "the name that the activity data use", "Name the entity.")
    control = row.get("control", "").strip() or ("yes" if not parent else "")
    if control not in CONTROLS:
        wrong(
            "control",
            f"'{control}'",
            ", ".join(CONTROLS),
            did_you_mean(control, CONTROLS) or "Write one of these.",
        )
    text = row.get("share", "").strip()
    share = _share(text) if text or parent else 1.0
    if share is None:
        wrong(
            "share",
            f"'{text}'",
            "a share from 0 to 1, or from 0 % to 100 %",
            "Write for example 0.6 or 60 %.",
        )
    start, end = day("from", FIRST), day("to", LAST)
    if end < start:
        wrong("to", f"{end}, before {start}", "a day on or after `from`", "Exchange or correct the days.")
    if share is None or len(problems) > before:
        return None
    return Stake(entity, parent, share, control, start, end, line)


def _share(text: str) -> float | None:
    try:
        value = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _check(found: Sequence[Stake], file: str, problems: Problems) -> None:
    """Parents are known, no stake stands twice on a day, shares of one entity do not exceed the whole, no circle."""
    names = {s.entity for s in found}
    for stake in found:
        if stake.parent and stake.parent not in names:
            problems.add(
                file, stake.line, "parent", found=f"'{stake.parent}', which no row of the table names as its entity",
                expected="an entity of the table", remedy=did_you_mean(stake.parent, names) or "Add a row for it.",
            )  # fmt: skip
    for i, stake in enumerate(found):
        for other in found[:i]:
            twice = (stake.entity, stake.parent) == (other.entity, other.parent)
            if twice and stake.start <= other.end and other.start <= stake.end:
                problems.add(
                    file, stake.line, "from", found=f"'{stake.entity}' twice on the same days (line {other.line})",
                    expected="days that do not overlap", remedy="End the earlier row the day before.",
                )  # fmt: skip
    for start, end in _intervals(found):
        for name in sorted(names):
            held = sum(s.share for s in found if s.entity == name and s.start <= start and end <= s.end)
            if held > 1 + 1e-9:
                problems.add(
                    file, None, "share", found=f"{held:.4g} of '{name}' is held from {start} on",
                    expected="at most 1 in all", remedy="Mend the shares.",
                )  # fmt: skip
        circle = _circle(found, start, end)
        if circle:
            problems.add(
                file, None, "parent", found=f"{' holds '.join(circle)}", expected="parents above their entities",
                remedy="Break the circle.",
            )  # fmt: skip


def _circle(found: Sequence[Stake], start: date, end: date) -> list[str]:
    above: dict[str, list[str]] = {}
    for stake in found:
        if stake.parent and stake.start <= start and end <= stake.end:
            above.setdefault(stake.entity, []).append(stake.parent)

    def climb(path: list[str]) -> list[str]:
        for parent in above.get(path[-1], ()):
            if parent in path:
                return [*path[path.index(parent) :], parent][::-1]
            if circle := climb([*path, parent]):
                return circle
        return []

    return next((c for name in above if (c := climb([name]))), [])


def _intervals(found: Sequence[Stake]) -> list[tuple[date, date]]:
    """The stretches of days in which no stake changes."""
    starts = {s.start for s in found} | {s.end + timedelta(days=1) for s in found if s.end != LAST}
    cuts = sorted(starts)
    ends = [cut - timedelta(days=1) for cut in cuts[1:]] + [LAST]
    return list(zip(cuts, ends, strict=True))


def holdings(found: Sequence[Stake], approach: str) -> tuple[Holding, ...]:
    """What the organisation answers for under a consolidation approach, cut at every day on which a stake changes.

    Equity share: the product of the shares along every chain of parents. Control: all of what is controlled through a
    chain of control; of what is not, the share as an investment. Of what is controlled jointly, financial control
    takes the share (Corporate Standard, ch. 3, table 1).
    """
    kept = []
    for start, end in _intervals(found):
        now = [s for s in found if s.start <= start and end <= s.end]
        for name in dict.fromkeys(s.entity for s in now):
            share, holding = _held(name, now, approach)
            if share > 0:
                kept.append(Holding(name, start, end, share, holding))
    return tuple(kept)


def _held(name: str, now: Sequence[Stake], approach: str) -> tuple[float, str]:
    share = _owned(name, now)
    if approach == EQUITY:
        return share, ""
    control = _control(name, now, approach)
    if control == "yes":
        return 1.0, ""
    return share, "" if control == "joint" and approach == FINANCIAL else INVESTMENT


def _owned(name: str, now: Sequence[Stake]) -> float:
    return sum(s.share * (_owned(s.parent, now) if s.parent else 1.0) for s in now if s.entity == name)


def _control(name: str, now: Sequence[Stake], approach: str) -> str:
    """`yes` where a chain of control leads to the organisation, `joint` where its last link is shared, else `no`."""
    word = approach.split()[0]
    answers = set()
    for stake in (s for s in now if s.entity == name):
        above = _control(stake.parent, now, approach) if stake.parent else "yes"
        own = "yes" if stake.control in ("yes", word) else stake.control if stake.control == "joint" else "no"
        answers.add(own if above == "yes" else "no" if "no" in (own, above) else "joint")
    return next((a for a in ("yes", "joint") if a in answers), "no")
