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
    found = (path / "factors.csv").read_text().splitlines()
    assert not [r for r in found if r.startswith("grid_direct") and ",0.1," in r]
    rows = list(bundle.read(path).factors)
    assert [r["note"] for r in rows if r["asked"] == "KEN, 2023"] == ["withheld (licence)"]


SECRET = "0.123456"
INLINE = f"""\
factors:
  - factors.csv
  - {{factor: grid_direct, country: KEN, year: 2022, value: {SECRET}, unit: kg/kWh, source: S3,
     licence: No redistribution, note: "It is {SECRET}."}}
"""


def texts(place: Path) -> dict[str, str]:
    """Every file of a bundle as text, tables in Parquet row by row."""
    found = {}
    for name, held in content(place).items():
        table = pq.read_table(place / name).to_pylist() if name.endswith(".parquet") else None
        found[name] = held.decode() if table is None else str(table)
    return found


def test_an_inline_factor_whose_licence_forbids_it_stands_nowhere(folder, tmp_path):
    (folder / "study.yaml").write_text(STUDY.replace("factors: factors.csv\n", INLINE))
    path = bundle.write(assess(folder / "study.yaml"), tmp_path / "out")
    held = texts(path)
    assert not [name for name, text in held.items() if SECRET in text]
    assert "grid_direct[KEN, 2022]: withheld (licence)" in held["study.yaml"]
    assert "title" in held["study.yaml"] and "Savanna" in held["study.yaml"]
    assert "grid_direct[KEN, 2022] = withheld (licence)" in held["trace.csv"]
    assert "withheld (licence)" in held["report.html"]
    kept = bundle.read(path)
    (row,) = [r for r in kept.factors if r["asked"] == "KEN, 2022" and r["factor"] == "grid_direct"]
    assert [row[c] for c in ("value", "low", "high", "note")] == [None, None, None, "withheld (licence)"]
    coefficients = {r["year"]: r["coefficient"] for r in kept.lines if r["term"] == "s2"}
    assert coefficients["2022"] is None and coefficients["2023"] == pytest.approx(0.1)
    with pytest.raises(UsageError) as caught:
        rerun(path)
    assert str(caught.value) == (
        "The bundle of 'Savanna' cannot be assessed again as it is: grid_direct[KEN, 2022] was withheld for its "
        "licence and must be given. Put it into the bundle's study.yaml, or assess the study itself."
    )
    assert content(bundle.write(kept, tmp_path / "again"))["study.yaml"] == content(path)["study.yaml"]


def test_a_parameter_whose_licence_forbids_it_hides_what_rests_on_it(folder, tmp_path):
    parameter = f"{{grid_2022: {{value: {SECRET}, unit: kg CO2e/kWh, licence: confidential}}}}"
    text = STUDY.replace('{unused: {value: 3, unit: "1"}}', parameter)
    (folder / "study.yaml").write_text(text)
    (folder / "factors.csv").write_text(FACTORS + "grid_direct,KEN,2022,,=grid_2022,kg/kWh,,,S4,\n")
    path = bundle.write(assess(folder / "study.yaml"), tmp_path / "out")
    held = texts(path)
    assert not [name for name, found in held.items() if SECRET in found]
    assert "grid_2022: withheld (licence)" in held["study.yaml"]
    with pytest.raises(UsageError, match=r"grid_2022 was withheld for its licence and must be given"):
        rerun(path)


def test_a_row_that_is_kept_back_and_not_used_keeps_its_table_back(folder, tmp_path):
    (folder / "factors.csv").write_text(FACTORS + "burnt,,,kerosene,2.5,kg/L,,,S5,do not share\n")
    path = bundle.write(assess(folder / "study.yaml"), tmp_path / "out")
    assert json.loads((path / "result.json").read_text())["withheld"] == ["factors.csv"]


def test_the_password_of_a_database_is_in_no_file(result, tmp_path):
    from dataclasses import replace

    address = "postgresql://me:S3:CRE@T@db/x#t"
    secret = replace(
        result, study=result.study.replace("[activities.csv]", address),
        tags={**result.tags, "statements": {"description": f"From {address}"}},
    )  # fmt: skip
    for public in (False, True):
        path = bundle.write(secret, tmp_path / f"out-{public}", public=public)
        assert not [name for name, text in texts(path).items() if "CRE" in text]
    assert "activities: postgresql://me:***@db/x#t\n" in (tmp_path / "out-False/study.yaml").read_text()
    summary = json.loads((tmp_path / "out-False/result.json").read_text())
    assert summary["inputs"]["study.yaml"] == summary["tags"]["study"] != result.tags["study"]


