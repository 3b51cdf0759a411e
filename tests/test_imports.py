"""Imports of factors against a server on this machine.

Every answer below was made by hand in the shape of the service, with few rows and invented figures.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import xlsxwriter

import netprint
from netprint.cli import main
from netprint.errors import InputError, Problems, UsageError
from netprint.exchange.imports import NAMES, Options, run, source
from netprint.exchange.imports.client import Client, NoNetworkError, ServiceError
from netprint.exchange.imports.snapshot import read_snapshot, verify
from netprint.load.factors import catalog

EMBER = (
    "Area,ISO 3 code,Year,Area type,Electricity source,Generation (TWh),Emissions intensity (gCO2e/kWh)\n"
    "Kenya,KEN,2022,Country or economy,Coal,0,\n"
    "Kenya,KEN,2022,Country or economy,Total generation,12.7,88.5\n"
    "Kenya,KEN,2023,Country or economy,Total generation,13.1,90.25\n"
    "Uganda,UGA,2023,Country or economy,Total generation,5.2,\n"
    "World,,2023,Region,Total generation,29000,480.1\n"
    "Africa,,2023,Region,Total generation,900,540\n"
)
OWID = "Entity,Code,Year,Carbon intensity of electricity - gCO2/kWh\nKenya,KEN,2022,88.5\nWorld,OWID_WRL,2022,482\n"


Reply = tuple[int, dict[str, str], bytes]


class Service:
    """A service that gives the replies of ``answer``, and keeps what it was asked."""

    def __init__(self, answer: Callable[[str, dict[str, list[str]], int], Reply]) -> None:
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                service.asked.append((parts.path, query, dict(self.headers)))
                status, headers, body = answer(parts.path, query, len(service.asked))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def client(self, **options: Any) -> Client:
        self.waits: list[float] = []
        return Client(base=self.base, sleep=self.waits.append, **options)


@pytest.fixture
def serve() -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start(answer: Any) -> Service:
        if isinstance(answer, str | bytes):
            body = answer.encode() if isinstance(answer, str) else answer
            started.append(Service(lambda path, query, nth: (200, {}, body)))
        elif isinstance(answer, list):  # one reply after the other, the last one for ever
            started.append(Service(lambda path, query, nth: answer[min(nth, len(answer)) - 1]))
        else:
            started.append(Service(answer))
        return started[-1]

    yield start
    for service in started:
        service.server.shutdown()
        service.server.server_close()


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    for name in ("EMBER_API_KEY", "ELECTRICITY_MAPS_API_KEY", "ENTSOE_API_KEY", "NETPRINT_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "factors.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def imported(name: str, service: Service, folder: Path, **options: Any) -> list[dict[str, str]]:
    run(name, folder, Options(client=service.client(), **options))
    return rows(folder)


# ---- the client


def test_429_waits_as_long_as_the_service_says(serve: Any, tmp_path: Path):
    service = serve([(429, {"Retry-After": "7"}, b"slow down"), (200, {}, EMBER.encode())])
    client = service.client()
    run("ember", tmp_path / "out", Options(client=client))
    assert service.waits == [7.0]


def test_retry_after_may_be_a_date(serve: Any):
    service = serve([(503, {"Retry-After": formatdate(0, usegmt=True)}, b""), (200, {}, b"x")])
    assert service.client().get("https://example.org/a").body == b"x"
    assert service.waits == [0.0]


def test_a_service_that_asks_to_wait_an_hour_is_not_waited_for(serve: Any):
    service = serve([(429, {"Retry-After": "3600"}, b"")])
    with pytest.raises(ServiceError, match="asks to wait 3600 seconds"):
        service.client().get("https://example.org/a")


def test_500_is_tried_again_with_growing_waits(serve: Any):
    service = serve([(500, {}, b""), (502, {}, b""), (200, {}, b"at last")])
    assert service.client(first_wait=2.0).get("https://example.org/a").body == b"at last"
    assert 1 <= service.waits[0] <= 3 and 2 <= service.waits[1] <= 6


def test_retries_end_and_say_what_works_offline(serve: Any):
    service = serve([(500, {}, b"")])
    with pytest.raises(ServiceError, match=r"answered 500 .*, 3 times in a row.*--file FILE"):
        service.client(retries=2).get("https://example.org/a")
    assert len(service.asked) == 3


def test_404_is_not_tried_again_and_names_the_way_out(serve: Any):
    service = serve([(404, {}, b"gone")])
    with pytest.raises(ServiceError, match=r"answered 404 Not Found: gone\..*--file"):
        service.client().get("https://example.org/a")
    assert len(service.asked) == 1


def test_a_truncated_body_is_tried_again(serve: Any):
    cut = (200, {"Content-Length": "100", "Connection": "close"}, b"too short")
    service = serve([cut, (200, {}, b"whole")])
    assert service.client().get("https://example.org/a").body == b"whole"
    service = serve([cut])
    with pytest.raises(ServiceError, match="broke off"):
        service.client(retries=1).get("https://example.org/a")


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "", "Connection": "close"}])
def test_an_answer_that_is_too_large_is_refused(serve: Any, headers: dict[str, str]):
    service = serve([(200, headers, b"x" * 5000)])
    with pytest.raises(ServiceError, match="larger than 0 MB"):
        service.client(most=1000).get("https://example.org/a")


def test_requests_are_paced(serve: Any):
    service = serve("x")
    client = service.client(every=30.0)
    client.get("https://example.org/a")
    client.get("https://example.org/b")
    assert len(service.waits) == 1 and 25 < service.waits[0] <= 30


def test_the_key_is_sent_but_not_along_a_redirect_and_written_nowhere(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other = serve(electricity_maps())
    first = serve([(302, {"Location": f"{other.base}/x"}, b"")])
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", "se cret")
    imported("electricity-maps", first, tmp_path / "out", year="2023", country="KEN")
    assert first.asked[0][2]["Auth-Token"] == "se cret"
    assert not any(name.lower() == "auth-token" for name in other.asked[0][2])
    assert "cret" not in (tmp_path / "out" / "origin.json").read_text()


def test_a_refused_key_is_named_by_its_variable(serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ENTSOE_API_KEY", "hidden")
    service = serve([(401, {}, b"token hidden is unknown")])
    with pytest.raises(ServiceError, match="ENTSOE_API_KEY") as caught:
        imported("entso-e", service, tmp_path / "out", year="2023", country="FRA")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "variable"), [("electricity-maps", "ELECTRICITY_MAPS_API_KEY"), ("entso-e", "ENTSOE_API_KEY")]
)
def test_a_missing_key_is_named(name: str, variable: str, tmp_path: Path):
    with pytest.raises(ServiceError, match=f"the environment variable {variable} is not set"):
        run(name, tmp_path / "out", Options(year="2023", country="FRA"))
    assert not (tmp_path / "out").exists()


def test_without_a_network_the_error_says_what_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(NoNetworkError, match=r"could not be reached.*catalogue works as shipped"):
        run(
            "ember", tmp_path / "out", Options(client=Client(base="http://127.0.0.1:9", sleep=lambda s: None))
        )
    monkeypatch.setenv("NETPRINT_OFFLINE", "1")
    assert main(["factors", "import", "owid", "--out", str(tmp_path / "out")]) == 2
    assert list(tmp_path.iterdir()) == []


# ---- the snapshot


def test_the_snapshot_holds_what_came_and_where_from(serve: Any, tmp_path: Path):
    service = serve([(200, {"Last-Modified": "Tue, 22 Sep 2026 10:00:00 GMT"}, EMBER.encode())])
    found = imported("ember", service, tmp_path / "out")
    origin = json.loads((tmp_path / "out" / "origin.json").read_text())
    (part,) = origin["parts"]
    assert gzip.decompress((tmp_path / "out" / part["file"]).read_bytes()) == EMBER.encode()
    assert part["sha256"] == hashlib.sha256(EMBER.encode()).hexdigest()
    assert part["last_modified"].startswith("Tue, 22 Sep 2026")
    assert (origin["date"], origin["licence"], origin["rows"]) == ("2026-09-21", "CC-BY-4.0", len(found))
    assert origin["skipped"] == {
        "a group of countries, whose members netprint does not know": 1,
        "no value published": 1,
    }
    assert verify(tmp_path / "out") == []


def test_the_same_answer_gives_the_same_bytes(serve: Any, tmp_path: Path):
    service = serve(EMBER)
    for name in ("a", "b"):
        imported("ember", service, tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert [(tmp_path / "a" / f).read_bytes() for f in files] == [
        (tmp_path / "b" / f).read_bytes() for f in files
    ]


def test_an_older_snapshot_is_replaced_and_nothing_else(serve: Any, tmp_path: Path):
    service = serve(EMBER)
    assert len(imported("ember", service, tmp_path / "out")) == 3
    assert len(imported("ember", service, tmp_path / "out", country="KEN")) == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else than an import"):
        imported("ember", service, tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_wrong_checksum_writes_nothing(serve: Any, tmp_path: Path):
    service = serve(EMBER)
    with pytest.raises(ServiceError, match="was cut, changed or is another release"):
        imported("ember", service, tmp_path / "out", sha256="0" * 64)
    assert not (tmp_path / "out").exists()
    imported("ember", service, tmp_path / "out", sha256=hashlib.sha256(EMBER.encode()).hexdigest().upper())


def test_what_was_changed_after_the_import_is_found(serve: Any, tmp_path: Path, capsys: Any):
    imported("ember", serve(EMBER), tmp_path / "out")
    path = tmp_path / "out" / "factors.csv"
    path.write_text(path.read_text().replace("90.25", "9.25"))
    assert main(["factors", "check", str(tmp_path / "out")]) == 1
    assert "error (checksum): out/factors.csv" in capsys.readouterr().out


def test_changed_columns_are_listed_and_nothing_is_written(serve: Any, tmp_path: Path):
    changed = EMBER.replace("ISO 3 code", "Country code").replace("Electricity source", "Source")
    with pytest.raises(InputError) as caught:
        imported("ember", serve(changed), tmp_path / "out")
    assert [p.field for p in caught.value.problems] == ["Electricity source", "ISO 3 code"]
    assert "the table has 'Area', 'Country code'" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_nothing_for_what_was_asked_is_an_error(serve: Any, tmp_path: Path):
    with pytest.raises(ServiceError, match="holds no factor for what was asked"):
        imported("ember", serve(EMBER), tmp_path / "out", year="1999")


def test_a_file_fetched_elsewhere_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    monkeypatch.setenv("NETPRINT_OFFLINE", "1")
    (tmp_path / "ember.csv").write_text(EMBER)
    file, out = str(tmp_path / "ember.csv"), str(tmp_path / "out")
    assert main(["factors", "import", "ember", "--file", file, "--year", "2023", "--out", out]) == 0
    told = capsys.readouterr().out
    assert "2 factor rows from Ember" in told and "factors: " in told and "Licence: CC-BY-4.0" in told


@pytest.mark.parametrize("option", [{"year": "23"}, {"year": "2023..2020"}, {"country": "Kenyaa"}])
def test_wrong_options_are_refused(option: dict[str, str], tmp_path: Path):
    with pytest.raises(UsageError, match=r"--year is|is no country"):
        run("ember", tmp_path / "out", Options(**option))


def test_a_study_uses_an_import_at_once(serve: Any, tmp_path: Path):
    imported("ember", serve(EMBER), tmp_path / "imports" / "ember")
    study = {
        "title": "use", "period": 2023, "entity": "E", "draws": 200, "root": str(tmp_path),
        "method": {"id": "use", "terms": [
            {"id": "used", "activity": "electricity", "formula": "quantity * grid_lifecycle[country, year]",
             "books": {"flow": "CO2e"}}]},
        "factors": "imports/ember/factors.csv",
        "activities": [
            {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1000, "unit": "kWh"}],
    }  # fmt: skip
    result = netprint.assess(study)
    assert result.total("inventory")["point"] == pytest.approx(90.25)
    assert [row["licence"] for row in result.sources] == ["CC-BY-4.0"]


# ---- each source


def test_every_source_says_its_licence_duties_and_kind():
    for known in map(source, NAMES):
        assert known.licence and known.duties and known.kind and known.address.startswith("https://")
        assert known.share_alike == ("ODbL" in known.licence or "SA" in known.licence)
        assert all(card["unit"] and card["title"] for card in known.cards)
    with pytest.raises(UsageError, match="Did you mean 'ember'"):
        source("embr")


def test_ember_by_key_asks_for_what_is_needed(serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMBER_API_KEY", "k")
    record = {"entity": "Kenya", "entity_code": "KEN", "is_aggregate_entity": False, "date": "2023"}
    answer = {"stats": {}, "data": [record | {"emissions_intensity_gco2_per_kwh": 90.25}]}
    service = serve(json.dumps(answer))
    (row,) = imported("ember", service, tmp_path / "out", year="2023", country="Kenya")
    assert (row["factor"], row["value"], row["unit"]) == ("grid_lifecycle", "90.25", "gCO2e/kWh")
    assert service.asked[0][1]["entity_code"] == ["KEN"] and service.asked[0][1]["api_key"] == ["k"]
    assert "api_key" not in (tmp_path / "out" / "origin.json").read_text()


def test_owid_names_the_world_and_takes_any_name_of_the_intensity(serve: Any, tmp_path: Path):
    found = imported("owid", serve(OWID), tmp_path / "out")
    assert [(r["country"], r["value"], r["status"]) for r in found] == [
        ("KEN", "88.5", "verified"), ("WORLD", "482", "verified"),
    ]  # fmt: skip


def world_bank(path: str, query: dict[str, list[str]], nth: int) -> Reply:
    """Two pages for losses, one without records for the others."""
    indicator, page = path.rpartition("/")[2], int(query["page"][0])
    record = {
        "indicator": {"id": indicator},
        "countryiso3code": "KEN",
        "date": str(2020 + page),
        "value": 20.5 + page,
    }
    group = record | {"countryiso3code": "AFE"}
    losses = indicator == "EG.ELC.LOSS.ZS"
    about = {"page": page, "pages": 2 if losses else 1, "per_page": 2, "total": 4}
    return 200, {}, json.dumps([about, [record, group] if losses else None]).encode()


def test_world_bank_reads_page_after_page(serve: Any, tmp_path: Path):
    service = serve(world_bank)
    found = imported("world-bank", service, tmp_path / "out", country="KEN,UGA")
    assert [(r["factor"], r["year"], r["value"], r["unit"]) for r in found] == [
        ("grid_losses_generated", "2021", "21.5", "%"), ("grid_losses_generated", "2022", "22.5", "%"),
    ]  # fmt: skip
    assert len(service.asked) == 6 and "/country/KEN;UGA/" in service.asked[0][0]
    assert read_snapshot(tmp_path / "out").rows["grid_losses_generated"][
        "KEN", "2021"
    ].value == pytest.approx(0.215)


def test_world_bank_errors_are_told(serve: Any, tmp_path: Path):
    said = [
        {"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter is not valid"}]}
    ]
    with pytest.raises(InputError, match="The provided parameter is not valid"):
        imported("world-bank", serve(json.dumps(said)), tmp_path / "out")


def test_itu_is_asked_country_by_country_and_is_not_for_commerce(serve: Any, tmp_path: Path):
    def answer(path: str, query: dict[str, list[str]], nth: int) -> Reply:
        code = int(path.split("/")[4])
        body = [{"codeID": code, "code": "i271", "dataYear": 2023, "answer": [{"value": 66000000}]}]
        return 200, {}, json.dumps(body if code == 178 else []).encode()

    (row,) = imported("itu-datahub", serve(answer), tmp_path / "out", country="KEN")
    assert (row["factor"], row["value"], row["licence"]) == (
        "itu_mobile_subscriptions", "66000000", "CC-BY-NC-SA-3.0-IGO",
    )  # fmt: skip
    origin = json.loads((tmp_path / "out" / "origin.json").read_text())
    assert origin["non_commercial"] and origin["share_alike"]
    with pytest.raises(UsageError, match="--country KEN"):
        run("itu-datahub", tmp_path / "other")


def unsd(units: str = "KG") -> Callable[[str, dict[str, list[str]], int], Reply]:
    def answer(path: str, query: dict[str, list[str]], nth: int) -> Reply:
        series, page = query["seriesCode"][0], int(query["page"][0])
        record = {"series": series, "geoAreaCode": "404", "timePeriodStart": 2018.0 + page, "value": "1.0",
                  "attributes": {"Nature": "E", "Units": units}}  # fmt: skip
        data = [record, record | {"geoAreaCode": "202"}] if series == "EN_EWT_GENPCAP" else []
        body = {
            "size": 1,
            "totalElements": 2,
            "totalPages": 2 if data else 1,
            "pageNumber": page,
            "data": data,
        }
        return 200, {}, json.dumps(body).encode()

    return answer


def test_unsd_reads_page_after_page_and_marks_estimates(serve: Any, tmp_path: Path):
    found = imported("unsd", serve(unsd()), tmp_path / "out")
    assert [(r["factor"], r["country"], r["year"], r["status"]) for r in found] == [
        ("ewaste_generated_per_person", "KEN", "2019", "provisional"),
        ("ewaste_generated_per_person", "KEN", "2020", "provisional"),
    ]


def test_unsd_another_unit_is_a_problem(serve: Any, tmp_path: Path):
    with pytest.raises(InputError, match="EN_EWT_GENPCAP is given in G"):
        imported("unsd", serve(unsd("G")), tmp_path / "out")


def flat_file(unit: str = "UOM") -> bytes:
    """A flat file of conversion factors, with lines of text above the table."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Factors by Category")
        sheet.write_row(0, 0, ["UK Government GHG Conversion Factors, made by hand"])
        head = ["ID", "Scope", "Level 1", "Level 2", "Level 3", "Level 4", "Column Text", unit, "GHG/Unit"]
        sheet.write_row(5, 0, [*head, "GHG Conversion Factor 2024"])
        fuel = ["1_1", "Scope 1", "Fuels", "Liquid fuels", "Diesel", "", "", "litres"]
        sheet.write_row(6, 0, [*fuel, "kg CO2e", 2.5])
        sheet.write_row(7, 0, [*fuel, "kg CO2e of CH4 per unit", 0.0003])
        supply = ["2_1", "Scope 3", "WTT- fuels", "Liquid fuels", "Diesel", "", "", "litres"]
        sheet.write_row(8, 0, [*supply, "kg CO2e", 0.6])
        sheet.write_row(9, 0, [*supply[:7], "furlongs", "kg CO2e", 0.6])
    return stream.getvalue()


