"""``nerture train``: its object, its table, Ctrl-C and going on."""

from __future__ import annotations

import json
import os
import signal

import pytest

SCORES = {
    "precision", "recall", "f1", "per_label", "ece", "brier", "reliability",
    "texts", "words", "words_per_second",
}  # fmt: skip


def test_train_prints_one_object_and_progress_elsewhere(run, trained, tmp_path):
    out = tmp_path / "model"
    few = ["--set", "train.max_steps=10", "--set", "train.evaluate_every=5"]
    result = run("train", trained / "pipeline.yaml", "-o", out, "--json", *few)
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


def test_the_model_is_retrained_on_held_out_texts_at_the_end(run, trained, tmp_path):
    pipeline = trained / "pipeline.yaml"  # which names no texts to evaluate on
    result = run("train", pipeline, "-o", tmp_path / "model", "--json")
    assert result.code == 0
    steps = result.json["refit_steps"]
    assert steps >= result.json["best_step"]
    assert f"Retraining from scratch on all texts, held-out ones included: {steps} steps" in result.err
    assert f"best at step {result.json['best_step']}" in result.err
    assert f"; then {steps} steps on all texts." in result.err
    without = run("train", pipeline, "-o", tmp_path / "other", "--set", "train.refit=0", "--json")
    assert without.json["refit_steps"] == 0
    assert without.json["f1"] == result.json["f1"], "that of the model that had not seen these texts"
    assert "all texts" not in without.err


def test_cross_validation_is_reported_fold_by_fold(run, trained, tmp_path):
    command = ("train", trained / "pipeline.yaml", "-o", tmp_path / "model", "--set", "train.folds=3")
    result = run(*command, "--json")
    assert result.code == 0
    assert len(result.json["fold_f1"]) == 3
    assert "held-out ones included, then 3 folds: " in result.err
    for fold in (1, 2, 3):
        assert result.err.count(f"Cross-validation: training without fold {fold} of 3\n") == 1
    low, high = (f"{100 * bound(result.json['fold_f1']):.1f}" for bound in (min, max))
    assert f"; F1 {100 * result.json['f1']:.1f} in cross-validation (3 folds: {low} to {high})." in result.err
    assert run("describe", tmp_path / "model", "--json").json["meta"]["evaluation"]["f1"] == result.json["f1"]
    refused = run("train", trained / "pipeline.yaml", "--set", "train.folds=1")
    assert refused.code == 1
    assert "train.folds: expected 2 or more, got 1" in refused.err


def test_train_replaces_a_model_and_shows_a_table(run, trained, tmp_path):
    out = tmp_path / "model"
    for seed in (0, 1):
        result = run("train", trained / "pipeline.yaml", "-o", out, "-q", "--set", f"train.seed={seed}")
        assert result.code == 0
        assert "DRUG" in result.out
        assert "precision" in result.out
        assert run("describe", out, "--json").json["train"]["seed"] == seed


def test_a_blocked_plugin_is_not_loaded(run, trained, tmp_path):
    result = run("train", trained / "pipeline.yaml", "-o", tmp_path / "m", "--block", "nerture.plugins.gold")
    assert result.code == 1
    assert 'unknown source "gold"' in result.err


@pytest.fixture
def stop_at(monkeypatch):
    """Send Ctrl-C when training has come to a step."""
    from nerture.cli.train_progress import Lines

    original = Lines.listen

    def stop_at(step):
        def listen(self, progress):
            original(self, progress)
            if progress.step == step:
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(Lines, "listen", listen)

    return stop_at


def test_ctrl_c_saves_the_best_model_and_resume_continues(run, trained, tmp_path, stop_at):
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


def test_contradicting_answers_are_reported(run, project, corpus_rows):
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
    (note,) = result.err.splitlines()[:1]
    assert note.startswith("Note: ")
    assert note.endswith("clicks.jsonl:1 rejects; the newer counts [conflicting-answers]")


