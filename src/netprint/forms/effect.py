"""A new effect study: a study file with every key, to be filled in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from netprint.errors import UsageError
from netprint.forms.inventory import STUDY, _country, _form, _place, _plain, _profile

_DEFAULT = "GBR"


def new_effect(
    folder: Path,
    *,
    organisation: str = "",
    countries: Sequence[str] = (),
    years: tuple[int, int] | None = None,
) -> list[Path]:
    """Begin an effect study in ``folder``: ``study.yaml``, a worked example to be replaced line by line.

    ``countries`` are the places of the effect, codes or names (one: users and amounts would else be counted for each);
    ``years`` the first and the last year. Raises :class:`~netprint.errors.UsageError` as :func:`new_inventory` does.
    """
    codes = [_country(c) for c in countries] or [_DEFAULT]
    if len(codes) > 1:
        raise UsageError("Begin an effect study with one country; further ones need users by country.")
    form = _form(_profile("operator"), "en", _plain(organisation), tuple(codes), years)
    first, last = form.period
    text = resources.files("netprint").joinpath("forms", "effect.yaml").read_text(encoding="utf-8")
    values = {
        "{organisation}": json.dumps(organisation or "<who ordered the study>", ensure_ascii=False),
        "{period}": str(first) if first == last else f"{first}..{last}",
        "{places}": ", ".join(codes),
    }
    for key, value in values.items():
        text = text.replace(key, value)
    return _place(Path(folder), {STUDY: text.encode()})
