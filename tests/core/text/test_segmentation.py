"""Passages: where a text may be cut, against a plain reading of the rule over words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.text.segmentation import find_passages

WORDS = st.sampled_from(["a", "b.", ".", "?", "”", ")", "c", "。", "d"])
GAPS = st.sampled_from([" ", "", "\n", "  "])


def text_of(words):
    """The text of (word, what follows it), and the bounds of its tokens."""
    text, offsets = "", []
    for word, gap in words:
        offsets.append((len(text), len(text) + len(word)))
        text += word + gap
    return text, np.array(offsets, dtype=np.int32).reshape(-1, 2)


def naive_passages(words, shortest, longest):
    """Numbers of the words of each passage."""
    passages, current, ended = [], [], False
    for number, (word, gap) in enumerate(words):
        current.append(number)
        if word[-1] in ".?。":
            ended = True
        elif not (ended and word in "”)"):
            ended = False
        may_end = "\n" in gap or (gap and ended)
        if len(current) >= longest or (len(current) >= shortest and may_end):
            passages.append(current)
            current = []
    if current and passages and len(current) < shortest:
        passages[-1] += current
    elif current:
        passages.append(current)
    return passages


@given(st.lists(st.tuples(WORDS, GAPS), max_size=30), st.integers(1, 4), st.integers(4, 9))
@settings(deadline=None)
def test_passages_are_those_of_a_plain_reading(words, shortest, longest):
    text, offsets = text_of(words)
    found = find_passages(text, offsets, shortest, longest)
    wanted = naive_passages(words, shortest, longest)
    assert [list(range(start, end)) for start, end, _, _ in found] == wanted
    for start, end, start_char, end_char in found:
        assert (start_char, end_char) == (offsets[start, 0], offsets[end - 1, 1])


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("I came. He said “go.” She went.", ["I came.", "He said “go.”", "She went."]),
        ("Dr. No", ["Dr.", "No"]),
        ("one\ntwo", ["one", "two"]),
        ("3.14 is", ["3.14 is"]),
    ],
)
def test_a_passage_ends_with_its_sentence_or_line(text, passages):
    offsets = np.array([found.span() for found in re.finditer(r"\w+|[^\w\s]", text)], dtype=np.int32)
    found = find_passages(text, offsets, 1, 40)
    assert [text[start:end] for _, _, start, end in found] == passages
