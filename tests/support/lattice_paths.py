"""Every path through a small lattice, found by trying all sets of segments that do not overlap."""

from __future__ import annotations

import math
from collections.abc import Iterator

Path = tuple[tuple[int, int, int], ...]


def all_paths(outside, segments, start=0) -> Iterator[tuple[float, Path]]:
    """Yield (log-weight, entities) of every path whose weight is not 0; an entity is start, end, label."""
    length, longest, labels = segments.shape
    if start == length:
        yield 0.0, ()
        return
    steps = [(outside[start], start + 1, ())]
    for more in range(min(longest, length - start)):
        for label in range(labels):
            end = start + more + 1
            steps.append((segments[start, more, label], end, ((start, end, label),)))
    for weight, end, entity in steps:
        if weight > -math.inf:
            for rest, entities in all_paths(outside, segments, end):
                yield float(weight) + rest, (*entity, *entities)
