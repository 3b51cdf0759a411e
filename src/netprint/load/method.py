"""Methods: the terms of a Recommendation, from YAML to frozen records, every problem listed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from netprint.errors import Problem, Problems, did_you_mean
from netprint.formula.parse import Binary, FormulaError, Name, Negative, Number, Text, Tree, parse
from netprint.load.activities import load_activities
from netprint.load.document import Fields, Source, open_document
from netprint.load.prepare import Step, read_steps
from netprint.load.rule import Rule, read_rules
from netprint.units import UnitError, same_dimension
from netprint.units import parse as parse_unit

METHODS = Path(__file__).parent.parent / "catalog" / "methods"
#: What a term may book; `approach` is the calculation method of a guidance, `quality` the quality of the data.
BOOKED = ("flow", "account", "scope", "category", "stage", "year", "approach", "quality")
#: Columns that any activity table may have and that a term may book as they stand.
COLUMNS = (
    "activity", "entity", "country", "year", "item", "site", "counterparty", "network", "supplier", "market", "node",
    "account", "scope", "category", "stage", "tier", "method", "registry", "approach", "data_quality",
)  # fmt: skip
#: What the engine's accounts are called; they are never added to each other but by a method's `totals`.
ACCOUNTS = (
    "inventory", "location", "market", "biogenic", "non_kyoto", "first_order", "second_order", "higher_order",
    "removals", "credits", "adaptation",
)  # fmt: skip
EFFECTS = ("first_order", "second_order", "higher_order")


@dataclass(frozen=True)
class Range:
    """A whole-number axis, ``0..30`` or ``0..30 year``."""

    start: int
    stop: int
    unit: str = ""

    def labels(self) -> tuple[str, ...]:
        return tuple(str(i) for i in range(self.start, self.stop + 1))


@dataclass(frozen=True)
class Items:
    """The labels that a factor's table has for this axis, given the row's other indices."""

    factor: str


Axis = Range | Items | tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """One line of a method: a formula, what feeds it and what it books.

    ``activity`` set: fed by rows, of degree 1 in ``quantity``. ``each`` set: computed for each cell of that grain
    and then summed. Neither: an indicator, recomputed for every cell shown and never summed; its point lies within
    ``valid`` and agrees with ``equals``.
    """

    id: str
    formula: Tree
    activity: str | None = None
    each: tuple[str, ...] | None = None
    over: Mapping[str, Axis] = field(default_factory=dict)
    books: Mapping[str, Tree] = field(default_factory=dict)
    unit: str = ""
    title: str = ""
    cites: str = ""
    status: str = "provisional"
    note: str = ""
    warn: str = ""
    valid: tuple[float, float] | None = None
    equals: Tree | None = None
    file: str = ""
    line: int | None = None

    @property
    def indicator(self) -> bool:
        return self.activity is None and self.each is None


@dataclass(frozen=True)
class Column:
    """A column computed from one row, or a numeric column with its unit."""

    formula: Tree | None = None
    unit: str = ""


@dataclass(frozen=True)
class Method:
    id: str
    title: str
    cites: tuple[str, ...]
    terms: tuple[Term, ...]
    totals: Mapping[str, tuple[str, ...]]
    activities: Mapping[str, str]
    columns: Mapping[str, Column]
    impacts: Mapping[str, str]
    fields: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    prepare: tuple[Step, ...] = ()
    note: str = ""
    file: str = ""

    def joined(self, other: Method) -> Method:
        """This method on top of another that it includes."""
        return replace(
            self,
            cites=tuple(dict.fromkeys([*self.cites, *other.cites])),
            terms=(*other.terms, *self.terms),
            totals={**other.totals, **self.totals},
            activities={**other.activities, **self.activities},
            columns={**other.columns, **self.columns},
            impacts={**other.impacts, **self.impacts},
            fields=tuple(dict.fromkeys([*other.fields, *self.fields])),
            rules=tuple(dict.fromkeys([*other.rules, *self.rules])),
            prepare=(*other.prepare, *self.prepare),
            note="\n\n".join(dict.fromkeys(filter(None, (self.note, other.note)))),
        )


def shipped() -> dict[str, Path]:
    """The methods of the catalogue by id."""
    return {path.stem: path for path in sorted(METHODS.glob("*.yaml"))}


def find(name: str, root: Path, problems: Problems, at: tuple[str, int | None]) -> Method | None:
    """A method of the catalogue by id, or a method file relative to ``root``."""
    known = shipped()
    if name in known:
        path = known[name]
        method, told = _of_catalogue(path, path.stat().st_mtime_ns)
        problems.extend(told)
        return method
    path = root / name
    if path.is_file():
        if not path.resolve().is_relative_to(root.resolve()):
            problems.add(
                at[0], at[1], "method", found=f"the path {name!r} leaves the study's folder",
                expected="a file inside it", remedy="Copy the file beside the study.",
            )  # fmt: skip
            return None
        return load_method(path, problems)
    problems.add(
        at[0], at[1], "method",
        found=f"the method {name!r} is neither in the catalogue nor a file beside the study",
        expected="an id like ghgp-corporate or a path to a method file",
        remedy=did_you_mean(name, known) or "See `netprint methods list`.",
    )  # fmt: skip
    return None


@lru_cache(maxsize=128)
def _of_catalogue(path: Path, changed: int) -> tuple[Method | None, tuple[Problem, ...]]:
    """A method of the catalogue, read once however many others include it; ``changed`` is the file's time."""
    problems = Problems()
    return load_method(path, problems), tuple(problems)


