"""The mode teach: what it asks about, and what it does not ask again."""

from __future__ import annotations

from nerture.plugins.sorters import Uncertain
from nerture.sessions.log.events import Asked

from ....support.plants import annotate, pool, suggested_spans, texts


class TestTeach:
    def test_span_only_asks_about_spans(self, play):
        session = play(ask="span", update_every=6)
        session.run(20)
        assert {question.kind for question in session.state.answer_index.questions.values()} == {"span"}

    def test_text_only_asks_about_texts(self, play):
        session = play(ask="text", update_every=6)
        session.run(20)
        assert {question.kind for question in session.state.answer_index.questions.values()} == {"text"}

    def test_nothing_is_asked_twice_nor_after_it_is_settled(self, play):
        session = play(update_every=6)
        session.run(60)
        complete, spans = set(), set()
        for question, _ in session.state.answer_index.current_answers():
            assert question.text not in complete
            if question.kind == "text":
                complete.add(question.text)
            else:
                key = question.text, *suggested_spans(question)
                assert key not in spans
                spans.add(key)
        assert len(complete) > 10

    def test_complete_texts_are_not_asked_about(self, play):
        session = play(texts_of=pool(60, ("leeks",)), probe_share=0.0, prior_targets=annotate(30))
        session.run(40)
        asked = {question.text for question in session.state.answer_index.questions.values()}
        assert not asked & set(texts(30))
        assert asked <= set(texts(60))

    def test_a_surface_is_not_asked_about_again_and_again(self, play):
        session = play(ask="span", surface_cap=2, probe_share=0.0, pattern_share=0.0, update_every=100,
                       blank=False, texts_of=pool(60, ("leeks", "kale", "hosta")))  # fmt: skip
        session.run(6)
        surfaces = [q.text[q.spans[0].start_char : q.spans[0].end_char]
                    for q in session.state.answer_index.questions.values()]  # fmt: skip
        assert sorted(surfaces) == ["hosta"] * 2 + ["kale"] * 2 + ["leeks"] * 2

    def test_an_accepted_span_is_shown_in_the_text_question_that_follows(self, play, small_learner):
        session = play(probe_share=0.0)
        text = session.pool[0]
        span = session.state._strategy.question_factory.suggest_span(text, 2, 3, "PLANT")
        question = session.state._strategy.question_factory.make_question(text, "span", [span], "pattern")
        session.apply(Asked(question, "ann", 100.0))
        session.answer(question, verdict="accept")
        pool_predictions = session.state.predict_pool(small_learner, 1, session.state.snapshot())
        follow = session.state._strategy._ask_text(text, pool_predictions)
        assert follow.reason == "follow-up"
        assert suggested_spans(question)[0] in suggested_spans(follow)

    def test_without_a_model_the_patterns_are_asked_first(self, play):
        session = play(texts_of=pool(60, ("fennel",)), sorter=Uncertain())
        question = session.ask()
        assert "fennel" in question.text
        assert question.version == 0
        assert question.spans[0].probability is None
