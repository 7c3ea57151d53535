"""How long a hit may be, and which of several overlapping ones are kept: the named policies."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, get_args

MAX_TOKENS = 64
"""Default bound, in tokens, of the matches of a pattern that has no upper bound of its own."""

Overlap = Literal["longest", "first", "priority", "all"]
"""Which of several overlapping hits wins.

``longest``: the longest, then the earliest. ``first``: the earliest start, then the longest. ``priority``:
the pattern that comes earlier in its file, then the longest, then the earliest. ``all``: every hit is kept,
overlapping or not. What is still equal goes to the earlier pattern.
"""

POLICIES: tuple[str, ...] = get_args(Overlap)

Hit: TypeAlias = tuple[int, int, int]
"""Tokens ``[start, end)`` and the row of the pattern."""

Shorten: TypeAlias = Callable[[int, int, int], int]
"""(start, stop, row) to the end of the pattern's longest match from ``start`` within ``stop``; 0 for none."""

# Each policy orders hits as tuples that end in the hit itself: the least tuple wins.
_KEYS: dict[str, Callable[[Hit], tuple[int, ...]]] = {
    "longest": lambda hit: (hit[0] - hit[1], hit[0], hit[2], *hit),
    "first": lambda hit: (hit[0], hit[0] - hit[1], hit[2], *hit),
    "priority": lambda hit: (hit[2], hit[0] - hit[1], hit[0], *hit),
}


def choose(hits: Iterable[Hit], overlap: Overlap, length: int, shorten: Shorten) -> list[Hit]:
    """Return hits that do not overlap, in order of their start, chosen by a policy other than ``all``.

    ``hits`` holds, of each pattern and start, the longest one. Where a better hit cuts it off it comes again
    as the longest that is still free, which is what choosing among all the shorter ones as well would give.
    ``length`` is the number of tokens.
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
