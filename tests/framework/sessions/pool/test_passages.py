"""Passages cover the text, and are neither too short nor too long."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.text.doc import Doc
from nerture.sessions.pool.passages import (
    MAX_PASSAGE_TOKENS,
    MIN_PASSAGE_TOKENS,
    should_segment,
    split_passages,
)
from nerture.sessions.pool.pool import Pool

TEXTS = st.lists(st.sampled_from(["one", "two", "end.", "stop!", '"', "\n", "Mr.", "."]), max_size=120)


def naive(doc):
    """Split word by word, by the documented rule."""
    words, text = doc.words, doc.text
    parts, part, ended = [], [], False
    for number, word in enumerate(words):
        part.append(number)
        if word[-1] in ".!?…。！？":
            ended = True
        elif not (ended and word in list("\"')]}»”’")):
            ended = False
        following = doc.offsets[number + 1, 0] if number + 1 < len(words) else len(text)
        gap = text[doc.offsets[number, 1] : following]
        breaks = gap != "" and (ended or "\n" in gap)
        if len(part) == MAX_PASSAGE_TOKENS or (len(part) >= MIN_PASSAGE_TOKENS and breaks):
            parts.append(part)
            part = []
    if part and parts and len(part) < MIN_PASSAGE_TOKENS:
        parts[-1] += part
    elif part:
        parts.append(part)
    offsets = doc.offsets.tolist()
    return [(part[0], part[-1] + 1, offsets[part[0]][0], offsets[part[-1]][1]) for part in parts]


@given(TEXTS, st.sampled_from([" ", "", "  ", "\n"]))
@settings(deadline=None)
def test_passages_follow_the_rule(words, between):
    doc = Doc(between.join(words))
    assert split_passages(doc) == naive(doc)


@given(TEXTS)
@settings(deadline=None)
def test_passages_are_all_the_tokens_in_order(words):
    doc = Doc(" ".join(words))
    found = split_passages(doc)
    assert [token for start, end, _, _ in found for token in range(start, end)] == list(range(len(doc)))
    for number, (start, end, _, _) in enumerate(found):
        assert end - start < MAX_PASSAGE_TOKENS + MIN_PASSAGE_TOKENS
        assert end - start >= MIN_PASSAGE_TOKENS or len(found) == 1 or number == len(found) - 1 == 0


def test_a_passage_ends_with_a_sentence_or_a_line():
    text = 'We had some leeks once. They said "no more leeks." then\nThe next line comes here. Short.'
    doc = Doc(text)
    parts = [text[begin:finish] for _, _, begin, finish in split_passages(doc)]
    assert parts == [
        "We had some leeks once.",
        'They said "no more leeks."',
        "then\nThe next line comes here. Short.",
    ]


@given(TEXTS)
@settings(deadline=None)
def test_a_passage_has_its_position_in_the_text(words):
    text = " ".join(words)
    record = Record(text, Origin("t"), fields={"text": text, "meta": {"a": 1}, "tokens": []})
    pool = Pool([record], lambda record: Doc(record.text), segment=True)
    if len(pool) == 1 and pool[0].start is None:
        assert pool[0].record is record
        return
    for passage in pool.texts:
        part, place = passage.record, passage.record.fields["passage"]
        assert text[place["start"] : place["end"]] == part.text == passage.doc.text
        assert place["text"] == text
        assert set(part.fields) == {"meta", "passage"}
        tokens = passage.doc.offsets + place["start"]
        assert [text[start:end] for start, end in tokens] == passage.doc.words


@pytest.mark.parametrize(
    ("mode", "ask", "segment", "expected"),
    [("teach", "both", None, True), ("teach", "span", None, True), ("teach", "text", None, False),
     ("teach", "text", True, True), ("teach", "both", False, False), ("correct", "both", None, False),
     ("manual", "both", True, False)],
)  # fmt: skip
def test_a_session_about_whole_texts_does_not_segment_them(mode, ask, segment, expected):
    assert should_segment(mode, ask, segment) == expected
