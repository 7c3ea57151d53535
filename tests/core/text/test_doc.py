from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.record import CharSpan
from nerture.core.errors import DataError
from nerture.core.text.doc import Doc, Span
from nerture.core.text.match import Match

texts = st.text(st.sampled_from("ab  é\U0001f600"), max_size=15)


def by_space(text):
    offsets, start = [], None
    for place, character in enumerate(text + " "):
        if character == " " and start is not None:
            offsets.append((start, place))
            start = None
        elif character != " " and start is None:
            start = place
    return np.array(offsets, dtype=np.int32).reshape(-1, 2)


@given(texts, st.integers(-2, 17), st.integers(-2, 17))
def test_char_span_finds_whole_tokens_only(text, start_char, end_char):
    doc = Doc(text, by_space)
    expected = [
        (start, end)
        for start in range(len(doc))
        for end in range(start + 1, len(doc) + 1)
        if doc[start].start_char == start_char and doc[end - 1].end_char == end_char
    ]
    span = doc.char_span(start_char, end_char, "A")
    assert [(span.start, span.end)] == expected if span else not expected
    if span:
        assert (span.start_char, span.end_char) == (start_char, end_char)
        assert span.text == text[start_char:end_char]
        assert span.doc is doc


@given(texts)
def test_tokens_are_pieces_of_the_text(text):
    doc = Doc(text, by_space)
    assert doc.words == [word for word in text.split(" ") if word]
    assert [token.text for token in doc] == doc.words
    for index, token in enumerate(doc):
        assert doc[index] == token
        assert text[token.start_char : token.end_char] == token.text


@given(st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=3), max_size=6), st.data())
def test_from_words(words, data):
    spaces = data.draw(st.none() | st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    doc = Doc.from_words(words, spaces)
    assert doc.words == words
    if spaces is None:
        assert doc.text == " ".join(words)
    else:
        assert doc.text == "".join(w + " " * s for w, s in zip(words, spaces, strict=True))


@pytest.mark.parametrize(
    ("offsets", "message"),
    [
        ([(0, 0)], "token 0 is empty: characters 0 to 0"),
        ([(2, 1)], "token 0 is empty: characters 2 to 1"),
        ([(0, 3), (2, 4)], "token 1 begins at character 2, before the end of token 0 at 3"),
        ([(3, 4), (0, 1)], "token 1 begins at character 0, before the end of token 0 at 4"),
        ([(-1, 2)], "expected characters within 0 to 5, got -1 to 2"),
        ([(0, 6)], "expected characters within 0 to 5, got 0 to 6"),
    ],
)
def test_offsets_that_do_not_fit_are_refused(offsets, message):
    with pytest.raises(DataError, match=message):
        Doc.from_offsets("abcde", offsets)


def test_words_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="word 1 is empty"):
        Doc.from_words(["a", ""])
    with pytest.raises(DataError, match="spaces"):
        Doc.from_words(["a"], [True, False])


def test_spans_come_in_order_and_do_not_overlap():
    doc = Doc.from_words(["a", "b", "c", "d"])
    first, second = doc.span(0, 2, "A"), doc.span(2, 4, "B", score=0.5)
    doc.spans = [second, first]
    assert doc.spans == [first, second]
    doc.spans.clear()
    assert doc.spans == [first, second], "the list is a copy"
    with pytest.raises(DataError, match=r"A 'a b'.*characters 0 to 3.*B 'b c'.*overlap"):
        doc.spans = [doc.span(1, 3, "B"), first]
    assert doc.spans == [first, second], "a refused assignment changes nothing"


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (1, 1), (2, 1), (0, 4), (3, 4)])
def test_a_span_stays_within_its_text(start, end):
    doc = Doc.from_words(["a", "b", "c"])
    with pytest.raises(DataError, match="expected bounds within the 3 tokens"):
        doc.span(start, end, "A")


def test_spans_are_equal_when_bounds_and_label_are():
    doc, other = Doc.from_words(["a", "b"]), Doc.from_words(["c", "d"])
    assert doc.span(0, 1, "A", score=0.1) == Span(0, 1, "A", score=0.9, doc=other)
    assert doc.span(0, 1, "A") != doc.span(0, 1, "B")
    assert len(doc.span(0, 2, "A")) == 2
    assert str(doc.span(0, 2, "A")) == "A 'a b' (characters 0 to 3)"


BOUNDS = st.tuples(st.integers(0, 8), st.integers(1, 4)).map(lambda item: (item[0], item[0] + item[1]))
LONG = Doc.from_words(["w"] * 12)


@given(BOUNDS, BOUNDS)
def test_spans_overlap_if_they_share_a_token(first, second):
    shared = bool(set(range(*first)) & set(range(*second)))
    one, two = LONG.span(*first, "A"), LONG.span(*second, "B")
    hits = Match(*first, "A", "p"), Match(*second, "B", "q")
    stretches = CharSpan(*first, "A"), CharSpan(*second, "B")
    assert one.overlaps(two) == two.overlaps(one) == shared
    assert hits[0].overlaps(hits[1]) == hits[1].overlaps(hits[0]) == shared
    assert one.overlaps(hits[1]) == hits[1].overlaps(one) == shared
    assert stretches[0].overlaps(stretches[1]) == stretches[1].overlaps(stretches[0]) == shared


@given(BOUNDS, BOUNDS, st.sampled_from("AB"), st.sampled_from("AB"))
def test_the_key_identifies_a_span_of_a_doc(first, second, label, other_label):
    one, two = LONG.span(*first, label, 0.5), LONG.span(*second, other_label)
    assert one.key == Match(*first, label, "p").key == (*first, label)
    assert (one.key == two.key) == (one == two)


def test_an_english_text_by_default():
    assert Doc("It's here.").words == ["It", "'s", "here", "."]
    assert len(Doc("")) == 0


@pytest.mark.parametrize(
    "made",
    [
        np.array([[0, 2], [1, 3]], dtype=np.int32).T,
        np.array([[0, 1], [2, 3]], dtype=np.int64),
        [(0, 1), (2, 3)],
    ],
    ids=["transposed", "int64", "list"],
)
def test_offsets_of_any_layout_become_int32_rows(made):
    """A tokenizer may well build its offsets column by column; compiled code wants rows."""
    doc = Doc("a b", lambda text: made)
    assert doc.words == ["a", "b"]
    assert doc.offsets.dtype == np.int32
    assert doc.offsets.flags.c_contiguous


def test_an_index_beyond_the_tokens():
    doc = Doc.from_words(["a", "b"])
    assert doc[-1].text == "b"
    with pytest.raises(IndexError):
        doc[2]
