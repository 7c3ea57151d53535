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
    ("[1]", "not-an-object", "[1] is no pattern"),
    ('{"pattern": "x"}', "bad-label", "'label' must be a text that is not empty, not missing"),
    ('{"label": " ", "pattern": "x"}', "bad-label", 'not " "'),
    ('{"label": 3, "pattern": "x"}', "bad-label", "not 3"),
    ('{"label": "L", "patern": "x"}', "unknown-key", "unknown key 'patern'; did you mean pattern?"),
    ('{"label": "L"}', "bad-pattern", "neither empty, not missing"),
    ('{"label": "L", "pattern": " "}', "bad-pattern", 'not " "'),
    ('{"label": "L", "pattern": []}', "bad-pattern", "not []"),
    ('{"label": "L", "pattern": {"LOWER": "x"}}', "bad-pattern", 'not {"LOWER": "x"}'),
    ('{"label": "L", "pattern": "x", "id": true}', "bad-id", "'id' must be a text or an integer, not true"),
    ('{"label": "L", "pattern": "x", "id": ""}', "bad-id", 'not ""'),
    ('{"label": "L", "pattern": [{"OP": "{0}"}]}', "bad-pattern", "can match no token"),
    (token("x"), "bad-token", 'pattern[1]: "x" is no token'),
    (token({"LOWRE": "x"}), "unknown-attribute", "pattern[1].LOWRE: unknown attribute; did you mean LOWER?"),
    (token({"qqq": "x"}), "unknown-attribute", "allowed are ORTH, LOWER"),
    (token({"lower": "x", "LOWER": "y"}), "duplicate-key", "pattern[1].LOWER: LOWER is given twice"),
    (token({"LOWER": 3}), "bad-value", "pattern[1].LOWER: 3 must be a text"),
    (token({"LOWER": None}), "bad-value", "null must be a text"),
    (token({"LOWER": ["x"]}), "bad-value", '["x"] must be a text'),
    (token({"LOWER": {}}), "bad-value", "the object is empty; allowed are REGEX"),
    (token({"LENGTH": "3"}), "bad-value", 'pattern[1].LENGTH: "3" must be a whole number'),
    (token({"LENGTH": True}), "bad-value", "true must be a whole number"),
    (token({"LENGTH": {">=": "3"}}), "bad-value", 'pattern[1].LENGTH.>=: "3" must be a number'),
    (token({"LENGTH": {"REGEX": "3"}}), "unknown-predicate", "REGEX does not apply to LENGTH; allowed are"),
    (token({"LOWER": {">=": 3}}), "unknown-predicate", ">= does not apply to LOWER"),
    (token({"IS_ALPHA": 1}), "bad-value", "pattern[1].IS_ALPHA: 1 must be true or false"),
    (token({"IS_ALPHA": {"IN": [True]}}), "bad-value", "must be true or false"),
    (token({"SPACY": "yes"}), "bad-value", 'pattern[1].SPACY: "yes" must be true or false'),
    (token({"LOWER": {"REGX": "x"}}), "unknown-predicate", "REGX: unknown predicate; did you mean REGEX?"),
    (token({"LOWER": {"FUZZY0": "x"}}), "unknown-predicate", "did you mean FUZZY"),
    (token({"LOWER": {"IN": "x"}}), "bad-value", 'pattern[1].LOWER.IN: "x" must be a list'),
    (token({"LOWER": {"IN": ["x", 1]}}), "bad-value", "1 must be a text"),
    (token({"LOWER": {"REGEX": "(x"}}), "bad-regex", 'REGEX: "(x" is not a regular expression: missing )'),
    (token({"LOWER": {"REGEX": "a{" + "1" * 4301 + "}"}}), "bad-regex", "regular expression: Exceeds"),
    (token({"LOWER": {"REGEX": {"IN": ["x", "*"]}}}), "bad-regex", 'pattern[1].LOWER.REGEX.IN: "*" is not'),
    (token({"LOWER": {"REGEX": {"FUZZY": "x"}}}), "bad-value", "within REGEX there may be one of IN, NOT_IN"),
    (token({"LOWER": {"FUZZY": {"IN": ["x"], "NOT_IN": []}}}), "bad-value", "within FUZZY there may be"),
    (token({"LOWER": {"FUZZY": 2}}), "bad-value", "2 must be a text"),
    (token({"OP": "++"}), "bad-operator", 'pattern[1].OP: "++" is no operator; allowed are !, ?, +, *, {n}'),
    (token({"OP": 2}), "bad-operator", "2 is no operator"),
    (token({"OP": "{,}"}), "bad-operator", "is no operator"),
    (token({"OP": "{3,2}"}), "bad-operator", "asks for at least 3 and at most 2"),
    (token({"OP": "{2000}"}), "too-long", "asks for up to 2001 tokens; at most 1000 are allowed"),
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
    assert (second.id, second.elements[0].least, second.elements[0].most) == ("7", 1, None)
    assert third.id == "4"


@pytest.mark.parametrize(
    ("op", "least", "most"),
    [("1", 1, 1), ("!", 1, 1), ("?", 0, 1), ("+", 1, None), ("*", 0, None), ("{2}", 2, 2), ("{2,3}", 2, 3),
     ("{2,}", 2, None), ("{,3}", 0, 3), ("{0,1}", 0, 1)],
)  # fmt: skip
def test_operators(op: str, least: int, most: int | None) -> None:
    (pattern,) = parse_patterns([{"label": "L", "pattern": [{"OP": op}]}])
    assert (pattern.elements[0].least, pattern.elements[0].most) == (least, most)


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
    with pytest.raises(DataError, match=r"starter:nowhere: no starter list has this name"):
        load_patterns("starter:nowhere")
    with pytest.raises(DataError, match="no starter list"):
        starter_path("../patterns/x")


LINTED = [
    ({"LOWER": "Apple"}, '"Apple" is not in lower case'),
    ({"NORM": "don’t"}, 'it would be "don\'t"'),
    ({"SHAPE": "Xxxxxx"}, '"Xxxxxx" is no shape'),
    ({"LOWER": "new york"}, "holds a space, and a token does not"),
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
    assert (problem.code, str(problem)) == ("duplicate-pattern", "x:3: the same pattern stands at x:1")


@pytest.mark.parametrize("depth", [900, 950, 980, 985, 990, 995, 1000, 5000, 100_000])
def test_a_row_nested_too_deeply(depth: int) -> None:
    """What the reader of JSON takes may still be too deep for a message that shows it."""
    with pytest.raises(PatternError, match=r"deep|must be|recursion"):
        parse_patterns(['{"label": "A", "pattern": ' + "[" * depth + "]" * depth + "}"])
