"""The mode retype: one question for all places of a surface."""

from __future__ import annotations

import pytest

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.sessions.answers.question import Answer
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.events import Asked
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool


class TestRetype:
    """Three surfaces; "bank" depends on context."""

    TEXTS = ("The bank of the river .", "A bank with money .", "Visit Kent .", "Kent again .", "Kent, far .",
             "Old Bonn .")  # fmt: skip
    PLACES = ((1, 2), (1, 2), (1, 2), (0, 1), (0, 1), (1, 2))

    @pytest.fixture
    def state(self):
        rows = [Record(text, Origin("t", number)) for number, text in enumerate(self.TEXTS)]
        known = [
            Target(Doc(text), (Doc(text).span(*place, "PLACE"),), True)
            for text, place in zip(self.TEXTS, self.PLACES, strict=True)
        ]
        plan = SessionPlan("retype", ("PLACE",), subtypes=("CITY", "COUNTY", "SHORE"))
        return SessionState(plan, Pool(rows, lambda record: Doc(record.text)), prior_targets=known)

    def answers(self, state, labels):
        asked = []
        while (question := state.propose("ann", 0.0)) is not None:
            state.apply(Asked(question, "ann", 100.0))
            span = question.spans[0]
            label = labels[len(asked)]
            spans = ((span.start_char, span.end_char, label),) if label else None
            verdict = "accept" if label else "reject"
            answer = Answer(str(len(asked)), question.id, verdict, "ann", spans, flagged=label == "depends")
            if label == "depends":
                answer = Answer(str(len(asked)), question.id, "ignore", "ann", flagged=True)
            state.apply(state.check(answer))
            asked.append(question)
        return asked

    def test_one_question_settles_all_places_of_a_surface(self, state):
        assert state.progress().remaining == 3
        asked = self.answers(state, ["COUNTY", "depends", "CITY", "SHORE"])
        assert [question.text for question in asked] == [
            "Visit Kent .", "The bank of the river .", "Old Bonn .", "A bank with money .",
        ]  # fmt: skip
        assert asked[0].labels == ("CITY", "COUNTY", "SHORE")
        labels = {t.doc.text: [s.label for s in t.spans] for t in state.training_targets()}
        assert labels == {"Visit Kent .": ["COUNTY"], "Kent again .": ["COUNTY"], "Kent, far .": ["COUNTY"],
                          "Old Bonn .": ["CITY"], "A bank with money .": ["SHORE"]}  # fmt: skip
        assert all(target.complete == {"CITY", "COUNTY", "SHORE"} for target in state.training_targets())

    def test_a_flagged_answer_counts_only_for_its_own_place(self, state):
        question = state.propose("ann", 0.0)
        state.apply(Asked(question, "ann", 100.0))
        (span,) = question.spans
        spans = ((span.start_char, span.end_char, "COUNTY"),)
        state.apply(Answer("1", question.id, "accept", "ann", spans, flagged=True))
        labels = {t.doc.text: [s.label for s in t.spans] for t in state.training_targets()}
        assert labels == {question.text: ["COUNTY"]}
        assert state.progress().remaining == 4

    def test_a_rejected_span_is_no_entity(self, state):
        self.answers(state, [None, "CITY", "CITY"])
        kent = [target for target in state.training_targets() if "Kent" in target.doc.text]
        assert len(kent) == 3
        assert all(target.spans == () and target.complete for target in kent)
