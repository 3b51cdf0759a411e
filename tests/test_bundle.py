"""A bundle is written whole or not at all, reads back as it was, and reproduces itself from its collapsed table."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import netprint
from netprint import bundle
from netprint.assess import assess, rerun
from netprint.engine import rows
from netprint.errors import UsageError

METHOD = """\
id: own
terms:
  - {id: s2, activity: electricity, formula: "quantity * grid_direct[country, year]",
     books: {flow: CO2e, account: location, scope: 2}, cites: "Guidance, ch. 6", status: verified}
  - {id: s1, activity: fuel_volume, formula: "quantity * burnt[item]", books: {flow: CO2, scope: 1}}
  - {id: per_subscriber, formula: electricity / subscribers, unit: kWh/subscriber}
totals: {location-based: [inventory, location]}
"""
STUDY = """\
title: Savanna
method: methods/own.yaml
period: 2022..2023
entity: Savanna
activities: [activities.csv]
factors: factors.csv
by: [year, country, scope]
draws: 300
parameters: {unused: {value: 3, unit: "1"}}
sensitivities:
  - {id: high, factors: {burnt: "1.2 * burnt[item]"}}
reported:
  - {year: 2023, account: location, value: 150, unit: t CO2e}
organisation: Savanna Mobile
"""
ACTIVITIES = """\
activity,country,year,item,quantity,unit,uncertainty,tier
electricity,KEN,2022,,900,MWh,2,metered
electricity,KEN,2023,,1000,MWh,2,metered
electricity,KEN,2023,,500.123456789,MWh,30,estimated
fuel,KEN,2023,diesel,20000,L,2,metered
subscribers,KEN,2023,,10,subscriber,,
"""
FACTORS = """\
factor,country,year,item,value,unit,distribution,gsd,source,licence
grid_direct,KEN,2023,,0.1,kg/kWh,lognormal,1.1,S1,CC BY 4.0
burnt,,,diesel,2.7,kg/L,lognormal,1.02,S2,
"""


def written(place: Path) -> Path:
    """A study with its own method and factors in a folder."""
    (place / "methods").mkdir(parents=True)
    (place / "methods/own.yaml").write_text(METHOD)
    (place / "study.yaml").write_text(STUDY)
    (place / "activities.csv").write_text(ACTIVITIES)
    (place / "factors.csv").write_text(FACTORS)
    return place


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path / "a study")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Its result; the study is gone."""
    place = written(tmp_path_factory.mktemp("studies") / "a study")
    found = assess(place / "study.yaml")
    shutil.rmtree(place)
    return found


def content(place: Path) -> dict[str, bytes]:
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


def same(a, b):
    """Every number and text of two results is equal."""
    for name in (
        "cells",
        "indicators",
        "lines",
        "factors",
        "drivers",
        "trend",
        "propagation",
        "gaps",
        "reported",
    ):
        assert list(getattr(a, name)) == list(getattr(b, name)), name
    assert {n: list(t) for n, t in a.views.items()} == {n: list(t) for n, t in b.views.items()}
    assert {n: list(t) for n, t in a.sensitivities.items()} == {
        n: list(t) for n, t in b.sensitivities.items()
    }
    for name in (
        "title",
        "kind",
        "by",
        "tags",
        "warnings",
        "inputs",
        "versions",
        "study",
        "study_file",
        "files",
    ):
        assert getattr(a, name) == getattr(b, name), name
    assert list(a.sources) == list(b.sources)
    assert a.collapsed.hash == b.collapsed.hash


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_bundle_reads_back_as_it_was(result, tmp_path, name):
    path = bundle.write(result, tmp_path / name)
    same(result, bundle.read(path))


def test_a_bundle_reproduces_itself_without_the_study(result, tmp_path):
    path = bundle.write(result, tmp_path / "out.zip")
    again = rerun(path)
    same(result, again)
    assert {k: v.tolist() for k, v in again.draws.items()} == {k: v.tolist() for k, v in result.draws.items()}


