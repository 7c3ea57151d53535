"""The simplest tokenizer: it splits at whitespace."""

from __future__ import annotations

import re

import numpy as np

from nerture.core.text.doc import Offsets

_CHUNK = re.compile(r"\S+")


def whitespace_tokenizer(text: str) -> Offsets:
    """Return int32 (N, 2): the bounds of each run of characters that are not whitespace."""
    bounds = [chunk.span() for chunk in _CHUNK.finditer(text)]
    return np.array(bounds, dtype=np.int32).reshape(-1, 2)
