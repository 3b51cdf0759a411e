"""Releases of the catalogue: which there are, which one is asked for, and the hash of what is shipped.

``catalog/release.json`` is the newest. ``catalog/releases`` holds every release: its ``<number>.json``, and rows and
cards of all factors as they were, ``<number>.csv.gz`` and ``<number>.cards.csv.gz``. ``tools/release.py`` writes them.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TextIO

from netprint.errors import UsageError

CATALOG = Path(__file__).parent.parent / "catalog"
RELEASES = CATALOG / "releases"
NOT_CONTENT = ("evidence", "guards", "release", "releases", "schema", "words")
"""Folders of the catalogue that change no result."""


@dataclass(frozen=True)
class Release:
    """One release: ``number`` like 2026.11, ``day`` as ISO date, ``hash`` of its tables and methods."""

    number: str
    day: str
    hash: str
    folder: Path
    counts: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def rows(self) -> Path:
        return self.folder / f"{self.number}.csv.gz"

    @property
    def cards(self) -> Path:
        return self.folder / f"{self.number}.cards.csv.gz"

    @cached_property
    def shipped(self) -> bool:
        """Whether the tables in the package are those of this release."""
        return self.hash == content()


def releases() -> tuple[Release, ...]:
    """Every release, the oldest first."""
    return _releases(RELEASES)


@lru_cache(maxsize=4)
def _releases(folder: Path) -> tuple[Release, ...]:
    told = (json.loads(path.read_text("utf-8")) for path in folder.glob("*.json"))
    found = (Release(t["release"], t["date"], t["hash"], folder, t["counts"]) for t in told)
    return tuple(sorted(found, key=lambda r: r.day))


def as_of(text: str) -> Release:
    """The release of that number, or the newest that had been made at the end of that day (an ISO date).

    Raises :class:`UsageError`.
    """
    known = releases()
    for release in known:
        if release.number == text:
            return release
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        numbers = ", ".join(r.number for r in known) or "none yet"
        raise UsageError(
            f"'{text}' is no date like 2026-11-30 and no release. The releases are {numbers}."
        ) from None
    made = [r for r in known if r.day <= day]
    if not made:
        first = f"the first is {known[0].number} of {known[0].day}" if known else "there is none yet"
        raise UsageError(f"There was no release of the catalogue on {day}: {first}.")
    return made[-1]


_chosen: ContextVar[Release | None] = ContextVar("release", default=None)


def chosen() -> Release | None:
    """The release that is asked for; None for the tables as they are shipped."""
    return _chosen.get()


@contextmanager
def using(release: Release | None) -> Iterator[None]:
    """Within this, the catalogue is that of ``release``: its factors; methods, places and activities stay."""
    token = _chosen.set(release)
    try:
        yield
    finally:
        _chosen.reset(token)


def opened(path: Path) -> TextIO:
    """A gzipped table as text."""
    return io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"), newline="")


@lru_cache(maxsize=1)
def content() -> str:
    """SHA-256 of the tables and methods of the catalogue that this netprint ships."""
    digest = hashlib.sha256()
    for path in sorted(CATALOG.rglob("*")):
        inside = path.relative_to(CATALOG)
        if path.suffix in (".csv", ".yaml") and inside.parts[0] not in NOT_CONTENT:
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def name() -> str:
    """The release in use, like ``2026.11``; ``2026.11, changed`` where the tables are no longer those of it."""
    known = releases()
    here = chosen() or (known[-1] if known else None)
    if here is None:
        return "none"
    return here.number if chosen() or here.shipped else f"{here.number}, changed"
