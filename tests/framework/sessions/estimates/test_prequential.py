"""What was found and missed in whole texts, against a plain recount."""

from nerture.sessions.estimates.prequential import PrequentialCounts, reading
from nerture.sessions.log.events import Undone

from ....support.plants import gold, pool


def recount(session, window):
    whole = [
        question
        for question, answer in session.state.answer_index.standing()
        if question.kind == "text"
        and answer.verdict == "accept"
        and question.reason in {"pattern", "model", "source"}
    ][-window:]
    found = wrong = added = 0
    for question in whole:
        right = {tuple(span) for span in gold(question.text)}
        offered = {(span.start_char, span.end_char, span.label) for span in question.spans}
        for span in right | offered:
            found += span in right and span in offered
            wrong += span not in right
            added += span not in offered
    return PrequentialCounts(len(whole), found, wrong, added)


def test_it_counts_the_latest_texts_that_were_marked_as_a_whole(play, monkeypatch):
    session = play(texts_of=pool(120), ask="text", probe_share=0.3, update_every=12)
    assert reading(session.state.answer_index) == PrequentialCounts()
    session.run(60)
    found = reading(session.state.answer_index)
    assert found == recount(session, 100)
    assert found.found > 0
    assert found.wrong > 0
    assert found.added > 0
    monkeypatch.setattr("nerture.sessions.estimates.prequential.WINDOW", 7)
    assert reading(session.state.answer_index) == recount(session, 7)
    assert reading(session.state.answer_index).texts == 7


def test_what_was_taken_back_or_put_aside_does_not_count(play):
    session = play("correct", texts_of=pool(60))
    session.run(6)
    before = reading(session.state.answer_index)
    session.answer(session.ask(), verdict="reject")
    session.answer(session.ask(), verdict="ignore")
    assert reading(session.state.answer_index) == before
    answer = session.answer(session.ask())
    assert reading(session.state.answer_index).texts == before.texts + 1
    session.tell(Undone(answer.id, "ann"))
    assert reading(session.state.answer_index) == before
