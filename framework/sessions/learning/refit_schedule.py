"""When the model is retrained from scratch, in parallel with the incremental versions.

Incremental training takes a moment, so each answer can have a version. But what was learned first, when
little was known, keeps its influence in such versions: a model trained from scratch on the same answers
finds more. A refit takes seconds, and runs while incremental versions continue.
"""

from __future__ import annotations

from nerture.sessions.log.answer_index import AnswerIndex

FIRST, EVERY = (5, 10, 20), 20
"""The model is retrained from scratch after each number of answers in ``FIRST``, and then per ``EVERY``."""


def is_refit_due(answer_index: AnswerIndex, at_end: bool) -> bool:
    """Return whether the session's model should be retrained from scratch now.

    ``at_end`` is whether the session is ending, so that no more answers will come.
    """
    if not answer_index.version or answer_index.has_learned_undone_answer():
        return False
    return is_refit_worthwhile(answer_index.learned_from(), answer_index.refitted, at_end)


def is_refit_worthwhile(answers: int, refitted: int, at_end: bool) -> bool:
    """Return whether to refit from ``answers`` answers when the last refit was from ``refitted``.

    ``at_end`` is whether the session is ending.
    """
    if at_end:
        return answers > refitted
    return answers - refitted >= EVERY or any(refitted < first <= answers for first in FIRST)
