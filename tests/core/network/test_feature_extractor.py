"""The feature extractor and the hashing of attributes, against the same arithmetic in plain Python."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.network.feature_extractor import (
    FeatureExtractor,
    find_distinct,
    hash_rows,
    hide,
    hide_single,
)
from nerture.core.text.doc import Doc
from nerture.core.text.lexical import ATTRIBUTES, attributes_of

MASK = 2**64 - 1
quick = settings(max_examples=60, deadline=None)


def mix64(value):
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def hash_text(text, salt):
    value = mix64(salt)
    for character in text:
        value = ((value ^ ord(character)) * 0x100000001B3) & MASK
    return mix64(value)


def by_hand(words):
    rows = [[hash_text(value, column) for column, value in enumerate(attributes_of(word))] for word in words]
    return np.array(rows, dtype=np.uint64).reshape(len(words), ATTRIBUTES.index("match"))


def attributes(extractor, words):
    doc = Doc.from_words(words)
    return extractor.attributes(doc.text, doc.offsets)


words = st.lists(st.text(st.characters(exclude_categories=["Cs", "Zs"]), min_size=1, max_size=6), max_size=12)


@quick
@given(words, st.integers(1, 5))
def test_attributes_are_those_computed_by_hand(forms, capacity):
    extractor = FeatureExtractor(capacity)
    for _ in range(2):
        np.testing.assert_array_equal(attributes(extractor, forms), by_hand(forms))
        assert len(extractor) <= capacity


def test_many_forms_stay_apart():
    extractor = FeatureExtractor()
    forms = [f"w{number}" for number in range(5000)]
    np.testing.assert_array_equal(attributes(extractor, forms), by_hand(forms))
    np.testing.assert_array_equal(attributes(extractor, forms), by_hand(forms))
    assert len(extractor) == 5000


def test_threads_may_share_a_feature_extractor():
    """Each thread meets new forms while the others do; nobody may get another form's attributes."""
    extractor = FeatureExtractor()
    forms = [f"Form{number}" for number in range(1500)]
    expected = by_hand(forms)
    wrong = []

    def work(seed):
        order = np.random.default_rng(seed).permutation(len(forms))
        for place in order.tolist():
            found = attributes(extractor, [forms[place]])
            if not np.array_equal(found[0], expected[place]):
                wrong.append(forms[place])

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switch)
    assert not wrong
    np.testing.assert_array_equal(attributes(extractor, forms), expected)


@quick
@given(st.lists(st.integers(0, MASK), max_size=8), st.integers(1, 50), st.integers(1, 4))
def test_hash_rows(values, table_rows, choices):
    table = np.array([[7, value] for value in values], dtype=np.uint64).reshape(-1, 2)
    found = hash_rows(table, 1, table_rows, choices)
    expected = [
        [mix64((value + choice) & MASK) % table_rows if value else -1 for choice in range(choices)]
        for value in values
    ]
    assert found.tolist() == expected
    assert found.dtype == np.int32


def test_hide_hides_the_named_columns_of_a_share_of_the_tokens():
    table = np.ones((4000, 5), dtype=np.uint64)
    hide(table, np.array([1, 3], dtype=np.int32), 0.2, 9)
    assert (table[:, [0, 2, 4]] == 1).all()
    assert (table[:, 1] == table[:, 3]).all(), "a token hides all of them or none"
    assert np.mean(table[:, 1] == 0) == pytest.approx(0.2, abs=0.02)


def test_hide_single_hides_each_attribute_by_itself():
    table = np.ones((4000, 3), dtype=np.uint64)
    hide_single(table, 0.3, 9)
    hidden = table == 0
    assert hidden.mean(axis=0) == pytest.approx([0.3] * 3, abs=0.03)
    assert (hidden[:, 0] & hidden[:, 1]).mean() == pytest.approx(0.09, abs=0.02)
    again = np.ones((4000, 3), dtype=np.uint64)
    hide_single(again, 0.3, 9)
    assert (again == table).all()
    hide_single(again, 0.0, 10)
    assert (again == table).all()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**64 - 1)), max_size=30), st.integers(0, 3))
def test_find_distinct_returns_the_first_of_each(rows, repeated):
    table = np.array([[small, large % 3] for small, large in rows] * (1 + repeated), dtype=np.uint64)
    table = table.reshape(-1, 2) + np.uint64(2**63)
    first, which = find_distinct(table)
    expected = list(dict.fromkeys(map(tuple, table.tolist())))
    assert [tuple(row) for row in table[first].tolist()] == expected
    assert sorted(first.tolist()) == first.tolist()
    np.testing.assert_array_equal(table[first][which], table)
