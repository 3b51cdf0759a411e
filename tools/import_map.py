"""Write ``catalog/places/shapes.json``: the outlines of countries for small maps, by ISO code, in Equal Earth.

``npm pack world-atlas@2.0.2`` fetches the package (ISC licence; Natural Earth, public domain); then ``python
tools/import_map.py world-atlas-2.0.2.tgz``. Outlines are those of ``countries-110m.json``. A country too small for that
scale is a dot in the middle of its largest part in ``countries-10m.json``. Areas without a code of their own that the
United Nations counts to a country are drawn as that country (:data:`PART_OF`); the Antarctic is left out.

Equal Earth: Šavrič, Patterson, Jenny (2019), https://doi.org/10.1080/13658816.2018.1504949.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import sys
import tarfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

PLACES = Path(__file__).resolve().parent.parent / "src" / "netprint" / "catalog" / "places"
SHA256 = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
WIDTH = 2000
PART_OF = {"Kosovo": "XKX", "N. Cyprus": "CYP", "Somaliland": "SOM"}
LEFT_OUT = ("ATA",)
A = (1.340264, -0.081106, 0.000893, 0.003796)
Point = tuple[float, float]
Ring = list[Point]


def project(longitude: float, latitude: float) -> Point:
    """Equal Earth, in radians of the sphere."""
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    t2, t6 = theta**2, theta**6
    slope = A[0] + 3 * A[1] * t2 + t6 * (7 * A[2] + 9 * A[3] * t2)
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(theta) / (3 * slope)
    return x, theta * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2))


RIGHT, TOP = project(180, 0)[0], project(0, 84)[1]
BOTTOM = project(0, -57)[1]
SCALE = WIDTH / (2 * RIGHT)


def placed(point: Point) -> Point:
    """Longitude and latitude to the canvas, y down."""
    x, y = project(*point)
    return (x + RIGHT) * SCALE, (TOP - y) * SCALE


def arcs(topology: dict[str, Any]) -> list[Ring]:
    """The arcs of a quantised TopoJSON as longitude and latitude."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        ring = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            ring.append((x * sx + tx, y * sy + ty))
        found.append(ring)
    return found


def rings(geometry: dict[str, Any], lines: list[Ring]) -> Iterator[Ring]:
    """The outer and inner rings of a polygon or several."""
    parts = geometry.get("arcs", [])
    for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
        for ring in part:
            points: Ring = []
            for i in ring:
                line = lines[i] if i >= 0 else lines[~i][::-1]
                points += line[1:] if points else line
            yield points


def cut(ring: Ring) -> Iterator[Ring]:
    """A ring that crosses the 180th meridian as its parts on either side, closed along it; others as they are."""
    whole: Ring = []
    for x, y in ring:
        turns = round((x - whole[-1][0]) / 360) if whole else 0
        whole.append((x - 360 * turns, y))
    for shift in (-360, 0, 360):
        part = [(x + shift, y) for x, y in whole]
        for side in (1, -1):
            part = _half(part, side)
        if part:
            yield part


def _half(ring: Ring, side: int) -> Ring:
    """The part of a ring where ``side`` times longitude is at most 180 (Sutherland and Hodgman)."""
    kept: Ring = []
    for (ax, ay), (bx, by) in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
        inside, before = side * bx <= 180, side * ax <= 180
        if inside != before:
            kept.append((180 * side, ay + (by - ay) * (180 * side - ax) / (bx - ax)))
        if inside:
            kept.append((bx, by))
    return kept


def path(ring: Ring) -> str:
    """An SVG path in whole units, relative; empty where nothing is left of it."""
    points = [(round(x), round(y)) for x, y in map(placed, ring)]
    kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    kept = kept[:-1] if kept[:1] == kept[-1:] else kept
    if len(set(kept)) < 3:
        return ""
    steps = (f"{bx - ax},{by - ay}" for (ax, ay), (bx, by) in pairwise(kept))
    return f"M{kept[0][0]},{kept[0][1]}l{' '.join(steps)}z".replace(",-", "-").replace(" -", "-")


def area(ring: Ring) -> float:
    return (
        abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2
    )


def middle(ring: Ring) -> list[int]:
    """The middle of a ring on the canvas."""
    x, y = zip(*map(placed, ring), strict=True)
    return [round((min(x) + max(x)) / 2), round((min(y) + max(y)) / 2)]


def geometries(topology: dict[str, Any], codes: dict[str, str]) -> Iterator[tuple[str, list[Ring]]]:
    """ISO code and rings of every area that has a code."""
    lines = arcs(topology)
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = codes.get(geometry.get("id", ""), PART_OF.get(geometry["properties"]["name"], ""))
        if code and code not in LEFT_OUT:
            yield code, list(rings(geometry, lines))


def main() -> None:
    archive = Path(sys.argv[1])
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{archive} is not world-atlas 2.0.2 as it was read")
    with (PLACES / "countries.csv").open(encoding="utf-8", newline="") as stream:
        codes = {row["m49"]: row["code"] for row in csv.DictReader(stream) if row["m49"]}
    with tarfile.open(archive) as packed:
        files = (packed.extractfile(f"package/countries-{scale}.json") for scale in ("110m", "10m"))
        coarse, fine = (json.load(file) for file in files if file is not None)
    shapes: dict[str, str] = {}
    for code, found in geometries(coarse, codes):
        shapes[code] = shapes.get(code, "") + "".join(path(part) for ring in found for part in cut(ring))
    dots = {
        code: middle(max(found, key=area)) for code, found in geometries(fine, codes) if not shapes.get(code)
    }
    made = {
        "source": "world-atlas 2.0.2 (ISC), from Natural Earth 4.1 (public domain)", "projection": "Equal Earth",
        "width": WIDTH, "height": round((TOP - BOTTOM) * SCALE), "shapes": dict(sorted(shapes.items())),
        "dots": dict(sorted(dots.items())),
    }  # fmt: skip
    body = json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"
    (PLACES / "shapes.json").write_text(body, encoding="utf-8")
    print(f"{len(shapes)} outlines, {len(dots)} dots, {len(body):,} bytes")


if __name__ == "__main__":
    main()
