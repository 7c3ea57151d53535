"""The texts of the pool, and its cache."""

from __future__ import annotations

import numpy as np
import pytest

from nerture.core.annotations.record import Record
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.text.doc import Doc
from nerture.errors import Origin
from nerture.sessions.pool import pool as module
from nerture.sessions.pool.pool import Pool

from ....support.plants import Words, records, texts


@pytest.fixture
def learner():
    return Learner(("PLANT",), ModelSettings(width=8, depth=1, hidden=8), 5)


def test_attributes_of_the_last_used_texts_are_cached(monkeypatch, learner):
    monkeypatch.setattr(module, "MAX_CACHED_TEXTS", 3)
    pool = Pool((Record(f"Plant number {n}", Origin("x")) for n in range(6)), lambda row: Doc(row.text))
    asked = [0, 1, 2, 0, 3, 0, 4, 0, 5, 1, 0]
    found = [pool.attributes(pool[number].doc, learner) for number in asked]
    for number, attributes in zip(asked, found, strict=True):
        np.testing.assert_array_equal(attributes, learner.attributes(pool[number].doc))
    again = [found[index] for index, number in enumerate(asked) if number == 0]
    assert all(attributes is again[0] for attributes in again), "0 was asked for again and again"
    assert found[1] is not found[9], "1 was not"
    assert len(pool._attributes) == 3


def test_repeated_and_empty_texts_are_left_out():
    rows = [*records(3), *records(3), Record("", Origin("t")), Record("  ", Origin("t"))]
    assert [text.doc.text for text in Pool(rows, lambda record: Doc(record.text)).texts] == texts(3)


def test_the_longest_of_overlapping_hits_is_kept():
    class Both:
        labels = ("PLANT",)

        def __call__(self, doc):
            return [*Words("black", "currants")(doc), *Words("black")(doc)]

    found = Pool([Record("ripe black currants", Origin("t"))], lambda r: Doc(r.text), [Both()])[0]
    assert [(hit.start, hit.end) for hit in found.hits] == [(1, 2), (2, 3)]
