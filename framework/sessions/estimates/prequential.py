"""Prequential counts: entities found, wrong and missed in the texts that annotators completed."""

from __future__ import annotations

from dataclasses import dataclass

from nerture.sessions.answers.answer_targets import answer_spans
from nerture.sessions.log.answer_index import AnswerIndex

WINDOW = 100
"""Texts that count; earlier ones were predicted by versions that knew less."""
EXCLUDED_REASONS = frozenset({"probe", "follow-up", "review"})
"""Reasons of questions that do not count: they depend on what is known to be in the text."""


@dataclass(frozen=True, slots=True)
class PrequentialCounts:
    """Counts in complete ``texts``: entities that the model ``found``, ``wrong`` ones, and ``added`` ones."""

    texts: int = 0
    found: int = 0
    wrong: int = 0
    added: int = 0


def count_prequential(answer_index: AnswerIndex) -> PrequentialCounts:
    """Count what was found in the latest texts by the versions that had not been trained on them.

    Each text tests the model before it trains it (prequential evaluation, Dawid 1984); as the model changes,
    only the latest tests count (a sliding window, Gama et al. 2013). An entity was found if it was suggested
    with these bounds and this label.
    """
    texts = found = wrong = added = 0
    for answer in reversed(answer_index.answers.values()):
        question = answer_index.questions[answer.question]
        if question.kind != "text" or answer.verdict != "accept" or question.reason in EXCLUDED_REASONS:
            continue
        suggested = {(span.start_char, span.end_char, span.label) for span in question.spans}
        accepted = set(answer_spans(question, answer))
        texts += 1
        found += len(accepted & suggested)
        wrong += len(suggested - accepted)
        added += len(accepted - suggested)
        if texts == WINDOW:
            break
    return PrequentialCounts(texts, found, wrong, added)
