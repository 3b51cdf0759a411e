"""Releases: what is written, what is refused, `--as-of`, history, `outdated`; the forms of the tables."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest

import netprint
from netprint.cli import main
from netprint.errors import InputError, UsageError
from netprint.load import factors, release

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import datapackage  # noqa: E402
import release as tool  # noqa: E402

RELEASED = json.loads((release.CATALOG / "release.json").read_text("utf-8"))
OLD = "2026.06"


@pytest.fixture
def older(tmp_path, monkeypatch):
    """A folder of releases with an older one, in which Kenya's grid of 2023 was a third dirtier and France's was not
    known."""
    folder = tmp_path / "releases"
    folder.mkdir()
    for path in release.RELEASES.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    now = RELEASED["release"]
    about = RELEASED | {"release": OLD, "date": "2026-06-30", "hash": "0" * 64}
    (folder / f"{OLD}.json").write_text(json.dumps(about), "utf-8")
    (folder / f"{OLD}.cards.csv.gz").write_bytes((folder / f"{now}.cards.csv.gz").read_bytes())
    rows = list(csv.reader(io.StringIO(gzip.decompress((folder / f"{now}.csv.gz").read_bytes()).decode())))
    kept = []
    for row in rows:
        if row[:2] == ["grid_lifecycle", "KEN|2023"]:
            row[2] = "0.13"
        if row[:2] != ["grid_lifecycle", "FRA|2023"]:
            kept.append(row)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(kept)
    (folder / f"{OLD}.csv.gz").write_bytes(gzip.compress(text.getvalue().encode()))
    monkeypatch.setattr(release, "RELEASES", folder)
    return folder


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main([str(w) for w in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


# -- what a release is -----------------------------------------------------------------------------------------------


def test_the_release_is_that_of_the_tables():
    """Where this fails, the tables have changed: run `python tools/release.py --again`, or make the next release."""
    assert tool.main(["--check"]) == 0


def test_a_release_is_small_and_counted():
    now = release.releases()[-1]
    assert (now.number, now.day) == (RELEASED["release"], RELEASED["date"])
    assert now.rows.stat().st_size < 300_000
    assert RELEASED["counts"]["rows"] == sum(len(rows) for rows in factors.catalog().rows.values())
    assert RELEASED["counts"]["rows"] == RELEASED["counts"]["verified"] + RELEASED["counts"]["provisional"]


def test_a_snapshot_holds_every_row_as_it_is():
    now = release.releases()[-1]
    shipped, kept = factors.catalog(), factors._snapshot(now)
    assert shipped.cards.keys() == kept.cards.keys()
    for name, rows in shipped.rows.items():
        assert rows.keys() == kept.rows[name].keys()
        for index, row in rows.items():
            other = kept.rows[name][index]
            assert (row.value, row.text, row.shape, row.source, row.status, row.group) == (
                other.value, other.text, other.shape, other.source, other.status, other.group,
            )  # fmt: skip


def test_a_release_that_fails_a_guard_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(tool, "guards", lambda: iter(["sources.csv: X is share-alike"]))
    assert tool.main(["--again"]) == 1
    assert "X is share-alike\nNo release: 1 guards failed." in capsys.readouterr().err


def test_a_published_release_is_not_made_again(monkeypatch, capsys):
    monkeypatch.setattr(release, "content", lambda: "other")
    release._releases.cache_clear()
    with pytest.raises(SystemExit):
        tool.main([RELEASED["release"], "--date", "2027-01-01"])
    release._releases.cache_clear()
    assert "exists with other values" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        tool.main(["November", "--date", "2027-01-01"])
    assert "a number like 2026.11" in capsys.readouterr().err


# -- rows are read when they are asked for ---------------------------------------------------------------------------


def test_what_is_wrong_with_a_row_is_told_when_it_is_read(tmp_path):
    from netprint.load.lazy import Shelf

    cards = {"f": factors.Card("f", "kg/L", ("item",)), "g": factors.Card("g", "kg/L", ("item",))}
    shelf = Shelf(cards)
    shelf.add(
        io.StringIO("factor,item,value,unit\nf,a,1,kg/L\nf,b,x,kg/L\ng,a,1,kg/L\ng,a,2,kg/L\nh,,1,1\n"),
        "t.csv",
    )
    assert list(shelf) == ["f", "g", "h"] and len(shelf["f"]) == 2 and "f" in shelf and "i" not in shelf
    assert shelf["f"]["a",].value == 1 and shelf["f"]["a",].line == 2
    with pytest.raises(InputError, match=r"t.csv:3, value: 'x' is not"):
        shelf["f"]["b",]
    with pytest.raises(InputError, match=r"g\[a\] stands here and in t.csv:4"):
        shelf["g"]
    with pytest.raises(InputError, match="'h' has no card"):
        shelf["h"]


# -- as of a day -----------------------------------------------------------------------------------------------------


def test_as_of_a_day_or_a_number(older):
    assert release.as_of("2026-07-15").number == OLD
    assert release.as_of(OLD).day == "2026-06-30"
    assert release.as_of("2030-01-01").number == RELEASED["release"]
    with pytest.raises(UsageError, match="There was no release of the catalogue on 2024-06-30: the first is"):
        release.as_of("2024-06-30")
    with pytest.raises(UsageError, match="'June' is no date like"):
        release.as_of("June")


def test_show_and_search_as_of(older, run):
    at = ("--country", "KEN", "--year", "2023")
    told = json.loads(run("factors", "show", "grid_lifecycle", *at, "--as-of", "2026-07-01", "--json")[1])
    assert told["answer"]["value"] == 0.13
    told = json.loads(run("factors", "show", "grid_lifecycle", *at, "--json")[1])
    assert told["answer"]["value"] == pytest.approx(0.097)
    assert [r["value"] for r in told["answer"]["releases"]] == [0.13, pytest.approx(0.097)]
    found = json.loads(run("factors", "search", "grid_lifecycle Kenya 2023", "--as-of", OLD, "--json")[1])
    assert found[0]["value"] == 0.13
    code, _, err = run("factors", "list", "--as-of", "2020-01-01")
    assert code == 2 and err.startswith("There was no release of the catalogue on 2020-01-01")


def test_assess_as_of_and_outdated(older, run, study):
    path = study()
    old = path.parent / "old"
    assert run("assess", path, "--out", old, "--as-of", OLD)[0] == 0
    made = netprint.read(old)
    assert (made.versions["release"], made.versions["catalogue"]) == (OLD, "0" * 64)
    assert made.total("location", 2023)["point"] == pytest.approx(0.13 * 1.5e6 * 0.530717, rel=1e-6)
    for what in (path, old):
        code, out, _ = run("outdated", what, "--json")
        told = json.loads(out)
        assert (code, told["since"], told["now"]) == (1, OLD, release.name())
        changed = {r["factor"]: r for r in told["factors"]}
        assert changed["grid_lifecycle"]["before"] == 0.13 and changed["grid_lifecycle"][
            "after"
        ] == pytest.approx(0.097)
        total = next(r for r in told["totals"] if r["account"] == "location")
        assert total["change"] == pytest.approx(100 * (0.097 / 0.13 - 1))
    text = run("outdated", path)[1]
    assert f"from release {OLD} to {release.name()}" in text
    assert (
        "grid_lifecycle[KEN, 2023]: 0.13 to 0.097 kg CO2e/kWh (-25.38 %); another value of ember-2026" in text
    )
    assert "2023 location: " in text


def test_outdated_with_one_release(run, study, monkeypatch):
    only = release.releases()[-1:]
    monkeypatch.setattr(release, "releases", lambda: only)
    code, out, _ = run("outdated", study())
    assert code == 0
    assert out.endswith("is the only release of the catalogue; nothing is newer.\n")


def test_a_bundle_names_its_release(study):
    result = netprint.assess(study())
    assert result.versions["release"] == RELEASED["release"]
    found = netprint.outdated(study(), since=RELEASED["release"])
    assert not found.factors


# -- form ------------------------------------------------------------------------------------------------------------


def test_every_factor_row_keeps_to_the_schema():
    schema = json.loads((release.CATALOG / "schema/factor.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in datapackage.factor_tables():
        for line, row in factors.read_csv(path):
            cells = {k: v for k, v in row.items() if v}
            assert not list(validator.iter_errors(cells)), f"{path.name}:{line}"
    wrong = {
        "factor": "grid_direct",
        "value": "x",
        "unit": "kg",
        "source": "s",
        "status": "sure",
        "colour": "red",
    }
    assert len(list(validator.iter_errors(wrong))) == 3


NAME = {"type": "string", "pattern": "^[a-zA-Z0-9._-]+$"}
PACKAGE = {  # what the Data Package standard, version 2.0, asks of a descriptor of tables
    "type": "object", "required": ["resources", "$schema"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": NAME, "title": {"type": "string"}, "version": {"type": "string"}, "description": {"type": "string"},
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "licenses": {"type": "array", "minItems": 1, "items": {
            "type": "object", "anyOf": [{"required": ["name"]}, {"required": ["path"]}], "properties": {"name": NAME}}},
        "sources": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {
            "title": {"type": "string"}, "path": {"type": "string", "pattern": "^https?://"}}}},
        "resources": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["name", "path", "schema"],
            "properties": {
                "name": NAME, "type": {"const": "table"}, "path": {"type": "string", "pattern": r"^(?!/)(?!.*\.\.).+$"},
                "bytes": {"type": "integer"}, "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                "schema": {"type": "object", "required": ["fields"], "properties": {
                    "fields": {"type": "array", "minItems": 1, "items": {
                        "type": "object", "required": ["name"],
                        "properties": {"type": {"enum": ["string", "number", "integer", "date", "year", "boolean"]}}}},
                    "primaryKey": {"type": "array", "items": {"type": "string"}}, "missingValues": {"type": "array"}}},
            }}},
    },
}  # fmt: skip


def test_the_data_package():
    told = json.loads((release.CATALOG / "datapackage.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(PACKAGE).validate(told)
    names = [r["name"] for r in told["resources"]]
    assert len(set(names)) == len(names)
    for resource in told["resources"]:
        path = release.CATALOG / resource["path"]
        assert path.stat().st_size == resource["bytes"]
        assert [f["name"] for f in resource["schema"]["fields"]] == datapackage.columns(path)
        keys = resource["schema"].get("primaryKey")
        if keys:
            rows = [tuple(row[k] for k in keys) for _, row in factors.read_csv(path)]
            assert len(set(rows)) == len(rows), resource["name"]


def test_the_calibration_is_stored():
    from netprint.ask.coverage import calibration

    rows = calibration()
    assert {f"proxy:{r['factor']}" for r in rows} == {
        n for n in factors.catalog().rows if n.startswith("proxy:")
    }
    assert all(0.90 <= float(r["inside"]) <= 1 for r in rows)
    assert all(
        float(r["inside"]) + float(r["below"]) + float(r["above"]) == pytest.approx(1, abs=2e-4) for r in rows
    )
    import proxy_calibration

    last = next(r for r in rows if (r["factor"], r["level"]) == ("grid_direct_share", "group"))
    level, lag, cases = next(x for x in proxy_calibration.levels("grid_direct_share") if x[0] == "group")
    told = proxy_calibration.sides(cases)
    assert (
        f"{told.count(0) / len(cases):.4f}" == last["inside"] and int(last["lag"]) == lag and level == "group"
    )
