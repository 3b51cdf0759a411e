"""The text of the ``study.yaml`` that goes with a form."""

from __future__ import annotations

import json

from netprint.forms.form import Form
from netprint.forms.profiles import statements

_COMMENT_AT = 44


def study_text(form: Form, workbook: str, factors: str) -> str:
    """A study of the profile's methods over the sheets of ``workbook``. A line that the user must decide on is there
    as a comment, in the form's language."""
    say, profile = form.say, form.profile
    entity, named = _quoted(form.organisation), _quoted(form.organisation or "Savanna Mobile")
    title = f"{form.organisation}, {form.title}" if form.organisation else form.title
    country = form.countries[0] if len(form.countries) == 1 else ""
    some = form.countries[0] if form.countries else "KEN"
    roles: dict[str, list[str]] = {}
    for sheet in profile.sheets:
        roles.setdefault(sheet.role, []).append(f"{workbook}#{sheet.name}")
    method = profile.methods[0] if len(profile.methods) == 1 else f"[{', '.join(profile.methods)}]"
    lines = [
        f"# {say('study_about')}",
        f"title: {_quoted(title)}",
        "kind: inventory",
        _line(f"method: {method}", say("study_method")),
        _line(f"period: {form.span}", say("study_period")),
        _line(f"base_year: {form.period[0]}", say("study_base_year")),
        _line(f"entity: {entity}" if form.organisation else "# entity: Savanna Mobile", say("study_entity")),
        _line(f"country: {country}" if country else f"# country: {some}", say("study_country")),
        "",
        _line("activities:", say("study_activities")),
        *(f"  - {source}" for source in roles["activities"]),
        *(
            _line(f"instruments: {source}", say("study_instruments"))
            for source in roles.get("instruments", ())
        ),
        *(
            _line(f"# entities: [{{entity: {named}}}]", say("study_entities"))
            for _ in roles.get("entities", ())
        ),
        _line("prepare: [split_periods]", say("study_prepare")),
        _line(f"factors: {factors}", say("study_factors")),
        "",
        _line(f"by: [{', '.join(profile.by)}]", say("study_by")),
        _line("gwp: AR6", say("study_gwp")),
        _line("draws: 10000", say("study_draws")),
        _line("seed: 1429", say("study_seed")),
        _line("gaps: error", say("study_gaps")),
        "",
        f"# {say('study_statements')}",
        *(_statement(form, name) for name in statements()),
    ]
    return "\n".join(lines) + "\n"


def _statement(form: Form, name: str) -> str:
    if name == "organisation":
        return (
            f"organisation: {_quoted(form.organisation)}"
            if form.organisation
            else "# organisation: Savanna Mobile"
        )
    if name == "consolidation":
        return _line("# consolidation: operational control", form.say("study_consolidation"))
    return f"# {name}: {_quoted(form.say(f'statement_{name}'))}"


def _line(text: str, comment: str) -> str:
    return f"{text.ljust(_COMMENT_AT)} # {comment}"


def _quoted(text: str) -> str:
    """``text`` as a double-quoted YAML scalar (JSON is YAML)."""
    return json.dumps(text, ensure_ascii=False)
