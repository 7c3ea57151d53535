"""Converts events to the store's format and back; an event that is read is equal to the one written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple
from typing import Any

from nerture.errors import DataError
from nerture.sessions.answers.prodigy_rows import to_prodigy_row
from nerture.sessions.answers.question import Answer, Question, SuggestedSpan
from nerture.sessions.log.events import Asked, Event, Learned, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.store.columns import as_json
from nerture.store.records import LoggedEvent, LoggedQuestion, SavedAnswer

PLAIN_FIELDS = ("kind", "mode", "reason", "probability", "sampling", "version")
"""The fields of a question that need no conversion; logs have them first, in this order."""
FROM_SCRATCH = "afresh"
"""The key of ``Learned.from_scratch`` in a log."""


def round_trip(question: Question) -> Question:
    """Return the question as the store will return it.

    If the two are equal, the original is returned, because it shares objects with other questions.
    """
    stored = _to_question(question.text, json.loads(as_json(_question_to_body(question))))
    return question if question == stored else stored


def to_log(event: Event, time: float, question: Question | None = None, dataset: str = "") -> LoggedEvent:
    """Return the event in the store's format; an ``Answer`` needs the ``question`` that it answers."""
    if isinstance(event, Asked):
        asked = LoggedQuestion(event.question.id, event.question.text, _question_to_body(event.question))
        return LoggedEvent("asked", {"annotator": event.annotator, "until": event.until}, time, asked)
    if isinstance(event, Answer):
        assert question is not None
        saved = _to_saved_answer(question, event, dataset)
        return LoggedEvent("answered", asdict(event), time, answer=saved)
    if isinstance(event, Undone):
        undone = {"answer": event.answer, "annotator": event.annotator}
        return LoggedEvent("undone", undone, time, undoes=event.answer)
    if isinstance(event, PatternJudged):
        pattern = {"words": event.pattern.words, "label": event.pattern.label}
        return LoggedEvent("judged", {**pattern, **asdict(event.verdict)}, time)
    learned = {
        "version": event.version,
        "events": event.events,
        "f1": event.f1,
        FROM_SCRATCH: event.from_scratch,
    }
    return LoggedEvent("learned", learned, time)


def from_log(logged: LoggedEvent) -> Event:
    """Return the event; raise ``DataError`` for a kind that only newer versions of nerture know."""
    body = logged.body
    if logged.kind == "asked" and logged.question is not None:
        question = _to_question(logged.question.text, logged.question.body)
        return Asked(question, body["annotator"], body["until"])
    if logged.kind == "answered":
        spans = None if body["spans"] is None else tuple(map(tuple, body["spans"]))
        return Answer(**{**body, "spans": spans})
    if logged.kind == "undone":
        return Undone(body["answer"], body["annotator"])
    if logged.kind == "learned":
        from_scratch = body.get(FROM_SCRATCH, body["version"] == 1)  # older logs have neither this nor an f1
        return Learned(body["version"], body["events"], body.get("f1"), from_scratch)
    if logged.kind == "judged":
        fields = {name: value for name, value in body.items() if name not in {"words", "label"}}
        return PatternJudged(NewPattern(tuple(body["words"]), body["label"]), PatternVerdict(**fields))
    raise DataError(
        f"session log: expected an event of a known kind, got {logged.kind!r}; a newer nerture wrote it"
    )


def _question_to_body(question: Question) -> dict[str, Any]:
    return {
        **{name: getattr(question, name) for name in PLAIN_FIELDS},
        "tokens": question.tokens,
        "spans": [astuple(span) for span in question.spans],
        "labels": question.labels,
        "record": question.record,
        "meta": dict(question.meta),
        "fields": dict(question.fields),
    }


def _to_question(text: str, body: Mapping[str, Any]) -> Question:
    return Question(
        text=text,
        tokens=tuple(map(tuple, body["tokens"])),
        spans=tuple(SuggestedSpan(*span) for span in body["spans"]),  # older logs have no score
        labels=tuple(body["labels"]),
        record=None if body["record"] is None else tuple(body["record"]),
        meta=body["meta"],
        fields=body["fields"],
        **{name: body[name] for name in PLAIN_FIELDS},
    )


def _to_saved_answer(question: Question, answer: Answer, dataset: str) -> SavedAnswer:
    return SavedAnswer(
        id=answer.id,
        row=to_prodigy_row(question, answer, dataset),
        text=question.text,
        question=question.id,
        verdict=answer.verdict,
        annotator=answer.annotator,
        time=answer.time,
        seconds=answer.seconds,
        version=question.version,
        score=question.probability,
        sampling=question.sampling,
        flagged=answer.flagged,
    )
