"""Factors from public services: each import leaves a snapshot with origin, licence, checksums and factor rows.

``run`` asks a service (or reads files that were fetched from it), checks the shape of what came, and writes a folder:
``raw/*.gz`` as received, ``origin.json``, ``factors.csv`` that a study can name under ``factors:``, ``cards.csv`` for
factors that the catalogue does not know, and ``sources.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from netprint.errors import Problems, UsageError, did_you_mean
from netprint.exchange.imports.client import Client, ServiceError
from netprint.exchange.imports.snapshot import Snapshot, write
from netprint.exchange.imports.source import FIRST_YEAR, LAST_YEAR, Asked, Part, Raw, Rows, Source, country_of
from netprint.places import load as load_places

NAMES = (
    "ember", "owid", "world-bank", "itu-datahub", "unsd", "defra", "boavizta", "electricity-maps", "entso-e",
)  # fmt: skip
_YEARS = re.compile(r"(\d{4})(?:\.\.(\d{4}))?")


@dataclass(frozen=True)
class Options:
    """What an import may be told besides its source.

    ``files``: answers fetched before, in place of the network. ``base``: scheme and host of a mirror. ``sha256``: what
    the answer must be, where the publisher or a colleague says it.
    """

    year: str = ""
    country: str = ""
    files: Sequence[Path] = ()
    base: str = ""
    sha256: str = ""
    client: Client | None = None
    say: Callable[[str], None] = field(default=lambda text: None)


def source(name: str) -> Source:
    """The source of that name. Raises :class:`UsageError`."""
    if name not in NAMES:
        raise UsageError(
            f"There is no import from '{name}'. {did_you_mean(name, NAMES)} Sources: {', '.join(NAMES)}.".replace(
                "  ", " "
            )
        )
    found: Source = import_module(f"netprint.exchange.imports.{name.replace('-', '_')}").SOURCE
    return found


def run(name: str, out: Path, options: Options | None = None) -> Snapshot:
    """Import from a source into the folder ``out``.

    Raises :class:`UsageError`, :class:`netprint.exchange.imports.client.ServiceError` where the service does not
    answer, and :class:`netprint.errors.InputError` where what it sent has another shape than the documented one.
    Nothing is written then.
    """
    given = options or Options()
    chosen, asked = source(name), wanted(given.year, given.country)
    client = given.client or Client(every=chosen.every, base=given.base, say=given.say)
    raw = local(given.files) if given.files else chosen.fetch(client, asked)
    _same(raw, given.sha256)
    problems = Problems()
    rows = Rows(f"{chosen.name} import", chosen.licence, problems)
    chosen.read(raw, asked, rows)
    problems.raise_if_any()
    if not rows.rows:
        told = "; ".join(f"{n} × {reason}" for reason, n in rows.skipped.most_common(5)) or "nothing at all"
        raise ServiceError(
            f"The answer of {name} holds no factor for what was asked ({told}). Nothing was written. "
            "Ask for other years or countries."
        )
    return write(out, chosen, raw, rows, asked)


def wanted(year: str, country: str) -> Asked:
    """``--year 2020..2023`` and ``--country KEN,UGA``. Raises :class:`UsageError`."""
    first, last = FIRST_YEAR, LAST_YEAR
    if year:
        match = _YEARS.fullmatch(year.strip())
        if match is None or (match[2] and match[2] < match[1]):
            raise UsageError(f"--year is {year!r}; expected one like 2023, or 2020..2023.")
        first, last = int(match[1]), int(match[2] or match[1])
    codes = []
    for text in filter(None, (c.strip() for c in country.split(","))):
        code = country_of(text)
        if not code:
            near = ", ".join(load_places().nearest(text))
            raise UsageError(
                f"--country names '{text}', which is no country{f'; near: {near}' if near else ''}."
            )
        codes.append(code)
    return Asked(first, last, tuple(dict.fromkeys(codes)))


def local(files: Sequence[Path]) -> Raw:
    """Files that were fetched before, as answers. Raises :class:`UsageError`."""
    parts = []
    for path in files:
        try:
            parts.append(Part(path.name, f"file {path.name}", path.read_bytes()))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    return tuple(parts)


def _same(raw: Raw, sha256: str) -> None:
    from hashlib import sha256 as digest

    if not sha256:
        return
    found = [digest(part.body).hexdigest() for part in raw]
    if found != [sha256.strip().lower()]:
        raise ServiceError(
            f"What was received has the SHA-256 {', '.join(found)}, not {sha256}: it was cut, changed or is another "
            "release. Nothing was written."
        )


__all__ = ["NAMES", "Options", "local", "run", "source", "wanted"]
