"""The overlap policies: which of several overlapping hits are kept."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, get_args

DEFAULT_MAX_TOKENS = 64
"""Default limit, in tokens, of the matches of a pattern without an upper limit of its own."""

Overlap = Literal["longest", "first", "priority", "all"]
"""Which of several overlapping hits wins.

``longest``: the longest, then the earliest. ``first``: the earliest start, then the longest. ``priority``:
the pattern that comes earlier in its file, then the longest, then the earliest. ``all``: every hit is kept,
overlapping or not. Ties go to the earlier pattern.
"""

POLICIES: tuple[str, ...] = get_args(Overlap)

Hit: TypeAlias = tuple[int, int, int]
"""Tokens ``[start, end)`` and the row of the pattern."""

Shorten: TypeAlias = Callable[[int, int, int], int]
"""(start, stop, row) to the end of the longest match from ``start`` up to ``stop``; 0 for none."""

# Each policy orders hits as tuples that end with the hit itself; the smallest tuple wins.
_KEYS: dict[str, Callable[[Hit], tuple[int, ...]]] = {
    "longest": lambda hit: (hit[0] - hit[1], hit[0], hit[2], *hit),
    "first": lambda hit: (hit[0], hit[0] - hit[1], hit[2], *hit),
    "priority": lambda hit: (hit[2], hit[0] - hit[1], hit[0], *hit),
}


def choose_hits(hits: Iterable[Hit], overlap: Overlap, length: int, shorten: Shorten) -> list[Hit]:
    """Return hits that do not overlap, in order of their start, chosen by a policy other than ``all``.

    ``hits`` has the longest hit of each pattern and start. If a better hit overlaps its end, the longest
    match before that hit is queued instead; the result is the same as choosing among all shorter matches
    too. ``length`` is the number of tokens.
    """
    key = _KEYS[overlap]
    queue = sorted(map(key, hits))  # a sorted list is a heap
    taken = bytearray(length)
    chosen: list[Hit] = []
    while queue:
        _, _, _, start, end, row = heapq.heappop(queue)
        obstacle = taken.find(1, start, end)
        if obstacle < 0:
            taken[start:end] = b"\x01" * (end - start)
            chosen.append((start, end, row))
        elif obstacle > start and (end := shorten(start, obstacle, row)):
            heapq.heappush(queue, key((start, end, row)))
    return sorted(chosen)
