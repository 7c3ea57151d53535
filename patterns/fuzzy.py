"""Edit distance up to a limit: what ``FUZZY`` compares by."""

from __future__ import annotations

MIN_EDITS = 2
SHARE = 0.3


def allowance(pattern: str) -> int:
    """Return how many edits ``FUZZY`` allows for ``pattern``: three tenths of its length, at least two."""
    return max(MIN_EDITS, round(SHARE * len(pattern)))


def within(one: str, other: str, limit: int) -> bool:
    """Say whether ``limit`` insertions, deletions and replacements of characters make ``one`` of ``other``.

    Only the band of the distance table that can stay below the limit is filled: O(len * limit) steps.
    """
    if one == other:
        return True
    if limit <= 0 or abs(len(one) - len(other)) > limit:
        return False
    beyond = limit + 1
    above = [min(column, beyond) for column in range(len(other) + 1)]
    for row, character in enumerate(one, start=1):
        first, last = max(1, row - limit), min(len(other), row + limit)
        current = [beyond] * (len(other) + 1)
        if row <= limit:
            current[0] = row
        for column in range(first, last + 1):
            step = above[column - 1] + (character != other[column - 1])
            current[column] = min(step, above[column] + 1, current[column - 1] + 1)
        if min(current) > limit:
            return False
        above = current
    return above[-1] <= limit
