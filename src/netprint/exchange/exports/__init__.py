"""Forms that an organisation owes, filled from a bundle by the catalogue's crosswalk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netprint.bundle import read
from netprint.exchange.exports.crosswalk import TARGETS, Field, fields_of
from netprint.exchange.exports.tables import Export, exported
from netprint.exchange.exports.write import write
from netprint.result import Result


def export(
    bundle: str | Path | Result,
    to: str,
    out: str | Path | None = None,
    *,
    product: Mapping[str, Any] | None = None,
) -> Export:
    """Fill the form ``to`` (l1472, gsma, cdp, ifrs-s2, eu-2024-1364 or pact) from a bundle or a result.

    ``out``: a file to write, its ending .csv, .json or .xlsx. ``product``: for pact, what the footprint is of: fields
    of the specification, ``quantity`` (declared units made in the year) and ``account``. No number is computed that
    the bundle does not hold, and no field is left empty without a notation key and a reason. Raises
    :class:`netprint.errors.UsageError` for an unknown form or ending, and :class:`netprint.errors.InputError` where
    PACT's JSON lacks a mandatory field.
    """
    result = bundle if isinstance(bundle, Result) else read(bundle)
    found = exported(result, to, product)
    if out is not None:
        write(found, out)
    return found


__all__ = ["TARGETS", "Export", "Field", "export", "fields_of", "write"]
