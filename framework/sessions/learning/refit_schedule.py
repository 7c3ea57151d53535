"""When the model is made afresh from all that is known, beside the versions that go on from one another.

A version that goes on takes a moment, so that each answer can have one. But what was learned first, when
little was known, weighs for ever in such versions: one that began afresh from the same answers finds more. It
takes seconds, and is made while the others go on.
"""

from __future__ import annotations

from nerture.sessions.log.answer_index import AnswerIndex

FIRST, EVERY = (5, 10, 20), 20
"""After so many answers, and whenever so many have come since, the model is made afresh."""


def is_refit_due(answer_index: AnswerIndex, at_end: bool) -> bool:
    """Return whether a session's versions have gone on from one another for long enough.

    ``at_end``: no more answers will come.
    """
    if not answer_index.version or answer_index.knows_undone_answer():
        return False
    return is_worth_while(answer_index.learned_from(), answer_index.refitted, at_end)


def is_worth_while(answers: int, refitted: int, at_end: bool) -> bool:
    """Return whether to refit from ``answers`` answers when the last refit was from ``refitted``.

    ``at_end``: no more answers will come.
    """
    if at_end:
        return answers > refitted
    return answers - refitted >= EVERY or any(refitted < first <= answers for first in FIRST)
