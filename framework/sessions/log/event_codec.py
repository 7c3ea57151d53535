"""Events as the store keeps them, and back: what comes back is equal to what went in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from nerture.errors import DataError
from nerture.sessions.answers.prodigy_rows import row_of
from nerture.sessions.answers.question import Answer, Question, SuggestedSpan
from nerture.sessions.log.events import Answered, Asked, Event, Learned, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.store.columns import as_json
from nerture.store.records import LoggedEvent, LoggedQuestion, SavedAnswer

PLAIN = ("kind", "mode", "reason", "probability", "sampling", "version")
"""The fields of a question that are written as they are."""
FROM_SCRATCH = "afresh"
"""The key of ``Learned.from_scratch`` in a log, as it has always been written."""


def kept(question: Question) -> Question:
    """Return the question as it will come back from the store, so that it is the same before and after.

    If that is the question itself, it is returned: what it shares with others, such as its row's text, is
    then kept once.
    """
    back = _question(question.text, json.loads(as_json(_body(question))))
    return question if question == back else back


def to_log(event: Event, time: float, question: Question | None = None, dataset: str = "") -> LoggedEvent:
    """Return the event for the log; ``question`` is the one that an ``Answered`` answers."""
    if isinstance(event, Asked):
        asked = LoggedQuestion(event.question.id, event.question.text, _body(event.question))
        return LoggedEvent("asked", {"annotator": event.annotator, "until": event.until}, time, asked)
    if isinstance(event, Answered):
        assert question is not None
        saved = _saved(question, event.answer, dataset)
        return LoggedEvent("answered", _answer_body(event.answer), time, answer=saved)
    if isinstance(event, Undone):
        undone = {"answer": event.answer, "annotator": event.annotator}
        return LoggedEvent("undone", undone, time, undoes=event.answer)
    if isinstance(event, PatternJudged):
        judged = {"words": list(event.pattern.words), "label": event.pattern.label}
        return LoggedEvent("judged", {**judged, **asdict(event.judgement)}, time)
    learned = {
        "version": event.version,
        "events": event.events,
        "f1": event.f1,
        FROM_SCRATCH: event.from_scratch,
    }
    return LoggedEvent("learned", learned, time)


def from_log(logged: LoggedEvent) -> Event:
    """Return the event again; raises ``DataError`` for one that only a newer nerture knows."""
    body = logged.body
    if logged.kind == "asked" and logged.question is not None:
        question = _question(logged.question.text, logged.question.body)
        return Asked(question, body["annotator"], body["until"])
    if logged.kind == "answered":
        spans = body["spans"]
        fields = {**body, "spans": None if spans is None else tuple((s, e, label) for s, e, label in spans)}
        return Answered(Answer(**fields))
    if logged.kind == "undone":
        return Undone(body["answer"], body["annotator"])
    if logged.kind == "learned":
        from_scratch = body.get(FROM_SCRATCH, body["version"] == 1)  # older logs have neither this nor an f1
        return Learned(body["version"], body["events"], body.get("f1"), from_scratch)
    if logged.kind == "judged":
        said = {name: value for name, value in body.items() if name not in {"words", "label"}}
        return PatternJudged(NewPattern(tuple(body["words"]), body["label"]), PatternVerdict(**said))
    raise DataError(f"the session's log holds an event {logged.kind!r}, which this nerture does not know")


def _body(question: Question) -> dict[str, Any]:
    return {
        **{name: getattr(question, name) for name in PLAIN},
        "tokens": [list(token) for token in question.tokens],
        "spans": [
            [span.start_char, span.end_char, span.label, span.probability, span.pattern, span.score]
            for span in question.spans
        ],
        "labels": list(question.labels),
        "record": None if question.record is None else list(question.record),
        "meta": dict(question.meta),
        "fields": dict(question.fields),
    }


def _question(text: str, body: Mapping[str, Any]) -> Question:
    return Question(
        text=text,
        tokens=tuple((start, end) for start, end in body["tokens"]),
        spans=tuple(SuggestedSpan(*span) for span in body["spans"]),  # older logs have no score
        labels=tuple(body["labels"]),
        record=None if body["record"] is None else (body["record"][0], body["record"][1]),
        meta=body["meta"],
        fields=body["fields"],
        **{name: body[name] for name in PLAIN},
    )


def _answer_body(answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "question": answer.question,
        "verdict": answer.verdict,
        "annotator": answer.annotator,
        "spans": None if answer.spans is None else [list(span) for span in answer.spans],
        "seconds": answer.seconds,
        "time": answer.time,
        "flagged": answer.flagged,
    }


def _saved(question: Question, answer: Answer, dataset: str) -> SavedAnswer:
    return SavedAnswer(
        id=answer.id,
        row=row_of(question, answer, dataset),
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
