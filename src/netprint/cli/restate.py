"""restate: the base year, and the bundles that supersede one another."""

from __future__ import annotations

from argparse import Namespace

from netprint.cli.text import Progress, amount, columns, print_json
from netprint.errors import UsageError


def restate(args: Namespace) -> int:
    """1 where a recalculation is due and the new bundle does not say that it supersedes the old one."""
    if args.history:
        if args.old or args.new or args.total:
            raise UsageError("--history takes one bundle and nothing else.")
        return _history(args)
    if not args.old or not args.new:
        raise UsageError("Name the older bundle and the newer study or bundle, or --history BUNDLE.")
    from netprint.restate import restate

    progress = Progress()
    try:
        progress(f"Bridging the base year from {args.old} to {args.new} …")
        found = restate(args.old, args.new, args.total)
    finally:
        progress.done()
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
    return 1 if found.act else 0


def _history(args: Namespace) -> int:
    from netprint.bundle.chain import history

    found = history(args.history)
    if args.json:
        print_json(found.as_dict())
        return 0
    rows = [
        (str(r["title"]), str(r["base_year"]), str(r["total"]), amount(r["point"]), str(r["unit"]), str(r["hash"])[:12],
         str(r["where"]) or "not at hand")
        for r in found.links
    ]  # fmt: skip
    print(columns(("bundle", "base year", "total", "emissions", "unit", "hash", "where"), rows, "lllrlll"))
    return 0
