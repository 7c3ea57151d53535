"""What was found, rightly and wrongly, and what was missed in the texts that annotators marked as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from nerture.sessions.answers.answer_targets import said_spans
from nerture.sessions.log.answer_index import AnswerIndex

WINDOW = 100
"""Texts that are looked back on: the versions that were asked about earlier ones knew less."""
GIVEN = frozenset({"probe", "follow-up", "review"})
"""Reasons of questions that do not count: they are asked because of what is known to be in the text."""


@dataclass(frozen=True, slots=True)
class PrequentialCounts:
    """``texts`` marked as a whole: entities ``found`` before, ``wrong`` ones, and ``added`` ones."""

    texts: int = 0
    found: int = 0
    wrong: int = 0
    added: int = 0


def reading(answer_index: AnswerIndex) -> PrequentialCounts:
    """Return how much of the latest texts was found by those versions that had not learned from them yet.

    Each text is a test before it is a lesson (prequential evaluation, Dawid 1984), and of a model that
    changes only the latest tests count (a sliding window, Gama et al. 2013). An entity was found if it was
    offered with these bounds and this label.
    """
    texts = found = wrong = added = 0
    for answer in reversed(answer_index.answers.values()):
        question = answer_index.questions[answer.question]
        if question.kind != "text" or answer.verdict != "accept" or question.reason in GIVEN:
            continue
        offered = {(span.start_char, span.end_char, span.label) for span in question.spans}
        said = set(said_spans(question, answer))
        texts += 1
        found += len(said & offered)
        wrong += len(offered - said)
        added += len(said - offered)
        if texts == WINDOW:
            break
    return PrequentialCounts(texts, found, wrong, added)
