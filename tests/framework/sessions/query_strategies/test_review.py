"""The mode review: the order of its questions."""

from __future__ import annotations

import numpy as np

from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.events import Asked
from nerture.sessions.plan import SessionPlan

from ....support.plants import annotate, drain, pool, suggested_spans, texts


def test_review_begins_with_the_largest_disagreement():
    one, two, three = (Doc(text) for text in texts(3))

    def make_target(doc, *spans):
        return Target(doc, tuple(doc.span(*span, "PLANT") for span in spans), True, origin=Origin("a"))

    opinions = [
        make_target(one, (2, 3)), make_target(one, (2, 3), (3, 4)), make_target(one, (2, 3)),
        make_target(two, (0, 1)), make_target(two, (4, 5)),
        make_target(three), make_target(three),
    ]  # fmt: skip
    state = SessionState(SessionPlan("review", ("PLANT",)), pool(5), prior_targets=opinions)
    first = state.propose("ann", 0.0)
    assert first.text == two.text
    assert first.reason == "review"
    state.apply(Asked(first, "ann", 100.0))
    second = state.propose("ann", 0.0)
    assert second.text == one.text
    assert suggested_spans(second) == [
        (one.span(2, 3, "A").start_char, one.span(2, 3, "A").end_char, "PLANT")
    ]
    assert state.progress().remaining == 2
    state.apply(Asked(second, "ann", 100.0))
    assert state.propose("ann", 0.0) is None


def test_review_continues_with_the_least_probable_texts(play, small_learner):
    session = play("review", texts_of=pool(8), prior_targets=annotate(8))
    pool_predictions = session.state.predict_pool(small_learner, 1, session.state.snapshot())
    docs = [session.pool[number].doc for number in range(8)]
    masses = [
        one.log_mass(session.state.text_targets.prior_targets[doc.text][0]) / len(doc)
        for doc, one in zip(docs, small_learner.derivations(docs), strict=True)
    ]
    session.pool_predictions = pool_predictions
    asked = [question.text for question in drain(session)]
    assert asked == [docs[number].text for number in np.argsort(masses, kind="stable")]
