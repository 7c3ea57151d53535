"""Beam search over the transitions: the approximation that everybody knows, beside the exact answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Float64: TypeAlias = "npt.NDArray[np.float64]"
Spans = tuple[tuple[int, int, int], ...]
"""Entities: start, end (tokens, end exclusive), number of the label."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A derivation so far. ``opened`` is the first token and the label of the open entity, if one is open."""

    log_probability: float
    spans: Spans
    opened: tuple[int, int] | None = None


def beam_search(log_closed: Float64, log_open: Float64, width: int) -> list[Hypothesis]:
    """Return the ``width`` best derivations that a beam of that width finds, best first.

    ``log_closed`` (N, 2L+1) and ``log_open`` (N, K-1, 2L) are the actions' log-probabilities as
    ``lattice.log_probabilities`` gives them. After each token the ``width`` best hypotheses are kept, also
    where states are equal. With width 1 this is greedy decoding; with a width of all derivations, exact.
    """
    beam = [Hypothesis(0.0, ())]
    for token in range(len(log_closed)):
        steps = (after for before in beam for after in _successors(before, token, log_closed, log_open))
        beam = nlargest(width, steps, key=attrgetter("log_probability"))
    return beam


def _successors(
    before: Hypothesis, token: int, log_closed: Float64, log_open: Float64
) -> Iterator[Hypothesis]:
    labels = log_open.shape[2] // 2
    if before.opened is not None:
        start, label = before.opened
        inside, last = log_open[token, token - start - 1, [label, labels + label]].tolist()
        choices = [
            (inside, before.spans, before.opened),
            (last, (*before.spans, (start, token + 1, label)), None),
        ]
    else:
        row = log_closed[token].tolist()
        choices = [(row[0], before.spans, None)]
        for label in range(labels):
            choices.append((row[1 + label], before.spans, (token, label)))
            choices.append((row[1 + labels + label], (*before.spans, (token, token + 1, label)), None))
    for log_probability, spans, opened in choices:
        if log_probability > -np.inf:
            yield Hypothesis(before.log_probability + log_probability, spans, opened)
