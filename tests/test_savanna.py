"""The synthetic operator: 2 000 sites, five countries, three years, everything of an inventory in use."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import netprint

EXAMPLE = Path(__file__).parent.parent / "examples" / "savanna"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("savanna")
    for name in ("study.yaml", "entities.csv", "factors.csv"):
        shutil.copy(EXAMPLE / name, target)
    study = yaml.safe_load((target / "study.yaml").read_text("utf-8"))
    (target / "study.yaml").write_text(yaml.safe_dump({**study, "draws": 200}, sort_keys=False), "utf-8")
    generator().main(target / "data")
    return target


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("savanna_generate", EXAMPLE / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result(folder: Path) -> Any:
    return netprint.assess(folder / "study.yaml")


def test_the_script_gives_the_same_tables_again(folder: Path, tmp_path: Path) -> None:
    generator().main(tmp_path)
    for table in (folder / "data").iterdir():
        assert (tmp_path / table.name).read_bytes() == table.read_bytes()
    sites = {line.split(",")[2] for line in (tmp_path / "energy.csv").read_text("utf-8").splitlines()[1:]}
    assert 1900 < len(sites) <= 2001


def test_nothing_is_a_gap_and_every_year_has_its_scopes(result: Any) -> None:
    assert not len(result.gaps)
    for year in ("2021", "2022", "2023"):
        scopes = {r["scope"] for r in result.views["scope"].where(year=year)}
        assert {"1", "2", "3"} <= scopes


def test_scope_3_has_the_categories_of_an_operator(result: Any) -> None:
    found = {r["category"].split()[0] for r in result.views["category"].where(scope="3", year="2023")}
    assert found == {"1", "2", "3", "4", "5", "6", "7", "8", "11", "13", "15"}


def test_what_the_preparation_did_is_told(result: Any) -> None:
    told = "\n".join(result.warnings)
    for words in (
        "estimated records gave way",
        "days, which the model 'seasonal' filled",
        "Matched by month, instruments of",
        "records of Savanna Malawi lie before it was held",
        "Taken out between Savanna Kenya and Savanna Towers",
    ):
        assert words in told


def test_malawi_counts_from_july_2022_and_tanzania_as_an_investment(result: Any) -> None:
    by = {(r["year"], r["country"]) for r in result.cells.where(scope="1")}
    assert ("2021", "MWI") not in by and ("2022", "MWI") in by
    assert {r["category"] for r in result.cells.where(country="TZA", account="location")} == {
        "15 investments"
    }


def test_the_market_based_result_is_lower_while_the_contract_lasts(result: Any) -> None:
    saved = {
        year: 1 - result.total("market", year)["point"] / result.total("location", year)["point"]
        for year in ("2021", "2022", "2023")
    }
    assert saved["2021"] > saved["2023"] > 0.04 and saved["2022"] > saved["2023"]


def test_sums_and_shares(result: Any) -> None:
    for account in ("location-based", "market-based"):
        parts = sum(result.draws[(y, account, "climate change")] for y in ("2021", "2022", "2023"))
        assert parts == pytest.approx(result.draws[("", account, "climate change")], rel=1e-9)
    shares = [r["point"] for r in result.indicators.where(indicator="supplier_share")]
    assert len(shares) == 3 and all(0 < s < 1 for s in shares)
    pues = [r["point"] for r in result.indicators.where(indicator="pue") if r["point"] is not None]
    assert pues and all(1.4 < p < 1.6 for p in pues)
