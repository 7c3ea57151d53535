"""Frames: rows of texts with a row of zeros before, between and after them, so that windows need no copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nerture.core.arrays import Floats

if TYPE_CHECKING:
    import numpy.typing as npt

Indices: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class Frame:
    """The positions of a batch's tokens (N) and of the zeros around its texts (T+1) among N+T+1 rows."""

    tokens: Indices
    zeros: Indices

    @classmethod
    def of(cls, bounds: Indices) -> Frame:
        """Return the frame of texts at ``bounds`` (T+1)."""
        texts = np.arange(len(bounds))
        tokens = np.arange(bounds[-1]) + np.repeat(texts[:-1] + 1, np.diff(bounds))
        return cls(tokens, bounds + texts)

    def pad(self, rows: Floats) -> Floats:
        """Return the tokens' rows (N, W) with the zeros added: (N+T+1, W)."""
        framed = np.empty((len(self.tokens) + len(self.zeros), rows.shape[1]), dtype=rows.dtype)
        framed[self.tokens] = rows
        framed[self.zeros] = 0
        return framed

    def unpad(self, framed: Floats) -> Floats:
        """Return the tokens' rows (N, W) of framed rows."""
        return framed[self.tokens]


def windows(framed: Floats) -> Floats:
    """Return a view of all rows except the first and the last, each with its neighbours: (M-2, 3W)."""
    rows, width = framed.shape
    return as_strided(framed, (rows - 2, 3 * width), framed.strides, writeable=False)
