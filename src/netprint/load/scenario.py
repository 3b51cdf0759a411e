"""Scenarios: what a practice, a projection or a sensitivity changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netprint.formula.parse import Tree


@dataclass(frozen=True)
class Scenario:
    """A practice, a reference, a projection or a sensitivity: what it changes.

    ``select`` says which collapsed rows it applies to, ``times`` what they are multiplied by, ``factors`` maps a
    factor to a formula on it and keeps its draws.
    """

    name: str
    title: str = ""
    select: Tree | None = None
    times: Tree | None = None
    factors: Mapping[str, Tree] = field(default_factory=dict)
