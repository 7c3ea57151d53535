"""What the answers so far show: how true the model's probabilities were, and how fast annotators are."""

from __future__ import annotations

from collections.abc import Iterator

from nerture.sessions.answers.answer_targets import said_spans
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.estimates.answer_speed import SPAN_SECONDS, text_seconds
from nerture.sessions.estimates.snapshot import MISSED, MISSED_WORDS
from nerture.sessions.log.answer_index import AnswerIndex

RECENT = 300
"""Answers that are looked back on: the model was another one before."""


def judged_offers(answer_index: AnswerIndex) -> Iterator[tuple[float, bool]]:
    """Yield what a model said by itself of each span that it offered lately, and whether it was right."""
    for question, answer in _recent(answer_index):
        if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
            continue
        said = set(said_spans(question, answer)) if answer.verdict == "accept" else set()
        for span in question.spans:
            if span.score is not None:
                yield span.score, (span.start_char, span.end_char, span.label) in said


class UnseenEntityRate:
    """Counts the entities that annotators added for each word that they read for the first time.

    It is read on from where it was, and afresh after an answer was taken back.
    """

    def __init__(self, answer_index: AnswerIndex) -> None:
        self.answer_index = answer_index
        self._read: list[str] = []
        self._added = 0
        self._forms: set[str] = set()

    def rate(self) -> float:
        """Return the mean of a Gamma posterior over all texts that were marked as a whole."""
        names = list(self.answer_index.answers)
        if names[: len(self._read)] != self._read:
            self._read, self._added, self._forms = [], 0, set()
        for name in names[len(self._read) :]:
            answer = self.answer_index.answers[name]
            self._count(self.answer_index.questions[answer.question], answer)
        self._read = names
        return (self._added + MISSED * MISSED_WORDS) / (len(self._forms) + MISSED_WORDS)

    def _count(self, question: Question, answer: Answer) -> None:
        if question.kind != "text" or answer.verdict != "accept":
            return
        offered = [(span.start_char, span.end_char) for span in question.spans]
        for start, end, _ in said_spans(question, answer):
            self._added += not any(start < last and first < end for first, last in offered)
        self._forms |= {question.text[start:end].lower() for start, end in question.tokens}


def paces(answer_index: AnswerIndex) -> tuple[list[float], list[float]]:
    """Return seconds taken divided by seconds expected: of answers about spans, and about texts."""
    spans, texts = [], []
    for question, answer in _recent(answer_index):
        if answer.seconds is None or answer.verdict == "ignore":
            continue
        if question.kind == "span":
            spans.append(answer.seconds / SPAN_SECONDS)
        else:
            offered = {(span.start_char, span.end_char, span.label) for span in question.spans}
            edits = len(offered ^ set(said_spans(question, answer)))
            texts.append(answer.seconds / text_seconds(len(question.tokens), edits))
    return spans, texts


def _recent(answer_index: AnswerIndex) -> list[tuple[Question, Answer]]:
    names = list(answer_index.answers)[-RECENT:]
    return [
        (answer_index.questions[answer_index.answers[name].question], answer_index.answers[name])
        for name in names
    ]
