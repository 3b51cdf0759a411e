"""What `netprint practices` and `netprint apply` take. Nothing heavy is imported here: `--help` answers at once."""

from __future__ import annotations

from argparse import ArgumentParser

ACTIONS = ("list", "show", "search", "check", "achieved")


def practices_arguments(parser: ArgumentParser) -> None:
    """What `netprint practices` takes."""
    parser.add_argument("action", choices=ACTIONS)
    words = "words to search for; practices to show or check; a practice and a CSV file of measurements"
    parser.add_argument("words", nargs="*", metavar="WORD", help=words)
    parser.add_argument(
        "--for", dest="study", metavar="STUDY|BUNDLE", help="those that apply to this inventory"
    )
    parser.add_argument("--domain", metavar="WORDS", help="of this domain, like 'mobile network'")
    parser.add_argument("--actor", metavar="WORDS", help="that this actor can carry out, like operator")
    parser.add_argument("--status", metavar="WORD", help="draft, review or published")
    parser.add_argument("--language", "--lang", dest="lang", default="en", metavar="LANG",
                        help="en, fr, es, ar, zh or ru")  # fmt: skip
    parser.add_argument("--year", metavar="YEAR", help="the year of the inventory; default: its last")
    parser.add_argument("--total", metavar="NAME", help="the account or total looked at, like location-based")
    parser.add_argument("--place", default="", metavar="COUNTRY", help="where measurements were made")


def apply_arguments(parser: ArgumentParser) -> None:
    """What `netprint apply` takes. Options that may be given for one practice read PRACTICE=VALUE and repeat."""
    parser.add_argument("practices", metavar="PRACTICE", nargs="+", help="practices, or files of your own")
    parser.add_argument("study", metavar="STUDY|BUNDLE")
    each = (
        ("adoption", "[PRACTICE=]SHARE", "how far it is taken up, like 0.5 or 30..50 %%; default 1"),
        ("effect", "PRACTICE=NUMBER", "your own effect, like 0.1, 0.05..0.15 or 12%%"),
        ("share", "PRACTICE=SHARE", "share of the rows that the stream is"),
        ("years", "[PRACTICE=]NUMBER", "how long it lasts"),
        ("on", "PRACTICE=SELECTOR", "your own rows, like (activity == 'electricity') * (site == 'A')"),
        ("stream", "PRACTICE=NAME", "another stream"),
        ("price", "ACTIVITY=MONEY", "like electricity=0.12USD/kWh"),
        ("investment", "PRACTICE=MONEY", "of the whole programme, like 5e6USD"),
        ("yearly-cost", "PRACTICE=MONEY", "of the whole programme, each year"),
    )  # fmt: skip
    for name, shown, text in each:
        parser.add_argument(f"--{name}", action="append", default=[], metavar=shown, help=text)
    parser.add_argument("--year", metavar="YEAR", help="the year of the inventory; default: its last")
    parser.add_argument("--total", metavar="NAME", help="the account or total, like market-based")
    parser.add_argument(
        "--budget", metavar="MONEY", help="the best set for this outlay of the first year, like 1e6USD"
    )
    parser.add_argument("--target", metavar="AMOUNT", help="the cheapest set for this, like 10 %% or 5000t")
    parser.add_argument("--discount", type=float, default=0.05, metavar="RATE",
                        help="a year, for investments; default 0.05")  # fmt: skip
    parser.add_argument(
        "--accept-claims", action="store_true", help="run practices that only claims stand behind"
    )
    parser.add_argument("--overlap", choices=("refuse", "one-stream"), default="refuse",
                        help="what to do where streams do not fit beside each other")  # fmt: skip
    parser.add_argument("--language", "--lang", dest="lang", default="en", metavar="LANG", help="of the page")
    parser.add_argument("--out", metavar="FILE", help="write a page (.html) or the cost curve (.svg)")