def test_defra_keeps_use_and_supply_apart(serve: Any, tmp_path: Path):
    found = imported("defra", serve(flat_file()), tmp_path / "out")
    assert [(r["factor"], r["item"], r["gas"], r["value"], r["unit"]) for r in found] == [
        ("uk_fuels_per_l", "Liquid fuels / Diesel", "CO2e", "2.5", "kg CO2e/L"),
        ("uk_fuels_per_l", "Liquid fuels / Diesel", "CH4", "0.0003", "kg CO2e/L"),
        ("uk_wtt_fuels_per_l", "Liquid fuels / Diesel", "CO2e", "0.6", "kg CO2e/L"),
    ]
    skipped = json.loads((tmp_path / "out" / "origin.json").read_text())["skipped"]
    assert skipped == {"per furlongs, a unit that netprint does not map": 1}


def test_defra_other_columns_other_files_and_unknown_years(serve: Any, tmp_path: Path):
    with pytest.raises(InputError, match="the column 'UOM' is missing"):
        imported("defra", serve(flat_file("Unit")), tmp_path / "out")
    with pytest.raises(InputError, match="no workbook"):
        imported("defra", serve("<html>"), tmp_path / "out")
    with pytest.raises(UsageError, match="flat file of 2031 is not known"):
        run("defra", tmp_path / "out", Options(year="2031"))


