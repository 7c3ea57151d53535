"""Matchers as features: what the rules say of each token, hashed, for the learner to weigh."""

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
    """The hits of some matchers as one attribute a token: (matcher, label, BILUO position) of each."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self.matchers = tuple(matchers)

    def __call__(self, doc: Doc) -> npt.NDArray[np.uint64]:
        """Return uint64 (N): 0, which the learner does not see, where no matcher hits."""
        said: dict[int, set[str]] = {}
        for number, matcher in enumerate(self.matchers):
            for start, end, label, _ in matcher(doc):
                for token in range(start, end):
                    position = (
                        "U"
                        if end - start == 1
                        else "B"
                        if token == start
                        else "L"
                        if token == end - 1
                        else "I"
                    )
                    said.setdefault(token, set()).add(f"{number} {position}-{label}")
        out = np.zeros(len(doc), dtype=np.uint64)
        for token, words in said.items():
            digest = blake2b("\n".join(sorted(words)).encode(), digest_size=8).digest()
            out[token] = int.from_bytes(digest, "little")
        return out
