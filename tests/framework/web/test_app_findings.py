"""Suggested patterns and agreement over HTTP."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from nerture.errors import StoreError
from nerture.sessions.answers.agreement import Agreement, Pair
from nerture.web.app import make_app

from ...support.memory_session import MemorySession, suggestion
from .test_app import post

PEAS, DILL = suggestion("sweet peas"), suggestion("dill", rejected=1)


@pytest.fixture
def session():
    made = MemorySession([])
    made.suggested = [PEAS, DILL]
    return made


@pytest.fixture
def client(session):
    with TestClient(make_app(session, annotator="ada"), base_url="http://localhost:8080") as client:
        yield client


def make_verdict(pattern, number=0, **more):
    return {"id": f"judged-{number:04}", "suggestion": pattern.id, "verdict": "accept", "time": 1.7e9, **more}


def judge(client, *verdicts):
    return post(client, "verdicts", {"verdicts": list(verdicts)})


def test_suggestions_come_best_first_and_as_many_as_requested(client):
    assert post(client, "suggestions", {"count": 1}).json() == {
        "suggestions": [
            {
                "id": PEAS.id, "words": "sweet peas", "label": "PLANT",
                "accepted": 3, "rejected": 0, "elsewhere": 7,
            }
        ],
        "verdicts": [],
    }  # fmt: skip


def test_verdicts_are_saved_once_and_listed_newest_first(client, session):
    for _ in range(2):
        reply = judge(client, make_verdict(PEAS), make_verdict(DILL, 1, verdict="reject"))
        assert reply.json() == {"saved": ["judged-0000", "judged-0001"], "refused": []}
    assert len(session.verdicts) == 2
    reply = post(client, "suggestions", {}).json()
    assert reply["suggestions"] == []
    assert reply["verdicts"] == [
        {"id": DILL.id, "words": "dill", "label": "PLANT", "verdict": "reject", "annotator": "ada"},
        {"id": PEAS.id, "words": "sweet peas", "label": "PLANT", "verdict": "accept", "annotator": "ada"},
    ]
    judge(client, make_verdict(PEAS, 2, verdict="reject"))
    assert {one["verdict"] for one in post(client, "suggestions", {}).json()["verdicts"]} == {"reject"}


def test_a_verdict_on_no_suggestion_is_refused_and_the_rest_is_saved(client, session):
    reply = judge(client, make_verdict(suggestion("mint")), make_verdict(DILL, 1)).json()
    assert reply["saved"] == ["judged-0001"]
    assert "no answer suggests" in reply["refused"][0]["error"]


def test_verdicts_that_cannot_be_saved_give_a_temporary_error(client, session):
    session.failing = StoreError("the disk is full")
    assert judge(client, make_verdict(PEAS)).status_code == 503
    assert session.verdicts == []


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "ignore"},
        {"id": "x"},
        {"suggestion": 3},
        {"time": -1},
        {"words": ["mint"]},
        {"verdict": None},
    ],
)
def test_an_invalid_verdict_refuses_the_whole_message(client, session, change):
    reply = judge(client, make_verdict(DILL, 1), make_verdict(PEAS, **change))
    assert reply.status_code == 400
    assert session.verdicts == []


def test_a_message_without_verdicts_or_with_too_many_is_refused(client):
    assert judge(client).status_code == 400
    assert judge(client, *(make_verdict(PEAS, number) for number in range(201))).status_code == 400
    assert post(client, "suggestions", {"count": 51}).status_code == 400
    assert client.get("/api/teach/suggestions").status_code == 405


def test_agreement_is_part_of_the_progress(client, session):
    assert post(client, "progress", {}).json()["agreement"] is None
    session.agreed = Agreement(14, 20, 0.9, 0.8, {("ada", "bea"): Pair(None, 13)})
    assert post(client, "progress", {}).json()["agreement"] == {
        "questions": 14,
        "units": 20,
        "observed": 0.9,
        "alpha": 0.8,
        "pairs": [{"annotators": ["ada", "bea"], "kappa": None, "questions": 13}],
    }