BOAVIZTA = (
    "manufacturer,name,category,subcategory,gwp_total,gwp_use_ratio,yearly_tec,lifetime,use_location,report_date,sources\n"
    "Acme,Book 1,Workplace,Laptop,200,0.25,30,4,WW,May 2023,https://example.org/book\n"
    "Acme,Book 1,Workplace,Laptop,180,,,,WW,May 2024,https://example.org/book2\n"
)


def test_boavizta_derives_without_use_and_says_so(serve: Any, tmp_path: Path):
    found = imported("boavizta", serve(BOAVIZTA), tmp_path / "out")
    assert {r["item"] for r in found} == {"Book 1", "Book 1 (May 2024)"}
    (derived,) = (r for r in found if r["factor"] == "declared_embodied")
    assert derived["status"] == "provisional"
    assert derived["value"].startswith("=declared_footprint_boavizta[manufacturer, item]")
    assert not {r["factor"] for r in found} & set(
        catalog().cards
    )  # a card of the catalogue has another index
    assert {r["status"] for r in found if r is not derived} == {"verified"}
    assert {r["licence"] for r in found} == {"ODbL-1.0"}


def test_a_bundle_owes_what_its_imports_owe(serve: Any, tmp_path: Path, capsys: Any):
    """An import used by a study leaves its source in the bundle: whom to name, in the words of the attribution."""
    imported("ember", serve(EMBER), tmp_path / "imports" / "ember")
    (tmp_path / "use.csv").write_text("activity,country,year,quantity,unit\nelectricity,KEN,2023,1000,kWh\n")
    (tmp_path / "study.yaml").write_text(
        "title: Use\nmethod: ghgp-scope2-2015\nperiod: 2023\ngaps: report\ndraws: 100\nactivities: use.csv\n"
        "factors: imports/ember/factors.csv\n"
    )
    assert main(["assess", str(tmp_path / "study.yaml")]) == 0
    capsys.readouterr()
    for path in (tmp_path / "study.yaml", tmp_path / "result"):
        assert main(["factors", "attributions", str(path), "--json"]) == 0
        (row,) = (r for r in json.loads(capsys.readouterr().out) if r["source"] == "ember import")
        assert re.fullmatch(
            r"Ember: Yearly electricity data \(Ember, received \d{4}-\d\d-\d\d\)", row["text"]
        )
        assert (row["licence"], row["url"][:8], row["flags"]) == ("CC BY 4.0", "https://", [])
    (told,) = (s for s in netprint.bundle.read(tmp_path / "result").sources if s["source"] == "ember import")
    assert told["attribution"].startswith("Ember: Yearly electricity data") and told["publisher"] == "Ember"
    assert "imports/ember/sources.csv" in netprint.bundle.read(tmp_path / "result").files


