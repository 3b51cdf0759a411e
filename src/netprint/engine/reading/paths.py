"""From a path, glob or folder of a study to the files it names, none of them outside the study's folder."""

from __future__ import annotations

import re
from pathlib import Path

from netprint.errors import Problems, did_you_mean

TEXT = re.compile(r"\.(csv|tsv|txt)(\.gz|\.zst)?$", re.IGNORECASE)
PARQUET = re.compile(r"\.(parquet|pq)$", re.IGNORECASE)


def is_many(path: str, root: Path | None) -> bool:
    """Whether ``path`` is a glob or a folder, which make one table of several files."""
    return any(c in path for c in "*?[") or (root or Path()).joinpath(path).is_dir()


def listed(source: object) -> list[str]:
    """The items of a list of paths; empty for anything else."""
    if isinstance(source, (list, tuple)) and all(isinstance(item, (str, Path)) for item in source):
        return [str(item) for item in source]
    return []


def files(path: str, name: str, root: Path | None, problems: Problems) -> list[Path]:
    """The files that ``path`` (a file, folder or glob) names, each of them inside ``root``."""
    if root is not None and (Path(path).is_absolute() or ".." in Path(path).parts):
        problems.add(name, None, None, found="a path that leads out of the study's folder",
                     expected="a file inside it, given by a path relative to the study",
                     remedy="Put the file into the study's folder.")  # fmt: skip
        return []
    base = root or Path()
    whole = base / path
    if not path.strip():
        found = []
    elif whole.is_dir():
        found = sorted(f for f in whole.rglob("*") if f.is_file() and _is_data(f, whole))
    elif any(c in path for c in "*?[") and not whole.exists():
        anchor = Path(whole.anchor)
        pattern = whole.relative_to(anchor) if whole.is_absolute() else Path(path)
        found = sorted(f for f in (anchor if whole.is_absolute() else base).glob(str(pattern)) if f.is_file())
    else:
        found = [whole] if whole.is_file() else []
    if not found:
        _missing(whole, name, problems)
    return [f for f in found if _inside(f, root, name, problems)]


def _is_data(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return not hidden and bool(TEXT.search(file.name) or PARQUET.search(file.name))


def _inside(file: Path, root: Path | None, name: str, problems: Problems) -> bool:
    if root is None or file.resolve().is_relative_to(root.resolve()):
        return True
    problems.add(name, None, None, found=f"'{file.name}' is a link that leads out of the study's folder",
                 expected="a file inside it", remedy="Put the file itself into the study's folder.")  # fmt: skip
    return False


def _missing(path: Path, name: str, problems: Problems) -> None:
    """Report a path under which there is no data, with the near names in its folder."""
    if path.is_dir() or any(c in path.name for c in "*?["):
        found, expected = "no CSV or Parquet file under this name", "at least one"
    else:
        found, expected = "no such file", "a file that can be read"
    folder = path.parent
    there = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    remedy = did_you_mean(path.name, there)
    if not folder.is_dir():
        remedy = "The folder does not exist either: check the path."
    problems.add(name, None, None, found=found, expected=expected,
                 remedy=remedy or "Check the name and the folder.")  # fmt: skip
