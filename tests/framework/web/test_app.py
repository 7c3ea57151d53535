"""The app on its own: its replies and refusals."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from nerture.errors import DataError, NertureError, StoreError
from nerture.web.app import make_app

from ...support.memory_session import TEXT, MemorySession, garden, make_answer, post, span_question


def test_the_page_and_everything_it_loads_come_from_here(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "garden · nerture" in page.text
    assert "//" not in page.text.replace("<!doctype html>", "")
    for script in ("main.js", "page.css", "icon.svg"):
        assert f"/static/{script}" in page.text
        assert client.get(f"/static/{script}").status_code == 200


def test_questions_are_complete_and_stay_the_same_until_answered(client, session):
    first, *_ = asked = post(client, "questions", {"count": 2}).json()["questions"]
    assert post(client, "questions", {"count": 2}).json()["questions"] == asked
    assert first == {
        "id": next(iter(session.all)),
        "text": TEXT,
        "tokens": [[0, 4], [5, 11], [12, 17], [18, 22], [23, 27], [27, 28]],
        "kind": "span",
        "spans": [{"start": 0, "end": 11, "label": "PLANT", "probability": 0.5, "pattern": "garlic-3"}],
        "labels": ["PLANT", "PLACE"],
        "mode": "teach",
        "reason": "pattern",
        "probability": 0.5,
        "record": [12, 2],
        "version": 0,
        "meta": {},
    }


def test_other_fields_of_the_input_are_sent_as_strings(client):
    asked = post(client, "questions", {"count": 3}).json()["questions"]
    assert asked[2]["meta"] == {"line": "7", "of": '["a", 1]'}


def test_a_text_with_a_lone_surrogate_can_be_sent():
    session = MemorySession([span_question("odd \ud800 text", 0, 3)])
    with TestClient(make_app(session), base_url="http://localhost") as client:
        (question,) = post(client, "questions", {}).json()["questions"]
    assert question["text"] == "odd \ud800 text"


def test_an_answer_sent_twice_is_saved_once(client, session):
    question = session.questions("ada")[0]
    for _ in range(2):
        reply = post(client, "answers", {"answers": [make_answer(question, flagged=True)]})
        assert reply.json() == {"saved": ["answer-0000"], "refused": []}
    (answer,) = session.log
    assert (answer.annotator, answer.verdict, answer.seconds, answer.time, answer.flagged, answer.spans) == (
        "ada", "accept", 1.5, 1.7e9, True, None,
    )  # fmt: skip


def test_edited_spans_arrive_as_tuples(client, session):
    question = session.questions("ada", 2)[1]
    post(client, "answers", {"answers": [make_answer(question, spans=[[23, 27, "PLACE"]])]})
    assert session.log[0].spans == ((23, 27, "PLACE"),)


def test_refused_answers_are_reported_and_the_rest_is_saved(client, session):
    question = session.questions("ada")[0]
    bad = make_answer(question, 1, spans=[[1, 3, "PLANT"]])
    reply = post(client, "answers", {"answers": [bad, make_answer(question, 2)]}).json()
    assert reply["saved"] == ["answer-0002"]
    assert reply["refused"] == [{"id": "answer-0001", "error": "characters 1 to 3 are no tokens"}]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), StoreError("store a.sqlite: No space left on device")]
)
def test_answers_that_cannot_be_saved_can_be_sent_again(client, session, error):
    question = session.questions("ada")[0]
    session.failing = error
    reply = post(client, "answers", {"answers": [make_answer(question)]})
    assert reply.status_code == 503
    assert "No space left" in reply.json()["error"]
    session.failing = None
    assert post(client, "answers", {"answers": [make_answer(question)]}).json()["saved"] == ["answer-0000"]


def test_an_undo_sent_twice_is_done_once(client, session):
    first, second, _ = session.questions("ada", 3)
    post(client, "answers", {"answers": [make_answer(first, 1), make_answer(second, 2)]})
    assert post(client, "undo", {"answer": "answer-0002"}).json()["question"]["id"] == second.id
    assert post(client, "undo", {"answer": "answer-0002"}).json() == {"question": None}
    assert [answer.id for answer in session.log] == ["answer-0001"]


def test_undo_of_an_answer_that_is_not_the_last_is_refused(client, session):
    first, second, _ = session.questions("ada", 3)
    post(client, "answers", {"answers": [make_answer(first, 1), make_answer(second, 2)]})
    reply = post(client, "undo", {"answer": "answer-0001"})
    assert reply.status_code == 409
    assert "you have answered again since" in reply.json()["error"]
    assert len(session.log) == 2


def test_progress_counts_all_and_own_answers_and_lists_the_latest(client, session):
    first, second, third = session.questions("ada", 3)
    post(client, "answers", {"answers": [make_answer(first, 1), make_answer(second, 2)]})
    client.post(
        "/api/teach/answers",
        json={"annotator": "bea", "answers": [make_answer(third, 3, verdict="reject")]},
    )
    progress = post(client, "progress", {}).json()
    assert (progress["all"]["answers"], progress["mine"]["answers"]) == (3, 2)
    assert [entry["answer"]["id"] for entry in progress["history"]] == ["answer-0002", "answer-0001"]
    assert progress["history"][0]["question"]["id"] == second.id


def test_modes_are_opened_on_demand_and_closed_at_the_end(session):
    manual = garden(mode="manual")
    opened = []

    def opening():
        opened.append(manual)
        return manual

    with TestClient(make_app(session, others={"manual": opening}), base_url="http://localhost") as client:
        settings = client.get("/api/teach/settings").json()
        assert settings == {
            "dataset": "garden", "mode": "teach", "modes": ["teach", "manual"],
            "labels": ["PLANT", "PLACE"], "settings": session.settings,
        }  # fmt: skip
        assert not opened
        for _ in range(2):
            assert client.get("/api/manual/settings").json()["mode"] == "manual"
        assert opened == [manual]
        refused = client.get("/api/review/settings")
        assert refused.status_code == 404
        assert "expected one of teach, manual, got 'review'" in refused.json()["error"]
    assert manual.closed
    assert not session.closed


# Invalid messages.


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"annotator": ""}, "annotator"),
        ({"annotator": "a\nb"}, "annotator"),
        ({"annotator": "x" * 65}, "annotator"),
        ({"count": 0}, "count"),
        ({"count": 51}, "count"),
        ({"count": "3"}, "count"),
        ({"more": 1}, "more"),
    ],
)
def test_an_invalid_message_is_refused_with_its_key(client, change, place):
    reply = post(client, "questions", change)
    assert reply.status_code == 400
    assert reply.json()["error"].startswith(f"{place}: ")


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"},
        {"id": "x"},
        {"id": "../../../etc"},
        {"spans": [[3, 1]]},
        {"spans": [[-1, 4, "PLANT"]]},
        {"seconds": -1},
        {"time": "now"},
    ],
)
def test_an_invalid_answer_is_refused(client, session, change):
    question = session.questions("ada")[0]
    reply = post(client, "answers", {"answers": [{**make_answer(question), **change}]})
    assert reply.status_code == 400
    assert not session.log


def test_markup_in_names_is_escaped():
    session = garden(dataset='"><script>alert(1)</script>')
    with TestClient(make_app(session, annotator='"><img src=x>'), base_url="http://localhost") as client:
        page = client.get("/").text
    assert "<script>" not in page
    assert "<img src=x" not in page


# Internal errors.


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NertureError("the store is locked"), 503, "the store is locked"),
        (DataError("no such dataset"), 503, "no such dataset"),
        (OSError(5, "Input/output error"), 503, "Input/output error"),
        (RuntimeError("secret detail"), 500, "internal error"),
    ],
)
def test_internal_errors_are_json_and_reveal_no_details(session, error, status, words):
    def fail(annotator, count):
        raise error

    session.questions = fail
    app = make_app(session)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        reply = post(client, "questions", {})
    assert reply.status_code == status
    assert words in reply.json()["error"]
    assert "secret detail" not in reply.text
