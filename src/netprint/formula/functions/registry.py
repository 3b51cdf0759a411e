"""The functions that formulas may call, with the units they take and give.

A function is pure, works on numpy arrays and is named after the quantity it returns. Its docstring opens with
the clause or equation it implements. ``register`` makes it known to every formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from netprint.units import Unit, parse

Numeric = Callable[..., Any]


@dataclass(frozen=True)
class Function:
    """A registered function: the units of its arguments, in order, and of what it returns.

    ``None`` stands for a unit that the user chooses and that all such arguments share.
    """

    name: str
    call: Numeric
    arguments: tuple[Unit | None, ...]
    unit: Unit


_REGISTERED: dict[str, Function] = {}


def register(arguments: list[str], unit: str) -> Callable[[Numeric], Numeric]:
    """Make a function callable from formulas under its own name.

    ``arguments`` and ``unit`` are unit texts; an argument ``any`` has the unit of the other arguments ``any``.
    Raises ``ValueError`` where the name is taken or the docstring, which must name its source, is missing.
    """

    def enter(call: Numeric) -> Numeric:
        name = call.__name__
        known = _REGISTERED.get(name)
        if name in LANGUAGE or (known is not None and known.call.__module__ != call.__module__):
            raise ValueError(f"a formula function called {name!r} exists already")
        if not call.__doc__:
            raise ValueError(
                f"the function {name!r} has no docstring; its first line names the clause or equation"
            )
        _REGISTERED[name] = Function(
            name, call, tuple(None if a == "any" else parse(a) for a in arguments), parse(unit)
        )
        return call

    return enter


#: What the language itself provides; `check` and `evaluate` know how each treats units and degree.
LANGUAGE = ("min", "max", "exp", "log", "sqrt", "where", "first", "sum", "items")


def functions() -> dict[str, Function]:
    """Every registered function by name; importing this package registers those that netprint ships."""
    from netprint.formula.functions import survival  # noqa: F401

    return _REGISTERED
