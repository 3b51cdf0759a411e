"""`python -m benchmarks.peers.boavizta`: server, laptop, phone and cloud instance beside boaviztapi's answers.

Installs boaviztapi (AGPL) from the package index into an environment of its own below `build/`, runs it there as a
process, assesses the same goods with netprint and writes `docs/boavizta.md`: both answers, their ratio, and which
factor makes how much of it. Nothing of boaviztapi is imported, and nothing is fitted to it.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import venv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from netprint.load.factors import catalog

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
VERSION = "2.5.0"
HOURS = 8760
PLACE = {"usage": {"usage_location": "DEU"}}
CONFIGURED = {
    "model": {"type": "rack"},
    "configuration": {
        "cpu": {"units": 2, "core_units": 24, "die_size_per_core": 24.5},
        "ram": [{"units": 4, "capacity": 32, "density": 1.79}, {"units": 4, "capacity": 16, "density": 1.79}],
        "disk": [{"units": 2, "type": "ssd", "capacity": 400, "density": 50.6}, {"units": 2, "type": "hdd"}],
        "power_supply": {"units": 2, "unit_weight": 10},
    },
    **PLACE,
}  # fmt: skip
QUERY = "verbose=true&criteria=gwp"
ASKED: dict[str, dict[str, Any]] = {
    "server": {"path": "/v1/server/", "query": QUERY, "body": PLACE},
    "configured": {"path": "/v1/server/", "query": QUERY, "body": CONFIGURED},
    "laptop": {"path": "/v1/terminal/laptop", "query": QUERY, "body": PLACE},
    "smartphone": {"path": "/v1/terminal/smartphone", "query": QUERY, "body": PLACE},
    "cloud": {
        "path": "/v1/cloud/instance", "query": f"{QUERY}&duration={HOURS}",
        "body": {"provider": "aws", "instance_type": "m5.xlarge", **PLACE},
    },
}  # fmt: skip
#: The components of boaviztapi's answer and those of netprint's catalogue.
PARTS = (
    ("processors", ("CPU",), ("CPU", "CPU base"), "die area times one factor, plus a base: the same formula"),
    ("memory", ("RAM",), ("RAM", "RAM, 10 nm class", "RAM base"), "density of the dies, GB per cm²"),
    ("solid state drives", ("SSD",), ("SSD", "SSD base"), "density of the dies, GB per cm²"),
    ("hard disks", ("HDD",), ("HDD",), "emissions of one disk"),
    ("power supplies", ("POWER_SUPPLY",), ("power supply",), "kg of power supplies times one factor"),
    ("motherboard", ("MOTHERBOARD",), ("motherboard",), "the same factor"),
    ("casing", ("CASE",), ("rack casing",), "the same factor for a rack server"),
    ("assembly", ("ASSEMBLY",), ("assembly",), "the same factor"),
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One factor of a product: what it is, both values, and why they differ."""

    name: str
    theirs: float
    ours: float
    unit: str
    why: str


