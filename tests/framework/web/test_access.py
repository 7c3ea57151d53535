"""Who has access to the page's server, and how much it reads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from nerture.errors import ConfigError
from nerture.web.access import MAX_BODY_BYTES, AccessPolicy
from nerture.web.app import make_app

from ...support.memory_session import TEXT, make_answer, post, span_question

TOKEN = "sixteen-and-more"


def test_bodies_that_are_not_json_are_refused(client):
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


def test_long_messages_are_refused_whatever_length_they_declare(client):
    long = json.dumps({"annotator": "x" * MAX_BODY_BYTES})
    assert client.post("/api/teach/questions", content=long, headers=JSON).status_code == 413

    def pieces():
        for _ in range(30):
            yield b"x" * (MAX_BODY_BYTES // 20)

    assert client.post("/api/teach/questions", content=pieces(), headers=JSON).status_code == 413
    many = [make_answer(span_question(TEXT, 0, 4), number) for number in range(201)]
    assert post(client, "answers", {"answers": many}).status_code == 400


# Who has access.


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080", ""]
)
def test_a_foreign_host_name_is_refused_everywhere(client, host):
    for path in ("/", "/api/teach/settings", "/static/main.js"):
        reply = client.get(path, headers={"host": host})
        assert reply.status_code == 403
        assert "has no name" in reply.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1:8080", "[::1]:8080"])
def test_loopback_names_with_any_port_are_allowed(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


def test_ip_addresses_are_allowed_only_if_the_server_is_open_to_others(session):
    policy = AccessPolicy(addresses=True, token=TOKEN)
    with TestClient(make_app(session, policy=policy), base_url="http://192.0.2.7:8080") as client:
        assert client.get(f"/?token={TOKEN}").status_code == 200
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
    reply = post(client, "answers", {"answers": [make_answer(question)]}, headers=headers)
    assert reply.status_code == 403
    assert not session.log


def test_a_request_from_the_page_itself_is_allowed(client):
    headers = {"origin": "http://localhost:8080", "sec-fetch-site": "same-origin"}
    assert post(client, "questions", {}, headers=headers).status_code == 200


def test_a_token_is_required_and_moves_from_the_address_to_a_cookie(session):
    with TestClient(make_app(session, token=TOKEN), base_url="http://localhost") as client:
        assert client.get("/").status_code == 401
        assert "token" in client.get("/").text
        for path in ("/api/teach/settings", "/static/main.js"):
            assert client.get(path).status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert not client.cookies
        moved = client.get(f"/?annotator=bea&token={TOKEN}", follow_redirects=False)
        assert (moved.status_code, moved.headers["location"]) == (303, "/?annotator=bea")
        cookie = moved.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert client.get("/").status_code == 200
        assert client.get("/api/teach/settings").status_code == 200


def test_a_token_can_be_sent_as_a_header(session):
    with TestClient(make_app(session, token=TOKEN), base_url="http://localhost") as client:
        for value, status in ((f"Bearer {TOKEN}", 200), ("Bearer other", 401), (f"Basic {TOKEN}", 401)):
            reply = client.get("/api/teach/settings", headers={"authorization": value})
            assert reply.status_code == status


def test_a_token_that_is_not_ascii_is_refused(session):
    with TestClient(make_app(session, token=TOKEN), base_url="http://localhost") as client:
        assert client.get("/?token=%C3%A9%F0%9F%8C%BF").status_code == 401


def test_an_empty_token_is_wrong_however_it_is_sent(session):
    with TestClient(make_app(session, token=TOKEN), base_url="http://localhost") as client:
        assert client.get("/?token=", follow_redirects=False).status_code == 401
        for headers in ({"authorization": "Bearer"}, {"authorization": "Bearer "}, {"cookie": "nerture="}):
            assert client.get("/api/teach/settings", headers=headers).status_code == 401


def test_every_character_of_a_token_comes_back_from_the_browser(session):
    token = "".join(map(chr, range(0x21, 0x7F)))
    with TestClient(make_app(session, token=token), base_url="http://localhost") as client:
        assert client.get("/", params={"token": token}).status_code == 200
        assert client.get("/api/teach/settings").status_code == 200
        client.cookies.clear()
        headers = {"authorization": f"Bearer {token}"}
        assert client.get("/api/teach/settings", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("token", "got"),
    [
        ("", "got an empty text"),
        ("x", "got 1;"),
        ("fifteen-letters", "got 15;"),
        (" " * 16, r"got U\+0020 as character 1"),
        ("sixteen-and-m\u00f6re", r"got U\+00F6 as character 14"),
        ("sixteen-and-more\n", r"got U\+000A as character 17"),
    ],
)
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(session, token, got):
    for make in (lambda: AccessPolicy(token=token), lambda: replace(AccessPolicy(), token=token)):
        with pytest.raises(ConfigError, match=rf"expected a token of .*{got}.*leave the token out"):
            make()
    with pytest.raises(ConfigError, match="expected a token of"):
        make_app(session, token)


def test_a_token_next_to_a_policy_is_refused(session):
    with pytest.raises(ConfigError, match="expected a token or a policy, got both"):
        make_app(session, TOKEN, policy=AccessPolicy())


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
