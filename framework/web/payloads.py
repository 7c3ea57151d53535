"""The messages between page and server, as JSON: questions and progress out, answers in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.estimates.interval import Interval
from nerture.sessions.live.protocol import SessionProgress
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict

MAX_ANSWERS = 200
MAX_QUESTIONS = 50
MAX_SPANS = 20_000


def _check_name(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("expected a name without surrounding spaces and control characters")
    return name


Annotator = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_check_name)]
Identity = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Place = Annotated[int, Field(ge=0)]


class Message(BaseModel):
    """Base of what the page sends: unknown keys are refused, and strings are not converted to numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class QuestionsRequest(Message):
    """Asks for questions, or for suggested patterns."""

    annotator: Annotator
    count: int = Field(default=1, ge=1, le=MAX_QUESTIONS)


class AnswerPayload(Message):
    """One answer; ``spans`` are ``[start_char, end_char, label]``."""

    id: Identity
    question: Identity
    verdict: Literal["accept", "reject", "ignore"]
    spans: list[tuple[Place, Place, str]] | None = Field(default=None, max_length=MAX_SPANS, strict=False)
    seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    time: float = Field(ge=0, allow_inf_nan=False)
    flagged: bool = False

    def to_answer(self, annotator: str) -> Answer:
        """Return the answer for the session."""
        return Answer(
            id=self.id,
            question=self.question,
            verdict=self.verdict,
            annotator=annotator,
            spans=None if self.spans is None else tuple(self.spans),
            seconds=self.seconds,
            time=self.time,
            flagged=self.flagged,
        )


class AnswersRequest(Message):
    """Answers in the order in which they were given."""

    annotator: Annotator
    answers: list[AnswerPayload] = Field(min_length=1, max_length=MAX_ANSWERS)


class UndoRequest(Message):
    """Undoes the annotator's last answer, which has this id."""

    annotator: Annotator
    answer: Identity


class VerdictPayload(Message):
    """A verdict on a suggested pattern."""

    id: Identity
    suggestion: Identity
    verdict: Literal["accept", "reject"]
    time: float = Field(ge=0, allow_inf_nan=False)

    def to_verdict(self, annotator: str) -> PatternVerdict:
        """Return the verdict for the session."""
        return PatternVerdict(self.id, self.suggestion, self.verdict, annotator, self.time)


class VerdictsRequest(Message):
    """Verdicts on suggested patterns in the order in which they were given."""

    annotator: Annotator
    verdicts: list[VerdictPayload] = Field(min_length=1, max_length=MAX_ANSWERS)


class ProgressRequest(Message):
    """Asks for the progress of the session."""

    annotator: Annotator


def encode_question(question: Question) -> dict[str, Any]:
    """Return a question for the page; offsets count code points."""
    return {
        "id": question.id,
        "text": question.text,
        "tokens": question.tokens,
        "kind": question.kind,
        "spans": [
            {
                "start": span.start_char,
                "end": span.end_char,
                "label": span.label,
                "probability": span.probability,
                "pattern": span.pattern,
            }
            for span in question.spans
        ],
        "labels": question.labels,
        "mode": question.mode,
        "reason": question.reason,
        "probability": question.probability,
        "record": question.record,
        "version": question.version,
        "meta": format_values(question.meta),
    }


def encode_answer(answer: Answer) -> dict[str, Any]:
    """Return an answer for the page."""
    return {
        "id": answer.id,
        "question": answer.question,
        "verdict": answer.verdict,
        "spans": answer.spans,
        "flagged": answer.flagged,
    }


def encode_progress(progress: SessionProgress) -> dict[str, Any]:
    """Return the counts and estimates of a session's progress."""
    precision = progress.precision
    return {
        "answers": progress.answers,
        "accepted": progress.accepted,
        "rejected": progress.rejected,
        "ignored": progress.ignored,
        "complete_texts": progress.complete_texts,
        "remaining": progress.remaining,
        "seconds": progress.seconds,
        "versions": progress.versions,
        "learned_from": progress.learned_from,
        "precision": None if precision is None else _encode_interval(precision),
        "curve": progress.curve,
        "next_gain": progress.next_gain,
    }


def encode_suggestion(suggestion: PatternSuggestion) -> dict[str, Any]:
    """Return a suggested pattern for the page."""
    return {
        **_encode_pattern(suggestion),
        "accepted": suggestion.accepted,
        "rejected": suggestion.rejected,
        "elsewhere": suggestion.elsewhere,
    }


def encode_verdict(pattern: NewPattern, verdict: PatternVerdict) -> dict[str, Any]:
    """Return a pattern and the verdict on it for the page."""
    return {**_encode_pattern(pattern), "verdict": verdict.verdict, "annotator": verdict.annotator}


def format_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values of any kind as strings to display."""
    return {
        str(key): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for key, value in values.items()
    }


def _encode_interval(interval: Interval) -> dict[str, float]:
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def _encode_pattern(pattern: NewPattern) -> dict[str, str]:
    return {"id": pattern.id, "words": " ".join(pattern.words), "label": pattern.label}
