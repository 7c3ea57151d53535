"""Trainings with rules as constraints: the model keeps them."""

from __future__ import annotations

import json

import pytest

from nerture.errors import ConfigError, ConflictError
from nerture.models.model import load
from nerture.pipeline import open_pipeline
from nerture.training.train import train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data


@pytest.fixture
def project(tmp_path):
    """A pipeline with rules, whose data says something else than the rules do."""
    rows = [
        {"text": f"Bo took Aspirin on day {n} .", "spans": [{"start": 8, "end": 15, "label": "DRUG"}]}
        for n in range(30)
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "force.jsonl").write_text(json.dumps({"label": "DRUG", "pattern": "Bo"}))
    (tmp_path / "forbid.jsonl").write_text(json.dumps({"label": "DRUG", "pattern": "Aspirin"}))

    def pipeline(*matchers):
        settings = {"max_steps": 30, "evaluate_every": 10, "batch_words": 100, "learn_rate": 0.02}
        used = [{"use": "patterns", "path": str(tmp_path / path), "as": role} for path, role in matchers]
        return {
            "nerture": 1,
            "labels": ["DRUG"],
            "model": {"width": 16, "depth": 1, "hidden": 8},
            "matchers": used,
            "sources": [{"use": "gold", "path": str(tmp_path / "gold.jsonl")}],
            "train": settings,
        }

    return pipeline


def test_a_model_trained_with_constraints_keeps_them(project, tmp_path):
    result = train(project(("force.jsonl", ["require"]), ("forbid.jsonl", "forbid")), tmp_path / "model")
    assert result.report.total.predicted >= result.report.texts, "Bo in each text"
    assert result.report.total.right == 0, "and never Aspirin"
    for name in ("force.jsonl", "forbid.jsonl"):
        (tmp_path / name).unlink()
    model = load(tmp_path / "model")
    assert model.learner.match_features is None, "constraints are no features"
    doc = model("Bo took Aspirin on day 3 .", {"DRUG": 0.99})
    assert [span.text for span in doc.spans] == ["Bo"]
    assert doc.spans[0].score == pytest.approx(1.0)
    model.save(tmp_path / "again")
    assert load(tmp_path / "again").span_probability(doc, 2, 3, "DRUG") == 0.0


def test_the_same_rules_may_be_features_and_constraints(project, tmp_path):
    train(project(("force.jsonl", ["feature", "require"])), tmp_path / "model")
    model = load(tmp_path / "model")
    assert model.learner.match_features is not None
    assert "Bo" in [span.text for span in model("Bo took Aspirin on day 3 .").spans]


def test_a_contradiction_ends_training_before_it_begins(project, tmp_path):
    pipeline = open_pipeline(project(("force.jsonl", "require"), ("force.jsonl", "forbid")))
    with pytest.raises(
        ConflictError, match=r"gold\.jsonl:\d+: constraints: .*'Bo'.* forbidden by pattern '1'"
    ):
        Trainer(pipeline, read_training_data(pipeline))


def test_a_constraint_of_another_label_is_refused_with_its_place(project, tmp_path):
    (tmp_path / "force.jsonl").write_text(json.dumps({"label": "DRGU", "pattern": "Bo"}))
    with pytest.raises(
        ConfigError, match=r"matchers\[0\]: expected constraints .* got 'DRGU'; did you mean DRUG"
    ):
        open_pipeline(project(("force.jsonl", "require")))
    open_pipeline(project(("force.jsonl", "feature")))
