"""Model folders from bytes, for a fuzzer: a model is too large to be changed byte by byte.

The input is written in lines. The first says what is done, and to which model of random weights::

    MODE PRECISION width depth pieces hidden labels place

(each a number that picks one of a few sizes, but for ``place``, a byte of the weights). What follows depends
on the mode:

- ``whole``: all the rest is the safetensors file.
- ``words``: all the rest is the file of the vocabulary.
- ``over``: the rest is written over the beginning of the model's safetensors file.
- ``parts``: the second line is ``meta.json``, the third the header of the safetensors file; an empty one is
  the right one. The rest is written over the weights at ``place``, or again and again over all of them if
  that is 0.
"""

from __future__ import annotations

import json
import struct
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.learner.quantization import PRECISIONS, Precision
from nerture.core.learner.serialization import META, VOCABULARY, WEIGHTS, save_learner
from nerture.core.network.settings import ModelSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.text.doc import Doc

_SIZES = ((8, 16, 17, 33), (1, 0, 2, 3), (2, 3, 4), (8, 9, 16), (2, 1, 3))
_LONGEST = 5
_KNOWN = "Lifted the last leeks; slugs had been at the hostas again. One two three."


class Base(NamedTuple):
    """A model of random weights: ``meta.json``, header and data of its safetensors file, its vocabulary."""

    meta: bytes
    header: bytes
    body: bytes
    words: bytes

    @property
    def file(self) -> bytes:
        """The safetensors file."""
        return safetensors_file(self.header, self.body)


def safetensors_file(header: bytes, body: bytes) -> bytes:
    """Put a safetensors file together, whatever its parts are."""
    return struct.pack("<Q", len(header)) + header + body


@lru_cache(maxsize=200)
def base_model(precision: Precision, picks: tuple[int, ...] = (0, 0, 0, 0, 0)) -> Base:
    """Make a model; ``picks`` choose its width, depth, pieces, hidden width and number of labels."""
    width, depth, pieces, hidden, labels = (
        sizes[pick % len(sizes)] for sizes, pick in zip(_SIZES, picks, strict=True)
    )
    settings = ModelSettings(width=width, depth=depth, pieces=pieces, hidden=hidden)
    learner = Learner(
        [f"L{number}" for number in range(labels)], settings, _LONGEST,
        seed=1, calibration=Calibration(1.5, {}), vocabulary=Vocabulary((), ()),
    )  # fmt: skip
    learner = learner.with_vocabulary([learner.attributes(Doc(_KNOWN))])
    rng = np.random.default_rng(0)
    for name in ("closed.weight", "open.weight"):  # else every action is as likely as the others
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    with tempfile.TemporaryDirectory() as name:
        save_learner(learner.with_precision(precision), Path(name), {})
        file, meta = (Path(name) / WEIGHTS).read_bytes(), json.loads((Path(name) / META).read_bytes())
        words = (Path(name) / VOCABULARY).read_bytes()
    (length,) = struct.unpack_from("<Q", file)
    return Base(json.dumps(meta).encode(), file[8 : 8 + length], file[8 + length :], words)


def files_of(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Return ``meta.json``, the safetensors file, and that of the vocabulary that an input encodes."""
    first, _, rest = data.partition(b"\n")
    words = [*first.decode("ascii", "replace").split(" "), *[""] * 8]
    precision = next((known for known in PRECISIONS if known == words[1]), PRECISIONS[0])
    *picks, place = (int(word[:9]) if word.isascii() and word.isdigit() else 0 for word in words[2:8])
    base = base_model(precision, tuple(pick % len(sizes) for sizes, pick in zip(_SIZES, picks, strict=True)))
    if words[0] == "whole":
        return base.meta, rest, base.words
    if words[0] == "words":
        return base.meta, base.file, rest
    if words[0] == "over":
        return base.meta, (rest + base.file[len(rest) :])[: len(base.file)], base.words
    meta, _, rest = rest.partition(b"\n")
    header, _, rest = rest.partition(b"\n")
    file = safetensors_file(header or base.header, _changed(base.body, rest, place))
    return meta or base.meta, file, base.words


def _changed(body: bytes, over: bytes, place: int) -> bytes:
    """Write ``over`` over the data: at ``place``, or everywhere if that is 0."""
    if not over:
        return body
    if place == 0:
        return (over * (len(body) // len(over) + 1))[: len(body)]
    place %= len(body)
    return (body[:place] + over + body[place + len(over) :])[: len(body)]
