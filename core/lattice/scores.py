"""``Scores``: the transition scores of a batch, as a loss sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of every transition in every state of a batch of texts.

    ``closed`` float32 (N, 2L+1): row i, nothing is open at token i: columns ``O``, ``B-1 .. B-L``, ``U-1 ..
    U-L``. ``open`` float32 (N, K-1, 2L): row (i, k), an entity is open at token i that began k+1 tokens back:
    columns ``I-1 .. I-L``, ``L-1 .. L-L`` (an open entity of label l uses only its own two columns).
    ``exists`` bool (N, K-1): False if k+1 tokens back is before the text; such rows are meaningless, and
    their gradient must be 0. ``bounds`` int64 (T+1): text t has the tokens ``bounds[t]`` to ``bounds[t+1]``.
    ``seed`` is an integer unique to this batch, for losses that draw random numbers.
    """

    closed: npt.NDArray[np.float32]
    open: npt.NDArray[np.float32]
    exists: npt.NDArray[np.bool_]
    bounds: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    seed: int = 0
