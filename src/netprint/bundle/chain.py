"""Bundles that supersede one another: the identity of a result, and the chain of those that it replaces.

A bundle that supersedes another holds ``supersedes`` in its tags: the hash of the one replaced, what the base year was
and is, the bridge between them, and ``chain``, the bundles replaced before, the newest first. So a chain can be listed
without the older bundles at hand; those that are at hand are checked.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netprint.errors import UsageError
from netprint.result import Result

Row = dict[str, Any]
#: What may change of a bundle without its result being another.
NOT_IDENTITY = ("created", "public", "withheld")


def identity(source: str | Path | Result) -> str:
    """SHA-256 of what a bundle's ``result.json`` says, whenever it was written.

    A public bundle says less and has an identity of its own. Raises :class:`UsageError` where there is no bundle.
    """
    if isinstance(source, Result):
        from netprint.bundle import as_json, summary
        from netprint.bundle.withheld import shareable

        said = json.loads(as_json(summary(shareable(source))))
    else:
        said = _said(Path(source))
    kept = {k: v for k, v in said.items() if k not in NOT_IDENTITY}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _said(path: Path) -> Row:
    """``result.json`` of a bundle."""
    try:
        if path.is_dir():
            data = (path / "result.json").read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                data = archive.read("result.json")
        found: Row = json.loads(data)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} is no result bundle that can be read: {error}.") from None
    return found


def links(tags: Mapping[str, Any]) -> list[Row]:
    """The bundles that a result supersedes, the newest first: hash, title, base_year, total, unit, point."""
    return list((tags.get("supersedes") or {}).get("chain", ()))


def supersedes(newer: Result, older: str | Path | Result) -> bool:
    """Whether ``older`` is in the chain of what ``newer`` replaces."""
    chain = links(newer.tags)
    return bool(chain) and identity(older) in {link["hash"] for link in chain}


def chained(link: Row, older: Result) -> list[Row]:
    """The chain of what supersedes ``older``. Raises :class:`UsageError` where a bundle stands in it twice."""
    chain = [link, *links(older.tags)]
    _once((row["hash"] for row in chain), older.title)
    return chain


def _once(hashes: Iterable[str], title: str) -> None:
    seen: set[str] = set()
    for found in hashes:
        if found in seen:
            raise UsageError(
                f"The chain of bundles that '{title}' supersedes goes in a circle: {found[:12]} stands in it twice."
            )
        seen.add(found)


@dataclass(frozen=True)
class History:
    """A chain of bundles, the newest first. ``links``: title, hash, base_year, total, unit, point, where (its path, or
    empty where it is not at hand and its line is what the newer bundle says of it)."""

    links: tuple[Row, ...]

    def as_dict(self) -> Row:
        return {"links": list(self.links)}


def history(bundle: str | Path) -> History:
    """The bundle and all that it supersedes, each checked by its hash where it is at hand.

    A bundle is looked for where the newer one's study names it, seen from the folder that holds the newer bundle.
    Raises :class:`UsageError` for a bundle that has changed since, and for a circle.
    """
    path = Path(bundle)
    tags = _said(path)["tags"]
    first = {"title": _said(path)["title"], "hash": identity(path), "where": str(path), **_own(tags)}
    found, visited = [first], {path.resolve()}
    for link in links(tags):
        at = _beside(path, tags)
        if at is not None:
            if at.resolve() in visited:
                raise UsageError(
                    f"The chain of bundles goes in a circle: {path} supersedes {at}, which supersedes it in turn "
                    "or was written in its place. Keep every bundle that is superseded under a name of its own."
                )
            visited.add(at.resolve())
            _unchanged(at, link, path)
            path, tags = at, _said(at)["tags"]
        else:
            tags = {}
        found.append({**link, "where": "" if at is None else str(at)})
    return History(tuple(found))


def _own(tags: Mapping[str, Any]) -> Row:
    """What the newest bundle says of its own base year."""
    told = tags.get("supersedes") or {}
    return {
        "base_year": str(tags.get("base_year") or tags["period"][0]), "total": told.get("total", ""),
        "unit": told.get("unit", ""), "point": told.get("after"),
    }  # fmt: skip


def _beside(path: Path, tags: Mapping[str, Any]) -> Path | None:
    named = (tags.get("supersedes") or {}).get("path")
    at = path.parent / named if named else None
    return at if at is not None and at.exists() else None


def _unchanged(at: Path, link: Mapping[str, Any], newer: Path) -> None:
    held = identity(at)
    if held != link["hash"]:
        raise UsageError(
            f"{at} is not the bundle that {newer} supersedes: its hash is {held[:12]}, and {link['hash'][:12]} was "
            f"recorded ('{link['title']}'). It was changed or replaced; put the former one in its place."
        )


__all__ = ["History", "chained", "history", "identity", "links", "supersedes"]
