"""The coverage page of the docs is what its tool writes, and says what the tables hold."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from netprint.ask import coverage, evidence
from netprint.load.factors import catalog

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import coverage_page as tool

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def page():
    return tool.page()


def cells(page, head):
    """The rows of the table whose head begins with these columns, by first cell."""
    lines = page.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows = {}
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
        rows.setdefault(first, rest)
    return rows


def plain(text):
    return int(text.replace(" ", "") or 0)


def test_the_page_is_what_the_tool_writes_today(page):
    again = "run `python tools/coverage_page.py`"
    assert (ROOT / "docs" / "coverage.md").read_text("utf-8") == page, again
    assert (ROOT / "docs" / "coverage.svg").read_text("utf-8") == tool.drawing(), again


def test_counts_are_those_of_the_tables(page):
    rows = [r for n, rows in catalog().rows.items() if not n.startswith("proxy:") for r in rows.values()]
    verified = sum(r.status == "verified" for r in rows)
    kinds = cells(page, "Kind | Factors")
    everything = kinds.pop("All")
    assert [plain(c) for c in everything[1:4]] == [len(rows), verified, len(rows) - verified]
    assert all(sum(plain(k[i]) for k in kinds.values()) == plain(everything[i]) for i in range(4))
    assert len(kinds) == len(tool.FAMILIES) + 1


def test_families_are_told_apart():
    assert tool.family("gpu_embodied") == "ICT goods and their parts"
    assert tool.family("gpu_power_full") == "Power of processors and servers"
    assert tool.family("grid_water") == "Electricity grids"
    assert tool.family("irrigation_energy") == tool.OTHERS
    by = {row["factor"]: row["family"] for row in tool.overview()}
    assert sum(f == tool.OTHERS for f in by.values()) < len(by) / 5


def test_every_factor_that_countries_have_is_there_with_all_countries(page):
    rows = cells(page, "Factor | At")
    cards = catalog().cards
    having = {f"`{n}`" for n, held in catalog().rows.items() if "country" in cards[n].index and held}
    assert having == set(rows)
    number = len(coverage.coverage("grid_lifecycle").places)
    assert all(sum(plain(c) for c in counts[1:]) == number for counts in rows.values())


def test_the_calibration_is_that_of_the_release(page):
    held = [r for r in coverage.calibration() if r["level"] != "year"]
    for row in held:
        told = f"{100 * float(row['inside']):.1f} %"
        assert re.search(rf"\| `{row['factor']}` \| [^|]+ \| [^|]+ \| {row['countries']} \| {told} ", page)
    low = [r for r in coverage.calibration() if float(r["inside"]) < 0.93]
    assert ("Too narrow" in page) == bool(low)


def test_differences_are_counted_and_explained(page):
    rows = evidence.compared()
    assert len(rows) >= 40
    assert all(r["explanation"] for r in rows)
    independent = sum(map(tool._independent, rows))
    assert 40 <= independent <= len(rows)
    assert f"for {independent} it is of another publisher" in page.replace("\n", " ")
    assert all(r["factor"] in catalog().cards for r in rows)
    shown = [line for line in page.splitlines() if re.match(r"\| `\w+` [^|]*\| [\d.e-]+ [^|]*\(", line)]
    assert len(shown) == tool.LARGEST


def test_another_edition_and_a_recalled_value_are_not_independent():
    assert not tool._independent(
        {"source": "uk-ghg-factors-2025", "second_source": "uk-ghg-factors-2024-all"}
    )
    assert not tool._independent({"source": "cia-factbook", "second_source": "wdi-recalled"})
    assert tool._independent({"source": "cia-factbook", "second_source": "kplc"})


def test_what_is_absent_has_no_row_and_what_is_thin_has_some(page):
    told = cells(page, "What | Here")
    for title, patterns, _ in tool.ABSENT:
        names = [n for n in catalog().rows for p in patterns.split("|") if tool.fnmatch(n, p)]
        assert (told[title][0] == "none") == (not any(catalog().rows[n] for n in names))
    assert told["Residual mix"][0] == "none"  # no open one; a zero would be a null residual


def test_links_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\(([\w./-]+)(?:#([\w-]+))?\)", page):
        path = ROOT / "docs" / target
        assert path.is_file()
        heads = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in [h.lower().replace(" ", "-") for h in heads]
