"""What is refused, with which message; and how rows become patterns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nerture.core.errors import DataError, PatternError
from nerture.patterns import (
    REFUSED,
    lint_patterns,
    load_patterns,
    parse_patterns,
    read_patterns,
    starter_path,
)


def token(given: Any) -> str:
    return json.dumps({"label": "L", "pattern": [{"LOWER": "x"}, given]}, ensure_ascii=False)


REFUSALS = [
    ("{", "bad-json", "not valid JSON"),
    ("[" * 100_000, "bad-json", "not JSON that can be read"),
    (b'{"label": "\xff"}', "not-utf8", "byte 11 of the line is not UTF-8"),
    ("[1]", "not-an-object", "expected an object with 'label' and 'pattern', got [1]"),
    ('{"pattern": "x"}', "bad-label", "'label': expected a text that is not empty, but it is missing"),
    ('{"label": " ", "pattern": "x"}', "bad-label", 'got " "'),
    ('{"label": 3, "pattern": "x"}', "bad-label", "got 3"),
    ('{"label": "L", "patern": "x"}', "unknown-key", "unknown key 'patern'; did you mean pattern?"),
    ('{"label": "L"}', "bad-pattern", "not empty, but it is missing"),
    ('{"label": "L", "pattern": " "}', "bad-pattern", 'got " "'),
    ('{"label": "L", "pattern": []}', "bad-pattern", "got []"),
    ('{"label": "L", "pattern": {"LOWER": "x"}}', "bad-pattern", 'got {"LOWER": "x"}'),
    ('{"label": "L", "pattern": "x", "id": true}', "bad-id", "'id': expected a text or an integer, got true"),
    ('{"label": "L", "pattern": "x", "id": ""}', "bad-id", 'got ""'),
    ('{"label": "L", "pattern": [{"OP": "{0}"}]}', "bad-pattern", "cannot match any token"),
    (token("x"), "bad-token", 'pattern[1]: expected an object such as {"LOWER": "x"}, got "x"'),
    (token({"LOWRE": "x"}), "unknown-attribute", "pattern[1].LOWRE: unknown attribute; did you mean LOWER?"),
    (token({"qqq": "x"}), "unknown-attribute", "expected one of ORTH, LOWER"),
    (token({"lower": "x", "LOWER": "y"}), "duplicate-key", "pattern[1].LOWER: LOWER occurs twice"),
    (token({"LOWER": 3}), "bad-value", "pattern[1].LOWER: expected a text, got 3"),
    (token({"LOWER": None}), "bad-value", "expected a text, got null"),
    (token({"LOWER": ["x"]}), "bad-value", 'expected a text, got ["x"]'),
    (token({"LOWER": {}}), "bad-value", "expected one of REGEX"),
    (token({"LENGTH": "3"}), "bad-value", 'pattern[1].LENGTH: expected a whole number, got "3"'),
    (token({"LENGTH": True}), "bad-value", "expected a whole number, got true"),
    (token({"LENGTH": {">=": "3"}}), "bad-value", 'pattern[1].LENGTH.>=: expected a number, got "3"'),
    (token({"LENGTH": {"REGEX": "3"}}), "unknown-predicate", "REGEX does not apply to LENGTH; expected"),
    (token({"LOWER": {">=": 3}}), "unknown-predicate", ">= does not apply to LOWER"),
    (token({"IS_ALPHA": 1}), "bad-value", "pattern[1].IS_ALPHA: expected true or false, got 1"),
    (token({"IS_ALPHA": {"IN": [True]}}), "bad-value", "expected true or false"),
    (token({"SPACY": "yes"}), "bad-value", 'pattern[1].SPACY: expected true or false, got "yes"'),
    (token({"LOWER": {"REGX": "x"}}), "unknown-predicate", "REGX: unknown predicate; did you mean REGEX?"),
    (token({"LOWER": {"FUZZY0": "x"}}), "unknown-predicate", "did you mean FUZZY"),
    (token({"LOWER": {"IN": "x"}}), "bad-value", 'pattern[1].LOWER.IN: expected a list, got "x"'),
    (token({"LOWER": {"IN": ["x", 1]}}), "bad-value", "expected a text, got 1"),
    (token({"LOWER": {"REGEX": "(x"}}), "bad-regex", 'expected a regular expression, got "(x": missing'),
    (token({"LOWER": {"REGEX": "a{" + "1" * 4301 + "}"}}), "bad-regex", "...: Exceeds"),
    (token({"LOWER": {"REGEX": {"IN": ["x", "*"]}}}), "bad-regex", 'LOWER.REGEX.IN: expected a regular'),
    (token({"LOWER": {"REGEX": {"FUZZY": "x"}}}), "bad-value", "expected a text or one of IN, NOT_IN, got"),
    (token({"LOWER": {"FUZZY": {"IN": ["x"], "NOT_IN": []}}}), "bad-value", "one of IN, NOT_IN, got"),
    (token({"LOWER": {"FUZZY": 2}}), "bad-value", "expected a text, got 2"),
    (token({"OP": "++"}), "bad-operator", '[1].OP: expected !, ?, +, *, {n}, {n,m}, {n,} or {,m}, got'),
    (token({"OP": 2}), "bad-operator", "got 2"),
    (token({"OP": "{,}"}), "bad-operator", 'got "{,}"'),
    (token({"OP": "{3,2}"}), "bad-operator", 'expected a minimum that is not above the maximum, got "{3,2}"'),
    (token({"OP": "{2000}"}), "too-long", "expected at most 1000 tokens, got a pattern of up to 2001"),
    *[(token({name: "x"}), "refused-attribute", f"[1].{name}: {name} cannot be matched") for name in REFUSED],
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "message"), REFUSALS)
def test_refusals(tmp_path: Path, line: str | bytes, code: str, message: str) -> None:
    path = tmp_path / "rules.jsonl"
    good = b'{"label": "L", "pattern": "fine"}\n\n'
    path.write_bytes(good + (line if isinstance(line, bytes) else line.encode()) + b"\n" + good)
    with pytest.raises(PatternError) as caught:
        read_patterns(path)
    problems = caught.value.problems
    assert (problems[0].code, problems[0].origin.line) == (code, 3)
    assert message in problems[0].message
    assert str(caught.value).startswith(f"{path}:3: ")
    assert "mistake" not in str(caught.value)


def test_pos_is_refused_with_the_reason() -> None:
    with pytest.raises(
        PatternError, match=r"^x:1: pattern\[1\]\.pos: POS cannot be matched: it needs a part-of-speech"
    ):
        parse_patterns([token({"pos": "NOUN"})], "x")


def test_everything_wrong_in_a_file_is_listed() -> None:
    rows = [token({"LOWRE": "x", "POS": "NOUN", "OP": "-", "LENGTH": {"IN": 3, "==": None}})] + ["{}"] * 20
    with pytest.raises(PatternError) as caught:
        parse_patterns(rows, "x")
    problems = caught.value.problems
    assert [problem.origin.line for problem in problems] == [1] * 5 + [
        line for line in range(2, 22) for _ in range(2)
    ]
    assert str(caught.value).count("x:") == 20
    assert str(caught.value).endswith("\nand 25 more")


def test_rows(tmp_path: Path) -> None:
    path = tmp_path / "rules.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"label": "L", "pattern": " two  words "}\r\n\r\n'
        b'{"label": "L", "pattern": [{"op": "+"}], "id": 7, "meta": {"x": 1}, "_task_hash": 3}\n'
        b'{"label": "L", "pattern": [{}], "id": null}'
    )
    first, second, third = read_patterns(path, "rules")
    assert (first.phrase, first.id, str(first.origin)) == ("two  words", "1", "rules:1")
    assert (second.id, second.elements[0].minimum, second.elements[0].maximum) == ("7", 1, None)
    assert third.id == "4"


@pytest.mark.parametrize(
    ("op", "minimum", "maximum"),
    [("1", 1, 1), ("!", 1, 1), ("?", 0, 1), ("+", 1, None), ("*", 0, None), ("{2}", 2, 2), ("{2,3}", 2, 3),
     ("{2,}", 2, None), ("{,3}", 0, 3), ("{0,1}", 0, 1)],
)  # fmt: skip
def test_operators(op: str, minimum: int, maximum: int | None) -> None:
    (pattern,) = parse_patterns([{"label": "L", "pattern": [{"OP": op}]}])
    assert (pattern.elements[0].minimum, pattern.elements[0].maximum) == (minimum, maximum)


def test_several_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text('{"label": "L", "pattern": "x"}\n')
    two.write_text('\n{"label": "L", "pattern": "x"}\n{"label": "L", "pattern": "x", "id": "mine"}\n')
    assert [pattern.id for pattern in load_patterns(str(one))] == ["1"]
    found = load_patterns(["one.jsonl", "two.jsonl"], lambda name: tmp_path / name)
    assert [pattern.id for pattern in found] == ["one.jsonl:1", "two.jsonl:2", "mine"]
    one.write_text("{\n")
    two.write_text("{\n")
    with pytest.raises(PatternError) as caught:
        load_patterns([one, two])
    assert [problem.origin.file for problem in caught.value.problems] == [str(one), str(two)]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no\.jsonl: the pattern file cannot be read: No such file"):
        read_patterns(tmp_path / "no.jsonl")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_patterns(tmp_path)
    with pytest.raises(DataError, match=r"starter:nowhere: unknown starter list"):
        load_patterns("starter:nowhere")
    with pytest.raises(DataError, match="unknown starter list"):
        starter_path("../patterns/x")


LINTED = [
    ({"LOWER": "Apple"}, '"Apple" is not in lower case'),
    ({"NORM": "don’t"}, 'it would be "don\'t"'),
    ({"SHAPE": "Xxxxxx"}, '"Xxxxxx" is not a shape'),
    ({"LOWER": "new york"}, "contains a space, but tokens never do"),
    ({"ORTH": ""}, "the value is empty"),
    ({"LOWER": {"IN": []}}, "the list is empty"),
    ({"LOWER": {"IN": ["A", "B"]}}, '"A" is not in lower case'),
]
CLEAN = [
    {"LOWER": "apple"}, {"ORTH": "Apple"}, {"SHAPE": "Xxxxd.dd"}, {"LOWER": "A", "OP": "?"},
    {"LOWER": {"IN": ["a", "B"]}}, {"LOWER": {"REGEX": "A b"}}, {"ORTH": "\n"}, {"LENGTH": 3},
    {"LOWER": "A", "OP": "!"},
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), LINTED)
def test_lint_names_what_never_matches(given: Any, message: str) -> None:
    first, *_ = lint_patterns(parse_patterns([token(given)], "x"))
    assert (first.code, str(first.origin)) == ("never-matches", "x:1")
    assert first.message.startswith("pattern[1].")
    assert message in first.message


@pytest.mark.parametrize("given", CLEAN)
def test_lint_is_silent_on_what_can_match(given: Any) -> None:
    assert lint_patterns(parse_patterns([token(given)])) == []


def test_lint_names_duplicates() -> None:
    rows = [token({"LOWER": "a"}), token({"LOWER": "b"}), token({"lower": "a"})]
    (problem,) = lint_patterns(parse_patterns(rows, "x"))
    assert (problem.code, str(problem)) == ("duplicate-pattern", "x:3: the same pattern is at x:1")


@pytest.mark.parametrize("depth", [900, 950, 980, 985, 990, 995, 1000, 5000, 100_000])
def test_a_row_nested_too_deeply(depth: int) -> None:
    """What the reader of JSON takes may still be too deep for a message that shows it."""
    with pytest.raises(PatternError, match=r"expected|recursion"):
        parse_patterns(['{"label": "A", "pattern": ' + "[" * depth + "]" * depth + "}"])
