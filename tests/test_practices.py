"""Practice files: every key checked, the default effect by its written rule, the guards, lists and measurements."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest

from netprint.apply.achieved import achieved
from netprint.apply.default import CLAIMED, LONE, PREDICTION, RANGE, default_effect
from netprint.apply.guards import findings
from netprint.apply.student import cdf, quantile
from netprint.cli import main
from netprint.errors import InputError, Problems, UsageError
from netprint.load import practice as catalogue
from netprint.load.practice import find, heads, practice, practices, shipped
from netprint.load.practice_file import load_practice

WORDS = dict.fromkeys(("en", "fr", "es", "ar", "zh", "ru"), "A practice")
PRACTICE = {
    "id": "p",
    "title": WORDS,
    "summary": WORDS,
    "domain": "mobile network",
    "order": "first",
    "actors": ["operator"],
    "status": "draft",
    "maturity": "proven",
    "applies": "(activity == 'electricity')",
    "stream": "RAN electricity",
    "share": {"value": 1, "source": "s", "status": "verified"},
    "effect": {"kind": "share", "unit": "1", "what": "share saved"},
    "evidence": [
        {"value": 0.2, "low": 0.1, "high": 0.3, "what": "a trial", "grade": "measured", "source": "s"}
    ],
    "own_footprint": [],
    "own_footprint_reason": "nothing is added",
    "rebound": {"value": 0},
    "persistence": {"years": 10},
    "cost": {"unknown": "not published"},
    "sources": [{"id": "s", "title": "A study", "seen": "2026-11-22, read"}],
}


def written(folder: Path, **changed: object) -> Path:
    """A practice file with some keys changed; None takes a key out."""
    data = {k: v for k, v in {**PRACTICE, **changed}.items() if v is not None}
    path = folder / f"{data['id']}.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def row(value: float | None = None, grade: str = "measured", **more: object) -> dict[str, object]:
    return {
        **({} if value is None else {"value": value}),
        "what": "a study",
        "grade": grade,
        "source": "s",
        **more,
    }


def problems_of(path: Path) -> list[str]:
    problems = Problems()
    load_practice(path, problems)
    return [str(p) for p in problems]


# -- files ------------------------------------------------------------------------------------------------------------


def test_every_practice_of_the_catalogue_is_read_whole_and_shows_its_head():
    held = {p.id: p for p in practices()}
    assert set(held) == set(shipped()) and len(held) >= 2
    for head in heads():
        whole = held[head.id]
        same = ("title", "summary", "domain", "order", "actors", "status", "maturity", "stream")
        assert {k: getattr(head, k) for k in same} == {k: getattr(whole, k) for k in same}


def test_no_guard_finds_anything_in_the_catalogue():
    assert [str(f) for f in findings(practices())] == []


def test_heads_of_a_hundred_files_take_less_than_a_tenth_of_a_second(tmp_path, monkeypatch):
    text = shipped()["ran-cell-sleep"].read_text("utf-8")
    for i in range(100):
        (tmp_path / f"p{i}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalogue, "folder", lambda: tmp_path)
    took = []
    for _ in range(5):
        heads.cache_clear()
        start = time.process_time()
        assert len(heads()) == 100
        took.append(time.process_time() - start)
    heads.cache_clear()
    assert min(took) < 0.1


def test_an_unknown_key_and_unknown_words_are_problems_with_the_nearest_names(tmp_path):
    path = written(tmp_path, actor=["operator"], domain="mobil network", actors=["operater"])
    told = "\n".join(problems_of(path))
    assert "the key `actor` is not known here" in told and "'actors'" in told
    assert "Did you mean 'mobile network'" in told
    assert "Did you mean 'operator'" in told


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": {"en": "only English"}}, "has no text in fr, es, ar, zh, ru"),
        ({"applies": "activity"}, "comparisons of a column with a text"),
        ({"applies": "(activity == 'electrcity')"}, "Did you mean 'electricity'"),
        ({"applies": "(netwrk == 'mobile')"}, "Did you mean 'network'"),
        ({"share": {"value": 1.2}}, "fractions from 0 to 1"),
        ({"evidence": [row(15)]}, "the evidence saves 15 of the whole; expected at most 1"),
        ({"evidence": [row(0.2, low=0.3)]}, "numbers that rise"),
        ({"evidence": [row(0.2, source="t")]}, "'t' is none of the file's sources"),
        ({"own_footprint_reason": None}, "nothing is added, and no reason is given"),
        ({"effect": {"kind": "absolute", "unit": "kg/site", "driver": "electricity"}}, "the unit"),
        ({"effect": {"kind": "absolute", "unit": "kWh/site", "driver": "site"}}, "Did you mean 'sites'"),
        ({"order": "adaptation"}, "never added to emissions"),
        ({"id": "q-other", "stream": None}, "`stream` is missing"),
        ({"persistence": {"years": 0}}, "years above zero"),
        ({"cost": {"investment": {"value": 5, "unit": "dollars", "per": "sites"}}}, "is not a known unit"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, changed, said):
    assert said in "\n".join(problems_of(written(tmp_path, **changed)))


def test_a_family_of_activities_stands_for_all_of_them(tmp_path):
    read = find(str(written(tmp_path, applies="(activity == 'fuel')")))
    from netprint.formula.parse import write

    assert "fuel_mass" in write(read.select) and "fuel_volume" in write(read.select)


# -- the default effect -----------------------------------------------------------------------------------------------


def default(folder: Path, *evidence: dict[str, object], accept: bool = False):
    return default_effect(find(str(written(folder, evidence=list(evidence)))), accept_claims=accept)


def test_three_measured_studies_give_a_prediction_interval(tmp_path):
    found = default(tmp_path, row(0.1), row(0.2), row(0.3), row(0.9, "potential"))
    # s = 0.1, t(2, 0.975) = 4.302653, sqrt(1 + 1/3) = 1.154701: 0.2 ± 0.496828
    assert found.rule == PREDICTION and found.value == pytest.approx(0.2)
    assert found.limits == pytest.approx((-0.296828, 0.696828), abs=1e-6)


def test_a_negative_result_widens_the_prediction(tmp_path):
    assert default(tmp_path, row(0.1), row(0.2), row(-0.1)).limits[0] < -0.5


def test_two_studies_give_the_widest_honest_range(tmp_path):
    found = default(
        tmp_path, row(0.2, low=0.1, high=0.3), row(0.5, "life-cycle study"), row(0.9, "vendor claim")
    )
    assert found.rule == RANGE and found.limits == (0.1, 0.5)
    assert found.value == 0.2  # the best grade's
    assert found.grade == "life-cycle study"  # and the worst one is named


def test_a_lone_value_runs_from_zero_to_twice_it(tmp_path):
    assert default(tmp_path, row(0.14)).limits == (0.0, 0.28)
    assert default(tmp_path, row(0.7)).limits == (0.0, 1.0)
    assert default(tmp_path, row(-0.1)).limits == (-0.2, 0.0)
    assert default(tmp_path, row(0.14)).rule == LONE


def test_claims_and_potentials_give_no_default_but_can_be_accepted(tmp_path):
    claims = (row(0.2, "vendor claim"), row(None, "potential", high=0.6))
    assert default(tmp_path, *claims) is None
    found = default(tmp_path, *claims, accept=True)
    assert found.rule == CLAIMED and found.limits == (0.0, 0.6)


@pytest.mark.parametrize("more", [{"flags": ["contradicts-itself"]}, {"use": False}, {"unit": "kWh"}])
def test_what_contradicts_itself_or_is_kept_out_is_never_used(tmp_path, more):
    assert default(tmp_path, row(0.14), row(0.9, **more)).limits == (0.0, 0.28)


def test_student_is_student():
    assert quantile(0.975, 2) == pytest.approx(4.30265273, abs=1e-8)
    assert quantile(0.975, 30) == pytest.approx(2.04227246, abs=1e-8)
    assert cdf(1.0, 1.0) == pytest.approx(0.75)  # Cauchy
    assert cdf(-2.0, 5.0) == pytest.approx(0.05096974, abs=1e-8)


# -- guards -----------------------------------------------------------------------------------------------------------


def guards(*held: Path) -> list[str]:
    return [f"{f.guard}: {f.text}" for f in findings(find(str(p)) for p in held)]


def test_a_promoters_number_without_a_flag_is_found(tmp_path):
    promoter = [{"id": "s", "title": "A brochure", "promoter": True, "seen": "2026-11-22"}]
    assert "promoter-made" in guards(written(tmp_path, sources=promoter))[0]
    assert guards(written(tmp_path, sources=promoter, evidence=[row(0.2, flags=["promoter-made"])])) == []


def test_a_source_that_contradicts_itself_stands_behind_no_default(tmp_path):
    source = [
        {"id": "s", "title": "A study", "contradicts": "its litres and tonnes differ", "seen": "2026-11-22"}
    ]
    assert "its litres and tonnes differ" in guards(written(tmp_path, sources=source))[0]


def test_published_needs_a_verified_source_that_was_read(tmp_path):
    assert "no verified source" in guards(written(tmp_path, status="published"))[0]
    assert guards(written(tmp_path, status="published", evidence=[row(0.2, status="verified")])) == []


def test_a_practice_without_baseline_is_found(tmp_path):
    assert "no baseline" in guards(written(tmp_path, applies=None))[0]
    assert "names no activity" in guards(written(tmp_path, applies="(network == 'mobile')"))[0]


def test_shares_of_one_stream_that_do_not_meet_are_found(tmp_path):
    a, b = written(tmp_path, id="a"), written(tmp_path, id="b", share={"value": 0.4})
    assert "shares differ" in guards(a, b)[0]


# -- the command line -------------------------------------------------------------------------------------------------


def test_list_by_domain_and_actor_in_a_language(capsys):
    assert (
        main(["practices", "list", "--domain", "site power", "--actor", "operator", "--language", "ru"]) == 0
    )
    told = capsys.readouterr().out
    assert "Высокоэффективные выпрямители" in told and "ran-cell-sleep" not in told


def test_search_takes_words_of_any_language(capsys):
    assert main(["practices", "search", "redresseurs", "--json"]) == 0
    assert "high-efficiency-rectifiers" in [p["id"] for p in json.loads(capsys.readouterr().out)]


def test_an_unknown_domain_or_practice_names_the_nearest(capsys):
    assert main(["practices", "list", "--domain", "site powr"]) == 2
    assert "Did you mean 'site power'" in capsys.readouterr().err
    assert main(["practices", "show", "ran-cel-sleep"]) == 2
    assert "Did you mean 'ran-cell-sleep'" in capsys.readouterr().err


def test_show_tells_evidence_default_and_sources(capsys):
    assert main(["practices", "show", "ran-cell-sleep"]) == 0
    told = capsys.readouterr().out
    for words in ("lone value", "promoter-made", "vendor claim", "not read, recalled", "Rebound: 0"):
        assert words in told


def test_list_for_a_study_shows_what_it_acts_on_and_what_is_missing(study, capsys):
    rows = """\
        activity,country,year,network,item,quantity,unit
        electricity,KEN,2023,mobile,,1000,MWh
        fuel,KEN,2023,,diesel,20000,L
        """
    assert main(["practices", "list", "--for", str(study(activities__csv=rows)), "--json"]) == 0
    found = {r["id"]: r for r in json.loads(capsys.readouterr().out)["apply"]}
    sleep = found["ran-cell-sleep"]
    assert sleep["amounts"] == [{"activity": "electricity", "quantity": 1e6, "unit": "kWh"}]
    assert sleep["avoids"] == pytest.approx(sleep["emissions"] * 0.73 * 0.14)
    assert main(["practices", "list", "--for", str(study())]) == 0
    assert "fill the column" in capsys.readouterr().out


# -- achieved ---------------------------------------------------------------------------------------------------------


def measured(saving: float, noise: float = 3.0, *, before: int = 24, after: int = 12, shift: float = 0.0):
    rng = np.random.default_rng(7)
    rows = []
    for i in range(before + after):
        late = i >= before
        traffic = 50 + 10 * np.sin(i) + rng.normal(0, 2) + (shift if late else 0)
        energy = (100 + 4 * traffic) * (1 - saving if late else 1) + rng.normal(0, noise)
        rows.append(
            {"period": f"{2021 + i // 12}-{i % 12 + 1:02d}", "phase": "after" if late else "before", "energy": energy,
             "unit": "MWh", "traffic": traffic}
        )  # fmt: skip
    return rows


def test_a_saving_is_found_normalised_and_significant():
    found = achieved("ran-cell-sleep", measured(0.1), place="KEN")
    assert found.share[1] < 0.1 < found.share[2]
    assert found.share[0] == pytest.approx(0.1, abs=0.01)
    assert found.significant and found.p < 1e-6
    assert found.evidence["grade"] == "measured" and found.evidence["place"] == "KEN"
    assert found.model["traffic"] == pytest.approx(4, abs=0.3)


def test_nothing_achieved_is_not_significant():
    found = achieved("ran-cell-sleep", measured(0.0))
    assert not found.significant and found.share[1] < 0 < found.share[2]


def test_more_traffic_does_not_hide_a_saving():
    """Energy rises with traffic; only the normalised saving shows."""
    rows = measured(0.05, shift=4.0)
    plain = [np.mean([r["energy"] for r in rows if r["phase"] == p]) for p in ("before", "after")]
    found = achieved("ran-cell-sleep", rows)
    assert plain[1] > plain[0] * 0.97 and found.share[0] == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (measured(0.1, before=8), "8 periods before"),
        (measured(0.1, after=3), "3 periods after; at least 6"),
        (measured(0.1, shift=60), "traffic lies outside its range before in 12 of 12 periods after"),
        (measured(0.1, noise=400), "Something else drives the energy"),
    ],
)
def test_it_refuses_what_says_nothing(rows, said):
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        achieved("ran-cell-sleep", rows)


def test_cells_that_cannot_be_read_are_all_listed(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(
        "period,phase,energy,unit\n2021-01,before,x,MWh\n2021-01,during,5,kWh\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        achieved("ran-cell-sleep", path)
    told = str(caught.value)
    for words in ("'x' is no number", "before or after", "one unit", "stands twice"):
        assert words in told


def test_the_interval_of_achieved_covers_what_it_should():
    """Of 200 members whose practice saves 8 %, about 95 % of the intervals hold it."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        traffic = rng.normal(50, 8, 36)
        energy = (100 + 4 * traffic) * np.where(np.arange(36) < 24, 1, 0.92) + rng.normal(0, 6, 36)
        rows = [
            {
                "period": f"{2021 + i // 12}-{i % 12 + 1:02d}",
                "phase": "after" if i >= 24 else "before",
                "energy": e,
                "unit": "MWh",
                "traffic": t,
            }
            for i, (e, t) in enumerate(zip(energy, traffic, strict=True))
        ]
        try:
            low, high = achieved("ran-cell-sleep", rows).share[1:]
        except UsageError:  # a chance in which traffic went beyond its range
            held += 1
            continue
        held += low <= 0.08 <= high
    assert 180 <= held <= 200


