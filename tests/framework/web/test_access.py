"""Whom the page's server lets in, and how much it reads."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from nerture.web.access import MAX_BODY_BYTES, AccessPolicy
from nerture.web.app import make_app

from ...support.memory_session import MemorySession, span_question, text_question

TEXT = "Wild garlic grows near Bath."


def garden(**more):
    return MemorySession(
        [
            span_question(TEXT, 0, 11, pattern="garlic-3", record=(12, 2), reason="pattern"),
            text_question(TEXT, (0, 11, "PLANT")),
            span_question(TEXT, 23, 27, "PLACE", meta={"line": 7, "of": ["a", 1]}),
        ],
        **more,
    )


@pytest.fixture
def session():
    return garden()


@pytest.fixture
def client(session):
    with TestClient(make_app(session, annotator="ada"), base_url="http://localhost:8080") as client:
        yield client


def given(question, number=0, **more):
    return {
        "id": f"answer-{number:04}", "question": question.id, "verdict": "accept", "seconds": 1.5,
        "time": 1.7e9, **more,
    }  # fmt: skip


def post(client, what, message, **more):
    return client.post(f"/api/teach/{what}", json={"annotator": "ada", **message}, **more)


def test_bodies_that_are_no_json_or_say_they_are_not(client):
    assert client.post("/api/teach/questions", content="{", headers=JSON).status_code == 400
    assert client.post("/api/teach/questions", content=b"\xff\xfe", headers=JSON).status_code == 400
    form = client.post("/api/teach/questions", data={"annotator": "ada"})
    assert form.status_code == 415
    deep = client.post("/api/teach/questions", content="[" * 100_000, headers=JSON)
    assert deep.status_code == 400
    assert client.get("/api/teach/questions").status_code == 405
    assert client.get("/nowhere").status_code == 404
    assert "error" in client.get("/nowhere").json()


JSON = {"content-type": "application/json"}


def test_long_messages_are_refused_whatever_they_say_of_their_length(client):
    long = json.dumps({"annotator": "x" * MAX_BODY_BYTES})
    assert client.post("/api/teach/questions", content=long, headers=JSON).status_code == 413

    def pieces():
        for _ in range(30):
            yield b"x" * (MAX_BODY_BYTES // 20)

    assert client.post("/api/teach/questions", content=pieces(), headers=JSON).status_code == 413
    many = [given(span_question(TEXT, 0, 4), number) for number in range(201)]
    assert post(client, "answers", {"answers": many}).status_code == 400


# Who is let in.


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080", ""]
)
def test_a_foreign_host_name_is_refused_everywhere(client, host):
    for path in ("/", "/api/teach/settings", "/static/main.js"):
        reply = client.get(path, headers={"host": host})
        assert reply.status_code == 403
        assert "not called" in reply.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1:8080", "[::1]:8080"])
def test_loopback_by_any_port_is_this_server(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


def test_a_plain_address_is_let_in_only_where_the_server_is_open_to_others(session):
    door = AccessPolicy(addresses=True, token="secret")
    with TestClient(make_app(session, door=door), base_url="http://192.0.2.7:8080") as client:
        assert client.get("/?token=secret").status_code == 200
        assert client.get("/", headers={"host": "evil.example"}).status_code == 403
    with TestClient(make_app(session), base_url="http://192.0.2.7:8080") as client:
        assert client.get("/").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8081"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_request_from_another_page_is_refused(client, session, headers):
    question = session.questions("ada")[0]
    reply = post(client, "answers", {"answers": [given(question)]}, headers=headers)
    assert reply.status_code == 403
    assert not session.log


def test_a_request_from_the_page_itself_is_let_in(client):
    headers = {"origin": "http://localhost:8080", "sec-fetch-site": "same-origin"}
    assert post(client, "questions", {}, headers=headers).status_code == 200


def test_a_token_is_asked_for_and_moves_from_the_address_to_a_cookie(session):
    with TestClient(make_app(session, token="secret"), base_url="http://localhost") as client:
        assert client.get("/").status_code == 401
        assert "token" in client.get("/").text
        for path in ("/api/teach/settings", "/static/main.js"):
            assert client.get(path).status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert not client.cookies
        moved = client.get("/?annotator=bea&token=secret", follow_redirects=False)
        assert (moved.status_code, moved.headers["location"]) == (303, "/?annotator=bea")
        cookie = moved.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert client.get("/").status_code == 200
        assert client.get("/api/teach/settings").status_code == 200


def test_a_token_may_come_as_a_header(session):
    with TestClient(make_app(session, token="secret"), base_url="http://localhost") as client:
        for value, status in (("Bearer secret", 200), ("Bearer other", 401), ("Basic secret", 401)):
            reply = client.get("/api/teach/settings", headers={"authorization": value})
            assert reply.status_code == status


def test_a_token_that_is_not_ascii_is_wrong_and_no_more(session):
    with TestClient(make_app(session, token="secret"), base_url="http://localhost") as client:
        assert client.get("/?token=%C3%A9%F0%9F%8C%BF").status_code == 401


# What a browser may do with a reply.


def test_every_reply_forbids_foreign_code_frames_and_sniffing(client):
    refused = {"host": "evil.example"}
    for reply in (client.get("/"), client.get("/nowhere"), client.get("/", headers=refused)):
        policy = dict(
            part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
