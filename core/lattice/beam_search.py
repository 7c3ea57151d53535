"""Beam search over the transitions: approximate, for comparison with the exact algorithms."""

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
    """A partial derivation; ``opened`` is the first token and the label of the open entity, or None."""

    log_probability: float
    spans: Spans
    opened: tuple[int, int] | None = None


def beam_search(log_closed: Float64, log_open: Float64, width: int) -> list[Hypothesis]:
    """Return the ``width`` best derivations that a beam of that width finds, best first.

    ``log_closed`` (N, 2L+1) and ``log_open`` (N, K-1, 2L) are the actions' log-probabilities, as returned by
    ``forward_backward.log_probabilities``. After each token the ``width`` best hypotheses are kept, even if
    their states are equal. A width of 1 is greedy decoding; if all derivations fit in, the search is exact.
    """
    beam = [Hypothesis(0.0, ())]
    for token in range(len(log_closed)):
        steps = (step for hypothesis in beam for step in _extend(hypothesis, token, log_closed, log_open))
        beam = nlargest(width, steps, key=attrgetter("log_probability"))
    return beam


def _extend(
    hypothesis: Hypothesis, token: int, log_closed: Float64, log_open: Float64
) -> Iterator[Hypothesis]:
    labels = log_open.shape[2] // 2
    so_far = hypothesis.spans
    if hypothesis.opened is not None:
        start, label = hypothesis.opened
        inside, last = log_open[token, token - start - 1, [label, labels + label]].tolist()
        choices = [
            (inside, so_far, hypothesis.opened),
            (last, (*so_far, (start, token + 1, label)), None),
        ]
    else:
        row = log_closed[token].tolist()
        choices = [(row[0], so_far, None)]
        for label in range(labels):
            choices.append((row[1 + label], so_far, (token, label)))
            choices.append((row[1 + labels + label], (*so_far, (token, token + 1, label)), None))
    for log_probability, spans, opened in choices:
        if log_probability > -np.inf:
            yield Hypothesis(hypothesis.log_probability + log_probability, spans, opened)