def test_a_study_given_from_python_reproduces_itself(tmp_path):
    given = [{"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1, "unit": "GWh"}]
    result = assess(
        {"title": "No: a title", "method": "itu-t-l1420", "period": 2023, "draws": 200, "activities": given}
    )
    path = bundle.write(result, tmp_path / "out")
    same(result, rerun(path))
    assert "1, " not in (path / "study.yaml").read_text().partition("activities")[2]


def test_twice_the_same_bytes(result, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first, second = (bundle.write(result, tmp_path / name) for name in ("one", "two"))
    assert content(first) == content(second)
    assert json.loads((first / "result.json").read_text())["created"] == "2026-01-01T00:00:00Z"
    zipped = [bundle.write(result, tmp_path / name).read_bytes() for name in ("one.zip", "two.zip")]
    assert zipped[0] == zipped[1]
    again = bundle.write(bundle.read(first), tmp_path / "three")
    assert {
        k: v for k, v in content(again).items() if k not in ("report.html", "ro-crate-metadata.json")
    } == {k: v for k, v in content(first).items() if k not in ("report.html", "ro-crate-metadata.json")}


def test_what_is_in_a_bundle(result, tmp_path):
    path = bundle.write(result, tmp_path / "out")
    assert set(content(path)) == {*bundle.FILES, "inputs/factors.csv", "inputs/methods/own.yaml"}
    summary = json.loads((path / "result.json").read_text())
    assert set(summary["inputs"]) == {"study.yaml", "activities.csv", "factors.csv", "methods/own.yaml"}
    assert summary["coverage"]["location, climate change"] == 1
    assert summary["licences"][0]["licence"] == "CC BY 4.0"
    assert summary["licences"][0]["name"][0] == "S1"
    assert {r["account"] for r in summary["totals"]["all"]} == {"inventory", "location", "location-based"}
    assert str(tmp_path) not in (path / "result.json").read_text()
    assert "a study" not in (path / "result.json").read_text()


def test_results_are_tidy_and_absent_values_empty(result, tmp_path):
    path = bundle.write(result, tmp_path / "out")
    lines = (path / "results.csv").read_text().splitlines()
    assert lines[0] == (
        "year,country,scope,account,impact,unit,point,mean,median,low,high,coverage,completeness,"
        "provisional_share,proxy_share"
    )
    assert lines[1].split(",")[lines[0].split(",").index("completeness")] == ""
    assert pq.read_table(path / "results.parquet").num_rows == len(lines) - 1


def test_the_collapsed_table_holds_the_exact_sums(result, tmp_path):
    path = bundle.write(result, tmp_path / "out")
    table = pq.read_table(path / "collapsed.parquet").to_pylist()
    row = next(r for r in table if r["activity"] == "electricity" and r["error_group"])
    exact = (row["quantity_high"] << 60) + row["quantity_low"]
    assert exact == rows.exact(500.123456789 * 1000)
    assert row["quantity"] == pytest.approx(500123.456789)


def test_the_crate_names_every_file_with_its_hash(result, tmp_path):
    path = bundle.write(result, tmp_path / "out")
    graph = {e["@id"]: e for e in json.loads((path / "ro-crate-metadata.json").read_text())["@graph"]}
    assert graph["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    parts = {p["@id"] for p in graph["./"]["hasPart"]}
    assert parts == set(content(path)) - {"ro-crate-metadata.json"}
    assert all(len(graph[p]["sha256"]) == 64 for p in parts)


def test_a_public_bundle_gives_nothing_away(result, tmp_path):
    path = bundle.write(result, tmp_path / "out", public=True)
    assert set(content(path)) == {
        "factors.csv", "indicators.csv", "report.html", "result.json", "results.csv", "results.parquet",
        "ro-crate-metadata.json",
    }  # fmt: skip
    assert ",own," not in (path / "factors.csv").read_text()
    with pytest.raises(UsageError, match=r"'Savanna' is a public bundle: it holds no collapsed table"):
        rerun(path)


def test_rows_whose_licence_forbids_it_are_not_shipped(folder, tmp_path):
    (folder / "factors.csv").write_text(FACTORS.replace("CC BY 4.0", "all rights reserved"))
    path = bundle.write(assess(folder / "study.yaml"), tmp_path / "out")
    assert "inputs/factors.csv" not in content(path)
    assert json.loads((path / "result.json").read_text())["withheld"] == ["factors.csv"]
    row = next(r for r in (path / "factors.csv").read_text().splitlines() if r.startswith("grid_direct"))
    assert "0.1," not in row


# -- whole or not at all ---------------------------------------------------------------------------------------------


def test_an_error_leaves_the_old_bundle_and_nothing_else(result, tmp_path, monkeypatch):
    path = bundle.write(result, tmp_path / "sub/out")
    before = content(path)

    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError) as caught:
        bundle.write(result, path)
    assert str(caught.value) == (
        f"The result could not be written to {path}: No space left on device. What stood there is as it was."
    )
    assert content(path) == before
    assert [p.name for p in path.parent.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_killed_run_leaves_the_old_bundle_and_the_next_one_clears_up(result, tmp_path, name):
    place = tmp_path / "sub"
    path = bundle.write(result, place / name)
    before = content(place)
    script = f"""
import os, signal
from netprint import bundle
from netprint.bundle import atomic
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
atomic.sync = atomic.pack = die
bundle.write(bundle.read({str(path)!r}), {str(path)!r})
"""
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL
    left = [p.name for p in place.iterdir() if p.name != name]
    assert len(left) == 1
    assert {k: v for k, v in content(place).items() if not k.startswith(left[0])} == before
    bundle.write(result, path)
    assert [p.name for p in place.iterdir()] == [name]


def test_a_run_that_lives_is_left_alone(result, tmp_path):
    from netprint.bundle import atomic

    living = tmp_path / f"out{atomic.MARK}living"
    living.mkdir()
    with atomic.locked(living):
        bundle.write(result, tmp_path / "out")
        assert living.is_dir()
    bundle.write(result, tmp_path / "out")
    assert not living.exists()


def test_an_old_bundle_set_aside_is_put_back(result, tmp_path):
    from netprint.bundle import atomic

    path = bundle.write(result, tmp_path / "out")
    path.rename(tmp_path / f"out{atomic.OLD}x")
    atomic.clear(path)
    assert (path / "result.json").is_file()


def test_other_folders_and_files_are_never_replaced(result, folder, tmp_path):
    with pytest.raises(UsageError) as caught:
        bundle.write(result, folder)
    assert str(caught.value) == (
        f"The folder {folder} holds 'activities.csv', which is no part of a result; it was left as it is. "
        "Choose another folder."
    )
    with pytest.raises(UsageError, match=r"is a file; it was left as it is"):
        bundle.write(result, folder / "study.yaml")
    (tmp_path / "other.zip").write_bytes(b"no zip")
    with pytest.raises(UsageError, match=r"exists and is no result bundle"):
        bundle.write(result, tmp_path / "other.zip")


# -- what cannot be read ---------------------------------------------------------------------------------------------


def test_messages_for_what_is_no_bundle(result, tmp_path):
    with pytest.raises(UsageError) as caught:
        bundle.read(tmp_path / "nowhere")
    assert str(caught.value) == (
        f"{tmp_path / 'nowhere'} does not exist; "
        "a bundle is the folder or zip that `netprint assess STUDY --out …` writes."
    )
    path = bundle.write(result, tmp_path / "out")
    (path / "results.parquet").write_bytes(b"broken")
    with pytest.raises(UsageError, match=r"is damaged and cannot be read"):
        bundle.read(path)


def test_a_zip_that_names_files_outside_itself_is_refused(result, tmp_path):
    path = bundle.write(result, tmp_path / "out.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("inputs/../../evil.txt", "x")
    with pytest.raises(UsageError, match=r"names a file outside itself"):
        rerun(path)


def test_another_release_of_the_catalogue_is_said(result, tmp_path, monkeypatch):
    path = bundle.write(result, tmp_path / "out")
    monkeypatch.setattr("netprint.bundle.provenance.catalogue", lambda: "other")
    assert rerun(path).warnings[-1] == (
        "The bundle was made with another release of the catalogue; numbers may differ from it."
    )


def test_the_package_reads_and_writes(result, tmp_path):
    path = netprint.write(result, tmp_path / "out")
    assert netprint.read(path).title == netprint.rerun(path).title == "Savanna"


def test_figures_reported_stand_beside_the_result(result):
    (row,) = result.beside_reported()
    assert row["result"] == pytest.approx(150.0123456789)
    assert row["difference"] == pytest.approx(100 * 0.0123456789 / 150)
