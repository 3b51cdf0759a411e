"""An effect study (ITU-T L.1480): solution, reference scenario and consequence tree, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netprint.formula.parse import Tree

ORDERS = ("first", "second", "higher")
#: The account that each order is booked to.
ACCOUNT = {"first": "first_order", "second": "second_order", "higher": "higher_order"}
MECHANISMS = (
    "substitution", "optimisation", "induction", "rebound by price", "rebound by time", "rebound by income",
    "obsolescence", "scale",
)  # fmt: skip
REBOUNDS = ("induction", "rebound by price", "rebound by time", "rebound by income", "scale")
#: Life-cycle stages of ITU-T L.1410 by their letter; what a study writes after the letter is kept (`C1`).
STAGES = {
    "A": "A, raw material acquisition",
    "B": "B, production",
    "C": "C, use",
    "D": "D, end of life treatment",
    "ABD": "A, B and D, not told apart",
    "ABCD": "A to D, not told apart",
}
TERMS = ("immediate", "mid", "long")
PERSPECTIVES = ("user context", "at scale", "contribution")
EXTENTS = ("organisation", "city", "country", "world")
REFERENCES = ("market average", "business as usual", "previous", "regulation", "best available", "nothing")
EVIDENCE = ("pilot", "sample", "statistics", "complete")
ABOUT = ("reference", "adoption", "rebound", "grid", "other")
#: What a sensitivity of every effect study is asked for.
ASKED = ("reference", "adoption", "rebound", "grid")
GATES = ("climate action credibility", "climate science alignment", "contribution legitimacy")
SIZES = ("small", "medium", "large")
DIRECTIONS = ("increase", "decrease")
#: A value for each year of the period.
Path = Mapping[int, Tree]


@dataclass(frozen=True)
class Amount:
    """What one activity of a node is with the solution, without it and before it, for one user in one year.

    ``countries``: empty for every place of the study; ``years``: empty for every year of the period. ``labels``:
    further columns of the row, such as `treatment`. ``path``: where it stands in the study.
    """

    id: str
    activity: str
    item: str
    countries: tuple[str, ...]
    years: tuple[int, ...]
    unit: str
    given: Mapping[str, Tree]
    labels: Mapping[str, str]
    path: tuple[str | int, ...]


@dataclass(frozen=True)
class Bounds:
    """The range, for the whole of what is assessed in one year, that a node without amounts lies in."""

    low: float
    high: float
    unit: str
    source: str


@dataclass(frozen=True)
class Described:
    """A node that is not quantified: direction, size class and why; ``bounds`` where its range is known."""

    direction: str
    size: str
    why: str
    bounds: Bounds | None = None


@dataclass(frozen=True)
class Node:
    """One node of the consequence tree. ``excluded``: the reason, or an empty text; None where it is included.

    ``per``: `adopter` (each who has the solution), `user` (each who uses it effectively) or `whole` (given for all).
    """

    id: str
    title: str
    order: str
    mechanism: str
    parent: str
    tier: int
    term: str
    stage: str
    per: str
    excluded: str | None = None
    amounts: tuple[Amount, ...] = ()
    described: Described | None = None
    depends_on: tuple[str, ...] = ()
    note: str = ""
    path: tuple[str | int, ...] = ()

    @property
    def included(self) -> bool:
        return self.excluded is None

    @property
    def quantified(self) -> bool:
        return self.included and bool(self.amounts)

    @property
    def bounded(self) -> bool:
        return self.included and self.described is not None and self.described.bounds is not None

    @property
    def booked(self) -> bool:
        """Whether amounts of it are in the result."""
        return self.quantified or self.bounded

    @property
    def group(self) -> bool:
        """Whether it only holds other nodes."""
        return self.included and not self.amounts and self.described is None


@dataclass(frozen=True)
class Overlap:
    """Another solution that acts on the same activity: the share of it that it saves; without ``nodes``, of all but the
    first order."""

    solution: str
    share: Path
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scale:
    """From one user to all: NET at scale = users × (adoption - already) × (effective use × second order + first order),
    less the overlap with other solutions."""

    users: Path = field(default_factory=dict)
    adoption: Path = field(default_factory=dict)
    already: Path = field(default_factory=dict)
    effective_use: Path = field(default_factory=dict)
    overlaps: tuple[Overlap, ...] = ()
    evidence: str = ""
    representativeness: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Drift:
    """What moves by itself: `yearly` per year since ``since``. Of the grid, or of the activities of ``nodes``."""

    yearly: Tree
    since: int
    nodes: tuple[str, ...] = ()
    why: str = ""
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Contribution:
    """The share of an effect that one actor registers, by which key, and who else shares in the effect."""

    actor: str
    share: float
    key: str
    who_else: str


@dataclass(frozen=True)
class Gate:
    """A gate of the WBCSD guidance; ``met`` is None where the study does not answer it."""

    name: str
    met: bool | None
    evidence: str


@dataclass(frozen=True)
class Effect:
    solution: str
    functional_unit: str
    commissioner: str
    funder: str
    reviewer: str
    perspective: str
    extent: str
    reference: str
    reference_kind: str
    reference_why: str
    term: str
    places: tuple[str, ...]
    nodes: tuple[Node, ...]
    scale: Scale
    autonomous: tuple[Drift, ...]
    grid: Drift | None
    contributions: tuple[Contribution, ...]
    gates: tuple[Gate, ...]
    about: Mapping[str, str]
    public: bool
    data_quality: str
    boundaries: str
    line: int | None = None

    def node(self, name: str) -> Node:
        return next(n for n in self.nodes if n.id == name)

    def of(self, order: str) -> tuple[Node, ...]:
        """The included nodes of an order that say something."""
        return tuple(n for n in self.nodes if n.order == order and n.included and not n.group)

    @property
    def whole(self) -> bool:
        """Whether a total may stand: every higher-order node is quantified or bounded, and there is one."""
        higher = self.of("higher")
        return bool(higher) and all(n.booked for n in higher)

    @property
    def split(self) -> bool:
        """Whether actual reductions are told from lesser increases: every second-order amount states `before`."""
        amounts = [a for n in self.of("second") for a in n.amounts]
        return bool(amounts) and all("before" in a.given for a in amounts)

    def below(self, names: tuple[str, ...]) -> set[str]:
        """These nodes and all whose amounts rest on theirs."""
        found = set(names)
        while more := {n.id for n in self.nodes if n.id not in found and found & set(n.depends_on)}:
            found |= more
        return found