def test_practice_is_read_once():
    assert practice("ran-cell-sleep") is practice("ran-cell-sleep")


def test_a_drift_before_the_practice_is_told():
    rows = measured(0.1, noise=1.0)
    drifting = [{**r, "energy": r["energy"] - 0.8 * i} for i, r in enumerate(rows)]
    assert any("drifts" in w for w in achieved("ran-cell-sleep", drifting).warnings)
    assert not any("drifts" in w for w in achieved("ran-cell-sleep", rows).warnings)


def months(*, saving: float, shuffled: bool = False, after_first: bool = False, unit: str = "MWh"):
    """48 months whose residuals hang together in time."""
    rng = np.random.default_rng(3)
    rows, residual = [], 0.0
    for m in range(48):
        traffic = 50 + 10 * np.sin(m) + rng.normal(0, 3)
        residual = 0.8 * residual + rng.normal(0, 6)
        late = (m >= 24) != after_first
        energy = (100 + 4 * traffic) * (1 - saving if late else 1) + residual
        rows.append({"period": f"{2020 + m // 12}-{m % 12 + 1:02d}", "phase": "after" if late else "before",
                     "energy": energy, "unit": unit, "traffic": traffic})  # fmt: skip
    return [rows[i] for i in rng.permutation(48)] if shuffled else rows


