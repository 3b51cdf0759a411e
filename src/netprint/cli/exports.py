"""export: the forms that an organisation owes, from a bundle."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

FORMS = ("l1472", "gsma", "cdp", "ifrs-s2", "eu-2024-1364", "pact")


def arguments(command: ArgumentParser) -> None:
    """What `netprint export` takes."""
    command.add_argument("bundle", metavar="BUNDLE")
    command.add_argument("--to", choices=FORMS, required=True, help="the form")
    command.add_argument(
        "--out", metavar="FILE", help=".csv, .json or .xlsx; default: a .csv of the bundle's name beside it"
    )
    command.add_argument("--product", metavar="FILE", help="for pact: a YAML file that describes the product")


def export(args: Namespace) -> int:
    from netprint.cli.text import print_json
    from netprint.errors import UsageError
    from netprint.exchange import exports

    product = None
    if args.product:
        if args.to != "pact":
            raise UsageError("--product describes the product of a PACT footprint; it goes with --to pact.")
        product = _product(args.product)
    found = exports.export(args.bundle, args.to, product=product)
    source = Path(args.bundle)
    target = Path(args.out) if args.out else source.parent / f"{source.stem}-{args.to}.csv"
    if args.out or not args.json:
        exports.write(found, target)
    if args.json:
        print_json(found.as_dict())
        return 0
    print("\n".join(found.header))
    print(f"The export is in {target}")
    return 0


def _product(path: str) -> dict[str, object]:
    """The description of a product in a YAML file."""
    from netprint.errors import InputError, Problem
    from netprint.load.yaml import load

    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise InputError([
            Problem(path, None, None, str(error.strerror), "a YAML file", "Check the path.")
        ]) from None  # fmt: skip
    data = load(text, Path(path).name).data
    if not isinstance(data, dict):
        raise InputError([
            Problem(path, None, None, "no mapping", "fields and values", "Write `companyName: …` and so on.")
        ])  # fmt: skip
    return dict(data)
