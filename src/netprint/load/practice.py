"""Practices: what is known of a best practice, one YAML file each, as frozen records.

A practice says which activity data it acts on, how much it saves by which evidence, what it adds, what comes back, how
long it lasts and what it costs. What a file says is kept apart from what is made of it: the default effect follows from
the evidence by a written rule (:mod:`netprint.apply.default`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from netprint.errors import Problems, UsageError, did_you_mean
from netprint.formula.parse import Tree

LANGUAGES = ("en", "fr", "es", "ar", "zh", "ru")
DOMAINS = (
    "mobile network", "fixed network", "site power", "data centre", "cloud", "software", "device", "circularity",
    "building", "energy", "city", "water", "transport", "agriculture", "nature", "work", "adaptation",
)  # fmt: skip
ORDERS = ("first", "second", "adaptation")
ACTORS = (
    "operator", "tower company", "data centre", "cloud customer", "software developer", "manufacturer", "company",
    "household", "city", "utility", "farmer", "ministry", "regulator",
)  # fmt: skip
STATUSES = ("draft", "review", "published")
MATURITIES = ("proven", "early", "potential")
KINDS = ("share", "absolute", "benefit")
#: The grades of evidence, best first. The last two are shown and never used by default.
GRADES = ("measured", "life-cycle study", "arithmetic", "potential", "vendor claim")
CLAIMS = ("potential", "vendor claim")
FLAGS = ("promoter-made", "favourable-baseline", "contradicts-itself", "other-context", "recalled")
#: Evidence with these flags is shown and never used.
UNUSABLE = ("contradicts-itself", "other-context")
OWN = "own"
ACTED, SAVED, WHOLE = "acted", "saved", "whole"


@dataclass(frozen=True)
class Estimate:
    """A number with its range; ``value`` is None where the source gives a range only, or none is known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    source: str = ""
    page: str = ""
    status: str = "provisional"
    note: str = ""

    @property
    def known(self) -> bool:
        return self.value is not None or (self.low is not None and self.high is not None)

    @property
    def point(self) -> float:
        """The value, else the middle of the range. Raises ``ValueError`` where nothing is known."""
        if self.value is not None:
            return self.value
        if self.low is None or self.high is None:
            raise ValueError("no value is known")
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Evidence:
    """One study, with what it found in its own context. ``used`` is false where the file keeps it out."""

    value: float | None
    low: float | None
    high: float | None
    grade: str
    what: str
    source: str
    n: float | None = None
    place: str = ""
    year: str = ""
    page: str = ""
    status: str = "provisional"
    flags: tuple[str, ...] = ()
    note: str = ""
    unit: str = ""
    used: bool = True


@dataclass(frozen=True)
class Effect:
    """``share`` of a stream saved; ``absolute``: saved amount per unit of ``driver`` and year; ``benefit``: told."""

    kind: str
    unit: str
    what: str
    driver: str = ""


@dataclass(frozen=True)
class Added:
    """An activity that carrying the practice out adds: ``quantity`` per unit of ``per``, once or every year."""

    activity: str
    item: str
    unit: str
    quantity: Estimate
    per: str
    when: str


@dataclass(frozen=True)
class Money:
    """An amount of money per unit of ``per``; ``unit`` is a currency, mostly with its price year."""

    amount: Estimate
    per: str


@dataclass(frozen=True)
class Cost:
    """What a practice costs; ``unknown`` says why nothing is stated."""

    investment: Money | None = None
    yearly: Money | None = None
    unknown: str = ""
    status: str = "provisional"
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Source:
    """Where a number comes from. ``promoter``: its author sells, runs or advocates the practice."""

    id: str
    title: str
    author: str = ""
    publisher: str = ""
    published: str = ""
    url: str = ""
    licence: str = ""
    promoter: bool = False
    contradicts: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Practice:
    """A best practice as its file states it; see docs/practices.md for each field."""

    id: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    domain: str
    order: str
    actors: tuple[str, ...]
    status: str
    maturity: str
    select: Tree | None
    applies: str
    stream: str
    share: Estimate
    effect: Effect
    evidence: tuple[Evidence, ...]
    own_footprint: tuple[Added, ...] | None
    own_footprint_reason: str
    rebound: Estimate
    persistence: Estimate
    cost: Cost
    conditions: Mapping[str, str]
    sdg: tuple[str, ...]
    measure: str
    replicability: Mapping[str, str]
    warnings: tuple[str, ...]
    sources: Mapping[str, Source]
    seed: tuple[int, ...] = ()
    file: str = ""

    def named(self, language: str = "en") -> str:
        return self.title.get(language) or self.title.get("en") or self.id


