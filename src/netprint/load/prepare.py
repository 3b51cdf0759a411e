"""`prepare:` of a study or method: named functions from table to table that run before the rows are summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netprint.errors import did_you_mean
from netprint.load.document import Fields

#: Every step in the order in which they run, with its options: the words that it takes, or a number (default first).
STEPS: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "replace_estimates": {},
    "net_meters": {},
    "split_periods": {"by": ("year", "month")},
    "fill_months": {"model": ("mean", "seasonal", "last_year"), "uncertainty": (0.0,)},
    "match_instruments": {"by": ("year", "month", "hour"), "spread": ("refuse", "flat")},
}


@dataclass(frozen=True)
class Step:
    """One step with its options, each at its stated or first value."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


def read_steps(fields: Fields) -> tuple[Step, ...]:
    """The steps listed: `- split_periods`, or with options `- fill_months: {model: seasonal}`."""
    given = fields.take("prepare", [])
    found = []
    for i, entry in enumerate(given if isinstance(given, list | tuple) else [given]):
        name, options = (
            next(iter(entry.items())) if isinstance(entry, Mapping) and len(entry) == 1 else (entry, {})
        )
        if not isinstance(name, str) or name not in STEPS:
            fields.wrong(
                ("prepare", i), f"{entry!r} is no step", ", ".join(STEPS),
                did_you_mean(str(name), STEPS) or "Write for example `- split_periods`.",
            )  # fmt: skip
        elif isinstance(options or {}, Mapping):
            found.append(Step(name, _options(fields, i, name, options or {})))
        else:
            fields.wrong(
                ("prepare", i), f"{name} has {options!r}", "options as `name: value`", "Mend the options."
            )
    return tuple(found)


def _options(fields: Fields, at: int, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known = STEPS[name]
    fields.only(("prepare", at, name), given, known)
    found = {}
    for option, choices in known.items():
        value = given.get(option, choices[0])
        numeric = isinstance(choices[0], float)
        if numeric and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            fields.wrong(
                ("prepare", at, name, option), f"`{value}`", "a number that is not negative", "Mend it."
            )
        elif not numeric and value not in choices:
            fields.wrong(
                ("prepare", at, name, option), f"`{value}`", " or ".join(choices),
                did_you_mean(str(value), choices) or "Write one of these.",
            )  # fmt: skip
        found[option] = float(value) if numeric and isinstance(value, int | float) else value
    return found


def divides(steps: tuple[Step, ...]) -> bool:
    """Whether a step divides records over the years that they span."""
    return any(s.name in ("split_periods", "fill_months") or s.options.get("by") == "month" for s in steps)


def in_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps of methods and study in the order in which they run; one stated twice runs as stated last."""
    by_name = {step.name: step for step in steps}
    return tuple(by_name[name] for name in STEPS if name in by_name)
