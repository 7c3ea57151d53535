"""Edit distance up to a limit, for ``FUZZY``."""

from __future__ import annotations

MIN_EDITS = 2
SHARE = 0.3


def default_edits(pattern: str) -> int:
    """Return how many edits ``FUZZY`` allows for ``pattern``: 30 % of its length, at least two."""
    return max(MIN_EDITS, round(SHARE * len(pattern)))


def is_within(left: str, right: str, limit: int) -> bool:
    """Return True if at most ``limit`` insertions, deletions and substitutions turn one text into the other.

    Only the band of the distance table that can stay within the limit is computed: O(len * limit) steps.
    """
    if left == right:
        return True
    if limit <= 0 or abs(len(left) - len(right)) > limit:
        return False
    beyond = limit + 1
    above = [min(column, beyond) for column in range(len(right) + 1)]
    for row, character in enumerate(left, start=1):
        first, last = max(1, row - limit), min(len(right), row + limit)
        current = [beyond] * (len(right) + 1)
        if row <= limit:
            current[0] = row
        for column in range(first, last + 1):
            step = above[column - 1] + (character != right[column - 1])
            current[column] = min(step, above[column] + 1, current[column - 1] + 1)
        if min(current) > limit:
            return False
        above = current
    return above[-1] <= limit
