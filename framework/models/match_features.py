"""Matchers as features: the hits that cover each token, hashed, as input of the learner."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.text.doc import Doc
from nerture.interfaces import Matcher

if TYPE_CHECKING:
    import numpy.typing as npt


class MatchFeatureExtractor:
    """The hits of some matchers as one attribute per token: (matcher, label, BILUO position) of each hit."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self.matchers = tuple(matchers)

    def __call__(self, doc: Doc) -> npt.NDArray[np.uint64]:
        """Return uint64 (N): 0, which the learner ignores, where no matcher hits."""
        features: dict[int, set[str]] = {}
        for number, matcher in enumerate(self.matchers):
            for start, end, label, _ in matcher(doc):
                for token in range(start, end):
                    position = _position(token, start, end)
                    features.setdefault(token, set()).add(f"{number} {position}-{label}")
        out = np.zeros(len(doc), dtype=np.uint64)
        for token, names in features.items():
            digest = blake2b("\n".join(sorted(names)).encode(), digest_size=8).digest()
            out[token] = int.from_bytes(digest, "little")
        return out


def _position(token: int, start: int, end: int) -> str:
    """Return the BILUO position of a token within the tokens ``[start, end)``."""
    if end - start == 1:
        return "U"
    if token == start:
        return "B"
    return "L" if token == end - 1 else "I"
