"""A new inventory: a folder with a study, an Excel form for its activity data, and a table for own factors."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path

from netprint import places
from netprint.errors import UsageError
from netprint.forms.form import Form
from netprint.forms.profiles import Profile, profiles
from netprint.forms.study import study_text
from netprint.forms.workbook import write_form

STUDY, WORKBOOK, FACTORS = "study.yaml", "activities.xlsx", "factors.csv"
FACTOR_COLUMNS = (
    "factor", "country", "market", "year", "item", "gas", "value", "unit", "statistic", "distribution", "p2_5",
    "p97_5", "min", "max", "gsd", "source", "page", "licence", "status", "note",
)  # fmt: skip
_EARLIEST, _LATEST = 1990, 2100
_PERIOD = re.compile(r"(\d{4})(?:\s*\.\.\s*(\d{4}))?")


def new_inventory(
    folder: Path,
    *,
    profile: str = "operator",
    lang: str = "en",
    organisation: str = "",
    countries: Sequence[str] = (),
    years: tuple[int, int] | None = None,
) -> list[Path]:
    """Begin an inventory in ``folder``, which is made where it does not exist.

    Writes ``study.yaml``, ``activities.xlsx`` and ``factors.csv`` and returns their paths. ``profile`` is the kind of
    organisation (``operator, datacentre, office``), ``lang`` the language of the explanations (``en, fr, es, ru, zh,
    ar``), ``countries`` codes or names in any of them: one alone holds for every row, several come first in the
    drop-downs. ``years`` are the first and the last year (the last full year where none are given). Nothing is
    written where one of the files exists; each appears whole or not at all. Raises
    :class:`~netprint.errors.UsageError`.
    """
    form = _form(_profile(profile), lang, _plain(organisation), tuple(map(_country, countries)), years)
    study = study_text(form, WORKBOOK, FACTORS)
    contents = {STUDY: study.encode(), WORKBOOK: write_form(form), FACTORS: _factors()}
    return _place(Path(folder), contents)


def period(text: str) -> tuple[int, int]:
    """``2023`` or ``2023..2025`` as the first and the last year. Raises :class:`~netprint.errors.UsageError`."""
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"'{text}' is no period. Write a year, or the first and the last, like 2023..2025.")
    return int(match[1]), int(match[2] or match[1])


@lru_cache(maxsize=8)
def texts(lang: str) -> Mapping[str, str]:
    """The explanations of the form in one language. Raises :class:`~netprint.errors.UsageError`."""
    if lang not in places.LANGUAGES:
        known = ", ".join(places.LANGUAGES)
        raise UsageError(f"There is no form in the language '{lang}'. Use one of {known}.")
    path = resources.files("netprint").joinpath("forms", "texts", f"{lang}.json")
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def factor_example(year: int) -> list[str]:
    """The header and one invented row of ``factors.csv``, for the page of instructions."""
    row = {"factor": "grid_direct", "country": "KEN", "year": str(year), "value": "0.09", "unit": "kg CO2e/kWh",
           "distribution": "lognormal", "gsd": "1.1", "source": "Statement of the grid operator", "page": "12",
           "status": "provisional"}  # fmt: skip
    return [",".join(FACTOR_COLUMNS), ",".join(row.get(column, "") for column in FACTOR_COLUMNS)]


# ---- what was asked for


def _profile(name: str) -> Profile:
    known = profiles()
    if name not in known:
        raise UsageError(f"There is no form for '{name}'. Use one of {', '.join(known)}.")
    return known[name]


def _form(
    profile: Profile,
    lang: str,
    organisation: str,
    countries: tuple[str, ...],
    years: tuple[int, int] | None,
) -> Form:
    said = texts(lang)
    last_full = date.today().year - 1
    span = (last_full, last_full) if years is None else (int(years[0]), int(years[1]))
    if not _EARLIEST <= span[0] <= span[1] <= _LATEST:
        raise UsageError(
            f"The years {span[0]} to {span[1]} are no period. "
            f"Give the first and the last year, between {_EARLIEST} and {_LATEST}."
        )
    chosen = tuple(dict.fromkeys(countries))
    return Form(profile, lang, said, organisation, chosen, span, factor_example(span[0]))


def _plain(organisation: str) -> str:
    """The name on one line. Control characters have no place in a YAML file or a sheet."""
    name = " ".join(organisation.replace("\ufeff", "").split())
    if any(unicodedata.category(c) in ("Cc", "Cn", "Cs") for c in name):
        raise UsageError("The name of the organisation holds control characters. Write it as plain text.")
    return name


def _country(text: str) -> str:
    """The code of the country."""
    known = places.load()
    code = known.find(text.strip())
    if code is not None and code in known.countries:
        return code
    near = " or ".join(hit for hit in known.nearest(text) if hit[:3] in known.countries)
    remedy = f"Did you mean {near}?" if near else "Give a three-letter code or a name, such as KEN or Kenya."
    raise UsageError(f"'{text}' is no country. {remedy}")


# ---- the files


def _factors() -> bytes:
    """An empty table of own factors, with the mark by which Excel knows UTF-8."""
    return (",".join(FACTOR_COLUMNS) + "\r\n").encode("utf-8-sig")


def _place(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write the files beside each other in a hidden folder, then move them to their places."""
    paths = [folder / name for name in contents]
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder}' is a file. Give the name of a folder, which may be new.")
    there = [path.name for path in paths if path.exists() or path.is_symlink()]
    if there:
        raise UsageError(
            f"'{folder}' already holds {', '.join(there)}; nothing was written. "
            "Choose another folder, or move the files that are there."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".netprint-", dir=folder))
    except OSError as error:
        raise UsageError(
            f"'{folder}' cannot be written to ({error.strerror}). Choose another folder."
        ) from error
    try:
        for name, data in contents.items():
            (aside / name).write_bytes(data)
        for path in paths:
            (aside / path.name).replace(path)
    except OSError as error:
        raise UsageError(
            f"'{folder}' cannot be written to ({error.strerror}). Mend that and try again."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return paths