def test_notes_are_printed_and_are_no_bad_rows(run, project, tmp_path):
    text = " ".join(["word"] * 300)
    long = {"text": text, "spans": [{"start": 0, "end": len(text), "label": "DRUG"}]}
    ignored = {"text": "codeine", "spans": [], "answer": "ignore"}
    path, _ = project(
        [long, ignored, ignored, {"text": "I take codeine .", "spans": []}, {"text": "a", "spans": []}]
    )
    result = run("train", path, "-o", tmp_path / "m", "-q", "--set", "train.max_steps=1")
    assert result.code == 0
    assert "data.jsonl:1: DRUG 'word word" in result.err
    assert "has 300 tokens; the longest that can be learned here has 200" in result.err
    assert (
        "data.jsonl:2: left out: its answer is ignore [left-out] (and 1 more note of this kind)" in result.err
    )
    assert "Skipped" not in result.err


@pytest.fixture
def update(trained, tmp_path, monkeypatch, rows_file):
    """Write a pipeline that starts from the trained model with a new label."""
    from nerture.training import rehearsal

    monkeypatch.setattr(rehearsal, "LOSS", "fake_rehearse")
    (tmp_path / "nerture_plugins.py").write_text(
        "import numpy as np\n"
        "from nerture import hookimpl\n"
        "def make(options, services):\n"
        "    return lambda scores, targets: (0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open))\n"
        "@hookimpl\n"
        "def nerture_register_losses(register):\n"
        "    register('fake_rehearse', make)\n"
    )

    def update(rows, **changes):
        rows_file("more.jsonl", rows)
        config = {
            "nerture": 1,
            "labels": ["DRUG", "DOSE"],
            "start": {"model": str(trained / "model")},
            "sources": [{"use": "gold", "path": "more.jsonl"}],
            "train": {"max_steps": 40, "evaluate_every": 40, "learn_rate": 0.02, "batch_words": 100},
            "evaluate": {"use": "gold", "path": str(trained / "data.jsonl"), "complete": ["DRUG"]},
            **changes,
        }
        path = tmp_path / "update.yaml"
        path.write_text(json.dumps(config))
        return path

    return update


def test_continuing_shows_old_labels_before_and_after_and_warns_of_drops(run, update, corpus_rows, tmp_path):
    """The texts say that nothing in them is a drug."""
    pipeline = update([{"text": row["text"], "spans": []} for row in corpus_rows])
    result = run("train", pipeline, "-o", tmp_path / "new", "--json")
    assert result.code == 0
    assert "Starting from" in result.err
    assert "it knows DRUG; rehearsing on 60 texts" in result.err
    assert result.json["before"] == {"DRUG": pytest.approx(1.0, abs=0.1)}
    before, after = result.json["before"]["DRUG"], result.json["per_label"]["DRUG"]["f1"]
    assert after < 0.5
    assert f"Warning: DRUG fell from F1 {100 * before:.1f} to {100 * after:.1f}" in result.err
    assert "start.rehearse_weight" in result.err
    table = run("train", pipeline, "-o", tmp_path / "new", "-q")
    header, *lines = [line.split() for line in table.out.splitlines() if line.strip()]
    assert header[:5] == ["label", "precision", "recall", "F1", "before"]
    rows = {line[0]: line for line in lines}
    assert rows["DRUG"][4] == f"{100 * before:.1f}"
    assert len(rows["DOSE"]) == len(rows["DRUG"]) - 1


def test_continuing_reports_unknown_drops_and_removed_labels(run, update, corpus_rows, tmp_path):
    dosed = {
        "text": "Take 5 mg now .",
        "spans": [{"start": 5, "end": 9, "label": "DOSE"}],
        "complete": ["DOSE"],
    }
    pipeline = update([dosed] * 10, evaluate={"use": "gold", "path": "more.jsonl"})
    result = run("train", pipeline, "-o", tmp_path / "new")
    assert "Whether DRUG fell is unknown: the evaluation texts have none" in result.err
    assert "Warning" not in result.err
    pipeline = update([dosed] * 10, labels=["DOSE"], evaluate={"use": "gold", "path": "more.jsonl"})
    result = run("train", pipeline, "-o", tmp_path / "new", "--set", "start.rehearse=false")
    assert "dropped: DRUG; without rehearsal" in result.err
    assert run("describe", tmp_path / "new", "--json").json["meta"]["start"]["labels"] == ["DRUG"]


def test_a_missing_start_model_is_reported(run, update, corpus_rows, tmp_path):
    pipeline = update(corpus_rows, start={"model": "nowhere"})
    result = run("train", pipeline, "-o", tmp_path / "new")
    assert result.code == 1
    assert "update.yaml:1: start.model: " in result.err
    assert "nowhere: not a model folder" in result.err
