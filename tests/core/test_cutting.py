from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.cutting import cut
from nerture.core.doc import Doc
from nerture.core.target import Target


@st.composite
def targets(draw):
    length = draw(st.integers(0, 40))
    doc = Doc.from_words([f"w{number}" for number in range(length)])

    def spans(overlap):
        found, end = [], 0
        for _ in range(draw(st.integers(0, 8))):
            start = draw(st.integers(0, length)) if overlap else end + draw(st.integers(0, 6))
            stop = start + draw(st.integers(1, 12))
            if stop <= length:
                found.append(doc.span(start, stop, draw(st.sampled_from("AB"))))
                end = stop
        return tuple(found)

    outside = draw(st.lists(st.integers(0, max(0, length - 1)), max_size=3)) if length else []
    return Target(doc, spans(False), frozenset("A"), spans(True), tuple(outside), 0.5)


def located(target, base):
    """Spans and tokens by where they stand in the whole text."""

    def moved(spans):
        return [(span.start + base, span.end + base, span.label) for span in spans]

    return moved(target.spans), moved(target.rejected), [token + base for token in target.outside]


@settings(max_examples=200)
@given(targets(), st.integers(1, 15))
def test_pieces_make_up_the_text_and_lose_nothing(target, longest):
    pieces = list(cut(target, longest))
    assert [word for piece in pieces for word in piece.doc.words] == target.doc.words
    base, found = 0, ([], [], [])
    for piece in pieces:
        for together, here in zip(found, located(piece, base), strict=True):
            together.extend(here)
        for span in (*piece.spans, *piece.rejected):
            assert span.doc is piece.doc
            assert span.text == target.doc.span(span.start + base, span.end + base, span.label).text
        assert (piece.complete, piece.weight) == (target.complete, target.weight)
        base += len(piece.doc)
    for together, whole in zip(found, located(target, 0), strict=True):
        assert sorted(together) == sorted(whole)


@settings(max_examples=200)
@given(targets(), st.integers(1, 15))
def test_a_piece_is_longer_only_where_spans_leave_no_place_to_cut(target, longest):
    inside = set()
    for span in (*target.spans, *target.rejected):
        inside.update(range(span.start + 1, span.end))
    base = 0
    for piece in cut(target, longest):
        assert len(piece.doc) or not len(target.doc)
        if len(piece.doc) > longest:
            assert set(range(base + 1, base + len(piece.doc))) <= inside
        base += len(piece.doc)


def test_a_short_text_stays_as_it_is():
    target = Target(Doc.from_words(["one", "two"]))
    assert list(cut(target, 2)) == [target]
