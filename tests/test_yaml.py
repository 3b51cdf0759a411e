"""The strict YAML reader: what it refuses and how it says so, what it reads, and the lines."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from netprint.errors import InputError
from netprint.load.yaml import DEEPEST, LARGEST_FILE, MOST_PROBLEMS, Document, dotted, load


@pytest.fixture(params=["C", "Python"])
def parser(request, monkeypatch):
    """Both parsers of PyYAML; a wheel without the C library falls back on the second."""
    if request.param == "Python":
        monkeypatch.delattr(pyyaml, "CSafeLoader", raising=False)
    return request.param


def refusal(source: str | bytes | Path) -> str:
    with pytest.raises(InputError) as caught:
        load(source, "s.yaml")
    head, *lines = str(caught.value).split("\n")
    assert head.endswith("in the input; nothing was computed.")
    assert len(lines) == len(caught.value.problems)
    return "\n".join(line.strip() for line in lines)


ANCHORS = "expected values without anchors and aliases. Write the value out."
TAGS = "expected values without tags. Take the tag out."
QUOTES = (
    "expected lines of the form `key: value` or `- item`. "
    "Check the indentation and quotes; a text with ': ' or ' #' in it needs quotes."
)
REFUSED = {
    "repeated key": (
        "title: a\nby: [year]\ntitle: b\n",
        "s.yaml:3, title: the key 'title' is given again, first on line 1; expected each key once. "
        "Delete or rename one of the two.",
    ),
    "repeated key, nested, both repeats listed": (
        "terms:\n  - id: x\n    books: {flow: CO2e, flow: CO2}\n    id: y\n",
        "s.yaml:3, terms[0].books.flow: the key 'flow' is given again, first on line 3; expected each key once. "
        "Delete or rename one of the two.\n"
        "s.yaml:4, terms[0].id: the key 'id' is given again, first on line 2; expected each key once. "
        "Delete or rename one of the two.",
    ),
    "alias bomb": (
        "a: &a [lol, lol]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        f"s.yaml:1, a: the anchor &a; {ANCHORS}\n"
        f"s.yaml:2, b: the anchor &b; {ANCHORS}\n"
        f"s.yaml:2, b[0]: the alias *a; {ANCHORS}\n"
        f"s.yaml:2, b[1]: the alias *a; {ANCHORS}\n"
        f"s.yaml:3, c[0]: the alias *b; {ANCHORS}\n"
        f"s.yaml:3, c[1]: the alias *b; {ANCHORS}",
    ),
    "alias as a key": ("*a : 1\nb: 2\n", f"s.yaml:1: the alias *a; {ANCHORS}"),
    "alias as the whole": ("*a\n", f"s.yaml:1: the alias *a; {ANCHORS}"),
    "merge key": (
        "a: &a {x: 1}\nb:\n  <<: *a\n",
        f"s.yaml:1, a: the anchor &a; {ANCHORS}\ns.yaml:3, b.<<: the alias *a; {ANCHORS}",
    ),
    "tag of Python": (
        "a: 1\nb: !!python/object/apply:os.system [ls]\n",
        f"s.yaml:2, b: the tag tag:yaml.org,2002:python/object/apply:os.system; {TAGS}",
    ),
    "own tag": ("- !foo {a: 1}\n", f"s.yaml:1, [0]: the tag !foo; {TAGS}"),
    "standard tag": ("a: !!str 5\n", f"s.yaml:1, a: the tag tag:yaml.org,2002:str; {TAGS}"),
    "empty tag": ("a: ! 5\n", f"s.yaml:1, a: the tag !; {TAGS}"),
    "too deep": (
        "a:\n  " + "[" * DEEPEST + "]" * DEEPEST,
        "s.yaml:2: lists and mappings are nested more than 50 deep; expected at most 50 levels. Write it flatter.",
    ),
    "far too deep": (
        "[" * 1_000_000,
        "s.yaml:1: lists and mappings are nested more than 50 deep; expected at most 50 levels. Write it flatter.",
    ),
    "tab": (
        "a:\n\tb: 1\n",
        "s.yaml:2: a tab stands here; expected spaces. Replace each tab by spaces, two for each level.",
    ),
    "two tabs": (
        "a:\n\tb: 1\n\tc: 1\n",
        "s.yaml:2: a tab stands here and on line 3; expected spaces. Replace each tab by spaces, two for each level.",
    ),
    "many tabs": (
        "a:\n" + "\t- 1\n" * 5,
        "s.yaml:2: a tab stands here and on 4 more lines; expected spaces. "
        "Replace each tab by spaces, two for each level.",
    ),
    "invalid UTF-8": (
        b"a: 1\nb: caf\xe9\n",
        "s.yaml:2: the byte 0xE9 is not UTF-8; expected a text file in UTF-8. Save the file with the encoding UTF-8.",
    ),
    "UTF-16": (
        "a: 1\n".encode("utf-16-le").join([b"\xff\xfe", b""]),
        "s.yaml:1: the byte 0xFF is not UTF-8; expected a text file in UTF-8. Save the file with the encoding UTF-8.",
    ),
    "control character": (
        "a: 1\nb: x\x07\n",
        "s.yaml:2: the character U+0007 cannot be seen; expected printable text. "
        "Delete the character; ordinary line ends separate lines.",
    ),
    "line separator": (
        "a: 1\u2028b: 2\n",
        "s.yaml:1: the character U+2028 cannot be seen; expected printable text. "
        "Delete the character; ordinary line ends separate lines.",
    ),
    "half a character": (
        "a: \ud800\n",
        "s.yaml:1: the character U+D800 cannot be seen; expected printable text. "
        "Delete the character; ordinary line ends separate lines.",
    ),
    "two documents": (
        "a: 1\n---\na: 2\n",
        "s.yaml:2: a second document starts here (`---`); expected one document in a file. "
        "Put it into a file of its own.",
    ),
    "list as a key": (
        "a: 1\n? [x, y]\n: 2\n",
        "s.yaml:2: a list or mapping stands as a key; expected a text as key. "
        "Put a text that starts with { or [ in quotes.",
    ),
    "no key": (
        "a:\n  ?\n  : 1\n",
        "s.yaml:2, a: a value without a key; expected `key: value`. Write the key before the colon.",
    ),
    "number beyond all bounds": (
        "a:\n  b: 1e999\n",
        "s.yaml:2, a.b: the number 1e999 is too large; expected a number below 1.8e308. Check the exponent.",
    ),
    "not YAML": (
        "title: Savanna: inventory\n",
        f"s.yaml:1: this is not YAML: mapping values are not allowed in this context; {QUOTES}",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_whole_message(case, parser):
    source, message = REFUSED[case]
    said = refusal(source)
    if parser == "Python":
        said = said.replace(
            "mapping values are not allowed here", "mapping values are not allowed in this context"
        )
    assert said == message


def test_an_open_quote_is_reported_with_the_line_where_it_begins():
    said = refusal("a: 1\nb: 'open\nc: 2\n")
    assert said == (
        "s.yaml:4: this is not YAML: while scanning a quoted scalar found unexpected end of stream "
        f"(begun on line 2); {QUOTES}"
    )


def test_problems_before_the_syntax_error_are_listed_too():
    assert refusal("a: 1\na: 2\nb: [\n").startswith("s.yaml:2, a: the key 'a' is given again")


def test_no_more_problems_than_anybody_reads():
    assert refusal("a: 1\n" + "a: 1\n" * 1000).count("\n") + 1 == MOST_PROBLEMS


def test_too_large(tmp_path):
    message = (
        "s.yaml: the file is larger than 5 MB; expected at most 5 MB of YAML. "
        "Put long tables into a CSV or Parquet file and name it here."
    )
    text = "# " + "x" * LARGEST_FILE
    (tmp_path / "large.yaml").write_text(text)
    assert refusal(text) == refusal(text.encode()) == refusal(tmp_path / "large.yaml") == message
    assert load("# " + "x" * (LARGEST_FILE - 2)).data is None


def test_missing_file(tmp_path):
    message = "s.yaml: the file cannot be read (No such file or directory); expected a YAML file. " \
        "Check the path and the right to read it."  # fmt: skip
    assert refusal(tmp_path / "none.yaml") == message


SCALARS = {
    "NO": "NO", "no": "no", "No": "No", "yes": "yes", "Y": "Y", "n": "n", "on": "on", "OFF": "OFF",
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False, "tRUE": "tRUE",
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
    "1": 1, "-3": -3, "+4": 4, "0": 0, "-0": 0, "2019": 2019, "1.5": 1.5, "1.": 1.0, ".5": 0.5, "-.5": -0.5,
    "1e6": 1e6, "1E-3": 1e-3, "2.5e+3": 2500.0, "6.02e23": 6.02e23,
    "1_000": "1_000", "0x1F": "0x1F", "0o17": "0o17", "017": "017", "007": "007", "00.5": "00.5", "1:30": "1:30",
    "190:20:30": "190:20:30", "0b1": "0b1", ".inf": ".inf", ".nan": ".nan", "e5": "e5", ".": ".", "1e": "1e",
    "2019-01-01": "2019-01-01", "2019..2023": "2019..2023", "2023-01-01T00:00:00Z": "2023-01-01T00:00:00Z",
    "=": "=", "quantity * grid_direct[country, year]": "quantity * grid_direct[country, year]",
    "'true'": "true", '"5"': "5", "''": "", '"null"': "null", "'NO'": "NO",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_scalars(text, parser):
    value = load(f"a: {text}\n").data["a"]
    assert value == SCALARS[text]
    assert type(value) is type(SCALARS[text])


def test_very_long_digits_stay_text():
    digits = "1" * 5000
    with pytest.raises(InputError, match="is too large"):
        load(f"a: {digits}")
    assert load(f"a: '{digits}'").data == {"a": digits}


def test_keys_are_text(parser):
    data = load("2019: 1\ntrue: 2\nNO: 3\n1.0: 4\n~: 5\n'': 6\n").data
    assert data == {"2019": 1, "true": 2, "NO": 3, "1.0": 4, "~": 5, "": 6}


STUDY = """\
# a comment

