"""Prior targets are aligned with the session's own texts, tokens and passages."""

import pytest

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.sessions.live.state import SessionState
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.prior_targets import align_prior_targets

TEXT = "Slugs ate all of the kale again. We planted leeks in the far bed. Nothing else was done today."


def pool(segment):
    return Pool([Record(TEXT, Origin("t"))], lambda record: Doc(record.text), segment=segment)


def target(complete=True):
    doc = Doc(TEXT)
    kale, leeks = (doc.char_span(TEXT.index(w), TEXT.index(w) + len(w), "PLANT") for w in ("kale", "leeks"))
    far = doc.char_span(TEXT.index("far"), TEXT.index("far") + 3, "PLANT")
    return Target(doc, (kale, leeks), complete, (far,) if not complete else (), (0,) if not complete else ())


def words(found):
    return {
        text: [[span.text for span in target.spans] for target in targets] for text, targets in found.items()
    }


def test_each_passage_has_its_part():
    found = align_prior_targets(pool(True), [target(), target(complete=False)])
    assert words(found) == {
        "Slugs ate all of the kale again.": [["kale"], ["kale"]],
        "We planted leeks in the far bed.": [["leeks"], ["leeks"]],
        "Nothing else was done today.": [[], []],
    }
    first, second, last = (targets[1] for targets in found.values())
    assert (first.outside, second.outside, last.outside) == ((0,), (), ())
    assert [span.text for span in second.rejected] == ["far"]
    assert not first.rejected


def test_other_tokens_are_allowed_if_spans_are_whole_tokens():
    whole = pool(False)
    doc = Doc.from_offsets(TEXT, [(0, 5), (6, 20), (21, 25), (26, 32)])
    found = align_prior_targets(whole, [Target(doc, (doc.span(2, 3, "PLANT"),), frozenset(), outside=(1,))])
    (aligned,) = found[TEXT]
    assert aligned.doc is whole[0].doc
    assert [span.text for span in aligned.spans] == ["kale"]
    assert [aligned.doc[token].text for token in aligned.outside] == ["ate", "all", "of", "the"]


def test_a_span_that_does_not_fit_is_refused():
    doc = Doc.from_offsets(TEXT, [(0, 3), (6, 20)])
    with pytest.raises(DataError, match=r"'Slu'.* is not whole tokens of the session's text"):
        align_prior_targets(pool(False), [Target(doc, (doc.span(0, 1, "PLANT"),), False)])


def test_complete_passages_are_not_asked_about_again():
    state = SessionState(SessionPlan("teach", ("PLANT",), ask="text"), pool(True), prior_targets=[target()])
    assert state.propose("ann", 0.0) is None
    other = SessionState(
        SessionPlan("teach", ("PLANT",), ask="text"), pool(True), prior_targets=[target(False)]
    )
    assert other.propose("ann", 0.0).reason == "follow-up"


def test_other_texts_get_no_targets():
    doc = Doc("another text")
    assert align_prior_targets(pool(False), [Target(doc)]) == {}
