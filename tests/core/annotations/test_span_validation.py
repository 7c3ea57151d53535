import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.record import CharSpan
from nerture.core.annotations.span_validation import as_tokens, find_span_faults
from nerture.core.text.doc import Doc

TEXT = "take Xanax XR  daily"


def words(text):
    return np.array([match.span() for match in re.finditer(r"\S+", text)], dtype=np.int32).reshape(-1, 2)


@pytest.mark.parametrize(
    ("spans", "faults"),
    [
        ([(5, 10, "D")], []),
        ([(5, 13, "D"), (15, 20, "D")], []),
        ([(5, 10, "D"), (5, 10, "D")], [("span-duplicate", 1)]),
        ([(5, 10, "D"), (5, 10, "E")], [("span-overlap", 1)]),
        ([(5, 13, "D"), (11, 13, "D")], [("span-overlap", 1)]),
        ([(11, 13, "D"), (5, 13, "D")], [("span-overlap", 0)]),
        ([(5, 20, "D"), (5, 10, "D"), (15, 20, "D")], [("span-overlap", 0), ("span-overlap", 2)]),
        ([(4, 10, "D")], [("span-whitespace", 0)]),
        ([(5, 11, "D")], [("span-whitespace", 0)]),
        ([(13, 15, "D")], [("span-whitespace", 0)]),
        ([(5, 9, "D")], [("span-inside-token", 0)]),
        ([(6, 9, "D")], [("span-inside-token", 0), ("span-inside-token", 0)]),
        ([(4, 9, "D")], [("span-whitespace", 0), ("span-inside-token", 0)]),
    ],
)
def test_faults(spans, faults):
    got = [
        (fault.code, fault.span)
        for fault in find_span_faults(TEXT, words(TEXT), [CharSpan(*s) for s in spans])
    ]
    assert sorted(got) == sorted(faults)


def test_messages_name_the_place():
    (fault,) = find_span_faults(TEXT, words(TEXT), [CharSpan(5, 9, "DRUG")])
    assert fault.message == "DRUG 'Xana' (characters 5 to 9) ends inside the token 'Xanax' (5 to 10)"


def test_text_that_no_token_covers():
    offsets = np.array([[0, 4]], dtype=np.int32)
    for span in (CharSpan(5, 10, "D"), CharSpan(0, 10, "D")):
        assert [fault.code for fault in find_span_faults(TEXT, offsets, [span])] == ["span-outside-tokens"]
    nothing = np.empty((0, 2), dtype=np.int32)
    assert [fault.code for fault in find_span_faults(TEXT, nothing, [CharSpan(0, 4, "D")])] == [
        "span-outside-tokens"
    ]


@given(st.text(st.sampled_from("ab ,"), max_size=12), st.data())
def test_no_fault_means_spans_that_a_doc_takes(text, data):
    offsets = words(text)
    spans = [
        CharSpan(start, data.draw(st.integers(start + 1, len(text))), data.draw(st.sampled_from("DE")))
        for start in data.draw(st.lists(st.integers(0, len(text) - 1), max_size=4) if text else st.just([]))
    ]
    faults = list(find_span_faults(text, offsets, spans))
    doc = Doc.from_offsets(text, offsets)
    fits = [doc.char_span(span.start_char, span.end_char, span.label) for span in spans]
    apart = all(
        one.end_char <= other.start_char or other.end_char <= one.start_char
        for index, one in enumerate(spans)
        for other in spans[:index]
    )
    assert (not faults) == (all(fits) and apart)
    if not faults:
        assert as_tokens(offsets, spans) == [(span.start, span.end) for span in fits]
        doc.spans = fits
