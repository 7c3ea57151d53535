"""Sessions that start with a trained model: training depends on the labels that it knows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nerture.core.targets.target import Target
from nerture.pipeline import open_pipeline
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.live.factory import make_session_parts
from nerture.sessions.plan import SessionPlan
from nerture.training.train import train

from ....support.tiny_corpus import pipeline as make_config
from ....support.tiny_corpus import write_corpus


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model that knows drugs."""
    folder = write_corpus(tmp_path_factory.mktemp("known"))
    drugs = make_config(folder, labels=["DRUG"])
    for part in (*drugs["sources"], drugs["evaluate"]):
        part["map"] = {"CITY": None}
    train(drugs, folder / "old")
    return folder


def make_parts(folder, known, asked, rehearse=True):
    path = folder / "pipeline.json"
    path.write_text(
        json.dumps(
            {"nerture": 1, "labels": known, "start": {"model": str(folder / "old"), "rehearse": rehearse}}
        )
    )
    pipeline = open_pipeline(path)
    records = pipeline.services.read(str(folder / "gold.jsonl"))
    return make_session_parts(pipeline, SessionPlan("teach", asked, blank=False), list(records))


@pytest.mark.parametrize(
    ("known", "asked", "refining"),
    [
        (["DRUG"], ("DRUG",), True),
        (["DRUG", "CITY"], ("DRUG",), True),
        (["DRUG", "CITY"], ("DRUG", "CITY"), False),
        (["DRUG", "CITY"], ("CITY",), False),
    ],
)
def test_a_model_that_knows_all_labels_is_refined(folder, known, asked, refining):
    assert make_parts(folder, known, asked).trainer.refining == refining


@pytest.mark.parametrize("rehearse", [True, False])
def test_a_session_rehearses_unless_the_pipeline_says_no(folder, rehearse):
    trainer = make_parts(folder, ["DRUG"], ("DRUG",), rehearse).trainer
    assert trainer.refining
    assert bool(trainer._make_rehearsal_targets(set())) == rehearse


def test_a_refined_model_stays_closer_to_the_start_model(folder):
    parts = make_parts(folder, ["DRUG"], ("DRUG",))
    text = parts.state.pool[0]
    snapshot = TrainingSnapshot(
        (Target(text.doc, (), frozenset({"DRUG"})),), {}, 0.8, from_scratch=True, answers=1
    )
    changes = []
    for parts.trainer.refining in (True, False):
        learner = parts.trainer.learn(None, snapshot)
        changes.append(float(np.abs(learner.weights.flat - parts.start.weights.flat).mean()))
    assert 0 < changes[0] < changes[1] / 2