title: Savanna
terms:
  - id: scope2
    formula: >
      quantity
      * grid_direct
    books: {flow: CO2e,
            scope: 2}
  - id: pue
    parts:
      - a
      - - b
        - c: 1
"""


def test_lines_of_nested_places(parser):
    document = load(STUDY, "study.yaml")
    assert document.name == "study.yaml"
    assert document.data["terms"][0]["formula"] == "quantity * grid_direct\n"
    assert dict(document.lines) == {
        (): 3,
        ("title",): 3,
        ("terms",): 4,
        ("terms", 0): 5,
        ("terms", 0, "id"): 5,
        ("terms", 0, "formula"): 6,
        ("terms", 0, "books"): 9,
        ("terms", 0, "books", "flow"): 9,
        ("terms", 0, "books", "scope"): 10,
        ("terms", 1): 11,
        ("terms", 1, "id"): 11,
        ("terms", 1, "parts"): 12,
        ("terms", 1, "parts", 0): 13,
        ("terms", 1, "parts", 1): 14,
        ("terms", 1, "parts", 1, 0): 14,
        ("terms", 1, "parts", 1, 1): 15,
        ("terms", 1, "parts", 1, 1, "c"): 15,
    }


def test_line_of_what_is_not_there_is_that_of_its_holder():
    document = load(STUDY)
    assert document.line() == 3
    assert document.line(("terms", 1, "formula", "x")) == 11
    assert document.line(("nothing",)) == 3
    assert load("").line(("nothing",)) == 1


def test_dotted():
    assert dotted(()) == ""
    assert dotted(("terms", 2, "books", "flow")) == "terms[2].books.flow"
    assert dotted((0, "a")) == "[0].a"


def test_byte_order_mark_and_windows_line_ends(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: caf\xc3\xa9\r\nby: [year]\r\n")
    document = load(path)
    assert document.data == {"title": "café", "by": ["year"]}
    assert (document.name, document.line(("by",))) == (str(path), 2)
    assert load("\ufefftitle: a").data == {"title": "a"}


def test_empty(parser):
    assert load("") == load("# only a comment\n") == Document("text", None, {})


def test_deepest_is_still_read(parser):
    assert load("[" * DEEPEST + "]" * DEEPEST).data is not None


SEEN = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="\ufeff"
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(SEEN, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abNO1", max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_reads_back_what_json_writes(data):
    assert load(json.dumps(data, ensure_ascii=False)).data == data


@given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"#?%@~ \n1.eNO\u00e9"), max_size=60) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    document = attempt(text)
    last = text.count("\n") + text.count("\r") + 1
    assert document is None or all(1 <= line <= last for line in document.lines.values())


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    attempt(data)


def attempt(source: str | bytes) -> Document | None:
    """The document, or None where it is refused; any other error fails the test."""
    try:
        return load(source)
    except InputError:
        return None


@given(st.dates(datetime.date(1900, 1, 1)))
def test_dates_stay_text(day):
    assert load(f"from: {day.isoformat()}").data == {"from": day.isoformat()}


def test_pyyaml_is_imported_only_when_something_is_read():
    code = "import sys, netprint.load.yaml; print('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
