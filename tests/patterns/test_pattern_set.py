"""Compiled patterns: ids, phrases, bounds, many values, long texts, real files."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.errors import PatternError, SettingError
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.patterns import PatternSet, load_patterns, parse_patterns, value_cache
from nerture.patterns.fuzzy import default_edits, is_within
from nerture.patterns.required_literals import MAX_TOKENS, find_gate


def rows(*patterns: Any, label: str = "L") -> Any:
    return parse_patterns([{"label": label, "pattern": pattern} for pattern in patterns])


def by_spaces(text: str) -> Any:
    return np.array([match.span() for match in re.finditer(r"[a-z]+", text)], dtype=np.int32).reshape(-1, 2)


def test_duplicate_rows() -> None:
    given = [
        {"label": "L", "pattern": [{"LOWER": "a"}]},
        {"label": "L", "pattern": [{"LOWER": "a"}]},
        {"label": "L", "pattern": [{"LOWER": "a"}], "id": "same"},
        {"label": "L", "pattern": [{"ORTH": "a"}], "id": "same"},
    ]
    doc = Doc.from_words(["a"])
    everything = PatternSet(parse_patterns(given), overlap="all")
    assert everything.match(doc) == [Match(0, 1, "L", id) for id in ("1", "2", "same")]
    assert PatternSet(parse_patterns(given)).match(doc) == [Match(0, 1, "L", "1")]
    assert everything(doc) == everything.match(doc)
    assert (len(everything), everything.labels) == (4, ("L",))


def test_policies() -> None:
    given = parse_patterns(
        [
            {"label": "SHORT", "pattern": [{"LOWER": "c"}]},
            {"label": "LEFT", "pattern": [{"LOWER": "a"}, {"LOWER": "b"}]},
            {"label": "LONG", "pattern": [{"LOWER": "b"}, {"LOWER": "c"}, {"LOWER": "d"}]},
        ]
    )
    doc = Doc.from_words(list("abcd"))
    found = {policy: [match.label for match in PatternSet(given, overlap=policy).match(doc)]
             for policy in ("longest", "first", "priority", "all")}  # fmt: skip
    assert found == {
        "longest": ["LONG"], "first": ["LEFT", "SHORT"], "priority": ["LEFT", "SHORT"],
        "all": ["LEFT", "LONG", "SHORT"],
    }  # fmt: skip
    with pytest.raises(SettingError, match="unknown policy 'longst'; did you mean longest"):
        PatternSet(given, overlap="longst")
    with pytest.raises(SettingError, match="max_tokens: expected 1 or more, got 0"):
        PatternSet(given, max_tokens=0)


def test_phrases_go_through_the_tokenizer() -> None:
    compiled = PatternSet(rows("one two", "three"), by_spaces)
    assert compiled.match(Doc("one,two three One two", by_spaces)) == [(0, 2, "L", "1"), (2, 3, "L", "2")]
    with pytest.raises(PatternError, match=r"<patterns>:2: the phrase has no tokens"):
        PatternSet(rows("one", "?!"), by_spaces)


def test_spaces_between_tokens() -> None:
    compiled = PatternSet(rows([{"LOWER": "a", "SPACY": False}, {"LOWER": "b"}]))
    assert compiled.match(Doc.from_words(list("abab"), [True, True, False, False])) == [(2, 4, "L", "1")]


def test_a_pattern_without_bound_is_bounded_by_max_tokens() -> None:
    doc = Doc.from_words(["a"] * 200)
    assert [match[:2] for match in PatternSet(rows([{"OP": "+"}])).match(doc)] == [
        (0, 64), (64, 128), (128, 192), (192, 200),
    ]  # fmt: skip
    assert PatternSet(rows([{"OP": "{100}"}])).match(doc)[0][:2] == (0, 100)
    assert PatternSet(rows([{"OP": "{100,}"}]), max_tokens=3).match(doc)[0][:2] == (0, 100)


def test_nothing_in_nothing_out() -> None:
    assert PatternSet([]).match(Doc.from_words(["a"])) == []
    assert PatternSet(rows("a", [{"OP": "*"}], [{"LOWER": "b"}]), by_spaces).match(Doc.from_words([])) == []


def test_a_small_table_of_forms_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_cache, "MAX_ENTRIES", 2)
    compiled = PatternSet(
        rows([{"LOWER": "a"}], [{"LENGTH": 2}, {"IS_DIGIT": True, "OP": "?"}]), overlap="all"
    )
    for _ in range(2):
        doc = Doc.from_words(["A", "bb", "1", "ccc", "dd", "a", "22"])
        assert [match[:2] for match in compiled.match(doc)] == [
            (0, 1),
            (1, 2),
            (1, 3),
            (4, 5),
            (5, 6),
            (6, 7),
        ]


@pytest.mark.parametrize("body", [
    [{"IS_ALPHA": True, "OP": "+"}],
    [{"OP": "*"}, {"LOWER": "z"}],
    [{"LOWER": "a", "OP": "*"}, {"LOWER": "a", "OP": "*"}, {"LOWER": "a", "OP": "*"}, {"LOWER": "z"}],
    [{"LOWER": "a", "OP": "?"}] * 20 + [{"LOWER": "a"}] * 20,
])  # fmt: skip
def test_patterns_that_ruin_a_backtracking_matcher_take_no_time(body: Any) -> None:
    doc = Doc.from_words((["a"] * 50 + ["b"]) * 400)
    compiled = PatternSet(rows(body))
    started = time.process_time()
    compiled.match(doc)
    assert time.process_time() - started < 10  # seconds; trying everything takes minutes, or for ever


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 9))
def test_edit_distance(one: str, other: str, limit: int) -> None:
    table = {}
    for row in range(len(one) + 1):
        for column in range(len(other) + 1):
            table[row, column] = row + column if not row * column else min(
                table[row - 1, column] + 1, table[row, column - 1] + 1,
                table[row - 1, column - 1] + (one[row - 1] != other[column - 1]),
            )  # fmt: skip
    assert is_within(one, other, limit) is (table[len(one), len(other)] <= limit)


def test_edits_allowed() -> None:
    assert [default_edits("x" * length) for length in (1, 8, 9, 10, 12, 20)] == [2, 2, 3, 3, 4, 6]


def annotated(path: Path) -> Any:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["answer"] == "accept":
            doc = Doc.from_offsets(row["text"], [(token["start"], token["end"]) for token in row["tokens"]])
            yield doc, {(span["start"], span["end"], span["label"]) for span in row.get("spans", [])}


def test_published_figures_of_drug_patterns(real_data: Path) -> None:
    compiled = PatternSet(load_patterns(real_data / "drugs" / "drugs_patterns.jsonl"))
    right = found = gold = 0
    for doc, spans in annotated(real_data / "drugs" / "drugs_eval.jsonl"):
        here = {(int(doc.offsets[start, 0]), int(doc.offsets[end - 1, 1]), label)
                for start, end, label, _ in compiled.match(doc)}  # fmt: skip
        right, found, gold = right + len(here & spans), found + len(here), gold + len(spans)
    precision, recall = 100 * right / found, 100 * right / gold
    assert precision == pytest.approx(83.7, abs=0.5)
    assert recall == pytest.approx(28.5, abs=0.5)
    assert 2 * precision * recall / (precision + recall) == pytest.approx(42.5, abs=0.5)


def test_every_pattern_of_the_real_files_matches_its_own_words(real_data: Path) -> None:
    paths = sorted(real_data.glob("*/*patterns*.jsonl"))
    assert len(paths) >= 6
    for path in paths:
        patterns = load_patterns(path)
        compiled = PatternSet(patterns, by_words, overlap="all")
        for pattern in patterns:
            if pattern.phrase is None:
                words = [element.test.conditions[0].predicate.value for element in pattern.elements]
                doc = Doc.from_words(words)
            else:
                doc = Doc(pattern.phrase, by_words)
            assert Match(0, len(doc), pattern.label, pattern.id) in compiled.match(doc)


def by_words(text: str) -> Any:
    return np.array([match.span() for match in re.finditer(r"\w+|[^\w\s]", text)], dtype=np.int32).reshape(
        -1, 2
    )


def test_long_repetitions_are_not_written_out() -> None:
    """256 ways to begin times a thousand tokens each would be 250,000 tokens a row."""
    rows = [
        {
            "label": "A",
            "pattern": [{"LOWER": {"IN": ["a", "b"]}, "OP": "{8}"}, {"LOWER": word, "OP": "{992}"}],
        }
        for word in ("x", "y")
    ]
    patterns = parse_patterns(rows)
    for pattern in patterns:
        gate = find_gate(pattern)
        assert gate is not None
        assert sum(map(len, gate.sequences)) <= MAX_TOKENS
    words = [*"abababab", *["x"] * 992, *"ababaaaa", *["y"] * 992]
    found = PatternSet(patterns).match(Doc.from_words(words))
    assert [(match.start, match.end, match.pattern) for match in found] == [(0, 1000, "1"), (1000, 2000, "2")]
