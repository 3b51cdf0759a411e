"""outdated: what a newer release of the catalogue changes."""

from __future__ import annotations

from argparse import Namespace

from netprint.cli.text import Progress, print_json


def outdated(args: Namespace) -> int:
    """1 where rows have other values, 0 where none has."""
    from netprint.outdated import outdated

    progress = Progress()
    try:
        progress(f"Assessing {args.study} with both releases …")
        found = outdated(args.study, args.since)
    finally:
        progress.done()
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
    return 1 if found.factors else 0
