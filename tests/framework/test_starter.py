"""The example project: annotated as its pipeline says, and measured on texts it was not trained on."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
import yaml

from nerture.core.text.english import english_tokenizer
from nerture.patterns import lint_patterns, load_patterns

from ..support.repository import ROOT

FOLDER = ROOT / "framework" / "starter"
CORPORA = ["training", "evaluation"]


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def sentences() -> list[str]:
    return (FOLDER / "sentences.txt").read_text(encoding="utf-8").splitlines()


def pipeline() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "pipeline.yaml").read_text(encoding="utf-8"))


def test_the_pipeline_names_files_of_the_folder() -> None:
    parts = [*pipeline()["matchers"], *pipeline()["sources"]]
    assert {part["path"] for part in parts} == {"patterns.jsonl", "training.jsonl"}
    assert all((FOLDER / part["path"]).is_file() for part in parts)


@pytest.mark.parametrize("name", CORPORA)
def test_spans_lie_on_words_in_order_and_apart(name: str) -> None:
    for row in rows(name):
        assert set(row) == {"text", "spans"}
        text, end = row["text"], 0
        for span in row["spans"]:
            assert end <= span["start"] < span["end"] <= len(text), row
            surface = text[span["start"] : span["end"]]
            assert surface == surface.strip(), row
            around = text[max(span["start"] - 1, 0) : span["start"]] + text[span["end"] : span["end"] + 1]
            assert not re.search(r"\w", around), row
            end = span["end"]


@pytest.mark.parametrize("name", CORPORA)
def test_spans_begin_and_end_where_tokens_do(name: str) -> None:
    tokenize = english_tokenizer()
    for row in rows(name):
        offsets = tokenize(row["text"])
        starts, ends = set(offsets[:, 0].tolist()), set(offsets[:, 1].tolist())
        assert {span["start"] for span in row["spans"]} <= starts, row
        assert {span["end"] for span in row["spans"]} <= ends, row


@pytest.mark.parametrize("name", CORPORA)
def test_the_labels_are_those_of_the_pipeline_and_all_occur(name: str) -> None:
    assert {span["label"] for row in rows(name) for span in row["spans"]} == set(pipeline()["labels"])


def test_there_is_enough_to_learn_from_and_to_measure_on() -> None:
    assert len(rows("training")) >= 420
    assert len(rows("evaluation")) >= 80
    for name in CORPORA:
        without = sum(not row["spans"] for row in rows(name))
        assert 0.25 < without / len(rows(name)) < 0.45


def test_no_text_stands_twice() -> None:
    texts = [row["text"] for name in CORPORA for row in rows(name)] + sentences()
    assert [text for text, count in Counter(text.casefold() for text in texts).items() if count > 1] == []


def test_the_sentences_are_one_a_line() -> None:
    assert len(sentences()) == 10
    assert all(8 <= len(sentence.split()) <= 45 for sentence in sentences())


def test_every_pattern_can_match_and_has_a_label_of_the_pipeline() -> None:
    patterns = load_patterns(FOLDER / "patterns.jsonl")
    assert 30 <= len(patterns) <= 60
    assert lint_patterns(patterns) == []
    assert {pattern.label for pattern in patterns} == set(pipeline()["labels"])
    assert len({pattern.id for pattern in patterns}) == len(patterns)


def test_context_matters() -> None:
    """Some words must be an entity in one text and none in another, or the patterns alone would do."""
    marked, unmarked = set(), set()
    for row in rows("training"):
        inside = {i for span in row["spans"] for i in range(span["start"], span["end"])}
        for word in re.finditer(r"\w+", row["text"]):
            (marked if word.start() in inside else unmarked).add(word.group().lower())
    for word in ["rose", "mint", "rust", "bug", "mouse", "rosemary", "heather", "basil", "squash", "fly"]:
        assert word in marked, word
        assert word in unmarked, word
