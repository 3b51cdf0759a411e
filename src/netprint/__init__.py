"""netprint: the footprint of ICT, its effects on other sectors, and where each number comes from.

``netprint.assess(study)`` and its sister verbs are found in modules of the same name and imported when first
used, so that ``import netprint`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netprint.apply import apply
    from netprint.assess import assess, rerun
    from netprint.bundle import read, write
    from netprint.check import check
    from netprint.compare import compare
    from netprint.exchange.exports import export
    from netprint.explain import explain
    from netprint.merge import merge
    from netprint.outdated import outdated
    from netprint.restate import restate

__all__ = [
    "__version__",
    "apply",
    "assess",
    "check",
    "compare",
    "explain",
    "export",
    "merge",
    "outdated",
    "read",
    "rerun",
    "restate",
    "write",
]
__version__ = "0.1.0"

_ELSEWHERE = {"export": "exchange.exports", "read": "bundle", "rerun": "assess", "write": "bundle"}
_VERBS = frozenset(__all__) - {"__version__", *_ELSEWHERE}


class _Package(ModuleType):
    """A package in which ``netprint.assess`` is always the function, never the module that holds it.

    Python binds a submodule to its package's attribute whenever anybody imports it; here the verb of the same
    name is bound instead.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _VERBS and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


def __getattr__(name: str) -> object:
    if name in _ELSEWHERE:
        return getattr(import_module(f"netprint.{_ELSEWHERE[name]}"), name)
    if name not in _VERBS:
        raise AttributeError(f"module 'netprint' has no attribute {name!r}")
    import_module(f"netprint.{name}")
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Package
