"""Repaired spans."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nerture.check.span_repair import repair_spans
from nerture.core.annotations.record import CharSpan
from nerture.core.annotations.span_validation import find_span_faults

TEXT = "take Xanax XR  daily"


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(1, 8), st.sampled_from("DE")), max_size=6))
def test_repaired_spans_have_no_fault(drawn):
    spans = [CharSpan(start, min(20, start + length), label) for start, length, label in drawn]
    offsets = np.array([match.span() for match in re.finditer(r"\w+", TEXT)], dtype=np.int32)
    kept, done = repair_spans(TEXT, offsets, spans)
    assert not list(find_span_faults(TEXT, offsets, list(kept.values())))
    assert (not done) == (not list(find_span_faults(TEXT, offsets, spans)))
    untouched = {fault.span for fault in done}.symmetric_difference(range(len(spans)))
    assert all(kept[index] == spans[index] for index in untouched)
    assert set(range(len(spans))) - set(kept) <= {fault.span for fault in done}