def answers() -> tuple[str, dict[str, Any]]:
    """boaviztapi's answers; its environment is made where there is none."""
    folder = ROOT / "build" / "boaviztapi"
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"boaviztapi=={VERSION}"], check=True)
    done = subprocess.run(
        [python, "-I", HERE / "boavizta_ask.py"],
        input=json.dumps(ASKED), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", check=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    return said["version"], said["answers"]


def own() -> Any:
    """netprint's result of the study in `goods.py`."""
    space: dict[str, Any] = {}
    exec((HERE / "goods.py").read_text("utf-8"), space)
    return space["result"]


def total(cells: Iterable[Any], **labels: str | Sequence[str]) -> float:
    """Σ of the points of the cells with these labels."""
    return sum(
        float(cell["point"])
        for cell in cells
        if all(cell[k] in ([v] if isinstance(v, str) else v) for k, v in labels.items())
    )


def stated(factor: str, *index: str) -> float:
    """The value of the catalogue in the unit of its card."""
    return float(catalog().rows[factor][index].value)


def value(answer: Any, phase: str) -> float:
    return float(answer["impacts"]["gwp"][phase]["value"])


def used(answer: Any) -> dict[str, float]:
    """What boaviztapi's use phase is made of."""
    detail = answer["verbose"]
    names = ("avg_power", "use_time_ratio", "hours_life_time", "gwp_factor")
    return {name: float(detail[name]["value"]) for name in names}


CLOUD = {
    "power": "boaviztapi: power curve of the processor at 50 % load, its model of memory, a third added for the rest; "
    "netprint: Cloud Carbon Footprint's power per virtual processor, and power per GB of memory",
    "server": "boaviztapi: bill of materials of the platform behind the instance, 384 GB of memory; netprint: "
    "archetype of a rack server",
    "share": "4 of 96 virtual processors in both",
    "years": "six years in boaviztapi for this provider; netprint as for any rack server",
}


def use_chain(answer: Any, item: str, cells: list[Any], power: str) -> list[Link]:
    """The use of a good as energy a year, years, and emissions per energy."""
    theirs = used(answer)
    energy, years = stated("device_use_energy", item), stated("device_lifetime", item)
    factor = total(cells, activity="ict_goods", item=item, stage="C, use") / (energy * years)
    losses = 1 / (1 - stated("grid_losses", "DEU", "2023"))
    hours = HOURS * theirs["use_time_ratio"]
    return [
        Link("electricity a year", theirs["avg_power"] * hours / 1000, energy, "kWh", power),
        Link("years of use", theirs["hours_life_time"] / HOURS, years, "year", LIFETIME),
        Link("intensity of generation", theirs["gwp_factor"], factor / losses, "kg CO2e/kWh", INTENSITY),
        Link("losses of the grid", 1, losses, "1", "netprint counts the electricity that is lost on the way"),
    ]


LIFETIME = "boaviztapi: the default of its archetype; netprint: middle of the sources of device_lifetime"
INTENSITY = (
    "boaviztapi: one factor per country from the paper that it names; netprint: life-cycle intensity of 2023, and of "
    "the last year known for the years after it"
)
POWER = {
    "server": "boaviztapi: power models of its components at 50 % load, a third added for the rest (536 W); netprint: "
    "mean power of a server, from ADEME (367 W)",
    "laptop": "boaviztapi: 75 W for 30 % of the hours; netprint: middle of two sources, 29 and 42 kWh",
    "smartphone": "boaviztapi: 1 W for 30 % of the hours; netprint: middle of two sources (a full charge a day)",
}
GOODS = (("server", "rack server"), ("laptop", "laptop"), ("smartphone", "smartphone"))
BILLS = (("configured", "server, two drives"), ("server", "server, default platform"))


#: The columns that hold words; the others hold numbers.
WORDS = ("Factor", "Good", "Component", "Why", "Unit", "Source", "Status", "In the default", "Note")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---" if h in WORDS else "---:" for h in head], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(amount: float) -> str:
    if abs(amount) < 0.005:
        return "0"
    return f"{amount:,.4g}".replace(",", " ") if abs(amount) < 1e4 else f"{amount:,.0f}".replace(",", " ")


def ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs else "–"


def summary(said: dict[str, Any], cells: list[Any]) -> list[list[str]]:
    rows = []
    for key, item in GOODS:
        for phase, name in (("embedded", "embodied"), ("use", "use")):
            stage = "C, use" if phase == "use" else "A, B and D, not told apart"
            ours = total(cells, activity="ict_goods", item=item, stage=stage)
            rows.append([f"{item}, {name}", *_both(value(said[key], phase), ours)])
    theirs = value(said["configured"], "embedded")
    ours = total(cells, activity="ict_goods_modelled", item="server, two drives", category=_ours())
    rows.insert(2, ["server with its bill of materials, embodied", *_both(theirs, ours)])
    for phase, name, category in (
        ("embedded", "embodied", "software"), ("use", "use", "cloud services"),
    ):  # fmt: skip
        ours = total(cells, category=category)
        rows.append([f"cloud instance m5.xlarge, a year, {name}", *_both(value(said["cloud"], phase), ours)])
    return rows


def _both(theirs: float, ours: float) -> list[str]:
    return [number(theirs), number(ours), ratio(ours, theirs)]


def _ours() -> list[str]:
    return [name for _, _, names, _ in PARTS for name in names]


def parts(answer: Any, item: str, cells: list[Any]) -> list[list[str]]:
    """The embodied emissions of a server, component by component."""
    rows = []
    for name, theirs_named, ours_named, why in PARTS:
        theirs = _part(answer, theirs_named)
        ours = total(cells, activity="ict_goods_modelled", item=item, category=ours_named)
        if theirs or ours:
            rows.append([name, number(theirs), number(ours), number(ours - theirs), why])
    said = value(answer, "embedded")
    theirs = sum(_part(answer, named) for _, named, _, _ in PARTS)
    ours = total(cells, activity="ict_goods_modelled", item=item, category=_ours())
    rows.append(
        ["**all**", number(theirs), number(ours), number(ours - theirs), f"boaviztapi answers {said:.0f}"]
    )
    return rows


def _part(answer: Any, named: Sequence[str]) -> float:
    """Σ of the components of an answer that are called so."""
    return sum(
        float(detail["impacts"]["gwp"]["embedded"]["value"])
        for key, detail in answer["verbose"].items()
        if key.rsplit("-", 1)[0] in named
    )


def chained(links: Sequence[Link]) -> list[list[str]]:
    """Each factor with its ratio; their product is the ratio of the answers."""
    rows = [[k.name, number(k.theirs), number(k.ours), k.unit, ratio(k.ours, k.theirs), k.why] for k in links]
    theirs, ours = _product(k.theirs for k in links), _product(k.ours for k in links)
    return [*rows, ["**product**", number(theirs), number(ours), "kg CO2e", ratio(ours, theirs), ""]]


def _product(numbers: Iterable[float]) -> float:
    found = 1.0
    for n in numbers:
        found *= n
    return found


def cloud(answer: Any, cells: list[Any]) -> tuple[list[Link], list[Link]]:
    """A year of the instance: its use, and what it embodies."""
    theirs = answer["verbose"]
    low, high = stated("vcpu_power_idle", "AWS"), stated("vcpu_power_full", "AWS")
    processor = 4 * (low + stated("server_utilisation", "hyperscale") * (high - low))
    memory = 16 * stated("memory_power", "DRAM")
    pue, losses = stated("data_centre_pue", "AWS"), 1 / (1 - stated("grid_losses", "DEU", "2023"))
    factor = total(cells, category="cloud services") / ((processor + memory) * HOURS / 1000 * pue * losses)
    power = float(theirs["avg_power"]["value"])
    use = [
        Link("power of the instance", power / 1000, (processor + memory) / 1000, "kW", CLOUD["power"]),
        Link("hours", HOURS, HOURS, "h", "a year"),
        Link("PUE", 1, pue, "1", "boaviztapi ends at the server; netprint takes the provider's PUE"),
        Link(
            "intensity of generation", float(theirs["gwp_factor"]["value"]), factor, "kg CO2e/kWh", INTENSITY
        ),
        Link("losses of the grid", 1, losses, "1", "netprint counts the electricity that is lost on the way"),
    ]
    years, share = 6.0, 4 / 96
    server = stated("device_embodied", "rack server")
    embodied = [
        Link("server", value(answer, "embedded") * years / share, server, "kg CO2e", CLOUD["server"]),
        Link("share of the server", share, share, "1", CLOUD["share"]),
        Link(
            "a year of its life", 1 / years, 1 / stated("device_lifetime", "rack server"), "1", CLOUD["years"]
        ),
    ]
    return use, embodied


def page(version: str, said: dict[str, Any], cells: list[Any]) -> str:
    head = ["Factor", "boaviztapi", "netprint", "Unit", "Ratio", "Why"]
    text = (HERE / "boavizta_page.txt").read_text("utf-8")
    use, embodied = cloud(said["cloud"], cells)
    blocks = {
        "version": version,
        "date": date.today().isoformat(),
        "study": (HERE / "goods.py").read_text("utf-8").strip(),
        "points": points(cells),
        "summary": table(["Good", "boaviztapi", "netprint", "Ratio"], summary(said, cells)),
        "cloud_use": table(head, chained(use)),
        "cloud_embodied": table(head, chained(embodied)),
    }
    for key, item in BILLS:
        blocks[f"bill_{key}"] = table(
            ["Component", "boaviztapi", "netprint", "Difference", "Why"], parts(said[key], item, cells)
        )
    for key, item in GOODS:
        blocks[f"use_{key}"] = table(head, chained(use_chain(said[key], item, cells, POWER[key])))
        blocks[f"evidence_{key}"] = evidence(item)
    for name, block in blocks.items():
        text = text.replace("{{" + name + "}}", block)
    return text


def evidence(item: str) -> str:
    """What the catalogue knows of the embodied emissions of a good, and which of it the default rests on."""
    with (ROOT / "src/netprint/catalog/evidence/devices.csv").open(encoding="utf-8", newline="") as lines:
        known = [r for r in csv.DictReader(lines) if (r["factor"], r["item"]) == ("device_embodied", item)]
    rows = [
        [number(float(r["value"])), r["source"], r["status"], r["scope_note"] or "yes", r["note"] or "–"]
        for r in sorted(known, key=lambda r: (bool(r["scope_note"]), float(r["value"])))
    ]
    return table(["kg CO2e", "Source", "Status", "In the default", "Note"], rows)


def points(cells: list[Any]) -> str:
    """The assertions of the page: netprint's points, to the kilogram."""
    sums: dict[tuple[str, str], float] = {}
    for cell in cells:
        what = "use" if cell["stage"] in ("C, use", "operation (E · I)") else "embodied"
        key = (
            cell["item"] if cell["category"] not in ("cloud services", "software") else "cloud instance",
            what,
        )
        sums[key] = sums.get(key, 0.0) + cell["point"]
    return "\n".join(
        f'    ("{good}", "{phase}"): {amount:.0f},' for (good, phase), amount in sorted(sums.items())
    )


def main() -> int:
    version, said = answers()
    cells = [dict(c) for c in own().cells]
    (ROOT / "docs" / "boavizta.md").write_text(page(version, said, cells), encoding="utf-8")
    for row in summary(said, cells):
        print("  ".join(f"{c:>14}" if i else f"{c:<50}" for i, c in enumerate(row)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
