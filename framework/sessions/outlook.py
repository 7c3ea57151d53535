"""``Outlook``: what one version of the model holds of the texts of the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nerture.core.doc import Span
from nerture.core.learner import Learner
from nerture.sessions.pool import Pool


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What a version of the model holds of some texts; it depends on nothing but the model and the texts.

    ``probable`` maps numbers of texts to their spans of a probability worth asking about, each with its
    ``score``. ``learner`` answers what is not in it.
    """

    version: int
    learner: Learner
    probable: Mapping[int, tuple[Span, ...]]


LEAST = 0.01
"""Spans of a lower probability are not worth asking about."""
MOST_TEXTS = 4000
"""Texts that a version is asked about: more would keep the annotator's answers waiting."""


def look(pool: Pool, learner: Learner, version: int, seed: int) -> Outlook:
    """Ask a learner about the pool's texts; of more than ``MOST_TEXTS`` about others for each version."""
    numbers = np.arange(len(pool))
    if len(pool) > MOST_TEXTS:
        chosen = np.random.default_rng([seed, version]).permutation(len(pool))[:MOST_TEXTS]
        numbers = np.sort(chosen)
    docs = [pool[number].doc for number in numbers.tolist()]
    found = learner.probable_spans(docs, LEAST)
    return Outlook(
        version, learner,
        {number: item.spans for number, item in zip(numbers.tolist(), found, strict=True)},
    )  # fmt: skip
