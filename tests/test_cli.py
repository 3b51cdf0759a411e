"""The command line: what it prints, whole messages, exit codes, JSON."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from netprint.cli import main

FACTORS = """\
factor,country,year,value,unit,gsd,source,status
grid_direct,KEN,2023,0.1,kg CO2e/kWh,1.1,S1,verified
"""
STUDY = """\
title: Savanna
method: itu-t-l1420
period: 2023
activities: activities.csv
factors: factors.csv
by: [year, country, scope]
draws: 200
reported:
  - {year: 2023, scope: 2, value: 100, unit: t CO2e}
"""


@pytest.fixture
def run(capsys):
    """Run a command: its exit code, standard output and standard error."""

    def call(*words):
        code = main([str(w) for w in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def made(study, run):
    """A study and its bundle."""
    path = study(study__yaml=STUDY, factors__csv=FACTORS)
    assert run("assess", path)[0] == 0
    return path, path.parent / "result"


def test_assess_prints_totals_basis_and_reported_figures(study, run):
    path = study(study__yaml=STUDY, factors__csv=FACTORS)
    code, out, err = run("assess", path)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Savanna"
    assert lines[2].split() == "year account point 95 % interval unit coverage provisional proxies".split()
    row = next(line for line in lines if line.startswith("2023  location  "))
    assert row.split()[:3] == ["2023", "location", "150"]
    assert "t CO2e" in row and "100 %" in row
    assert "Basis: itu-t-l1420; GWP of AR6; 200 draws, seed 1429." in lines
    assert "location-based = inventory + location" in lines
    reported = next(line for line in lines if line.startswith("2023  2"))
    assert reported.split() == ["2023", "2", "location-based", "100", "150", "t", "CO2e", "+50.0", "%"]
    assert lines[-1] == f"The result is in {path.parent / 'result'}"
    assert (path.parent / "result/result.json").is_file()


def test_assess_options(study, run, tmp_path):
    path = study(study__yaml=STUDY, factors__csv=FACTORS)
    code, out, _ = run(
        "assess", path, "--out", tmp_path / "b.zip", "--engine", "dense", "--draws", 100, "--json"
    )
    told = json.loads(out)
    assert code == 0
    assert told["tags"]["draws"] == 100
    assert told["bundle"] == str(tmp_path / "b.zip")
    code, _, err = run("assess", path, "--draws", 5)
    assert (code, err) == (2, "--draws is 5; expected a whole number from 100 to 1000000.\n")


def test_a_gap_ends_with_1_and_writes_nothing(study, run):
    text = "activity,country,year,item,quantity,unit\nfuel,KEN,2023,peat dust,10,t\n"
    path = study(study__yaml=STUDY, factors__csv=FACTORS, activities__csv=text)
    code, out, err = run("assess", path)
    assert (code, out) == (1, "")
    assert "no factor was found and none was assumed." in err
    assert err.endswith(
        "Give the factor in the study's own factor table, or say `gaps: report` to go on without it.\n"
    )
    assert not (path.parent / "result").exists()


def test_bad_input_ends_with_2_and_every_problem(study, run):
    path = study(
        study__yaml=STUDY, factors__csv=FACTORS,
        activities__csv="activity,country,year,quantity,unit\nelectricty,KEN,2023,1,MWh\nelectricity,KEN,2023,x,MWh\n",
    )  # fmt: skip
    code, out, err = run("assess", path)
    assert (code, out) == (2, "")
    assert err.startswith("2 problems in the input; nothing was computed.\n  activities.csv:2, activity: ")
    assert err.endswith(f"The rows concerned are in {path.parent / 'rejected' / 'rows.csv'}\n")
    rejected = (path.parent / "rejected/rows.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in rejected[1:]] == [
        ["activities.csv", "2", "activity"], ["activities.csv", "3", "quantity"],
    ]  # fmt: skip
    study(activities__csv="activity,country,year,quantity,unit\nelectricity,KEN,2023,1,MWh\n")
    assert run("assess", path)[0] == 0 and not (path.parent / "rejected").exists()
    assert "Traceback" not in err


def test_check(study, run):
    path = study(study__yaml=STUDY, factors__csv=FACTORS)
    assert run("check", path) == (0, "Savanna: no problem and no gap in 3 records.\n", "")
    path = study(
        study__yaml=STUDY, factors__csv=FACTORS,
        activities__csv="activity,country,year,item,quantity,unit\nfuel,KEN,2023,peat dust,10,t\n",
    )  # fmt: skip
    code, out, _ = run("check", path, "--json")
    told = json.loads(out)
    assert code == 1
    assert told["problems"] == [] and told["gaps"] and not told["ok"]
    path = study(study__yaml="titel: x\n")
    code, out, _ = run("check", path)
    assert code == 2
    assert "study.yaml:1, titel: the key `titel` is not known here" in out


def test_explain_compare_merge_and_report(made, run, study):
    path, bundle = made
    code, out, _ = run("explain", bundle, "2023/2/location")
    assert code == 0
    assert "1 000 000 kWh × 0.1 kg CO2e/kWh = 100 000 kg CO2e" in out
    assert json.loads(run("explain", bundle, "--json")[1])["lines"]
    assert "what rests on grid_direct" in run("explain", bundle, "--factor", "grid_direct")[1]
    code, out, _ = run("compare", bundle, bundle)
    assert (code, "Difference: 0 kg CO2e" in out) == (0, True)
    assert json.loads(run("compare", bundle, bundle, "--json")[1])["difference"] == 0
    text = "activity,entity,country,year,quantity,unit\nelectricity,Nile,KEN,2023,10,MWh\n"
    other = study(study__yaml=STUDY, factors__csv=FACTORS, activities__csv=text)
    assert run("assess", other, "--out", path.parent / "nile.zip")[0] == 0
    code, out, _ = run(
        "merge", bundle, path.parent / "nile.zip", "--out", path.parent / "sum", "--title", "Both"
    )
    assert code == 0
    assert out.startswith("Both\n")
    assert (path.parent / "sum/collapsed.parquet").is_file()
    code, _, err = run("merge", bundle, bundle, "--out", path.parent / "twice")
    assert code == 2
    assert "it would be counted twice" in err
    assert run("report", path.parent / "nile.zip") == (
        0,
        f"The report is in {path.parent / 'nile.html'}\n",
        "",
    )
    assert (path.parent / "nile.html").read_text(encoding="utf-8").startswith("<!")


def test_nothing_but_a_bundle_is_replaced(made, run):
    path, _ = made
    code, _, err = run("assess", path, "--out", path.parent)
    assert code == 2
    assert err.endswith("which is no part of a result; it was left as it is. Choose another folder.\n")


def test_factors(run):
    code, out, _ = run("factors", "list")
    assert (code, out.split()[:5]) == (0, ["factor", "unit", "index", "rows", "title"])
    assert any(row["factor"] == "grid_lifecycle" for row in json.loads(run("factors", "list", "--json")[1]))


@pytest.mark.parametrize(
    "words", ["kenya grid_lifecycle", "Кения GRID_LIFECYCLE", "肯尼亚 grid_lifecycle ember"]
)
def test_search_finds_a_country_in_any_language(run, words):
    code, out, _ = run("factors", "search", *words.split(), "--json")
    rows = json.loads(out)
    assert code == 0
    assert [(r["factor"], r["index"]) for r in rows] == [("grid_lifecycle", "KEN")]


def test_a_search_without_hits_ends_with_1(run):
    assert run("factors", "search", "kenya", "nosuchword") == (
        1, "Nothing in the catalogue has all these words.\n", "",
    )  # fmt: skip


def test_a_factor_with_its_source_and_stand_ins(run):
    code, out, _ = run("factors", "show", "grid_lifecycle", "--country", "Kenya", "--year", "2060", "--json")
    told = json.loads(out)
    assert code == 0
    answer = told["answer"]
    assert answer["found"][0] == "KEN" and answer["proxy"].startswith("lag ")
    assert answer["low"] < answer["value"] < answer["high"]
    assert answer["source_title"] and answer["licence"] == "CC-BY-4.0"
    assert "itu-t-l1420" in told["methods"] and "year" in told["fallback"]
    text = run("factors", "show", "grid_lifecycle", "--country", "Kenya", "--year", "2060")[1]
    assert "\ngrid_lifecycle[KEN, 2060] = " in text and "(stands in: lag " in text
    assert "density" in run("factors", "show", "density")[1]
    code, out, _ = run("factors", "show", "density", "--item", "sand")
    assert code == 1
    assert "density[sand] is a gap: no row answers" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "grid_dirct"], "The catalogue has no factor 'grid_dirct'. Did you mean 'grid_direct' or "),
        (["show", "density", "--country", "KEN"], "The factor has no index 'country'; it has item."),
        (["show", "grid_losses", "--country", "Kenia land"], "'Kenia land' is no country. Nearest: "),
        (["show"], "`netprint factors show` needs a factor."),
        (["search"], "`netprint factors search` needs words."),
        (["show", "density", "--at", "item"], "--at is 'item'; expected COLUMN=LABEL, like gas=CO2."),
    ],
)
def test_wrong_questions_about_factors(run, words, message):
    code, out, err = run("factors", *words)
    assert (code, out) == (2, "")
    assert err.startswith(message)


def test_methods(run):
    assert "itu-t-l1420" in run("methods", "list")[1]
    assert json.loads(run("methods", "list", "--json")[1])[0]["cites"]
    code, out, _ = run("methods", "show", "ghgp-scope2-2015")
    assert code == 0
    assert "  books flow CO2e, account location, scope 2, category purchased electricity" in out
    assert json.loads(run("methods", "show", "itu-t-l1420", "--json")[1])["totals"]["location-based"]
    code, _, err = run("methods", "show", "l1420")
    assert (code, err.startswith("The catalogue has no method 'l1420'.")) == (2, True)
    assert run("methods", "show")[2] == "`netprint methods show` needs a method.\n"


def test_activities_and_units(run):
    assert any(r["activity"] == "electricity" for r in json.loads(run("activities", "--json")[1]))
    assert "electricity" in run("activities")[1]
    assert "MWh" in json.loads(run("activities", "--units", "--json")[1])["units"]
    assert "USD" in run("activities", "--units")[1]


def test_new_inventory(run, tmp_path):
    code, out, _ = run("new", "inventory", tmp_path / "new", "--organisation", "Savanna", "--lang", "fr")
    assert code == 0
    assert f"Wrote {tmp_path / 'new' / 'study.yaml'}" in out
    assert run("new", "inventory", tmp_path / "new")[0] == 2


def test_wrong_usage_ends_with_2(run):
    assert run()[0] == run("asess")[0] == run("assess")[0] == 2
    assert run("--help")[0] == run("explain", "--help")[0] == 0
    code, out, _ = run("--version")
    assert (code, out.split()[0]) == (0, "netprint")
    code, _, err = run("explain", "nowhere")
    assert code == 2
    assert err == (
        "nowhere does not exist; a bundle is the folder or zip that `netprint assess STUDY --out …` writes.\n"
    )


def test_quiet_in_a_pipe_and_no_traceback_when_it_closes(made):
    _, bundle = made
    command = [sys.executable, "-m", "netprint", "factors", "search", "grid"]
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reader.stdout and reader.stderr
    reader.stdout.readline()
    reader.stdout.close()
    assert reader.stderr.read() == b""
    assert reader.wait() == 0
    done = subprocess.run(
        [sys.executable, "-m", "netprint", "explain", bundle], capture_output=True, check=True
    )
    assert done.stderr == b""