def test_the_order_of_rows_changes_nothing_that_was_achieved():
    found = achieved("ran-cell-sleep", months(saving=0.03))
    assert found.autocorrelation > 0.2
    assert achieved("ran-cell-sleep", months(saving=0.03, shuffled=True)).as_dict() == found.as_dict()


def test_a_period_after_must_not_precede_one_before():
    with pytest.raises(UsageError, match="2020-01 after precedes the period 2023-12 before"):
        achieved("ran-cell-sleep", months(saving=0.03, after_first=True))


@pytest.mark.parametrize(
    ("period", "said"),
    [("Jan 2020", "no period that can be put in order"), ("2020-13", "no period"), ("1", "no period"),
     ("2020-01-15", "YYYY-MM and YYYY-MM-DD")],
)  # fmt: skip
def test_periods_that_cannot_be_put_in_order_are_refused(period, said):
    rows = months(saving=0.03)
    with pytest.raises(InputError) as caught:
        achieved("ran-cell-sleep", [{**rows[0], "period": period}, *rows[1:]])
    assert said in str(caught.value)


def test_the_unit_of_measurements_is_that_of_an_activity():
    for unit in ("bananas", "kWh/km"):
        with pytest.raises(InputError, match="the unit of an activity"):
            achieved("ran-cell-sleep", months(saving=0.03, unit=unit))
    assert achieved("ran-cell-sleep", months(saving=0.03, unit="GJ")).unit == "GJ"


