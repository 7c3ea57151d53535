"""Sample texts, scores and targets for the contract checks of ``nerture.testing``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nerture.core.annotations.record import CharSpan, Record
from nerture.core.lattice.scores import Scores
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import Origin

TEXTS = (
    "Aspirin and ibuprofen arrived on 12 May 2024.",
    "",
    " ",
    "  two  spaces,\ttabs\r\nand lines \n",
    "naïve café, cafe\u0301, 東京タワー, שלום עולם, مرحبا",
    "😀👩\u200d👩\u200d👧 :-) https://example.org/a?b=c#d x@example.org $5.50 don't e.g. U.S.",
    "a" * 300,
    "\u200b\ufeff\u00a0\u2028",
)
"""Texts of every kind: empty, blank, several scripts, combining marks, emoji, one long word."""


def word_offsets(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """Split a text at whitespace: the tokenizer of the samples."""
    offsets, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        offsets.append((start, start + len(word)))
        start += len(word)
    return np.array(offsets, dtype=np.int32).reshape(-1, 2)


def sample_docs() -> list[Doc]:
    """Return a Doc of each sample text, split at whitespace."""
    return [Doc(text, word_offsets) for text in TEXTS]


def sample_records(labels: tuple[str, ...]) -> list[Record]:
    """Return a record of each sample text; its first word, if any, is an entity."""
    records = []
    for line, doc in enumerate(sample_docs(), start=1):
        spans = tuple(CharSpan(token.start_char, token.end_char, labels[0]) for token in list(doc)[:1])
        records.append(Record(doc.text, Origin("sample", line), doc.offsets, spans, "accept", True))
    return records


def sample_targets(labels: tuple[str, ...]) -> list[Target]:
    """Return targets of every kind: complete, partial, with rejected spans, of an empty text, weighted."""
    words = ["Aspirin", "and", "ibuprofen", "arrived", "on", "Monday"]
    first, last = labels[0], labels[-1]

    def doc(length: int) -> Doc:
        return Doc.from_words(words[:length])

    whole, short, none = doc(6), doc(3), Doc.from_words([])
    return [
        Target(whole, (whole.span(0, 1, first), whole.span(2, 5, last))),
        Target(short),
        Target(none),
        Target(whole, (whole.span(1, 3, last),), complete=frozenset()),
        Target(short, (short.span(0, 2, first),), complete=frozenset({first})),
        Target(whole, complete=False, rejected=(whole.span(2, 4, first),), outside=(0, 5)),
        Target(short, (short.span(0, 3, last),), weight=0.5),
    ]


def sample_scores(targets: list[Target], labels: tuple[str, ...], longest: int = 4, seed: int = 0) -> Scores:
    """Return random scores for a batch of the targets' texts; entities have at most ``longest`` tokens."""
    random = np.random.default_rng(seed)
    bounds = np.cumsum([0, *(len(target.doc) for target in targets)])
    count, labels_count = int(bounds[-1]), len(labels)
    exists = np.zeros((count, longest - 1), dtype=np.bool_)
    for start, end in pairwise(bounds):
        for position in range(int(end - start)):
            exists[start + position, :position] = True
    return Scores(
        random.normal(size=(count, 2 * labels_count + 1)).astype(np.float32),
        random.normal(size=(count, longest - 1, 2 * labels_count)).astype(np.float32),
        exists,
        bounds.astype(np.int64),
        labels,
        seed,
    )
