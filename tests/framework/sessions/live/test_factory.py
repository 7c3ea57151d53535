"""Sessions that start with a trained model: how they learn depends on what it knows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nerture.core.targets.target import Target
from nerture.pipeline import open_pipeline
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.live.factory import open_session
from nerture.sessions.plan import SessionPlan
from nerture.training.train import train

from ....support.tiny_corpus import pipeline, write_corpus


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model that knows drugs."""
    folder = write_corpus(tmp_path_factory.mktemp("known"))
    drugs = pipeline(folder, labels=["DRUG"])
    for part in (*drugs["sources"], drugs["evaluate"]):
        part["map"] = {"CITY": None}
    train(drugs, folder / "old")
    return folder


def opened(folder, known, asked, rehearse=True):
    path = folder / "pipeline.json"
    path.write_text(
        json.dumps(
            {"nerture": 1, "labels": known, "start": {"model": str(folder / "old"), "rehearse": rehearse}}
        )
    )
    session = open_pipeline(path)
    records = session.services.read(str(folder / "gold.jsonl"))
    return open_session(session, SessionPlan("teach", asked, blank=False), list(records))


@pytest.mark.parametrize(
    ("known", "asked", "refining"),
    [
        (["DRUG"], ("DRUG",), True),
        (["DRUG", "CITY"], ("DRUG",), True),
        (["DRUG", "CITY"], ("DRUG", "CITY"), False),
        (["DRUG", "CITY"], ("CITY",), False),
    ],
)
def test_a_session_refines_a_model_that_knows_every_label_asked_about(folder, known, asked, refining):
    assert opened(folder, known, asked).learning.refining == refining


@pytest.mark.parametrize("rehearse", [True, False])
def test_a_session_rehearses_unless_the_pipeline_says_no(folder, rehearse):
    learning = opened(folder, ["DRUG"], ("DRUG",), rehearse).learning
    assert learning.refining
    assert bool(learning._rehearsed(set())) == rehearse


def test_a_model_that_is_refined_stays_nearer_to_what_it_was(folder):
    session = opened(folder, ["DRUG"], ("DRUG",))
    text = session.state.pool[0]
    said = TrainingSnapshot(
        (Target(text.doc, (), frozenset({"DRUG"})),), {}, 0.8, from_scratch=True, answers=1
    )
    moved = []
    for session.learning.refining in (True, False):
        learner = session.learning.learn(None, said)
        moved.append(float(np.abs(learner.weights.flat - session.start.weights.flat).mean()))
    assert 0 < moved[0] < moved[1] / 2
