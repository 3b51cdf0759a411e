"""Fetch the wheels that a user needs to install netprint without a network, and hold them to their size.

``python tools/wheels.py FOLDER`` leaves in FOLDER the wheel of netprint and those of everything it needs when
it runs, for this interpreter and platform, and fails when together they are larger than :data:`LIMIT`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

LIMIT = 150_000_000
"""Bytes that all wheels may have together; a slow line loads them in an evening."""


def fetch(folder: Path) -> dict[str, int]:
    """Fill ``folder`` afresh with wheels; the size in bytes of each, by file name."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--wheel-dir", str(folder), "."], check=True)
    return {wheel.name: wheel.stat().st_size for wheel in folder.glob("*.whl")}


def main(folder: Path) -> int:
    sizes = fetch(folder)
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size / 1e6:8.2f} MB  {name}")
    total = sum(sizes.values())
    print(f"{total / 1e6:8.2f} MB  in all, of {LIMIT / 1e6:.0f} MB allowed")
    return int(total > LIMIT)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
