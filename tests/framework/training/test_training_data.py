"""What a training reads: what is held out, how long texts are cut, what is noted."""

from __future__ import annotations

import json

import pytest

from nerture.pipeline import open_pipeline
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

from ...support.tiny_corpus import pipeline, row, write_corpus


@pytest.fixture
def folder(tmp_path):
    return write_corpus(tmp_path)


def test_a_share_is_held_out_where_nothing_else_is_named(folder):
    twice = [row(number % 20) for number in range(40)]  # equal texts stay on one side
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, twice)))
    halves = []
    for seed in (0, 0, 1):
        changed = pipeline(folder, evaluate=None, train={"seed": seed, "dev_share": 0.25})
        data = read_training_data(open_pipeline(changed))
        kept = {target.doc.text for target in data.sources[0].targets}
        aside = {target.doc.text for target in data.held_out}
        assert not kept & aside
        assert (len(kept), len(aside)) == (15, 5)
        assert len(data.sources[0].targets) + len(data.held_out) == 40
        halves.append(aside)
    assert halves[0] == halves[1] != halves[2]


def test_long_texts_are_cut_for_training_only(folder):
    long = " ".join(row(number)["text"] for number in range(100))
    (folder / "gold.jsonl").write_text(json.dumps({"text": long, "spans": []}) + "\n" + json.dumps(row(1)))
    (folder / "dev.jsonl").write_text(json.dumps({"text": long, "spans": []}))
    data = read_training_data(open_pipeline(pipeline(folder)))
    assert len(data.held_out) == 1
    assert len(data.sources[0].targets) > 2
    assert max(len(target.doc) for target in data.sources[0].targets) <= 500


@pytest.mark.parametrize("tokens", [3, 30, 900])
def test_the_longest_entity_follows_the_data_within_reason(folder, tokens):
    text = " ".join(["word"] * 1000)
    long = {"text": text, "spans": [{"start": 0, "end": 5 * tokens - 1, "label": "DRUG"}]}
    (folder / "gold.jsonl").write_text(json.dumps(long))
    opened = open_pipeline(pipeline(folder))
    learner = Trainer(opened, read_training_data(opened)).updater.learner
    assert learner.longest == {3: 10, 30: 30, 900: 200}[tokens]


@pytest.mark.parametrize(("stated", "noted"), [(None, [900]), (12, [30, 900]), (30, [900])])
def test_spans_too_long_to_be_learned_are_noted(folder, stated, noted):
    text = " ".join(["word"] * 1000)
    rows = [
        {"text": text, "spans": [{"start": 0, "end": 5 * tokens - 1, "label": "DRUG"}]}
        for tokens in (900, 30, 10)
    ]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = pipeline(folder)
    config["model"]["max_entity_tokens"] = stated
    data = read_training_data(open_pipeline(config))
    assert [problem.severity for problem in data.problems] == ["note"] * len(noted)
    for problem, tokens in zip(data.problems, reversed(noted), strict=True):
        assert problem.code == "span-too-long"
        assert str(problem.origin).endswith(f"gold.jsonl:{ {900: 1, 30: 2}[tokens] }")
        assert (
            f"has {tokens} tokens; the longest that can be learned here has {stated or 200}"
            in problem.message
        )
        assert len(problem.message) < 300


def test_rows_left_out_for_their_answer_are_noted(folder):
    rows = [row(1), row(2) | {"answer": "ignore"}]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (note,) = read_training_data(open_pipeline(pipeline(folder))).problems
    assert (note.code, note.severity, note.origin.line) == ("left-out", "note", 2)
