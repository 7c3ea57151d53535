"""What a session writes to its log and to its dataset, to the byte: an older log must always be readable."""

import json

import pytest

from nerture.core.content_hash import content_hash
from nerture.sessions.answers.question import Answer, Question, SuggestedSpan
from nerture.sessions.log.event_codec import from_log, to_log
from nerture.sessions.log.events import Asked, Event, Learned, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict

SPAN = Question(
    text="Slugs ate the hosta.",
    tokens=((0, 5), (6, 9), (10, 13), (14, 19), (19, 20)),
    kind="span",
    spans=(SuggestedSpan(0, 5, "PEST", 0.75, "pests-1", 0.625),),
    labels=("PEST", "PLANT"),
    mode="teach",
    reason="pattern",
    probability=0.75,
    sampling=0.125,
    record=(3, 1),
    version=2,
    meta={"source": "diary"},
    fields={"text": "Slugs ate the hosta.", "source": "diary", "_input_hash": 7},
)
TEXT = Question(
    text="Nothing grew.",
    tokens=((0, 7), (8, 12), (12, 13)),
    kind="text",
    spans=(),
    labels=("PEST",),
    mode="teach",
    reason="model",
)
ACCEPTED = Answer("a-1", SPAN.id, "accept", "ann", None, 2.5, 1700000000.25, False)
EDITED = Answer("a-2", TEXT.id, "accept", "bob", ((8, 12, "PEST"),), None, 1700000001.0, True)

EVENTS: list[tuple[Event, Question | None, str]] = [
    (Asked(SPAN, "ann", 1700000600.0), None, "0186f37f6acdcc4ecab1e5c86180fe30"),
    (Asked(TEXT, "bob", 1700000601.0), None, "91064b36f6963a746540b5e3c68dbe67"),
    (ACCEPTED, SPAN, "2810fb63a21f9a7484980afddf6d5917"),
    (EDITED, TEXT, "5101a54356abb86cd13dba02c77c534f"),
    (Undone("a-1", "ann"), None, "66d03ddb27f7fd00179953f2262b5ea7"),
    (Learned(3, 12, 0.5, True), None, "b4c95ecff08e78713b61365ed3c75639"),
    (
        PatternJudged(
            NewPattern(("garden", "slug"), "PEST"), PatternVerdict("j-1", "p", "accept", "ann", 5.0)
        ),
        None,
        "5c198b1a6dff53a9ec7544d6dcbccfa1",
    ),
]


def _digest(event: Event, question: Question | None) -> str:
    logged = to_log(event, 1700000002.5, question, "garden")
    asked, saved = logged.question, logged.answer
    return content_hash(
        [
            logged.kind,
            json.dumps(logged.body),
            logged.time,
            None if asked is None else [asked.hash, asked.digest, asked.text, json.dumps(asked.body)],
            None if saved is None else [saved.id, json.dumps(saved.row), saved.question, saved.verdict],
            logged.undoes,
        ]
    )


@pytest.mark.parametrize(("event", "question", "digest"), EVENTS, ids=lambda value: type(value).__name__)
def test_every_kind_of_event_is_written_as_it_always_was(
    event: Event, question: Question | None, digest: str
) -> None:
    assert _digest(event, question) == digest


@pytest.mark.parametrize(("event", "question", "digest"), EVENTS, ids=lambda value: type(value).__name__)
def test_what_was_written_is_read_back_equal(event: Event, question: Question | None, digest: str) -> None:
    logged = to_log(event, 1700000002.5, question, "garden")
    assert from_log(logged) == event


def test_a_version_is_logged_under_the_keys_that_older_logs_have() -> None:
    body = {"version": 3, "events": 12, "f1": 0.5, "afresh": True}
    assert to_log(Learned(3, 12, 0.5, True), 0.0).body == body
