"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once.

Exit codes: 0 success; 1 a finding or gap that the user must act on; 2 wrong usage or unreadable input.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from netprint import __version__
from netprint.cli.exports import arguments as export_arguments
from netprint.cli.practice_options import apply_arguments, practices_arguments
from netprint.errors import GapError, NetprintError
from netprint.forms.arguments import arguments as new_arguments

ACT, WRONG = 1, 2
ENGINES = ("relational", "dense")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the arrays are small; threads would only cost memory
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115  (a closed standard output)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a letter shows another one
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except GapError as error:
        print(error, file=sys.stderr)
        return ACT
    except NetprintError as error:
        print(error, *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("Stopped; nothing was written.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of the pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"{error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
        return WRONG


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="netprint", description="The footprint of ICT, and where each number comes from.",
        epilog="Exit codes: 0 success, 1 a finding or gap to act on, 2 wrong usage or unreadable input.",
    )  # fmt: skip
    top.add_argument("--version", action="version", version=f"netprint {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _studies(commands)
    _bundles(commands)
    _catalogue(commands)
    return top


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, module: str, text: str
) -> argparse.ArgumentParser:
    """A command whose function is ``module.name``, imported when it runs."""

    def run(args: argparse.Namespace) -> int:
        from importlib import import_module

        code: int = getattr(import_module(f"netprint.cli.{module}"), name)(args)
        return code

    added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    added.add_argument("--json", action="store_true", help="print JSON")
    added.set_defaults(run=run)
    return added


def _studies(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = _add(commands, "assess", "studies", "assess a study and write its result bundle")
    one.add_argument("study", metavar="STUDY", help="the study's YAML file")
    one.add_argument(
        "--out", metavar="PATH", help="folder or .zip to write; default: result beside the study"
    )
    one.add_argument(
        "--engine", choices=ENGINES, default=ENGINES[0], help="how rows are summed; the bits are equal"
    )
    one.add_argument("--draws", type=int, metavar="N", help="Monte Carlo draws in place of the study's")
    one.add_argument(
        "--public", action="store_true", help="write nothing from which confidential data follow"
    )
    one.add_argument("--as-of", metavar="DATE", help="with the catalogue of that day, or of that release")
    one = _add(commands, "check", "studies", "list every problem and gap of a study; nothing is computed")
    one.add_argument("study", metavar="STUDY", help="the study's YAML file")
    one = _add(commands, "new", "studies", "begin a study: a folder with a study file and an Excel form")
    new_arguments(one)


def _bundles(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = _add(commands, "explain", "bundles", "show where a number comes from, or what rests on a factor")
    one.add_argument("bundle", metavar="BUNDLE")
    one.add_argument("cell", metavar="CELL", nargs="?", help="like 2023/2/location or year=2023,scope=2")
    one.add_argument("--factor", metavar="NAME", help="which cells rest on this factor")
    one = _add(commands, "compare", "bundles", "split the difference of two results into its causes")
    one.add_argument("a", metavar="BUNDLE")
    one.add_argument("b", metavar="BUNDLE")
    one.add_argument("--total", metavar="NAME", help="the account or total compared, like location-based")
    one.add_argument("--year", metavar="YEAR", help="one year, or 2022:2023 for one of each")
    one = _add(
        commands, "restate", "restate", "bridge an old base year to a new one; is it to be calculated again?"
    )
    one.add_argument("old", metavar="BUNDLE", nargs="?", help="the older bundle")
    one.add_argument("new", metavar="STUDY|BUNDLE", nargs="?", help="the newer study or bundle")
    one.add_argument("--total", metavar="NAME", help="the account or total shown, like location-based")
    one.add_argument("--history", metavar="BUNDLE", help="list what this bundle supersedes")
    one = _add(commands, "merge", "bundles", "add up the bundles of different entities")
    one.add_argument("bundles", metavar="BUNDLE", nargs="+")
    one.add_argument("--out", metavar="PATH", required=True, help="folder or .zip to write")
    one.add_argument("--title", default="", help="the title of the sum")
    one = _add(
        commands, "report", "bundles", "write the report of a bundle, or its workbook with live formulas"
    )
    one.add_argument("bundle", metavar="BUNDLE")
    one.add_argument(
        "--to", choices=("html", "xlsx"), default="html", help="the format; xlsx is the workbook"
    )
    one.add_argument("--lang", default="en", help="language of the report: en, fr, es, ru, zh or ar")
    one.add_argument("--out", metavar="FILE", help="default: a file of the bundle's name beside it")
    export_arguments(_add(commands, "export", "exports", "fill a form that an organisation owes"))
    apply_arguments(
        _add(commands, "apply", "practices", "apply practices to a study: what they avoid and cost")
    )


def _catalogue(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = _add(
        commands,
        "factors",
        "factors",
        "list, search or show the factors of the catalogue; coverage; attributions",
    )
    actions = ("list", "search", "show", "coverage", "attributions", "import", "check")
    one.add_argument("action", choices=actions)
    one.add_argument(
        "words", nargs="*", metavar="WORD", help="words to search for; the factor to show; a study or bundle"
    )
    for column, text in (("country", "code or name"), ("year", "like 2023"), ("item", "like diesel")):
        one.add_argument(f"--{column}", metavar=column.upper(), help=text)
    one.add_argument("--at", action="append", default=[], metavar="COLUMN=LABEL", help="another index column")
    one.add_argument("--kind", metavar="WORDS", help="of this kind or boundary, like life-cycle")
    one.add_argument("--as-of", metavar="DATE", help="by the release of that day, or of that number")
    one.add_argument("--language", metavar="LANG", help="of the titles: en, fr, es, ru, zh or ar")
    one.add_argument("--factor", metavar="NAME", help="coverage of this factor, by country")
    one.add_argument("--to", choices=("table", "json", "svg"), default="table", help="form of the coverage")
    one.add_argument("--out", metavar="PATH", help="write the coverage, or the folder of an import, there")
    one.add_argument(
        "--file", action="append", default=[], help="import this answer, fetched before; no network"
    )
    one.add_argument("--sha256", default="", metavar="HEX", help="import only an answer of this checksum")
    one.add_argument("--address", default="", metavar="URL", help="import from a mirror: its scheme and host")
    one = _add(
        commands,
        "outdated",
        "releases",
        "list what a newer release changes in a study, and its effect on the totals",
    )
    one.add_argument("study", metavar="STUDY|BUNDLE")
    one.add_argument("--since", metavar="DATE", help="the release that the study rested on, by day or number")
    one = _add(commands, "methods", "catalogue", "list or show the methods of the catalogue")
    one.add_argument("action", choices=("list", "show"))
    one.add_argument("name", nargs="?", metavar="NAME")
    one = _add(
        commands, "activities", "catalogue", "list the activities that the catalogue knows, or the units"
    )
    one.add_argument("--units", action="store_true", help="list the units")
    practices_arguments(
        _add(commands, "practices", "practices", "list, show, search or check best practices")
    )


__all__ = ["main", "parser"]
