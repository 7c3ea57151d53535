"""A session in memory, with questions in order, leases, answers and undo."""

from __future__ import annotations

from threading import Lock

import pytest
from starlette.testclient import TestClient

from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.sessions.answers.question import Question, SuggestedSpan
from nerture.sessions.estimates.interval import Interval
from nerture.sessions.live.protocol import SessionProgress
from nerture.sessions.patterns.pattern_suggestions import PatternSuggestion
from nerture.web.app import make_app


def tokens_of(text):
    return tuple((int(start), int(end)) for start, end in Doc(text).offsets)


def span_question(text, start, end, label="PLANT", **more):
    fields = {"labels": ("PLANT", "PLACE"), "reason": "model", "probability": 0.5, "mode": "teach", **more}
    span = SuggestedSpan(start, end, label, fields["probability"], fields.pop("pattern", None))
    return Question(text=text, tokens=tokens_of(text), kind="span", spans=(span,), **fields)


def text_question(text, *spans, **more):
    fields = {"labels": ("PLANT", "PLACE"), "reason": "source", "mode": "manual", **more}
    suggested = tuple(SuggestedSpan(start, end, label) for start, end, label in spans)
    return Question(text=text, tokens=tokens_of(text), kind="text", spans=suggested, **fields)


def suggestion(words, label="PLANT", accepted=3, rejected=0, elsewhere=7):
    return PatternSuggestion(tuple(words.split()), label, accepted, rejected, elsewhere)


class MemorySession:
    """A `nerture.sessions.live.protocol.Session` over a list of questions, each asked once."""

    def __init__(self, questions, mode="teach", labels=("PLANT", "PLACE"), dataset="garden"):
        self.dataset, self.mode, self.labels = dataset, mode, tuple(labels)
        self.settings = {"model": "blank:en", "patterns": "plants.jsonl"}
        self.all = {question.id: question for question in questions}
        self.leases = {}
        self.log = []
        self.failing = None
        self.closed = False
        self.calls = []
        self.suggested = []
        self.verdicts = []
        self.agreed = None
        self._lock = Lock()

    def questions(self, annotator, count=1):
        with self._lock:
            answered = {answer.question for answer in self.log}
            mine = [key for key, who in self.leases.items() if who == annotator and key not in answered]
            for key in self.all:
                if len(mine) >= count:
                    break
                if key not in self.leases and key not in answered:
                    self.leases[key] = annotator
                    mine.append(key)
            return [self.all[key] for key in mine[:count]]

    def answer(self, answer):
        with self._lock:
            self.calls.append(answer.id)
            if self.failing is not None:
                raise self.failing
            if any(saved.id == answer.id for saved in self.log):
                return
            if answer.question not in self.all:
                raise DataError(f"no question {answer.question} was asked")
            question = self.all[answer.question]
            starts, ends = {start for start, _ in question.tokens}, {end for _, end in question.tokens}
            place = 0
            for start, end, label in answer.spans or ():
                if start not in starts or end not in ends or start >= end:
                    raise DataError(f"characters {start} to {end} are no tokens")
                if start < place or label not in question.labels:
                    raise DataError(f"characters {start} to {end}: overlapping, or no label {label!r}")
                place = end
            self.log.append(answer)

    def undo(self, annotator):
        with self._lock:
            for answer in reversed(self.log):
                if answer.annotator == annotator:
                    self.log.remove(answer)
                    self.leases.pop(answer.question, None)
                    self.leases = {answer.question: annotator, **self.leases}
                    return self.all[answer.question]
            return None

    def history(self, annotator, count):
        with self._lock:
            mine = [answer for answer in reversed(self.log) if answer.annotator == annotator]
            return [(self.all[answer.question], answer) for answer in mine[:count]]

    def progress(self, annotator=None):
        with self._lock:
            counted = [answer for answer in self.log if annotator in {None, answer.annotator}]
            verdicts = [answer.verdict for answer in counted]
            answers = len(counted)
            return SessionProgress(
                answers=answers,
                accepted=verdicts.count("accept"),
                rejected=verdicts.count("reject"),
                ignored=verdicts.count("ignore"),
                remaining=len(self.all) - len(self.log),
                seconds=sum(answer.seconds or 0.0 for answer in counted),
                versions=answers // 10,
                learned_from=answers // 10 * 10,
                precision=Interval(0.81, 0.72, 0.88) if answers >= 5 else None,
                curve=tuple((at, 0.6 * at / (at + 40)) for at in range(0, answers + 1, 5)),
                next_gain=0.034 if answers >= 5 else None,
            )

    def suggestions(self, count):
        with self._lock:
            judged = {verdict.suggestion for verdict in self.verdicts}
            return [one for one in self.suggested if one.id not in judged][:count]

    def judge_pattern(self, verdict):
        with self._lock:
            self.calls.append(verdict.id)
            if self.failing is not None:
                raise self.failing
            if all(verdict.suggestion != one.id for one in self.suggested):
                raise DataError(f"no answer suggests {verdict.suggestion}")
            if all(verdict.id != one.id for one in self.verdicts):
                self.verdicts.append(verdict)

    def judged_patterns(self):
        with self._lock:
            newest = {verdict.suggestion: verdict for verdict in self.verdicts}
            patterns = {one.id: one for one in self.suggested}
            return [(patterns[one.suggestion], one) for one in self.verdicts if newest[one.suggestion] is one]

    def agreement(self):
        return self.agreed

    def close(self):
        self.closed = True


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


def make_answer(question, number=0, **more):
    return {
        "id": f"answer-{number:04}", "question": question.id, "verdict": "accept", "seconds": 1.5,
        "time": 1.7e9, **more,
    }  # fmt: skip


def post(client, what, message, **more):
    return client.post(f"/api/teach/{what}", json={"annotator": "ada", **message}, **more)
