"""What holds for the package as a whole: it starts fast, and its verbs are functions."""

from __future__ import annotations

import json
import subprocess
import sys

import netprint

HEAVY = {
    "duckdb",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "python_calamine",
    "vl_convert",
    "xlsxwriter",
}


def started(code: str) -> tuple[set[str], float]:
    """The modules that a new interpreter has loaded after ``code``, and the CPU seconds the code took."""
    script = f"""
import json, sys, time
start = time.process_time()
try:
    {code}
except SystemExit:
    pass
print(json.dumps([sorted(sys.modules), time.process_time() - start]), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules, seconds = json.loads(done.stderr)
    return set(modules), seconds


def test_import_costs_nothing():
    modules, seconds = started("import netprint")
    assert not modules & HEAVY
    assert seconds < 0.05


def test_help_is_quick():
    runs = [started("from netprint.cli import main; sys.exit(main(['--help']))") for _ in range(3)]
    assert not runs[0][0] & HEAVY
    assert min(seconds for _, seconds in runs) < 0.3


def test_verbs_are_functions_however_they_are_reached():
    code = "import netprint.assess, netprint; assert callable(netprint.assess)"
    assert "netprint.assess" in started(code)[0]
    assert all(callable(getattr(netprint, verb)) for verb in netprint.__all__ if verb != "__version__")


def test_unknown_names_are_attribute_errors():
    assert not hasattr(netprint, "asess")
