"""The contract check of sorters, on candidates of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from nerture.interfaces import Candidate, Sorter

SEEDS = (0, 1, 2**32 - 1)


def sample_candidates() -> list[Candidate]:
    """Return candidates of every kind: sure and unsure, spans and texts, quick and slow, some alike."""
    candidates: list[Candidate] = []
    for place, probability in enumerate((0.5, 0.0, 1.0, 0.05, 0.93, 0.5, 0.31)):
        unsure = probability * (1 - probability)
        source: Literal["pattern", "model"] = "pattern" if place % 2 else "model"
        candidates += [
            Candidate("span", source, probability, unsure, 2 * unsure, 2.5, f"surface {place % 3}", place),
            Candidate("text", source, probability, unsure, unsure, 1.5 + place, "", place),
        ]
    return candidates


def check_sorter(sorter: Sorter, candidates: Iterable[Candidate] | None = None) -> list[int]:
    """Check that each candidate is returned at most once, in a repeatable order; return that of seed 0.

    Without candidates none may be returned, and the argument may not be changed.
    """
    items = sample_candidates() if candidates is None else list(candidates)
    assert list(sorter([], 0)) == [], "the sorter returned an index when there were no candidates"
    orders = []
    for seed in SEEDS:
        before = list(items)
        order = sorter(items, seed)
        assert isinstance(order, Sequence), (
            f"the sorter returned {type(order).__name__}, expected a sequence of indices"
        )
        for index in order:
            assert isinstance(index, int), f"the sorter returned {index!r}, expected whole numbers"
            assert 0 <= index < len(items), (
                f"the sorter returned {index}, expected the indices of {len(items)} candidates"
            )
        assert len(set(order)) == len(order), f"the sorter returned an index twice: {list(order)}"
        assert items == before, "the sorter changed the list of candidates; it may only return indices"
        again = list(sorter(items, seed))
        assert again == list(order), f"with seed {seed}, the sorter returned another order when called again"
        orders.append(list(order))
    return orders[0]
