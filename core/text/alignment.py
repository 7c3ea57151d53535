"""Characters to tokens: the tokens that a stretch of text touches or splits, and how to make it fit.

Offsets are int32 (N, 2), ``[start_char, end_char)`` of each token, ascending, none empty, none overlapping;
there may be gaps between tokens (spaces) or none. Positions between characters are counted from 0 to the
length of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.text.doc import Offsets

if TYPE_CHECKING:
    import numpy.typing as npt

Bounds: TypeAlias = "npt.NDArray[np.int32]"
"""int32 (S, 2): start and end of each of S stretches, end exclusive."""


def find_touched_tokens(offsets: Offsets, chars: npt.ArrayLike) -> Bounds:
    """Return the tokens that share a character with each stretch of characters, as (S, 2).

    ``chars`` is (S, 2), each stretch non-empty. If a stretch touches no token, start equals end.
    """
    bounds = np.asarray(chars, dtype=np.int32).reshape(-1, 2)
    start = np.searchsorted(offsets[:, 1], bounds[:, 0], side="right")
    end = np.searchsorted(offsets[:, 0], bounds[:, 1], side="left")
    return np.stack([start, np.maximum(start, end)], axis=1).astype(np.int32)


def find_cut_tokens(offsets: Offsets, positions: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Return the token that each position (S,) is inside of, or -1."""
    points = np.asarray(positions, dtype=np.int32).reshape(-1)
    if len(offsets) == 0:
        return np.full(len(points), -1, dtype=np.int32)
    token = np.searchsorted(offsets[:, 1], points, side="right").clip(max=len(offsets) - 1)
    cut = (offsets[token, 0] < points) & (points < offsets[token, 1])
    return np.where(cut, token, -1).astype(np.int32)


def split_tokens(offsets: Offsets, positions: npt.ArrayLike) -> Offsets:
    """Return the offsets with every token split at each of ``positions`` inside it."""
    points = np.unique(np.asarray(positions, dtype=np.int32).reshape(-1))
    cuts = points[find_cut_tokens(offsets, points) >= 0]
    starts = np.sort(np.concatenate([offsets[:, 0], cuts]))
    ends = np.sort(np.concatenate([offsets[:, 1], cuts]))
    return np.stack([starts, ends], axis=1).astype(np.int32)


def trim(text: str, start_char: int, end_char: int) -> tuple[int, int]:
    """Return the bounds without whitespace at the edges; (start_char, start_char) if nothing is left."""
    body = text[start_char:end_char]
    leading = len(body) - len(body.lstrip())
    start = start_char + leading
    return (start, start + len(body.strip())) if leading < len(body) else (start_char, start_char)