def load_method(source: Source, problems: Problems) -> Method | None:
    """Read a method file (or a mapping of the same form)."""
    fields = open_document(source, "method", problems)
    return None if fields is None else read_method(fields, source, problems)


def read_method(fields: Fields, source: Source, problems: Problems) -> Method | None:
    root = source.parent if isinstance(source, Path) else Path()
    terms = tuple(t for t in (_term(f) for f in fields.listing("terms")) if t is not None)
    method = Method(
        id=fields.text("id", ""),
        title=fields.text("title", ""),
        cites=tuple(fields.texts("cites")),
        terms=terms,
        totals={name: tuple(parts) for name, parts in fields.mapping_of_texts("totals").items()},
        activities={k: str(v) for k, v in fields.mapping("activities").items()},
        columns=read_columns(fields),
        impacts={k: str(v) for k, v in fields.mapping("impacts").items()},
        fields=tuple(fields.texts("fields")),
        rules=read_rules(fields),
        prepare=read_steps(fields),
        note=fields.text("note", ""),
        file=fields.file,
    )
    _check_totals(fields, method)
    _check_activities(fields, method)
    includes = fields.texts("includes")
    fields.nothing_else()
    for name in includes:
        base = find(name, root, problems, (fields.file, fields.line("includes")))
        if base is not None:
            method = method.joined(base)
    return method


def _check_totals(fields: Fields, method: Method) -> None:
    """A total has a name of its own and adds accounts that there are; a misspelt one would be missing from it."""
    for name, parts in method.totals.items():
        if name in ACCOUNTS:
            fields.wrong(
                "totals", f"the total {name!r} is called like an account", "a name of its own", "Rename it."
            )
        for part in parts:
            if part not in ACCOUNTS:
                fields.wrong(
                    "totals", f"the total {name!r} adds {part!r}", ", ".join(ACCOUNTS),
                    did_you_mean(part, ACCOUNTS) or "Name accounts only.",
                )  # fmt: skip


def _check_activities(fields: Fields, method: Method) -> None:
    """An activity of the catalogue keeps its dimension: tables are read, and other methods written, in it."""
    for name, unit in method.activities.items():
        known = load_activities().get(name)
        if known is not None and not _alike(unit, known.unit):
            fields.wrong(
                ("activities", name),
                f"the activity {name!r} is given in {unit}, and the catalogue has it in {known.unit}",
                f"a unit like {known.unit}, or another name",
                "Declare it under a name of its own.",
            )


def check_together(methods: Sequence[Method], file: str, line: int | None, problems: Problems) -> None:
    """Add a problem for every total, activity, column and impact that two methods of a study define differently."""
    for i, second in enumerate(methods):
        for first in methods[:i]:
            for part, a, b in (
                ("total", _sets(first.totals), _sets(second.totals)),
                ("activity", first.activities, second.activities),
                ("column", first.columns, second.columns),
                ("impact", first.impacts, second.impacts),
            ):
                for name in a.keys() & b.keys():
                    if not _same(a[name], b[name]):
                        problems.add(
                            file, line, "method",
                            found=f"the methods {first.id or first.file} and {second.id or second.file} define the "
                            f"{part} {name!r} differently",
                            expected="one meaning for one name", remedy="Rename it in one of the methods.",
                        )  # fmt: skip


def _sets(totals: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(parts) for name, parts in totals.items()}


def _same(a: object, b: object) -> bool:
    """Whether two definitions agree; two units agree where they measure alike."""
    return a == b or (isinstance(a, str) and isinstance(b, str) and _alike(a, b))


def _alike(a: str, b: str) -> bool:
    """Whether two units measure the same; a text that is no unit is told elsewhere."""
    try:
        return same_dimension(parse_unit(a), parse_unit(b))
    except UnitError:
        return True


