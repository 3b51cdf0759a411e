"""The options of `netprint new`; apart, so that `--help` reads nothing else of the forms."""

from __future__ import annotations

from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """What `netprint new` takes."""
    parser.add_argument("kind", metavar="KIND", choices=("inventory", "effect"), help="inventory or effect")
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="the same as --out")
    parser.add_argument("--out", metavar="DIR", help="a new or empty folder; default: the kind")
    parser.add_argument("--for", dest="profile", default="operator", metavar="PROFILE",
                        help="operator, datacentre or office; default: operator")  # fmt: skip
    parser.add_argument("--organisation", default="", metavar="NAME", help="the name of the organisation")
    parser.add_argument("--country", nargs="+", action="extend", default=[], metavar="COUNTRY",
                        help="codes or names; one alone holds for every row")  # fmt: skip
    parser.add_argument(
        "--period", metavar="YEARS", help="like 2023 or 2023..2025; default: the last full year"
    )
    parser.add_argument("--language", "--lang", dest="lang", default="en", metavar="LANG",
                        help="language of the form: en, fr, es, ru, zh or ar")  # fmt: skip