def test_a_significant_increase_is_no_success(tmp_path, capsys):
    def ends(rows) -> int:
        path = tmp_path / "m.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return main(["practices", "achieved", "ran-cell-sleep", str(path)])

    assert ends(measured(-0.1)) == 1
    assert "A significant increase, no saving" in capsys.readouterr().out
    assert ends(measured(0.1)) == 0
    assert ends(measured(0.0)) == 1


# -- search -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("基站", "free-cooling-base-stations"),
        ("小区休眠", "ran-cell-sleep"),
        ("énergie solaire", "diesel-to-solar-sites"),
        ("ENERGIE SOLAIRE", "diesel-to-solar-sites"),
        ("energie", "ran-energy-saving-suite"),
        ("базовая станция", "free-cooling-base-stations"),
        ("data centre cooling", "outside-air-cooling"),
    ],
)
def test_search_is_blind_to_accents_and_knows_the_words_of_all_languages(words, found, capsys):
    assert main(["practices", "search", *words.split(), "--json"]) == 0
    assert found in [p["id"] for p in json.loads(capsys.readouterr().out)]


def test_a_word_that_nothing_holds_leaves_the_best_partial_matches(capsys):
    assert main(["practices", "search", "rectifiers", "qqqq"]) == 0
    told = capsys.readouterr().out
    assert "high-efficiency-rectifiers" in told and "No practice holds all of these words" in told
    assert "ran-cell-sleep" not in told
    assert main(["practices", "search", "qqqq"]) == 0
    assert "0 practices" in capsys.readouterr().out


def test_all_words_count_where_a_practice_holds_them(capsys):
    assert main(["practices", "search", "cell", "sleep", "--json"]) == 0
    found = [p["id"] for p in json.loads(capsys.readouterr().out)]
    assert "ran-cell-sleep" in found and len(found) < 6


def test_every_number_of_the_seed_is_in_a_file():
    """Some rows of the seed were joined in one file; none was lost."""
    held = {n for p in practices() for n in p.seed}
    assert held == set(range(1, 83))