def folder() -> Path:
    """Where the practices of the catalogue lie."""
    import netprint

    return Path(str(netprint.__file__)).parent / "catalog" / "practices"


def shipped() -> dict[str, Path]:
    """The practice files of the catalogue by id; no file is opened."""
    return {path.stem: path for path in sorted(folder().glob("*.yaml"))}


@cache
def practice(name: str) -> Practice:
    """One practice of the catalogue.

    Raises :class:`UsageError` with the nearest names where there is none, and :class:`netprint.errors.InputError` with
    every problem of its file.
    """
    known = shipped()
    if name not in known:
        raise UsageError(f"The catalogue has no practice '{name}'. {did_you_mean(name, known)}".strip())
    return _read(known[name])


def _read(path: Path) -> Practice:
    """The practice of a file. Raises :class:`netprint.errors.InputError` with every problem of it."""
    from netprint.load.practice_file import load_practice

    problems = Problems()
    read = load_practice(path, problems)
    problems.raise_if_any()
    assert read is not None
    return read


def find(given: str | Path | Practice) -> Practice:
    """A practice given by its id, by the path of a file of the user's own, or itself."""
    if isinstance(given, Practice):
        return given
    if isinstance(given, str) and not given.endswith((".yaml", ".yml")):
        return practice(given)
    if not Path(given).is_file():
        raise UsageError(f"There is no practice file '{given}'.")
    return _read(Path(given))


def practices(names: Iterable[str] = ()) -> list[Practice]:
    """Practices by id, or all of the catalogue, in the order of their ids."""
    return [practice(name) for name in (sorted(names) or shipped())]


@dataclass(frozen=True)
class Head:
    """What a list shows of a practice: the keys at the top of its file, read without the rest."""

    id: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    domain: str
    order: str
    actors: tuple[str, ...]
    status: str
    maturity: str
    stream: str

    def named(self, language: str = "en") -> str:
        return self.title.get(language) or self.title.get("en") or self.id

    @property
    def text(self) -> str:
        """What is searched: the id, titles and summaries in all languages, the domain, stream and actors."""
        texts = (
            self.id,
            *self.title.values(),
            *self.summary.values(),
            self.domain,
            self.stream,
            *self.actors,
        )
        return "\n".join(texts)


_TOP = re.compile(r"^(?=[a-z_]+:)", re.M)
_HEAD = ("id:", "title:", "summary:", "domain:", "order:", "actors:", "status:", "maturity:", "stream:")


@cache
def heads() -> tuple[Head, ...]:
    """The heads of all practices of the catalogue, by id.

    Only their own lines are parsed, and every scalar stays a text, so that a list of a hundred files takes no time;
    what is wrong with a file shows when it is read whole.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    found = []
    for name, path in shipped().items():
        parts = [part for part in _TOP.split(path.read_text("utf-8-sig")) if part.startswith(_HEAD)]
        try:
            data = yaml.load("".join(parts), Loader=loader)
            found.append(_head(name, data))
        except (yaml.YAMLError, KeyError, TypeError, ValueError):
            practice(name)
    return tuple(found)


def _head(name: str, data: Mapping[str, Any]) -> Head:
    actors = data.get("actors", [])
    return Head(
        name, dict(data["title"]), dict(data["summary"]), data.get("domain", ""), data.get("order", "first"),
        tuple([actors] if isinstance(actors, str) else actors), data.get("status", "draft"),
        data.get("maturity", ""), data.get("stream", ""),
    )  # fmt: skip
