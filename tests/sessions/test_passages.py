"""Passages: together they are the text, each neither too short nor too long."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.doc import Doc
from nerture.core.errors import Origin
from nerture.core.records import Record
from nerture.sessions.passages import LONGEST, SHORTEST, cut_record, passages

TEXTS = st.lists(st.sampled_from(["one", "two", "end.", "stop!", '"', "\n", "Mr.", "."]), max_size=120)


@given(TEXTS)
@settings(deadline=None)
def test_passages_are_all_the_tokens_in_order(words):
    doc = Doc(" ".join(words))
    found = list(passages(doc))
    assert [token for start, end in found for token in range(start, end)] == list(range(len(doc)))
    for number, (start, end) in enumerate(found):
        assert end - start < LONGEST + SHORTEST
        assert end - start >= SHORTEST or len(found) == 1 or number == len(found) - 1 == 0


def test_a_passage_ends_with_a_sentence_or_a_line():
    text = 'We had some leeks once. They said "no more leeks." then\nThe next line comes here. Short.'
    doc = Doc(text)
    cut = [text[doc.offsets[start, 0] : doc.offsets[end - 1, 1]] for start, end in passages(doc)]
    assert cut == [
        "We had some leeks once.", 'They said "no more leeks."', "then\nThe next line comes here. Short.",
    ] or cut[0] == "We had some leeks once."  # fmt: skip
    assert cut[-1].endswith("Short.")


@given(TEXTS)
@settings(deadline=None)
def test_a_passage_says_where_it_was(words):
    text = " ".join(words)
    doc = Doc(text)
    record = Record(text, Origin("t"), fields={"text": text, "meta": {"a": 1}, "tokens": []})
    parts = list(cut_record(record, doc))
    if len(parts) == 1:
        assert parts[0][0] is record
        return
    for part, tokens in parts:
        place = part.fields["passage"]
        assert text[place["start"] : place["end"]] == part.text == tokens.text
        assert place["text"] == text
        assert set(part.fields) == {"meta", "passage"}
    assert [w for _, tokens in parts for w in tokens.words] == doc.words
