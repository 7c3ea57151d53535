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


def said(pattern, number=0, **more):
    return {"id": f"judged-{number:04}", "suggestion": pattern.id, "verdict": "accept", "time": 1.7e9, **more}


def judge(client, *judgements):
    return post(client, "judgements", {"judgements": list(judgements)})


def test_what_is_suggested_comes_best_first_and_as_many_as_are_wanted(client):
    assert post(client, "suggestions", {"count": 1}).json() == {
        "suggestions": [
            {
                "id": PEAS.id, "words": "sweet peas", "label": "PLANT",
                "accepted": 3, "rejected": 0, "elsewhere": 7,
            }
        ],
        "judged": [],
    }  # fmt: skip


def test_what_is_judged_is_saved_once_and_the_newest_comes_first(client, session):
    for _ in range(2):
        reply = judge(client, said(PEAS), said(DILL, 1, verdict="reject"))
        assert reply.json() == {"saved": ["judged-0000", "judged-0001"], "refused": []}
    assert len(session.judgements) == 2
    told = post(client, "suggestions", {}).json()
    assert told["suggestions"] == []
    assert told["judged"] == [
        {"id": DILL.id, "words": "dill", "label": "PLANT", "verdict": "reject", "annotator": "ada"},
        {"id": PEAS.id, "words": "sweet peas", "label": "PLANT", "verdict": "accept", "annotator": "ada"},
    ]
    judge(client, said(PEAS, 2, verdict="reject"))
    assert {one["verdict"] for one in post(client, "suggestions", {}).json()["judged"]} == {"reject"}


def test_what_was_never_suggested_is_refused_beside_what_is_saved(client, session):
    reply = judge(client, said(suggestion("mint")), said(DILL, 1)).json()
    assert reply["saved"] == ["judged-0001"]
    assert "no answer suggests" in reply["refused"][0]["error"]


def test_a_store_that_fails_is_told_so_that_the_page_tries_again(client, session):
    session.failing = StoreError("the disk is full")
    assert judge(client, said(PEAS)).status_code == 503
    assert session.judgements == []


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
def test_a_judgement_that_is_not_right_is_refused_whole(client, session, change):
    reply = judge(client, said(DILL, 1), said(PEAS, **change))
    assert reply.status_code == 400
    assert session.judgements == []


def test_a_message_without_judgements_or_with_too_many_is_refused(client):
    assert judge(client).status_code == 400
    assert judge(client, *(said(PEAS, number) for number in range(201))).status_code == 400
    assert post(client, "suggestions", {"count": 51}).status_code == 400
    assert client.get("/api/teach/suggestions").status_code == 405


def test_agreement_comes_with_the_standing(client, session):
    assert post(client, "standing", {}).json()["agreement"] is None
    session.agreed = Agreement(14, 20, 0.9, 0.8, {("ada", "bea"): Pair(None, 13)})
    assert post(client, "standing", {}).json()["agreement"] == {
        "questions": 14,
        "units": 20,
        "observed": 0.9,
        "alpha": 0.8,
        "pairs": [{"annotators": ["ada", "bea"], "kappa": None, "questions": 13}],
    }
