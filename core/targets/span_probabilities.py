"""``SpanProbabilities``: a distribution over the derivations of one text, given by its spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class SpanProbabilities:
    """A teacher's probability of each span of a text; spans that are not listed have probability 0.

    ``labels`` are those that the teacher knows; about others it says nothing. ``spans`` int32 (M, 3): start,
    end (tokens, end exclusive), index of the label in ``labels``. ``probabilities`` float32 (M). For a
    teacher whose states are those of the lattice this is all there is to know: its expected count of each
    action in each state is a sum of these numbers.
    """

    labels: tuple[str, ...]
    spans: npt.NDArray[np.int32]
    probabilities: npt.NDArray[np.float32]
