"""Fuzz target: model folders through loading, and predicting with what could be loaded.

``model_files`` describes the input.
"""

from __future__ import annotations

import json
import math
import struct
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nerture.core.errors import NertureError
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import ProbableSpans
from nerture.core.learner.quantization import PRECISIONS
from nerture.core.learner.serialization import META, VOCABULARY, WEIGHTS, load_learner, load_meta
from nerture.core.text.doc import Doc, Span

from .model_files import base_model, files_of, safetensors_file

_TEXTS = (
    "Lifted the last leeks; slugs had been at the hostas again, 12 of them (2.5 kg) by 10am on 3/4/2020 in "
    "St. Ives. http://a.b.co \u4e2d\u6587 \U0001f34a \ud800 Aphids aphids APHIDS all over the broad beans!",
    "One two three.",
    "",
    "x",
)
_MIN_PROBABILITY = 0.05
"""The probability from which on all spans are asked for."""
_ROUNDING = 1e-3
"""By how much a probability may differ from another way to compute it, or a sum of them from 1."""
_PRECISE = 10
"""The largest number among those that scores are made of by which they are precise enough to compare."""


def words() -> list[bytes]:
    """Return names in the files and numbers at the edge of their types: the fuzzer's dictionary."""
    meta = json.loads(base_model("f32").meta)
    texts = [json.dumps(name) for name in (*meta, *meta["settings"], *PRECISIONS)]
    texts += [
        *PRECISIONS,
        "words ",
        "whole ",
        "over ",
        "parts ",
        "Infinity",
        "NaN",
        "null",
        "true",
        "{}",
        "\n",
    ]
    texts += ["-1", "0", "1e999", "9223372036854775807", "2147483648", "4611686018427387904"]
    texts += [
        '"U64"',
        '"U8"',
        '"F32"',
        '"F16"',
        '"I8"',
        '"BF16"',
        '"shape":[',
        '"data_offsets":[0,',
        "__metadata__",
    ]
    numbers = [struct.pack("<f", value) for value in (math.inf, math.nan, 3e38, 1e6, -1e6, 1e-40, 1.0, -0.0)]
    numbers += [struct.pack("<e", value) for value in (65504.0, math.inf, 6e-8)]
    return [*(text.encode() for text in texts), *numbers]


def seeds() -> list[bytes]:
    """Return inputs to begin with: each precision, each mode, weights of several kinds."""
    base = base_model("int8")
    found = [
        b"",
        b"whole int8\n" + safetensors_file(b'{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}', b"a"),
        b"parts int8\n" + base.meta.replace(b'"longest_entity": 5', b'"longest_entity": 4611686018427387904'),
        b"parts int8\n" + base.meta.replace(b'"temperature": 1.5', b'"temperature": 1' + b"0" * 400),
        b"parts int8\n\n" + base.header.replace(b'"I8"', b'"F8_E4M3"', 1),
    ]
    for precision in PRECISIONS:
        base = base_model(precision)
        first = f"parts {precision} 0 0 0 0 0 0\n".encode()
        found += [f"words {precision}\n".encode() + words for words in (base.words, base.words[:-1], b"")]
        found += [first, first + base.meta + b"\n", first + b"\n" + base.header + b"\n"]
        found += [f"over {precision}\n".encode() + base.file[: 8 + len(base.header)]]
        found += [first + b"\n\n" + struct.pack("<f", value) for value in (1.0, 1e6, 3e38, 1e-40, math.nan)]
        found += [f"parts {precision} 2 3 1 1 1 5000\n\n\n".encode() + struct.pack("<4f", 1e5, -1e5, 1, 0)]
        found += [f"parts {precision} {pick} {pick} {pick} {pick} {pick} 0\n".encode() for pick in (1, 2, 3)]
    return found


def examine(data: bytes) -> None:
    """Load and predict; raises ``AssertionError`` where predictions are not in the text, or have no score."""
    meta, file, known = files_of(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / META).write_bytes(meta)
        (folder / WEIGHTS).write_bytes(file)
        (folder / VOCABULARY).write_bytes(known)
        try:
            described = load_meta(folder)
            learner = load_learner(folder, described, _features if described.get("match_features") else None)
        except NertureError:
            return
    with np.errstate(all="ignore"):  # weights may be as large as they like
        _check_predictions(learner)


def _features(doc: Doc) -> npt.NDArray[np.uint64]:
    """Stand in for the matchers of a model that has them as features."""
    return np.arange(len(doc), dtype=np.uint64)


def _check_predictions(learner: Learner) -> None:
    """Check the best choice of spans, that by thresholds, all probable spans, and these with the lattice."""
    docs = [Doc(text) for text in _TEXTS]
    best = learner.predict(docs)
    alone = learner.predict(docs[:1])
    assert alone == best[:1], "a text's entities depend on the other texts of its batch"
    chosen = learner.predict(docs, {learner.labels[0]: 0.2})
    probable = learner.probable_spans(docs, _MIN_PROBABILITY)
    scores = [span.score for span in best[0]]
    assert [span.score for span in alone[0]] == scores, (
        "a text's probabilities depend on the other texts of its batch"
    )
    for index, doc in enumerate(docs):
        _check_spans(learner, doc, best[index], disjoint=True)
        _check_spans(learner, doc, chosen[index], disjoint=True)
        _check_spans(learner, doc, probable[index].spans, disjoint=False)
        assert probable[index].lost >= 0
    _check_exactly(learner, docs[1], probable[1])


def _check_exactly(learner: Learner, doc: Doc, probable: ProbableSpans) -> None:
    """Compare probabilities with those of the lattice, unless scores are so large that rounding decides."""
    encoded = learner.network.encode(learner.batch([learner.attributes(doc)]))
    parts = (encoded.closed, encoded.slots, encoded.open_weight, encoded.open_bias)
    if learner.calibration.temperature < 1 or max(np.abs(part).max() for part in parts) > _PRECISE:
        return
    derivations = next(learner.derivations([doc]))
    masses = [mass for mass, _ in derivations.k_best(3)]
    assert masses[0] > 0, "the best analysis has no probability"
    assert sum(masses) <= 1 + _ROUNDING, f"the best analyses have the probabilities {masses}"
    for span, mass in zip(probable.spans, derivations.probabilities_of(probable.spans), strict=True):
        assert abs(mass - (span.score or 0)) <= probable.lost + _ROUNDING, f"{span!r}: exactly {mass}"


def _check_spans(learner: Learner, doc: Doc, spans: Sequence[Span], disjoint: bool) -> None:
    for span in spans:
        assert 0 <= span.start < span.end <= len(doc), f"{span!r} is outside the text"
        assert len(span) <= learner.longest, f"{span!r} is longer than entities may be"
        assert span.label in learner.labels, f"{span!r}: no label of the model"
        assert span.score is not None, f"{span!r} has no score"
        assert 0 <= span.score <= 1 + 1e-9, f"{span!r}: {span.score} is no probability"
    if disjoint:
        assert all(before.end <= after.start for before, after in pairwise(spans)), "entities overlap"
