"""A folder or a zip that is either the old one or the new one, never something between."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netprint.errors import UsageError

MARK = ".netprint-"
OLD = ".netprint-old-"
_LOCK = ".lock"
_TIME = (1980, 1, 1, 0, 0, 0)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder beside ``target`` to be filled; on success it takes the place of ``target``.

    ``target`` is a folder, or a zip where its name ends in ``.zip``. Nothing of a failed write remains, and what
    killed runs left behind is removed first. Raises :class:`UsageError` where the file system refuses.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clear(target)
        folder = Path(tempfile.mkdtemp(prefix=f"{target.name}{MARK}", dir=target.parent))
    except OSError as error:
        raise refused(target, error) from None
    packed = target.parent / f"{folder.name}.zip"
    try:
        with locked(folder):
            yield folder
            if target.suffix == ".zip":
                pack(folder, packed)
        if target.suffix == ".zip":
            packed.replace(target)
        else:
            folder.chmod(0o777 & ~_umask())
            sync(folder)
            swap(folder, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise refused(target, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        packed.unlink(missing_ok=True)


def refused(target: Path, error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError(
        f"The result could not be written to {target}: {reason}. What stood there is as it was."
    )


def swap(folder: Path, target: Path) -> None:
    """Put ``folder`` in the place of ``target``; the old folder goes only when the new one is there."""
    if not target.exists():
        folder.replace(target)
        return
    old = target.parent / f"{target.name}{OLD}{folder.name.rpartition(MARK)[2]}"
    target.replace(old)
    try:
        folder.replace(target)
    except BaseException:
        old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def clear(target: Path) -> None:
    """Remove what killed runs left beside ``target``; an old bundle that was set aside last is put back."""
    if not target.parent.is_dir():
        return
    for path in sorted(target.parent.iterdir()):
        if path.name.startswith(f"{target.name}{OLD}"):
            if target.exists():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.replace(target)
    for path in sorted(target.parent.iterdir()):
        if path.name.startswith(f"{target.name}{MARK}") and not in_use(path):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif not in_use(path.with_suffix("")):
                path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a lock in ``folder`` while it is filled; it ends with the process, however that ends."""
    path = folder / _LOCK
    stream = path.open("wb")
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
    finally:
        stream.close()
        path.unlink(missing_ok=True)


def in_use(folder: Path) -> bool:
    """Whether a living process fills ``folder``."""
    path = folder / _LOCK
    if not path.is_file():
        return False
    try:
        if sys.platform != "win32":
            import fcntl

            with path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            path.unlink()  # an open file cannot be removed on Windows
    except OSError:
        return True
    return False


def pack(folder: Path, target: Path) -> None:
    """Zip a folder: sorted names, one fixed time, so that the same files give the same bytes."""
    with target.open("wb") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != _LOCK):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(info, path.read_bytes())
        stream.flush()
        os.fsync(stream.fileno())


def sync(folder: Path) -> None:
    """Make sure that every file of a folder is on the disk."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
        else:
            _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_text(text: str, target: Path) -> None:
    """Write one file, whole or not at all. Raises :class:`UsageError` where the file system refuses."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}{MARK}", dir=target.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            part.chmod(0o666 & ~_umask())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise refused(target, error) from None
