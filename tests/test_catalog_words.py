"""Words to search with and titles, in the six languages of the United Nations."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import Counter

import pytest

from netprint.ask.search import search, unknown
from netprint.ask.titles import FILE, title, titles
from netprint.cli import main
from netprint.errors import UsageError
from netprint.load.factors import CATALOG, catalog
from netprint.places import LANGUAGES

OTHERS = [language for language in LANGUAGES if language != "en"]
SCRIPTS = {"ru": "CYRILLIC", "zh": "CJK", "ar": "ARABIC"}
SHOWN = {name: card.title for name, card in catalog().cards.items() if not name.startswith("proxy:")}


@pytest.mark.parametrize(
    ("text", "factor", "item"),
    [
        ("авиаперелёт", "travel_direct", "flight"), ("авиаперелёты", "travel_direct", "flight"),
        ("déchets électroniques", "waste_treatment", "WEEE"), ("residuos electrónicos", "waste_treatment", "WEEE"),
        ("электронный лом", "waste_treatment", "WEEE"), ("电子垃圾", "waste_treatment", "WEEE"),
        ("نفايات إلكترونية", "waste_treatment", "WEEE"), ("e-waste", "waste_treatment", "WEEE"),
        ("Wi-Fi", "device_embodied", "Wi-Fi"), ("вай-фай", "device_embodied", "Wi-Fi"), ("wifi", "", "Wi-Fi"),
        ("scope 2", "grid_direct", ""), ("scope 2 Kenya 2023", "grid_direct", "KEN"),
        ("portée 2 France", "grid_direct", "FRA"), ("alcance 2 Perú", "grid_direct", "PER"),
        ("охват 2 Казахстан", "grid_direct", "KAZ"), ("范围二 印度", "grid_direct", "IND"),
        ("النطاق 2 مصر", "grid_direct", "EGY"),
        ("chilled water Kenya", "cooling_direct", ""), ("réseau de froid", "cooling_direct", ""),
        ("区域供冷", "cooling_direct", ""), ("équipements réseau", "network_equipment_power", ""),
        ("сетевое оборудование", "network_equipment_power", ""), ("网络设备", "network_equipment_power", ""),
        ("معدات الشبكة", "network_equipment_power", ""), ("redresseur", "power_supply_efficiency", "rectifier"),
        ("ИБП", "power_supply_efficiency", "UPS"), ("radioenlace", "network_equipment_power", "microwave radio"),
    ],
)  # fmt: skip
def test_words_that_reviewers_missed(text: str, factor: str, item: str):
    first = search(text)[0]
    assert not factor or first.series.card.name == factor, first.row.label
    assert item in " ".join(first.at or first.row.index), first.row.label
    assert unknown(text) == []


def test_every_factor_that_is_shown_has_a_title_in_every_language():
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert Counter((r["factor"], r["language"]) for r in rows) == Counter(
        (name, language) for name in SHOWN for language in OTHERS
    )
    assert all(r["title"] == r["title"].strip() and r["title"] for r in rows)


@pytest.mark.parametrize("language", OTHERS)
def test_titles_are_in_their_language(language: str):
    """Titles are in the script of the language, none is the English one, and no two kinds share one."""
    held = titles(language)
    assert not {n for n, text in held.items() if text == SHOWN[n]}
    if language in SCRIPTS:
        assert [
            t
            for t in held.values()
            if not any(unicodedata.name(c, "").startswith(SCRIPTS[language]) for c in t)
        ] == []
    else:
        assert [t for t in held.values() if not t.isprintable() or len(t) > 90] == []
    shared = Counter(t for n, t in held.items() if not n.startswith("partner_factor_"))
    assert [t for t, n in shared.items() if n > 1] == []


def test_a_title_by_language_and_where_there_is_none():
    assert title("grid_losses", "fr") == "Part de l'électricité injectée dans le réseau qui se perd"
    assert title("grid_losses", "en", SHOWN["grid_losses"]) == SHOWN["grid_losses"]
    assert title("my_own_factor", "ru", "My own") == "My own"
    with pytest.raises(UsageError, match="expected en, fr, es, ru, zh, ar"):
        title("grid_losses", "de")


def test_show_search_and_list_take_a_language(capsys: pytest.CaptureFixture[str]):
    assert (
        main(["factors", "show", "grid_losses", "--country", "KEN", "--year", "2023", "--language", "es"])
        == 0
    )
    assert capsys.readouterr().out.startswith("grid_losses: Parte de la electricidad inyectada en la red")
    assert main(["factors", "search", "laptop", "--language", "ru"]) == 0
    assert "device_weight: Масса товара ИКТ\n" in capsys.readouterr().out
    assert main(["factors", "list", "--json", "--language", "zh"]) == 0
    listed = {r["factor"]: r["title"] for r in json.loads(capsys.readouterr().out)}
    assert listed["density"] == "液体燃料的密度" and set(listed) == set(SHOWN)
    assert main(["factors", "show", "density", "--language", "de"]) == 2
    assert "expected en, fr, es, ru, zh, ar" in capsys.readouterr().err
    assert main(["factors", "coverage", "--language", "fr"]) == 2


def test_the_lists_of_words_are_one_for_each_language():
    files = {p.name for p in (CATALOG / "words").glob("*.csv")}
    assert files == {f"{language}.csv" for language in LANGUAGES} | {"titles.csv"}
