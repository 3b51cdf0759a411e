"""What the drop-downs of a form offer, taken from the catalogue: units, items, countries."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from netprint import places
from netprint.errors import Problems
from netprint.forms.profiles import Column, Profile, Sheet, offers
from netprint.formula.parse import Compare, Name, Text, walk
from netprint.load.activities import Activity, load_activities
from netprint.load.factors import catalog
from netprint.load.method import load_method, shipped
from netprint.load.rule import Requirement
from netprint.units import parse, ratio

TIERS = ("metered", "billed", "estimated", "modelled")
INSTRUMENT = "instrument"


@dataclass(frozen=True)
class Measure:
    """One unit in which an activity is kept, the units offered for it, and what each is worth in it."""

    base: str
    units: tuple[str, ...]
    worth: tuple[float, ...]


def members(word: str) -> tuple[Activity, ...]:
    """The activities of the catalogue that ``word``, an activity or a family, may mean. None: an unknown word."""
    return tuple(a for a in load_activities().values() if word in (a.name, a.family))


def measures(word: str) -> tuple[Measure, ...]:
    """The units that an activity may be given in, by the unit in which the catalogue keeps it."""
    known = offers().units
    bases = dict.fromkeys(member.unit for member in members(word))
    return tuple(
        Measure(base, units, tuple(ratio(parse(unit), parse(base)) for unit in units))
        for base in bases
        for units in (known.get(base, (base,)),)
    )


def units(word: str) -> tuple[str, ...]:
    """The units that an activity's drop-down offers, in the order of :func:`measures`."""
    return tuple(unit for measure in measures(word) for unit in measure.units)


def items(word: str) -> tuple[str, ...]:
    """The items that an activity's drop-down offers: those for which the catalogue has a factor, common ones first."""
    offered = offers()
    if word in offered.words:
        return offered.words[word]
    rows, cards = catalog().rows, catalog().cards
    found: dict[str, None] = {}
    for factor in offered.factors.get(word, ()):
        at = cards[factor].index.index("item")
        found |= dict.fromkeys(sorted({index[at] for index in rows[factor]} - {""}))
    return tuple(dict.fromkeys([*(item for item in offered.common if item in found), *sorted(found)]))


@lru_cache(maxsize=8)
def _demanded(methods: tuple[str, ...]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Column and activity to the labels that the rules of the methods accept."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for name in methods:
        method = load_method(shipped()[name], Problems())
        for rule in () if method is None else method.rules:
            if not isinstance(rule, Requirement):
                continue
            for node in walk(rule.when):
                if (
                    isinstance(node, Compare)
                    and node.left == Name("activity")
                    and isinstance(node.right, Text)
                ):
                    found[rule.column, node.right.value] = rule.labels
    return found


def demanded(profile: Profile, column: str, word: str) -> tuple[str, ...]:
    """What the methods of a profile accept in a column of the rows of an activity; nothing where they say nothing."""
    known = _demanded(profile.methods)
    listed = (label for member in members(word) for label in known.get((column, member.name), ()))
    return tuple(dict.fromkeys(listed))


def choices(column: Column) -> tuple[str, ...]:
    """The words of a drop-down that depends on nothing else: those stated, or those of a factor's table."""
    if not column.factor:
        return column.choices
    at = catalog().cards[column.factor].index.index(column.name)
    return tuple(sorted({index[at] for index in catalog().rows[column.factor]} - {""}))


def words(sheet: Sheet) -> tuple[str, ...]:
    """The activities of a sheet; the rows of a table of instruments are all of one."""
    return (INSTRUMENT,) if sheet.role == "instruments" else sheet.activities


def countries(lang: str, first: Sequence[str] = ()) -> tuple[str, ...]:
    """Every country by its name in ``lang``, then every code; both are read back. Those of the study come ``first``."""
    known = places.load()
    names = sorted((known.name(code, lang) for code in known.countries), key=_letters)
    return tuple(
        dict.fromkeys([*(known.name(code, lang) for code in first), *names, *sorted(known.countries)])
    )


def _letters(name: str) -> str:
    """``name`` without accents and letter case, for an order in which Åland stands beside Albania."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()


def lists(
    profile: Profile, lang: str, first: Sequence[str], period: tuple[int, int]
) -> dict[str, tuple[str | int, ...]]:
    """Everything that a drop-down offers, by the name of its list.

    ``unit_<activity>`` and ``item_<activity>`` hold for one activity, ``unit_<sheet>`` for a row that names none yet.
    """
    found: dict[str, tuple[str | int, ...]] = {
        "country": countries(lang, first),
        "year": tuple(range(period[0], period[1] + 1)),
        "tier": TIERS,
    }
    for sheet in profile.sheets:
        found |= {column.name: offered for column in sheet.columns if (offered := choices(column))}
        if sheet.activities:
            found[f"activity_{sheet.name}"] = sheet.activities
        own = words(sheet)
        by_kind = {kind: {word: of(word) for word in own} for kind, of in (("unit", units), ("item", items))}
        for column in (c.name for c in sheet.columns if c.rules):
            by_kind[column] = {word: demanded(profile, column, word) for word in own}
        for kind, by_word in by_kind.items():
            whole = tuple(dict.fromkeys(label for listed in by_word.values() for label in listed))
            found |= {f"{kind}_{name}": listed for name, listed in by_word.items() if listed}
            found |= {f"{kind}_{sheet.name}": whole} if whole else {}
    return found


def unknown(profile: Profile) -> Mapping[str, tuple[str, ...]]:
    """Sheet to the words of its profile that the catalogue does not know."""
    missing = {s.name: tuple(w for w in words(s) if not members(w)) for s in profile.sheets}
    return {name: listed for name, listed in missing.items() if listed}
