"""What goes over the wire: questions and standings out, answers in, as JSON."""

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


def _readable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("a name has no spaces around it, and no control characters")
    return name


Annotator = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_readable)]
Identity = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Place = Annotated[int, Field(ge=0)]


class Message(BaseModel):
    """Base of what the page sends: unknown keys are refused, and no number is read from a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class QuestionsRequest(Message):
    """The page wants questions."""

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

    def answer(self, annotator: str) -> Answer:
        """Return the answer as the session takes it."""
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
    """The annotator takes back the answer of that id, which is their last."""

    annotator: Annotator
    answer: Identity


class VerdictPayload(Message):
    """What is said of one suggested pattern."""

    id: Identity
    suggestion: Identity
    verdict: Literal["accept", "reject"]
    time: float = Field(ge=0, allow_inf_nan=False)

    def judgement(self, annotator: str) -> PatternVerdict:
        """Return the judgement as the session takes it."""
        return PatternVerdict(self.id, self.suggestion, self.verdict, annotator, self.time)


class VerdictsRequest(Message):
    """Judgements of suggested patterns in the order in which they were given."""

    annotator: Annotator
    judgements: list[VerdictPayload] = Field(min_length=1, max_length=MAX_ANSWERS)


class ProgressRequest(Message):
    """The page asks how the session stands."""

    annotator: Annotator


def question_json(question: Question) -> dict[str, Any]:
    """Return what the page shows of a question; offsets count code points."""
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
        "meta": shown(question.meta),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return what the page shows of an answer that stands."""
    return {
        "id": answer.id,
        "question": answer.question,
        "verdict": answer.verdict,
        "spans": answer.spans,
        "flagged": answer.flagged,
    }


def standing_json(standing: SessionProgress) -> dict[str, Any]:
    """Return the counts and estimates of a standing."""
    precision = standing.precision
    return {
        "answers": standing.answers,
        "accepted": standing.accepted,
        "rejected": standing.rejected,
        "ignored": standing.ignored,
        "complete_texts": standing.complete_texts,
        "remaining": standing.remaining,
        "seconds": standing.seconds,
        "versions": standing.versions,
        "learned_from": standing.learned_from,
        "precision": None if precision is None else _interval(precision),
        "curve": standing.curve,
        "next_gain": standing.next_gain,
    }


def suggestion_json(suggestion: PatternSuggestion) -> dict[str, Any]:
    """Return what the page shows of a suggested pattern."""
    return {
        **_pattern(suggestion),
        "accepted": suggestion.accepted,
        "rejected": suggestion.rejected,
        "elsewhere": suggestion.elsewhere,
    }


def judged_json(pattern: NewPattern, judgement: PatternVerdict) -> dict[str, Any]:
    """Return what the page shows of a pattern that was judged."""
    return {**_pattern(pattern), "verdict": judgement.verdict, "annotator": judgement.annotator}


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values of any kind as texts to read."""
    return {
        str(key): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for key, value in values.items()
    }


def _interval(interval: Interval) -> dict[str, float]:
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def _pattern(pattern: NewPattern) -> dict[str, str]:
    return {"id": pattern.id, "words": " ".join(pattern.words), "label": pattern.label}
