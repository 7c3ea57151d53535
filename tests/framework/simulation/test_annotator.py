"""The simulated annotator is always right and takes a realistic time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.sessions.answers.question import Question, SuggestedSpan
from nerture.simulation.annotator import GoldAnnotator, count_edits


def question(kind, *spans, text="Slugs ate the kale .", fields=None):
    doc = Doc(text)
    tokens = tuple(map(tuple, doc.offsets.tolist()))
    suggested = tuple(SuggestedSpan(*span) for span in spans)
    return Question(text, tokens, kind, suggested, ("PLANT",), "teach", "model", fields=fields or {})


class TestAnnotator:
    def annotator(self):
        doc = Doc("Slugs ate the kale .")
        return GoldAnnotator([Target(doc, (doc.span(3, 4, "PLANT"),))])

    @pytest.mark.parametrize(
        ("asked", "verdict", "seconds"),
        [
            (question("span", (14, 18, "PLANT")), "accept", 2.5),
            (question("span", (10, 18, "PLANT")), "reject", 2.5),
            (question("text", (14, 18, "PLANT")), "accept", 1.5 + 5 * 0.17),
            (question("text"), "accept", 1.5 + 5 * 0.17 + 3),
            (question("text", (10, 18, "PLANT"), (0, 5, "PLANT")), "accept", 1.5 + 5 * 0.17 + 6),
        ],
    )
    def test_answers_are_gold_and_take_their_time(self, asked, verdict, seconds):
        answer = self.annotator().answer(asked, 7, 100.0)
        assert answer.verdict == verdict
        assert answer.seconds == pytest.approx(seconds)
        assert answer.time == pytest.approx(100 + seconds)
        assert answer.spans == (((14, 18, "PLANT"),) if asked.kind == "text" else None)

    def test_a_passage_has_the_entities_that_lie_in_it(self):
        fields = {"passage": {"start": 6, "end": 18, "text": "Slugs ate the kale ."}}
        asked = question("text", text="ate the kale", fields=fields)
        assert self.annotator().answer(asked, 0, 0.0).spans == ((8, 12, "PLANT"),)

    def test_a_text_without_gold_is_refused(self):
        with pytest.raises(DataError, match="got none for 'Snails came'"):
            self.annotator().answer(question("text", text="Snails came"), 0, 0.0)


SPANS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 3), st.sampled_from("AB")), max_size=6).map(
    lambda rows: disjoint([(start, start + length, label) for start, length, label in rows])
)


def disjoint(spans):
    kept = []
    for span in sorted(spans):
        if not kept or kept[-1][1] <= span[0]:
            kept.append(span)
    return kept


@given(SPANS, SPANS)
@settings(deadline=None)
def test_edits_are_the_fewest(suggested, right):
    """Tries every way to turn wrong spans into missing ones that they overlap."""
    wrong, missing = sorted(set(suggested) - set(right)), sorted(set(right) - set(suggested))

    def fewest(wrong, missing):
        if not missing:
            return len(wrong)
        first, rest = missing[0], missing[1:]
        ways = [1 + fewest(wrong, rest)]
        for span in wrong:
            if span[0] < first[1] and first[0] < span[1]:
                ways.append(1 + fewest([other for other in wrong if other != span], rest))
        return min(ways)

    assert count_edits(suggested, right) == fewest(wrong, missing)
