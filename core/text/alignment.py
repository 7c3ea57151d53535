"""Characters to tokens: which tokens a stretch of text touches, whether it fits them, and how to make it fit.

Offsets are int32 (N, 2), ``[start_char, end_char)`` of each token, ascending, none empty, none overlapping;
tokens may leave gaps (spaces), and touch each other. Positions between two characters are counted from 0 to
the length of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.text.doc import Offsets

if TYPE_CHECKING:
    import numpy.typing as npt

Bounds: TypeAlias = "npt.NDArray[np.int32]"
"""int32 (S, 2): start and end of each of S stretches, end exclusive."""


def touched_tokens(offsets: Offsets, chars: npt.ArrayLike) -> Bounds:
    """Return the tokens that share a character with each stretch of characters.

    ``chars`` is (S, 2), each stretch non-empty; so is the result, in tokens, with start equal to end where no
    token is touched.
    """
    bounds = np.asarray(chars, dtype=np.int32).reshape(-1, 2)
    start = np.searchsorted(offsets[:, 1], bounds[:, 0], side="right")
    end = np.searchsorted(offsets[:, 0], bounds[:, 1], side="left")
    return np.stack([start, np.maximum(start, end)], axis=1).astype(np.int32)


def token_holding(offsets: Offsets, positions: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Return for each position (S,) the token that it cuts in two, or -1 where it cuts none."""
    points = np.asarray(positions, dtype=np.int32).reshape(-1)
    if len(offsets) == 0:
        return np.full(len(points), -1, dtype=np.int32)
    token = np.searchsorted(offsets[:, 1], points, side="right").clip(max=len(offsets) - 1)
    cut = (offsets[token, 0] < points) & (points < offsets[token, 1])
    return np.where(cut, token, -1).astype(np.int32)


def split_tokens(offsets: Offsets, positions: npt.ArrayLike) -> Offsets:
    """Return the offsets with every token cut at each of ``positions`` that lies within it."""
    points = np.unique(np.asarray(positions, dtype=np.int32).reshape(-1))
    cuts = points[token_holding(offsets, points) >= 0]
    starts = np.sort(np.concatenate([offsets[:, 0], cuts]))
    ends = np.sort(np.concatenate([offsets[:, 1], cuts]))
    return np.stack([starts, ends], axis=1).astype(np.int32)


def trimmed(text: str, start_char: int, end_char: int) -> tuple[int, int]:
    """Return the stretch without the whitespace at its edges; (start_char, start_char) if nothing is left."""
    body = text[start_char:end_char]
    lead = len(body) - len(body.lstrip())
    start = start_char + lead
    return (start, start + len(body.strip())) if lead < len(body) else (start_char, start_char)
