"""When learning begins afresh, from all that is known, and does not go on from the version before.

A version that goes on takes a moment, so that each answer can have one. But what was learned first, when
little was known, weighs for ever in such versions: one that began afresh from the same answers finds more.
"""

from __future__ import annotations

FIRST, EVERY = (5, 10, 20, 40), 80
"""After so many answers, and whenever so many have come since, learning begins afresh whoever waits."""
AT_REST = 20
"""After so many it does when nobody waits: no answer has come since the version before, and none comes while
it is made."""


def is_due(answers: int, refitted: int) -> bool:
    """Say whether the next version begins afresh; of ``refitted`` answers was the last one that did."""
    return any(refitted < first <= answers for first in FIRST) or answers - refitted >= EVERY


def is_worth_while(answers: int, refitted: int, at_end: bool) -> bool:
    """Say whether a version is to be made afresh of what the last one knew; ``at_end``: of the last one."""
    return answers - refitted >= (1 if at_end else AT_REST)
