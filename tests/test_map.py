"""The world map: every country once, its colours, the disclaimer; the outlines that are shipped."""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from netprint import places
from netprint.ask.chart import COLOURS, shapes, world
from netprint.ask.coverage import QUALITIES, coverage
from netprint.cli import main
from netprint.load.factors import CATALOG

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import import_map as tool

SVG = "{http://www.w3.org/2000/svg}"


def test_outlines_are_small_and_known():
    path = CATALOG / "places/shapes.json"
    assert path.stat().st_size < 150_000
    drawn = shapes()
    known = set(places.load().countries)
    assert len(drawn["shapes"]) > 170 and drawn["shapes"].keys() <= known and drawn["dots"].keys() <= known
    assert not drawn["shapes"].keys() & drawn["dots"].keys()
    assert {"SGP", "MLT", "TUV", "MDV"} <= drawn["dots"].keys()
    assert all(re.fullmatch(r"(M\d+,\d+l[-\d, ]+z)+", shape) for shape in drawn["shapes"].values())
    assert all(0 <= x <= drawn["width"] and 0 <= y <= drawn["height"] for x, y in drawn["dots"].values())


def corners(shape):
    """The points of a path of the map."""
    for start, steps in re.findall(r"M(\d+,\d+)l([-\d, ]+)z", shape):
        x, y = map(int, start.split(","))
        yield x, y
        numbers = list(map(int, re.findall(r"-?\d+", steps)))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            yield x, y


def test_outlines_lie_where_the_countries_are():
    drawn = shapes()
    for code, longitude, latitude in (
        ("KEN", 38, 0),
        ("BRA", -53, -10),
        ("AUS", 134, -25),
        ("FJI", 178, -18),
    ):
        x, y = tool.placed((longitude, latitude))
        at = list(corners(drawn["shapes"][code]))
        assert min(p[0] for p in at) - 5 <= x <= max(p[0] for p in at) + 5
        assert min(p[1] for p in at) - 5 <= y <= max(p[1] for p in at) + 5


def test_no_outline_runs_across_the_map():
    """A ring that crosses the 180th meridian is cut there."""
    width = shapes()["width"]
    for code, shape in shapes()["shapes"].items():
        for part in re.findall(r"M[^z]+z", shape):
            at = list(corners(part))
            assert all(abs(a[0] - b[0]) < width / 4 for a, b in pairwise(at)), code


def test_a_ring_is_cut_at_the_180th_meridian():
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0)]
    east, west = sorted(tool.cut(ring), key=lambda r: -max(x for x, _ in r))
    assert sorted(set(east)) == [(170, 0), (170, 10), (180, 0), (180, 10)]
    assert sorted(set(west)) == [(-180, 0), (-180, 10), (-170, 0), (-170, 10)]
    assert list(tool.cut([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])) == [[(0, 0), (1, 0), (0, 1)]]


def test_equal_earth():
    """Values of the paper's reference implementation (d3.geoEqualEarthRaw)."""
    assert tool.project(0, 0) == (0, 0)
    assert tool.project(180, 0)[0] == pytest.approx(2.7066, abs=1e-4)
    assert tool.project(0, 90)[1] == pytest.approx(1.3173, abs=1e-4)


def test_the_map_shows_every_country_with_its_quality():
    covered = coverage("grid_lifecycle", year="2023")
    root = ElementTree.fromstring(world(covered))
    drawn = {e.get("id"): e for e in root.iter() if e.tag in (f"{SVG}path", f"{SVG}circle")}
    for code, quality in covered.places.items():
        if code in shapes()["shapes"] or code in shapes()["dots"]:
            assert drawn[code].get("fill") == COLOURS[quality]
    kenya = drawn["KEN"].find(f"{SVG}title")
    assert kenya is not None and kenya.text == "Kenya: own value, verified, 0.097 kg CO2e/kWh"
    text = " ".join(e.text or "" for e in root.iter(f"{SVG}text"))
    assert "do not imply official endorsement or acceptance by the United Nations" in text
    assert "are not on the map." in text and "Made with Natural Earth" in text and "Sub-Saharan" not in text
    assert all(str(n) in text for n in covered.counts.values())
    assert not list(root.iter(f"{SVG}script"))


def test_counts_add_up():
    covered = coverage("grid_direct", year="2023")
    assert sum(covered.counts.values()) == len(places.load().countries) == len(covered.places)
    *regions, everything = covered.regions()
    assert all(sum(r[q] for r in regions) == everything[q] for q in QUALITIES)
    assert covered.places["AUS"] == "verified"
    assert covered.places["KEN"] == "provisional"  # by formula, whose share is


def test_coverage_on_the_command_line(tmp_path, capsys):
    def run(*words):
        code = main([str(w) for w in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    code, out, _ = run("factors", "coverage", "--factor", "grid_lifecycle", "--year", "2023")
    assert code == 0 and "places" in out and "mean of the region" in out and "inside" in out
    told = json.loads(
        run("factors", "coverage", "--factor", "grid_lifecycle", "--year", "2023", "--to", "json")[1]
    )
    assert told["counts"]["verified"] > 200 and told["calibration"]
    told = json.loads(run("factors", "coverage", "--json")[1])
    assert any(r["factor"] == "fuel_direct" and r["items"] > 20 for r in told["factors"])
    assert "grid_lifecycle" in run("factors", "coverage")[1]
    target = tmp_path / "map.svg"
    assert run("factors", "coverage", "--factor", "grid_losses", "--to", "svg", "--out", target)[0] == 0
    assert target.read_text("utf-8").startswith("<svg")
    code, _, err = run("factors", "coverage", "--to", "svg")
    assert (code, err.startswith("A map needs a factor")) == (2, True)
    code, _, err = run("factors", "coverage", "--factor", "density")
    assert (code, err.startswith("The factor density has no index 'country'")) == (2, True)
