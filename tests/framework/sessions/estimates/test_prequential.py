"""Prequential counts, compared with a naive recount."""

from nerture.sessions.estimates.prequential import PrequentialCounts, count_prequential
from nerture.sessions.log.events import Undone

from ....support.plants import gold, pool


def recount(session, window):
    whole = [
        question
        for question, answer in session.state.answer_index.current_answers()
        if question.kind == "text"
        and answer.verdict == "accept"
        and question.reason in {"pattern", "model", "source"}
    ][-window:]
    found = wrong = added = 0
    for question in whole:
        right = {tuple(span) for span in gold(question.text)}
        suggested = {(span.start_char, span.end_char, span.label) for span in question.spans}
        for span in right | suggested:
            found += span in right and span in suggested
            wrong += span not in right
            added += span not in suggested
    return PrequentialCounts(len(whole), found, wrong, added)


def test_it_counts_the_latest_complete_texts(play, monkeypatch):
    session = play(texts_of=pool(120), ask="text", probe_share=0.3, update_every=12)
    assert count_prequential(session.state.answer_index) == PrequentialCounts()
    session.run(60)
    found = count_prequential(session.state.answer_index)
    assert found == recount(session, 100)
    assert found.found > 0
    assert found.wrong > 0
    assert found.added > 0
    monkeypatch.setattr("nerture.sessions.estimates.prequential.WINDOW", 7)
    assert count_prequential(session.state.answer_index) == recount(session, 7)
    assert count_prequential(session.state.answer_index).texts == 7


def test_undone_rejected_and_skipped_answers_do_not_count(play):
    session = play("correct", texts_of=pool(60))
    session.run(6)
    before = count_prequential(session.state.answer_index)
    session.answer(session.ask(), verdict="reject")
    session.answer(session.ask(), verdict="ignore")
    assert count_prequential(session.state.answer_index) == before
    answer = session.answer(session.ask())
    assert count_prequential(session.state.answer_index).texts == before.texts + 1
    session.apply(Undone(answer.id, "ann"))
    assert count_prequential(session.state.answer_index) == before