def test_addresses_without_a_password_stay():
    from netprint.load.document import masked

    for text in ("https://example.org:8080/a@b", "postgresql://me@db:5432/x#t", "a: b@c"):
        assert masked(text) == text
    assert masked("postgres://db/x?user=me&password=SECRET#t") == "postgres://db/x?user=me&password=***#t"


# -- public ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    """A public bundle of a study with indicators, warnings and a figure reported, and the result it came from."""
    place = written(tmp_path_factory.mktemp("public") / "a study")
    method = METHOD.replace(
        "totals:",
        "  - {id: share, formula: location / inventory, unit: '1'}\n"
        "  - {id: used, formula: \"location / grid_direct['KEN', 2023]\", unit: kWh}\n"
        "  - {id: intensity, formula: location / electricity, unit: kg CO2e/kWh}\ntotals:",
    )
    (place / "methods/own.yaml").write_text(method)
    reported = "unit: t CO2e, per: electricity, per_unit: MWh}"
    (place / "study.yaml").write_text(STUDY.replace("unit: t CO2e}", reported))
    idle = "ai_tokens,KEN,2023,,98765,token,2,metered\n"
    (place / "activities.csv").write_text(ACTIVITIES.replace(",metered\nsub", ",\nsub") + idle)
    found = assess(place / "study.yaml")
    return found, bundle.write(found, tmp_path_factory.mktemp("written") / "out", public=True)


def test_a_public_bundle_has_no_activity(public):
    found, path = public
    assert any("98,765" in w for w in found.warnings)
    held = texts(path)
    for amount in ("98765", "98,765", "1500.12", "1500123", "1,500,12", "20000", "20,000"):
        assert not [name for name, text in held.items() if amount in text], amount
    summary = json.loads(held["result.json"])
    assert "No term of the method takes the activity ai_tokens; it is not assessed." in summary["warnings"]
    assert "Some records state no uncertainty; they count as exact." in summary["warnings"]
    assert not summary["inputs"] and not summary["sensitivities"]
    assert not {"collapsed", "study"} & set(summary["tags"])
    assert [summary["reported"][0][c] for c in ("implied", "per", "per_unit")] == [None, "", ""]


def test_a_public_bundle_keeps_ratios_of_totals_alone(public):
    found, path = public
    assert {r["indicator"] for r in found.indicators} == {"share", "used", "intensity", "per_subscriber"}
    assert {r["indicator"] for r in bundle.read(path).indicators} == {"share"}


def test_a_public_bundle_names_factors_without_values(public, tmp_path):
    _, path = public
    header = (path / "factors.csv").read_text().splitlines()[0].split(",")
    assert {"factor", "source", "licence"} <= set(header)
    assert not {"value", "low", "high"} & set(header)
    kept = bundle.read(path)
    assert all(row["value"] is None for row in kept.factors)
    again = bundle.write(kept, tmp_path / "again", public=True)
    assert content(again)["factors.csv"] == content(path)["factors.csv"]
    assert bundle.read(again).warnings == kept.warnings


# -- spreadsheets ----------------------------------------------------------------------------------------------------


def test_texts_that_a_spreadsheet_would_compute_are_guarded():
    from netprint.bundle.tables import as_csv, from_csv
    from netprint.result import Table

    given = ["=1+1", "+cmd", "-x", "@sum", "\tx", "\rx", "'=1", "''-a", "'a", "-5", "+3.2e1", "plain", ""]
    text = as_csv(Table({"=header": given, "point": [-1.5] * len(given)})).decode()
    assert text.startswith("'=header,point\n'=1+1,-1.5\n'+cmd,-1.5\n'-x,-1.5\n'@sum,-1.5\n")
    assert "\n-5,-1.5\n" in text
    assert list(from_csv(text).columns["=header"]) == given


def test_rejected_rows_are_guarded(folder):
    from netprint.errors import InputError

    (folder / "activities.csv").write_text(ACTIVITIES + "electricity,KEN,2023,=cmd|x,-5,furlong,,\n")
    with pytest.raises(InputError) as caught:
        assess(folder / "study.yaml")
    assert ",'=cmd|x," in caught.value.rejected
    assert ",-5," in caught.value.rejected


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
