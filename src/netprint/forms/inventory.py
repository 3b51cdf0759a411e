"""A new inventory: a folder with a study, an Excel form for its activity data, and a table for own factors."""

from __future__ import annotations

import json
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path

from netprint import places
from netprint.errors import UsageError
from netprint.forms.sheets import SHEETS
from netprint.forms.workbook import Form, write_form

STUDY, WORKBOOK, FACTORS = "study.yaml", "activities.xlsx", "factors.csv"
METHOD = "itu-t-l1420"
FACTOR_COLUMNS = (
    "factor", "country", "market", "year", "item", "gas", "value", "unit", "statistic", "distribution", "p2_5",
    "p97_5", "min", "max", "gsd", "source", "page", "licence", "status", "note",
)  # fmt: skip
_EARLIEST, _LATEST = 1990, 2100
_COMMENT_AT = 40


def new_inventory(
    folder: Path,
    *,
    lang: str = "en",
    organisation: str = "",
    country: str = "",
    years: tuple[int, int] | None = None,
) -> list[Path]:
    """Begin an inventory by ITU-T L.1420 in ``folder``, which is made where it does not exist.

    Writes ``study.yaml``, ``activities.xlsx`` and ``factors.csv`` and returns their paths. ``lang`` is the language
    of the explanations (``en, fr, es, ru, zh, ar``), ``country`` a code or a name in any of them, ``years`` the first
    and the last year (the last full year where none are given). Nothing is written where one of the files exists;
    each appears whole or not at all. Raises :class:`~netprint.errors.UsageError`.
    """
    form = _form(lang, _plain(organisation), years)
    study = _study(form, _country(country))
    contents = {STUDY: study.encode(), WORKBOOK: write_form(form), FACTORS: _factors()}
    return _place(Path(folder), contents)


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


def _form(lang: str, organisation: str, years: tuple[int, int] | None) -> Form:
    said = texts(lang)
    last_full = date.today().year - 1
    period = (last_full, last_full) if years is None else (int(years[0]), int(years[1]))
    if not _EARLIEST <= period[0] <= period[1] <= _LATEST:
        raise UsageError(
            f"The years {period[0]} to {period[1]} are no period. "
            f"Give the first and the last year, between {_EARLIEST} and {_LATEST}."
        )
    return Form(lang, said, organisation, period, factor_example(period[0]))


def _plain(organisation: str) -> str:
    """The name on one line. Control characters have no place in a YAML file or a sheet."""
    name = " ".join(organisation.replace("\ufeff", "").split())
    if any(unicodedata.category(c) in ("Cc", "Cn", "Cs") for c in name):
        raise UsageError("The name of the organisation holds control characters. Write it as plain text.")
    return name


def _country(text: str) -> str:
    """The code of the country, or empty text."""
    if not text.strip():
        return ""
    known = places.load()
    code = known.find(text)
    if code is not None and code in known.countries:
        return code
    near = " or ".join(hit for hit in known.nearest(text) if hit[:3] in known.countries)
    remedy = f"Did you mean {near}?" if near else "Give a three-letter code or a name, such as KEN or Kenya."
    raise UsageError(f"'{text}' is no country. {remedy}")


# ---- the files


def _study(form: Form, country: str) -> str:
    """The text of ``study.yaml``. A line that the user must decide on is there as a comment."""
    first, last = form.period
    period = str(first) if first == last else f"{first}..{last}"
    say, entity = form.say, _quoted(form.organisation)
    title = f"{form.organisation}, {form.title}" if form.organisation else form.title
    lines = [
        f"# {say('study_about')}",
        f"title: {_quoted(title)}",
        "kind: inventory",
        _line(f"method: {METHOD}", say("study_method")),
        _line(f"period: {period}", say("study_period")),
        _line(f"base_year: {first}", say("study_base_year")),
        _line(f"entity: {entity}" if form.organisation else "# entity: Savanna Mobile", say("study_entity")),
        _line(f"country: {country}" if country else "# country: KEN", say("study_country")),
        "",
        _line("activities:", say("study_activities")),
        *(f"  - {WORKBOOK}#{sheet.name}" for sheet in SHEETS),
        _line(f"factors: {FACTORS}", say("study_factors")),
        "",
        _line("by: [year, country, scope, category]", say("study_by")),
        _line("gwp: AR6", say("study_gwp")),
        _line("draws: 10000", say("study_draws")),
        _line("seed: 1429", say("study_seed")),
        _line("gaps: error", say("study_gaps")),
        "",
        f"# {say('study_statements')}",
        f"{'' if form.organisation else '# '}organisation: {entity if form.organisation else 'Savanna Mobile'}",
        _line("# consolidation: operational control", say("study_consolidation")),
        f"# boundary: {say('study_boundary')}",
        "# exclusions:",
        f"#   - {{what: Scope 3, reason: {_quoted(say('study_exclusions'))}}}",
        f"# recalculation_policy: {say('study_recalculation')}",
        f"# verification: {say('study_verification')}",
    ]
    return "\n".join(lines) + "\n"


def _line(text: str, comment: str) -> str:
    return f"{text.ljust(_COMMENT_AT)} # {comment}"


def _quoted(text: str) -> str:
    """``text`` as a double-quoted YAML scalar (JSON is YAML)."""
    return json.dumps(text, ensure_ascii=False)


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
