"""``SpanProbabilities``: a distribution over the derivations of one text, told by its spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class SpanProbabilities:
    """How probable a teacher holds each span of a text to be; spans that are not listed have probability 0.

    ``labels`` are those that the teacher speaks about: of others it knows nothing. ``spans`` int32 (M, 3):
    start, end (tokens, end exclusive), number of the label in ``labels``. ``probabilities`` float32 (M). Of a
    teacher whose states are those of the lattice, this says all there is to say: how often it takes each
    action in each state is a sum of these numbers.
    """

    labels: tuple[str, ...]
    spans: npt.NDArray[np.int32]
    probabilities: npt.NDArray[np.float32]
