"""The examples of README.md and docs/*.md run as tests, in a copy of this folder's ``examples/``.

In a block marked ``console`` each line that starts with ``$ `` is a command for bash (lines after a trailing
backslash belong to it) and the lines below it are what it must print, on either stream; it must also succeed.
A line ``...`` stands for any lines, ``...`` within a line for anything in that line. Blocks marked ``python``
run too; those of one page share their names. What shall not run is marked otherwise, such as ``sh``.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent
SECONDS = 120
"""How long one command of an example may take."""


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, with the output shown for it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:.*\\\n)*.*", part)
        assert command
        yield command[0], part[command.end() :]


def matches(shown: str, printed: str) -> bool:
    """Whether ``printed`` is what an example shows, its ``...`` taken as wildcards."""
    pattern = ""
    for line in shown.strip().splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(map(re.escape, line.rstrip().split("..."))) + r"\n"
    text = "".join(f"{line.rstrip()}\n" for line in printed.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


def run_console(example: Example) -> None:
    """Run a console block; raise AssertionError with the difference where it prints or ends otherwise."""
    environment = dict(os.environ, COLUMNS="100", LC_ALL="C.UTF-8", NO_COLOR="1")
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    for command, shown in commands(example.parsed):
        done = subprocess.run(
            ["bash", "-c", command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\nexit code {done.returncode}\n{done.stdout}"
        if not matches(shown, done.stdout):
            both = (shown.splitlines(), done.stdout.splitlines())
            difference = "\n".join(difflib.unified_diff(*both, "shown", "printed", lineterm=""))
            raise AssertionError(f"$ {command}\n{difference}")


def enter_copy(namespace: dict[str, Any]) -> None:
    """Before a page: go into a new folder that holds a copy of ``examples/``."""
    folder = tempfile.mkdtemp(prefix="netprint-docs-")
    shutil.copytree(ROOT / "examples", Path(folder, "examples"))
    namespace.update(_back=Path.cwd(), _folder=folder)
    os.chdir(folder)


def leave_copy(namespace: dict[str, Any]) -> None:
    """After a page: go back and remove the folder."""
    os.chdir(namespace["_back"])
    shutil.rmtree(namespace["_folder"])


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), CodeBlockParser(language="console", evaluator=run_console)],
    patterns=["README.md", "docs/*.md"],
    setup=enter_copy,
    teardown=leave_copy,
).pytest()