def test_activity_data_called_sources_are_no_table_of_sources(tmp_path: Path):
    from netprint.bundle import provenance
    from netprint.load.study import load_study

    (tmp_path / "factors.csv").write_text(
        "factor,country,year,value,unit\ngrid_direct,KEN,2023,0.1,kg CO2e/kWh\n"
    )
    (tmp_path / "study.yaml").write_text(
        "title: Use\nmethod: ghgp-scope2-2015\nperiod: 2023\nactivities: sources.csv\nfactors: factors.csv\n"
    )
    (tmp_path / "sources.csv").write_text("activity,source,quantity,unit\nelectricity,meter,1000,kWh\n")
    study = load_study(tmp_path / "study.yaml", Problems())
    assert study is not None and set(provenance.own_files(study)) == {"factors.csv"}


def electricity_maps(kind: str = "lifecycle") -> str:
    record = {"zone": "KE", "carbonIntensity": 95, "datetime": "2023-01-01T00:00:00.000Z", "updatedAt": "2026-01-01",
              "emissionFactorType": kind, "isEstimated": True, "estimationMethod": "MODE"}  # fmt: skip
    return json.dumps({"zone": "KE", "data": [record], "temporalGranularity": "yearly"})


def test_electricity_maps_has_a_factor_of_its_own(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", "k")
    service = serve(electricity_maps())
    (row,) = imported("electricity-maps", service, tmp_path / "out", year="2023", country="KEN")
    assert row["factor"] == "grid_consumption_lifecycle_electricity_maps"
    assert (row["country"], row["status"], row["licence"]) == ("KEN", "provisional", "ODbL-1.0")
    assert service.asked[0][1]["zone"] == ["KE"] and service.asked[0][1]["temporalGranularity"] == ["yearly"]
    with pytest.raises(ServiceError, match="not life-cycle"):
        imported(
            "electricity-maps", serve(electricity_maps("direct")), tmp_path / "b", year="2023", country="KEN"
        )


def entso_e(hours: int = 8760, form: str = "GL_MarketDocument") -> str:
    """Gas 100 MW in hours 1 and 2, then 300 MW (curve A03: not repeated); nuclear 900 MW; pumping beside."""
    day = f"20{23 if hours == 8760 else 24}"
    series = ""
    for kind, points in (
        ("B04", ((1, 100), (3, 300))),
        ("B14", ((1, 900),)),
        ("B20", ((1, 100),)),
        ("B10", ((1, 50),)),
    ):
        sent = "".join(f"<Point><position>{p}</position><quantity>{q}</quantity></Point>" for p, q in points)
        series += (
            "<TimeSeries><inBiddingZone_Domain.mRID codingScheme='A01'>10YFR-RTE------C</inBiddingZone_Domain.mRID>"
            f"<MktPSRType><psrType>{kind}</psrType></MktPSRType><curveType>A03</curveType><Period><timeInterval>"
            f"<start>{day}-01-01T00:00Z</start><end>2024-01-01T00:00Z</end></timeInterval>"
            f"<resolution>PT60M</resolution>{sent}</Period></TimeSeries>"
        )
    pumped = (
        "<TimeSeries><outBiddingZone_Domain.mRID>10YFR-RTE------C</outBiddingZone_Domain.mRID></TimeSeries>"
    )
    return f"<{form} xmlns='urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0'>{series}{pumped}</{form}>"


def test_entso_e_derives_shares_and_an_intensity(serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ENTSOE_API_KEY", "k")
    service = serve(entso_e())
    found = imported("entso-e", service, tmp_path / "out", year="2023", country="FRA")
    gas = 2 * 100 + 8758 * 300
    shares = {r["item"]: float(r["value"]) for r in found if r["factor"] == "entsoe_generation_share"}
    assert shares["gas"] == pytest.approx(gas / (gas + 8760 * 900), rel=1e-5)
    assert sum(shares.values()) == pytest.approx(1)
    assert {r["status"] for r in found} == {"provisional"}
    assert "left out: 7.7%" in found[0]["note"]
    assert service.asked[0][1]["securityToken"] == ["k"] and service.asked[0][1]["in_Domain"] == [
        "10YFR-RTE------C"
    ]
    table = read_snapshot(tmp_path / "out")
    assert table.rows["grid_lifecycle_entsoe"]["FRA", "2023"].formula is not None


def test_entso_e_no_data_and_entities_are_problems(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ENTSOE_API_KEY", "k")
    nothing = "<Acknowledgement_MarketDocument><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>"  # noqa: E501
    for answer, told in (
        (nothing, "Acknowledgement_MarketDocument: No matching data found"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "declares entities"),
        ("<GL_MarketDocument>", "is no XML"),
    ):
        with pytest.raises(InputError, match=told):
            imported("entso-e", serve(answer), tmp_path / "out", year="2023", country="FRA")
    with pytest.raises(UsageError, match="has no zone for KEN"):
        run("entso-e", tmp_path / "out", Options(year="2023", country="KEN"))
