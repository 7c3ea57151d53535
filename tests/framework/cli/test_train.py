"""``nerture train``: its object, its table, Ctrl-C and going on."""

from __future__ import annotations

import json
import os
import signal

import pytest

SCORES = {"precision", "recall", "f1", "per_label", "texts", "words", "words_per_second"}


def test_train_prints_one_object_and_progress_elsewhere(run, trained, tmp_path):
    out = tmp_path / "model"
    result = run("train", trained / "pipeline.yaml", "-o", out, "--json", "--set", "train.max_steps=10")
    assert result.code == 0
    assert result.json.keys() >= SCORES | {
        "steps",
        "words_trained",
        "seconds",
        "train_words_per_second",
        "best_step",
    }
    assert result.json["steps"] == 10
    assert "step 5 " in result.err
    assert {path.name for path in tmp_path.iterdir()} == {"model"}
    scores = run("describe", out, "--json").json["meta"]["evaluation"]
    assert scores == {
        key: value for key, value in result.json.items() if key in SCORES - {"words_per_second"}
    }


def test_train_replaces_a_model_and_shows_a_table(run, trained, tmp_path):
    out = tmp_path / "model"
    for seed in (0, 1):
        result = run("train", trained / "pipeline.yaml", "-o", out, "-q", "--set", f"train.seed={seed}")
        assert result.code == 0
        assert "DRUG" in result.out
        assert "precision" in result.out
        assert run("describe", out, "--json").json["train"]["seed"] == seed


def test_a_blocked_plugin_is_not_there(run, trained, tmp_path):
    result = run("train", trained / "pipeline.yaml", "-o", tmp_path / "m", "--block", "nerture.plugins.gold")
    assert result.code == 1
    assert 'unknown source "gold"' in result.err


@pytest.fixture
def stop_at(monkeypatch):
    """Send Ctrl-C when training has come to a step."""
    from nerture.cli.training_display import Lines

    told = Lines.listen

    def stop_at(step):
        def listen(self, progress):
            told(self, progress)
            if progress.step == step:
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(Lines, "listen", listen)

    return stop_at


def test_ctrl_c_keeps_the_best_model_and_resume_goes_on(run, trained, tmp_path, stop_at):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    pipeline = trained / "pipeline.yaml"
    assert run("train", pipeline, "-o", whole).code == 0
    stop_at(12)
    result = run("train", pipeline, "-o", parts, "--json")
    assert result.code == 130
    assert result.json["interrupted"] is True
    assert "Stopped at step 12" in result.err
    assert "--resume" in result.err
    assert run("apply", parts, "-", stdin=b"text\n").code == 0
    stop_at(None)
    result = run("train", pipeline, "-o", parts, "--resume")
    assert result.code == 0
    assert "Resumed at step 12" in result.err
    assert (parts / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "parts"}


def test_ctrl_c_leaves_a_finished_model_alone(run, trained, tmp_path, stop_at, files_in):
    out = tmp_path / "model"
    assert run("train", trained / "pipeline.yaml", "-o", out).code == 0
    before = files_in(out)
    stop_at(7)
    result = run("train", trained / "pipeline.yaml", "-o", out, "--set", "train.seed=5")
    assert result.code == 130
    assert files_in(out) == before
    assert f"{out}.interrupted" in result.err
    assert run("describe", f"{out}.interrupted").code == 0


def test_resume_without_a_checkpoint_is_refused(run, trained, tmp_path):
    result = run("train", trained / "pipeline.yaml", "-o", tmp_path / "m", "--resume")
    assert result.code == 1
    assert "no checkpoint" in result.err


def test_train_tells_that_answers_contradict_each_other(run, project, corpus_rows):
    clicks = [
        {"text": "x aspirin", "spans": [{"start": 2, "end": 9, "label": "DRUG"}], "answer": answer}
        for answer in ("reject", "accept")
    ]
    pipeline, _ = project(
        corpus_rows,
        sources=[
            {"use": "gold", "path": "data.jsonl"},
            {"use": "answers", "path": "clicks.jsonl", "loss": "lattice"},
        ],
        evaluate={"use": "gold", "path": "data.jsonl"},
    )
    text = "".join(f"{json.dumps(row)}\n" for row in clicks)
    (pipeline.parent / "clicks.jsonl").write_text(text)
    result = run("train", pipeline, "--json", "-q")
    assert result.code == 0
    (said,) = result.err.splitlines()[:1]
    assert said.startswith("1 conflict between answers (nerture check lists them), the first: ")
    assert said.endswith("clicks.jsonl:1 rejects; the newer counts")