def read_columns(fields: Fields) -> dict[str, Column]:
    columns = {}
    for name, value in fields.mapping("columns").items():
        if isinstance(value, Mapping):
            fields.only(("columns", name), value, ("formula", "unit"))
            formula = value.get("formula")
            tree = fields.formula(("columns", name, "formula"), formula) if formula is not None else None
            columns[name] = Column(tree, str(value.get("unit", "")))
        else:
            tree = fields.formula(("columns", name), value)
            if tree is not None:
                columns[name] = Column(tree)
    return columns


def _term(fields: Fields) -> Term | None:
    identifier = fields.name("id")
    formula = fields.formula(("formula",), fields.take("formula", required=True))
    over = _axes(fields)
    each = fields.texts("each") if fields.has("each") else None
    activity = fields.text("activity", "") or None
    if each is not None and activity is not None:
        fields.wrong(
            "each",
            "the term has both `activity` and `each`",
            "one of them",
            "Rows feed `activity`; cells feed `each`.",
        )
        formula = None
    status = fields.choice("status", ("verified", "provisional"), "provisional")
    term = Term(
        id=identifier,
        formula=formula or Number(0),
        activity=activity,
        each=None if each is None else tuple(each),
        over=over,
        books=_books(fields, over),
        unit=fields.text("unit", ""),
        title=fields.text("title", ""),
        cites=fields.text("cites", ""),
        status=status,
        note=fields.text("note", ""),
        warn=fields.text("warn", ""),
        valid=_valid(fields),
        equals=fields.formula(("equals",), fields.take("equals")),
        file=fields.file,
        line=fields.here,
    )
    fields.nothing_else()
    return term if formula is not None and identifier else None


def _valid(fields: Fields) -> tuple[float, float] | None:
    """The range in which an indicator is believed: `valid: {min: 1, max: 10}`, either of them."""
    given = fields.mapping("valid")
    if not given:
        return None
    fields.only(("valid",), given, ("min", "max"))
    if not all(isinstance(v, int | float) for v in given.values()):
        fields.wrong(
            "valid", f"`valid` is {given}", "numbers under `min` and `max`", "Write valid: {min: 1}."
        )
        return None
    return float(given.get("min", -math.inf)), float(given.get("max", math.inf))


def _books(fields: Fields, over: Mapping[str, Axis]) -> dict[str, Tree]:
    """What a term writes: a column or axis by name, an expression for the year, else a label as it stands."""
    books: dict[str, Tree] = {}
    for key, value in fields.mapping("books").items():
        if key not in BOOKED:
            fields.wrong(
                "books",
                f"the term books {key!r}",
                ", ".join(BOOKED),
                did_you_mean(key, BOOKED) or "Use one of these.",
            )
            continue
        text = str(value)
        if key == "year":
            tree = fields.formula(("books", "year"), text)
            if tree is not None:
                books[key] = tree
        elif text in over or (text in COLUMNS and (key != "account" or text == "account")):
            books[key] = Name(text)
        else:
            books[key] = Text(text)
    account = books.get("account")
    if isinstance(account, Text) and account.value not in ACCOUNTS:
        fields.wrong(
            "books",
            f"the account {account.value!r} is not known",
            ", ".join(ACCOUNTS),
            did_you_mean(account.value, ACCOUNTS) or "Use one of these.",
        )
    return books


_RANGE = re.compile(r"^\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*(.*?)\s*$")
_ITEMS = re.compile(r"^\s*items\(\s*([A-Za-z_][\w:]*)\s*\)\s*$")
LONGEST_AXIS = 2000


def _axes(fields: Fields) -> dict[str, Axis]:
    axes: dict[str, Axis] = {}
    for name, value in fields.mapping("over").items():
        axis = _axis(value)
        if axis is None:
            fields.wrong(
                "over",
                f"the axis {name}: {value!r}",
                "a list, a range like 0..30 or items(factor)",
                "Write for example `gas: [CO2, N2O]`.",
            )
        else:
            axes[name] = axis
    return axes


def _axis(value: Any) -> Axis | None:
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return tuple(str(v) for v in value)
    if match := _RANGE.match(str(value)):
        start, stop = int(match[1]), int(match[2])
        return Range(start, stop, match[3]) if 0 <= stop - start < LONGEST_AXIS else None
    if match := _ITEMS.match(str(value)):
        return Items(match[1])
    return None


def label_names(tree: Tree) -> set[str]:
    """The columns and axes that a booked label names."""
    match tree:
        case Name(name):
            return {name}
        case Binary(left=left, right=right):
            return label_names(left) | label_names(right)
        case Negative(operand):
            return label_names(operand)
    return set()


__all__ = [
    "ACCOUNTS",
    "BOOKED",
    "COLUMNS",
    "Axis",
    "Column",
    "FormulaError",
    "Items",
    "Method",
    "Range",
    "Term",
    "check_together",
    "find",
    "load_method",
    "parse",
    "shipped",
]
