"""The mode review: what is asked first, and what then."""

from __future__ import annotations

import numpy as np

from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.events import Asked
from nerture.sessions.plan import SessionPlan

from ....support.plants import drain, offered, pool, texts, told


def test_review_begins_where_opinions_are_furthest_apart():
    one, two, three = (Doc(text) for text in texts(3))

    def said(doc, *spans):
        return Target(doc, tuple(doc.span(*span, "PLANT") for span in spans), True, origin=Origin("a"))

    opinions = [
        said(one, (2, 3)), said(one, (2, 3), (3, 4)), said(one, (2, 3)),
        said(two, (0, 1)), said(two, (4, 5)),
        said(three), said(three),
    ]  # fmt: skip
    state = SessionState(SessionPlan("review", ("PLANT",)), pool(5), told=opinions)
    first = state.propose("ann", 0.0)
    assert first.text == two.text
    assert first.reason == "review"
    state.apply(Asked(first, "ann", 100.0))
    second = state.propose("ann", 0.0)
    assert second.text == one.text
    assert offered(second) == [(one.span(2, 3, "A").start_char, one.span(2, 3, "A").end_char, "PLANT")]
    assert state.standing().remaining == 2
    state.apply(Asked(second, "ann", 100.0))
    assert state.propose("ann", 0.0) is None


def test_review_goes_on_with_what_the_model_holds_least_probable(play, small_learner):
    session = play("review", texts_of=pool(8), told=told(8))
    pool_predictions = session.state.look(small_learner, 1, session.state.snapshot())
    docs = [session.pool[number].doc for number in range(8)]
    masses = [
        one.log_mass(session.state.known.told[doc.text][0]) / len(doc)
        for doc, one in zip(docs, small_learner.derivations(docs), strict=True)
    ]
    session.pool_predictions = pool_predictions
    asked = [question.text for question in drain(session)]
    assert asked == [docs[number].text for number in np.argsort(masses, kind="stable")]
