"""A session with a real learner: after a crash, the same model asks the same questions."""

from __future__ import annotations

import json

import pytest

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.pipeline import open_pipeline
from nerture.sessions.live.factory import make_session_parts, open_live_session
from nerture.sessions.live.state import SessionState
from nerture.store.store import Store

from ...support.live_parts import make_plan, make_pool, reply, texts
from ...support.waiting import rest


@pytest.fixture
def crashed(reopening):
    """Open the session repeatedly on one store, as after crashes."""
    return reopening(make_pool(40))


def test_the_model_and_what_it_asks_next_are_the_same_after_a_crash(crashed, tmp_path):
    before = crashed(tmp_path / "versions")
    for number in range(12):
        (question,) = before.questions("ann")
        before.answer(reply(question, "reject" if number % 4 == 3 else "accept", seconds=2.0, time=number))
        if number == 7:
            assert before.settle(120)
            before.undo("ann")
    rest(before)
    assert before.version >= 3
    next_for_bob = before.questions("bob", 5)
    for checkpoints in (None, tmp_path / "versions"):
        after = crashed(checkpoints)
        assert after.settle(120)
        assert after.version == before.version
        assert after.learner.weights.flat.tobytes() == before.learner.weights.flat.tobytes()
        assert after.progress() == before.progress()
        assert after._trainer.pool_predictions.order == before._trainer.pool_predictions.order
        assert after._trainer.pool_predictions.candidates == before._trainer.pool_predictions.candidates
        assert after.questions("bob", 5) == next_for_bob
        states = before._event_log.state, after._event_log.state
        asked = [
            state.propose("cyd", 1e10, session._trainer.pool_predictions)
            for state, session in zip(states, (before, after), strict=True)
        ]
        assert asked[0] == asked[1]


def test_a_session_from_a_pipeline_continues_with_the_same_settings(tmp_path, make_parts):
    settings = {"source": "plants.jsonl", "patterns": None}
    with Store.open(tmp_path / "store.sqlite") as store:
        sessions = [open_live_session(store, "plants", make_parts(), settings) for _ in range(2)]
        (question,) = sessions[0].questions("ann")
        sessions[0].answer(reply(question))
        assert sessions[0].settings == settings
        sessions[1].questions("ann")
        assert sessions[1].progress().answers == 1
        sessions.append(open_live_session(store, "plants", make_parts(), {"source": "other.jsonl"}))
        assert sessions[2].progress().answers == 0
        for session in sessions:
            session.close()
        assert len(list(store.folder.iterdir())) == 1
        store.drop("plants")
        assert list(store.folder.iterdir()) == []


@pytest.fixture
def make_parts(tmp_path):
    """Make the parts of a session from a pipeline."""
    shape = {"width": 16, "depth": 1, "hidden": 8}
    path = tmp_path / "pipeline.yaml"
    path.write_text(json.dumps({"nerture": 1, "labels": ["DRUG"], "model": shape}))
    pipeline = open_pipeline(path)
    return lambda: make_session_parts(pipeline, make_plan(mode="teach", update_every=1), texts(10))


def test_prior_targets_are_known_after_every_restart():
    doc = Doc("Text 0 names aspirin and codeine once .")
    prior_targets = (Target(doc, (doc.span(3, 4, "DRUG"),), complete=True),)
    state = SessionState(make_plan(mode="teach"), make_pool(5), None, iter(prior_targets))
    assert [target.doc.text for target in state.snapshot().targets] == [doc.text]
    assert state.make_initial().snapshot() == state.snapshot()
