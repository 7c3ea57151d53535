"""Statistics of the answers so far: outcomes of suggestions, missed entities, annotation times."""

from __future__ import annotations

from collections.abc import Iterator

from nerture.sessions.answers.answer_targets import answer_spans
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.estimates.answer_speed import SPAN_SECONDS, text_seconds
from nerture.sessions.estimates.snapshot import PRIOR_UNSEEN_RATE, PRIOR_UNSEEN_WORDS
from nerture.sessions.log.answer_index import AnswerIndex

RECENT = 300
"""Answers that count; before those, the model was a different one."""


def collect_outcomes(answer_index: AnswerIndex) -> Iterator[tuple[float, bool]]:
    """Yield the model's uncalibrated score of each recently suggested span, and whether it was right."""
    for question, answer in _find_recent(answer_index):
        if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
            continue
        accepted = set(answer_spans(question, answer)) if answer.verdict == "accept" else set()
        for span in question.spans:
            if span.score is not None:
                yield span.score, (span.start_char, span.end_char, span.label) in accepted


class UnseenEntityRate:
    """The rate at which annotators add entities, per word that they read for the first time.

    It is updated incrementally, and recounted after an answer was undone.
    """

    def __init__(self, answer_index: AnswerIndex) -> None:
        self.answer_index = answer_index
        self._read: list[str] = []
        self._added = 0
        self._forms: set[str] = set()

    def rate(self) -> float:
        """Return the mean of a Gamma posterior over all complete texts."""
        names = list(self.answer_index.answers)
        if names[: len(self._read)] != self._read:
            self._read, self._added, self._forms = [], 0, set()
        for name in names[len(self._read) :]:
            answer = self.answer_index.answers[name]
            self._count(self.answer_index.questions[answer.question], answer)
        self._read = names
        return (self._added + PRIOR_UNSEEN_RATE * PRIOR_UNSEEN_WORDS) / (
            len(self._forms) + PRIOR_UNSEEN_WORDS
        )

    def _count(self, question: Question, answer: Answer) -> None:
        if question.kind != "text" or answer.verdict != "accept":
            return
        suggested = [(span.start_char, span.end_char) for span in question.spans]
        for start, end, _ in answer_spans(question, answer):
            self._added += not any(start < last and first < end for first, last in suggested)
        self._forms |= {question.text[start:end].lower() for start, end in question.tokens}


def collect_time_ratios(answer_index: AnswerIndex) -> tuple[list[float], list[float]]:
    """Return the ratios of actual to expected seconds, of answers about spans and about texts."""
    spans, texts = [], []
    for question, answer in _find_recent(answer_index):
        if answer.seconds is None or answer.verdict == "ignore":
            continue
        if question.kind == "span":
            spans.append(answer.seconds / SPAN_SECONDS)
        else:
            suggested = {(span.start_char, span.end_char, span.label) for span in question.spans}
            edits = len(suggested ^ set(answer_spans(question, answer)))
            texts.append(answer.seconds / text_seconds(len(question.tokens), edits))
    return spans, texts


def _find_recent(answer_index: AnswerIndex) -> list[tuple[Question, Answer]]:
    names = list(answer_index.answers)[-RECENT:]
    return [
        (answer_index.questions[answer_index.answers[name].question], answer_index.answers[name])
        for name in names
    ]
