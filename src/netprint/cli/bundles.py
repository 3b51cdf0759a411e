"""explain, compare, merge and report."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from netprint.cli.text import Progress, print_json


def explain(args: Namespace) -> int:
    from netprint.explain import explain

    found = explain(args.bundle, args.cell, factor=args.factor)
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
    return 0


def compare(args: Namespace) -> int:
    from netprint.compare import compare

    found = compare(args.a, args.b, args.total, args.year)
    if args.json:
        print_json(found.as_dict())
    else:
        print(found)
    return 0


def merge(args: Namespace) -> int:
    from netprint import bundle
    from netprint.cli.studies import told
    from netprint.merge import merge

    progress, target = Progress(), Path(args.out)
    bundle.check_target(target)
    try:
        progress(f"Merging {len(args.bundles)} bundles …")
        result = merge(args.bundles, title=args.title)
        bundle.write(result, target)
    finally:
        progress.done()
    if args.json:
        print_json({**bundle.summary(result), "bundle": str(target)})
    else:
        print("\n".join(told(result)))
        print(f"The result is in {target}")
    return 0


def report(args: Namespace) -> int:
    from netprint import bundle

    progress, source = Progress(), Path(args.bundle)
    target = Path(args.out) if args.out else source.parent / f"{source.stem}.{args.to}"
    try:
        progress(f"Writing {target} …")
        result = bundle.read(source)
        if args.to == "xlsx":
            from netprint.report.workbook import write_workbook

            write_workbook(result, target, args.lang)
        else:
            from netprint.report.html import render

            bundle.write_text(render(result, args.lang), target)
    finally:
        progress.done()
    if args.json:
        print_json({"written": str(target)})
    else:
        print(f"The {'workbook' if args.to == 'xlsx' else 'report'} is in {target}")
    return 0
