"""factors: search in six languages, show with its evidence, attributions."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path
from time import process_time

import pytest

from netprint.ask import answers
from netprint.ask import attributions as attributions_module
from netprint.ask.attributions import NEVER, attributions, flags, of_catalogue
from netprint.ask.index import catalogue
from netprint.ask.search import search, unknown
from netprint.ask.words import asked, folded, pieces
from netprint.cli import main
from netprint.cli.factors import BEST
from netprint.load.factors import CATALOG, catalog, sources

LANGUAGES = ("fr", "es", "ru", "zh", "ar")


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main([str(w) for w in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def names(text, count=10, **options):
    return [h.row.label for h in search(text, **options)[:count]]


# -- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "diesel generator Kenya", "groupe électrogène gazole Kenya", "generador diésel Kenia",
        "дизельный генератор Кения", "肯尼亚柴油发电机", "مولد ديزل كينيا",
    ],
)  # fmt: skip
def test_a_generator_in_kenya_in_six_languages(text):
    hits = search(text)
    labels = [h.row.label for h in hits]
    assert labels[0].startswith("fuel_direct[diesel, ")
    assert labels[0] == "fuel_direct[diesel, CO2]"
    grid = next(i for i, label in enumerate(labels) if label.startswith("grid_lifecycle[KEN"))
    assert grid > labels.index("fuel_direct[diesel, CO2]")
    assert not any(
        h.series.place not in ("", "KEN", "WORLD") and not h.series.place.startswith("M49") for h in hits
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("laptop", "device_embodied[laptop]"), ("ноутбук", "device_embodied[laptop]"),
        ("笔记本电脑", "device_embodied[laptop]"),
        ("ordinateur portable", "device_embodied[laptop]"), ("portátil", "device_embodied[laptop]"),
        ("حاسوب محمول", "device_embodied[laptop]"), ("notebook", "device_embodied[laptop]"),
        ("grid losses France", "grid_losses[FRA"), ("pertes réseau électrique France", "grid_losses[FRA"),
        ("density of diesel", "density[diesel]"), ("densité du gazole", "density[diesel]"),
        ("data centre Azure Ireland", "data_centre_pue[Azure Ireland]"), ("train", "travel_"), ("поезд", "travel_"),
        ("refrigerant R-410A", "blend[R-410A"), ("petrol", ""), ("gasoline density", "density[petrol"),
    ],
)  # fmt: skip
def test_what_comes_first(text, first):
    found = names(text)
    assert found and found[0].startswith(first), found


def test_a_place_chooses_its_own_row_else_the_nearest():
    own = search("grid_lifecycle Kenya")
    assert [h.series.place for h in own] == ["KEN"]
    near = search("grid_lifecycle Liechtenstein")
    assert len(near) == 1 and near[0].series.place.startswith(("M49-", "WORLD"))


def test_a_year_chooses_the_value():
    hit = search("grid_lifecycle Kenya 2015")[0]
    assert hit.row.index == ("KEN", "2015") and hit.series.span == "2000 to 2025"
    assert search("grid_lifecycle Kenya", year="2010")[0].row.index == ("KEN", "2010")


def test_options_narrow(run):
    found = json.loads(
        run("factors", "search", "electricity", "--country", "Kenya", "--kind", "life-cycle", "--json")[1]
    )
    assert found and all("life-cycle" in catalog().cards[r["factor"]].kind for r in found)
    found = json.loads(run("factors", "search", "fuel", "--item", "diesel", "--json")[1])
    assert found and all("diesel" in r["index"].split(", ") for r in found)
    code, _, err = run("factors", "search", "fuel", "--country", "Kenia land")
    assert (code, err.startswith("'Kenia land' is no country. Nearest: ")) == (2, True)


def test_inflected_words_and_idle_ones():
    assert names("дизель в Кении")[0].split("[")[1].startswith("diesel")
    assert asked("в Кении", {}).places == ("KEN",)
    assert asked("the grid of France in 2015", {}).year == "2015"


def test_words_are_compared_without_case_and_marks():
    assert folded("Électricité") == "electricite"
    assert pieces("R-410A, CO2e/kWh (net)") == ["r-410a", "co2e/kwh", "net"]


@pytest.mark.parametrize("language", [*LANGUAGES, "en"])
def test_every_word_of_the_lists_leads_somewhere(language):
    with (CATALOG / "words" / f"{language}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= (150 if language != "en" else 60)
    keys = [(row["word"], row["term"]) for row in rows]
    assert len(set(keys)) == len(keys)
    known = catalogue()
    missing = []
    for row in rows:
        found = asked(row["word"], known.postings)
        if not any(known.term(t) for t in found.terms):
            missing.append(row["word"])
    assert len(missing) <= len(rows) * 0.12, missing  # words for what later releases will hold


def test_a_search_is_fast():
    catalogue()
    for text in ("diesel generator Kenya", "electricity", "data centre", "a b c d e f g h i j k l m n o p"):
        search(text)
        begin = process_time()
        search(text)
        assert (
            process_time() - begin < 0.15
        )  # 50 ms on a machine that does nothing else, see benchmarks/catalogue.py


def test_a_formula_over_the_country_answers_for_it():
    """The Scope 2 factor comes first, with its value in that country, and no row of another place beside it."""
    hits = search("electricity Kenya 2023")
    first = hits[0]
    assert (first.series.card.name, first.at) == ("grid_direct", ("KEN", "2023"))
    assert first.value == pytest.approx(answers.point("grid_direct", ("KEN", "2023")))
    assert [h.series.card.name for h in hits[:2]] == ["grid_direct", "grid_lifecycle"]
    assert [h.at or h.row.index for h in hits if h.series.card.name == "grid_direct"] == [("KEN", "2023")]
    latest = next(h for h in search("electricity Kenya") if h.series.card.name == "grid_direct")
    assert latest.at == ("KEN", max(answers.years("grid_lifecycle", {"country": "KEN"})))
    own = next(h for h in search("electricity Australia 2023") if h.series.card.name == "grid_direct")
    assert (own.row.index, own.at) == (("AUS", "2023"), ())


def test_an_item_of_another_place_does_not_answer():
    labels = [h.row.label for h in search("diesel Kenya")]
    assert labels and not any("(China)" in label for label in labels)
    assert "(China)" in search("diesel China")[0].row.label
    assert any("(China)" in h.row.label for h in search("diesel density"))


def test_gases_and_zeros_are_in_order():
    gases = [h.row.index[1] for h in search("diesel stationary") if h.row.index[:1] == ("diesel",)][:4]
    assert gases[0] == "CO2" and gases[-1] == "CH4_biogenic"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("facteur d'émission électricité Sénégal", "grid_direct"),
        ("factor de emisión electricidad Perú", "grid_direct"),
        ("выбросы электроэнергии Казахстан", "grid_direct"), ("排放因子 电力 印度", "grid_direct"),
        ("معامل انبعاث الكهرباء مصر", "grid_direct"), ("emission factor electricity India", "grid_direct"),
        ("natural gas", "fuel_direct"), ("emisiones del diésel", "fuel_direct"), ("SF6", "gwp_ar4"),
        ("kWh per GB mobile", "network_energy_per_data"), ("R410A", "blend"), ("R 410A", "blend"),
    ],
)  # fmt: skip
def test_which_factor_comes_first(text, first):
    """Words that the whole catalogue is about, units, refrigerants as they are written."""
    hits = search(text)
    assert hits[0].series.card.name == first, [h.row.label for h in hits[:5]]
    assert unknown(text) == []


def test_codes_that_are_words_are_places_in_capitals_only():
    assert asked("electric car Kenya", {"electric", "car"}).places == ("KEN",)
    assert asked("electricity CAN", {}).places == asked("electricity Canada", {}).places == ("CAN",)
    assert asked("electricity usa", {"usa"}).places == ("USA",)


def test_what_a_formula_gives_is_as_good_as_its_inputs():
    first = search("electricity Kenya 2023")[0]
    assert first.row.status == first.status == "provisional"
    assert answers.status("grid_lifecycle", ("KEN", "2023")) == "verified"
    assert answers.status("grid_direct", ("KEN", "2023")) == "provisional"
    assert answers.status("residual_mix", ("KEN", "2023")) == "provisional"
    stand_in = next(h for h in search("diesel China") if h.series.card.name == "fuel_upstream")
    assert stand_in.value == answers.point("fuel_upstream", ("diesel",))


def test_words_that_say_little_count_where_nothing_else_is_asked_for():
    assert asked("emission factor Kenya", {}).terms == ()
    assert asked("emission", {"emission"}).terms == ((("emission",),),)


def test_unknown_words_are_left_out_and_told(run):
    assert unknown("красивый ноутбук") == ["красивый"] and unknown("ноутбук") == []
    assert names("красивый ноутбук") == names("ноутбук")
    code, out, err = run("factors", "search", "water", "data centre", "Dubai")
    assert code == 0 and "data_centre_wue" in out
    assert err == "Nothing in the catalogue has 'Dubai'; searched without.\n"
    assert run("factors", "search", "xyzzy", "plugh")[::2] == (1, "")


def test_where_little_has_everything_what_has_all_but_one_follows():
    hits = search("cloud GPU")
    assert hits[0].found == 2 and hits[-1].found == 1
    assert {h.found for h in search("laptop weight")} >= {2}


def test_a_search_prints_the_best_and_how_to_see_more(run):
    code, out, _ = run("factors", "search", "diesel", "generator", "Kenya")
    assert code == 0
    table = out.split("\n\n")[0].splitlines()
    assert len(table) == BEST + 2 and table[-1].startswith("… and ") and max(map(len, table)) < 140
    assert "\nfuel_direct: Gas emitted by stationary combustion\n" in out
    command = out.splitlines()[-1].removeprefix("One of them in full: netprint ")
    assert command == "factors show fuel_direct --item diesel --at gas=CO2"
    assert "fuel_direct[diesel, CO2] = 74 100 kg/TJ_net" in run(*command.split())[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("search", "fuel", "--year", "abcd"), "--year is 'abcd'; expected one year, like 2023."),
        (("show", "grid_lifecycle", "--country", "KEN", "--year", "20"), "--year is '20'"),
        (("list", "--country", "KEN"), "`netprint factors list` takes no --country; it takes --as-of, --language."),
        (("list", "grid"), "`netprint factors search grid` finds them"),
        (("check", "--year", "2023"), "takes no --year; it takes none of these"),
        (("coverage", "--year", "2023"), "--year and --item need a factor"),
        (("coverage", "grid_losses", "--factor", "grid_water"), "takes one factor, not grid_losses grid_water"),
        (("coverage", "residual_mix"), "has no index 'country', so there is no map of it; it has market, year."),
        (("coverage", "grid_lifecycl"), "Did you mean 'grid_lifecycle'"),
        (("show", "nothing_like_it_at_all"), "Find one with `netprint factors search WORDS`."),
        (("list", "--as-of", "2024-06-30"), "There was no release of the catalogue on 2024-06-30: the first is "),
    ],
)  # fmt: skip
def test_what_is_no_question_is_said(run, words, told):
    code, out, err = run("factors", *words)
    assert (code, out) == (2, "") and told in err
    assert "proxy:" not in err


def test_nothing_found_is_json_too(run):
    assert run("factors", "search", "xyzzy", "--json")[:2] == (1, "[]\n")


def test_spreads_are_no_factors_of_the_list(run):
    listed = json.loads(run("factors", "list", "--json")[1])
    assert len(listed) > 100 and not any(r["factor"].startswith("proxy:") for r in listed)


# -- show ------------------------------------------------------------------------------------------------------------


def test_show_gives_alternatives_and_why(run):
    told = json.loads(run("factors", "show", "device_embodied", "--item", "laptop", "--json")[1])["answer"]
    used = [a for a in told["alternatives"] if a["used"]]
    assert len(used) >= 3 and len(told["alternatives"]) > len(used)
    assert told["why"].startswith(f"{len(used)} comparable values: their geometric mean")
    assert all(a["verdict"].startswith("not comparable: ") for a in told["alternatives"] if not a["used"])
    assert told["attribution"] and told["licence"] and told["duties"] == []
    text = run("factors", "show", "device_embodied", "--item", "laptop")[1]
    assert f"Values kept as evidence ({len(told['alternatives'])}):" in text
    assert "not comparable: whole life cycle with use" in text


def test_show_gives_the_years_the_spreads_and_the_methods(run):
    told = json.loads(
        run("factors", "show", "grid_lifecycle", "--country", "KEN", "--year", "2023", "--json")[1]
    )
    series = told["answer"]["series"]
    assert [r["year"] for r in series] == [str(y) for y in range(2000, 2026)]
    lag1 = next(p for p in told["proxies"] if p["level"] == "year lag 1")
    assert 0.6 < lag1["low"] < 1 < lag1["high"] < 1.5
    assert "itu-t-l1420" in told["methods"]
    assert told["answer"]["releases"][-1]["value"] == told["answer"]["value"]
    text = run("factors", "show", "grid_lifecycle", "--country", "KEN", "--year", "2023")[1]
    assert "\nYears:    2014 " in text and "\nReleases: " in text and "\ncite as   Ember" in text


def test_show_takes_the_latest_year_and_says_what_a_formula_rests_on(run):
    told = json.loads(run("factors", "show", "grid_direct", "--country", "Kenya", "--json")[1])
    answer = told["answer"]
    latest = max(answers.years("grid_lifecycle", {"country": "KEN"}))
    assert answer["asked"] == ["KEN", latest] and "ghgp-scope2-2015" in told["methods"]
    below = {r["factor"]: r for r in answer["inputs"]}
    assert set(below) == {"grid_lifecycle", "grid_direct_share"}
    product = below["grid_lifecycle"]["value"] * below["grid_direct_share"]["value"]
    assert answer["value"] == pytest.approx(product)
    assert any("Ember" in text for text in answer["cite"]) and len(answer["cite"]) == 2
    assert len(answer["series"]) > 20 and answer["series"][-1] == {"year": latest, "value": answer["value"]}


def test_show_says_what_stands_in_below_a_formula(run):
    out = run("factors", "show", "grid_direct", "--country", "KEN", "--year", "1990")[1]
    assert (
        "from      grid_lifecycle[KEN, 1990] = 0.403712 kg CO2e/kWh (stands in: KEN, 2000, lag 10), verified"
        in out
    )
    assert "\nrow       grid_direct[any, any]\n" in out


def test_show_tells_what_a_second_source_says(run):
    out = run("factors", "show", "grid_losses", "--country", "KEN", "--year", "2023")[1]
    assert "grid_losses[KEN, 2023] = 0.23, 95 %" in out
    assert (
        "\ncompared  0.23 here, 0.235 in cia-factbook: " in out and "second source was read to compare" in out
    )


def test_proxies_are_told_in_one_line(run):
    out = run("factors", "show", "grid_lifecycle", "--country", "LIE", "--year", "2023")[1]
    line = next(text for text in out.splitlines() if text.startswith("proxies"))
    assert (
        line.startswith("proxies   1 year apart ×0.") and "10 years apart" in line and "5 years" not in line
    )
    assert "(stands in: group)" in out


def test_years_of_a_formula_are_those_of_its_inputs():
    assert answers.years("grid_direct", {"country": "KEN"}) == answers.years(
        "grid_lifecycle", {"country": "KEN"}
    )
    assert answers.years("fuel_direct", {"item": "diesel", "gas": "CO2"}) == []
    assert answers.inputs("grid_lifecycle", ("KEN", "2023")) == []
    assert answers.point("residual_mix", ("KEN", "2023")) is None


def test_every_search_tells_how_to_show_it(run):
    """The command of a hit is one that answers."""
    for text in ("diesel generator Kenya", "laptop", "refrigerant R-410A", "waste landfill paper"):
        hit = json.loads(run("factors", "search", text, "--json")[1])[0]
        code, out, err = run(*shlex.split(hit["show"])[1:])
        assert code == 0, err
        assert hit["factor"] in out


# -- licences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("licence", "found"),
    [
        ("CC BY 4.0", ()), ("CC BY-SA 4.0", ("share-alike",)), ("CC-BY-NC-4.0", ("non-commercial",)),
        ("CC BY-NC-SA 4.0", ("share-alike", "non-commercial")), ("ODbL 1.0", ("share-alike",)),
        ("CC BY-ND 4.0", ("no derivatives",)), ("facts, cite the source (page CC BY-SA 4.0)", ()),
        ("MIT (package)", ()), ("Singapore Open Data Licence 1.0", ()), ("MPL-2.0", ("share-alike by file",)), ("", ()),
    ],
)  # fmt: skip
def test_flags(licence, found):
    assert flags(licence) == found


def test_no_share_alike_or_non_commercial_data_are_shipped():
    known = sources()
    for name, rows in catalog().rows.items():
        for row in rows.values():
            for licence in (row.licence, known.get(row.source, {}).get("licence", "")):
                assert not set(flags(licence)) & set(NEVER), f"{name}: {row.file}:{row.line}, {licence}"


def test_attributions_of_the_catalogue(run):
    rows = of_catalogue()
    assert len(rows) > 40 and all(r["text"] and r["licence"] for r in rows)
    code, out, _ = run("factors", "attributions")
    assert code == 0
    assert "Under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); selected and converted" in out
    assert "Open Government Licence v3.0" in out and "this project" not in out and "Leave-one-out" not in out
    heads = [line.split(" (")[0] for line in out.splitlines() if line.startswith("Under ")]
    assert len(set(heads)) == len(heads) and "Under CC-BY-4.0" not in heads
    assert len(json.loads(run("factors", "attributions", "--json")[1])) == len(rows)


def test_attributions_of_a_study_and_its_bundle(run, study):
    path = study()
    assert run("assess", path)[0] == 0
    ours, theirs = (
        json.loads(run("factors", "attributions", p, "--json")[1]) for p in (path, path.parent / "result")
    )
    assert ours == theirs
    assert any("Ember" in r["text"] for r in ours)
    assert not any(r["source"].startswith("spread") for r in ours)
    code, _, err = run("factors", "attributions", path, path)
    assert (code, "takes one study or bundle" in err) == (2, True)


def test_own_data_under_share_alike_are_flagged():
    rows = attributions(
        [{"source": "mine", "licence": "CC BY-SA 4.0", "title": "Mine"}, {"source": "ember-2026 + mine"}]
    )
    assert [r["source"] for r in rows] == ["ember-2026", "mine"]
    from netprint.ask.attributions import told

    only = attributions([{"source": "mine", "licence": "CC BY-SA 4.0", "title": "Mine"}])
    assert only[0]["flags"] == ["share-alike"] and not only[0]["known"]
    assert "** share-alike: to be met before publishing **" in "\n".join(told(only))


def test_an_import_says_itself_whom_to_name(run, study, monkeypatch):
    path = study()
    monkeypatch.chdir(path.parent)
    head = "Area,ISO 3 code,Year,Area type,Electricity source,Emissions intensity (gCO2e/kWh)"
    Path("ember.csv").write_text(f"{head}\nKenya,KEN,2023,Country or economy,Total generation,90.25\n")
    assert run("factors", "import", "ember", "--file", "ember.csv")[0] == 0
    used = attributions_module._own({"imports/ember/factors.csv": b""}, path.parent)
    assert used["ember import"]["publisher"] == "Ember"
    rows = attributions([{"source": "ember import", **used["ember import"]}])
    assert rows[0]["text"].startswith("Ember: Yearly electricity data (Ember, received 20")
    assert rows[0]["url"].startswith("https://")
    kept = {"imports/ember/sources.csv": Path("imports/ember/sources.csv").read_bytes()}
    assert attributions_module._own({**kept, "imports/ember/factors.csv": b""}) == used
    assert attributions_module._own({"other.csv": b""}, path.parent) == {}
