"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import settings

# The same examples on every machine, however slow: a red test is the change's doing, not chance.
settings.register_profile("netprint", derandomize=True, deadline=None)
settings.load_profile("netprint")

STUDY = """\
title: A study for a test
kind: inventory
method: itu-t-l1420
period: 2023
base_year: 2023
activities: activities.csv
by: [year, country, scope]
gwp: AR6
draws: 1000
seed: 1429
"""

ACTIVITIES = """\
activity,entity,country,year,item,quantity,unit,uncertainty,tier
electricity,Savanna,KEN,2023,,1000,MWh,2,metered
electricity,Savanna,KEN,2023,,500,MWh,30,estimated
fuel,Savanna,KEN,2023,diesel,20000,L,2,metered
"""


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Path]:
    """Write a study and its tables to the test's own folder; the path of ``study.yaml``.

    ``study()`` writes a small inventory. Keywords replace or add files, a double underscore standing for the
    dot of the name: ``study(activities__csv=..., factors__csv=...)``; their text is dedented.
    """

    def write(**files: str) -> Path:
        texts = {"study__yaml": STUDY, "activities__csv": ACTIVITIES} | files
        for name, text in texts.items():
            (tmp_path / name.replace("__", ".")).write_text(dedent(text), encoding="utf-8")
        return tmp_path / "study.yaml"

    return write
