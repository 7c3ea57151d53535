"""Suggested patterns and agreement of a live session: durable, shared between processes, not blocking."""

from __future__ import annotations

import random
import resource
import threading
from dataclasses import replace

import pytest

from nerture.errors import DataError
from nerture.sessions.answers.dataset_agreement import measure_dataset_agreement
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.live.state import SessionState
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.store.store import Store

from ...support.live_parts import Drugs, make_plan, make_pool, plain_pool, reply


@pytest.fixture
def pool():
    """Texts without a matcher."""
    return plain_pool()


def mark(session, annotator="ann", count=4, words=("aspirin", "codeine", "valium")):
    """Answer text questions with the drugs among `words` marked."""
    for question in session.questions(annotator, count):
        spans = sorted(
            (question.text.index(word), question.text.index(word) + len(word), "DRUG")
            for word in words
            if word in question.text
        )
        session.answer(reply(question, annotator=annotator, spans=tuple(spans)))


def make_verdict(suggestion, verdict="accept", id="j1", annotator="ann"):
    return PatternVerdict(id, suggestion.id, verdict, annotator, 1.5)


def list_verdicts(session):
    return [
        (" ".join(pattern.words), one.verdict, one.annotator) for pattern, one in session.judged_patterns()
    ]


def test_a_pattern_with_a_verdict_is_logged_and_not_suggested_again(opened):
    session = opened(mode="manual")
    assert session.suggestions(5) == []
    mark(session)
    first, second, third = session.suggestions(5)
    assert {one.words for one in (first, second, third)} == {("aspirin",), ("codeine",), ("valium",)}
    assert session.suggestions(1) == [first]
    session.judge_pattern(make_verdict(first))
    session.judge_pattern(make_verdict(second, "reject", "j2", "bob"))
    for one in (session, opened(mode="manual")):
        assert one.suggestions(5) == [third]
        assert list_verdicts(one) == [
            (first.words[0], "accept", "ann"), (second.words[0], "reject", "bob"),
        ]  # fmt: skip


def test_a_verdict_may_be_changed_and_repeating_one_has_no_effect(opened):
    session = opened(mode="manual")
    mark(session)
    (first, *_) = session.suggestions(5)
    session.judge_pattern(make_verdict(first))
    session.judge_pattern(make_verdict(first, "reject", "j2"))
    session.judge_pattern(make_verdict(first, "accept", "j1"))
    assert list_verdicts(session) == [(first.words[0], "reject", "ann")]
    again = opened(mode="manual")
    again.judge_pattern(make_verdict(first, "accept", "j1"))
    assert list_verdicts(again) == [(first.words[0], "reject", "ann")]
    again.judge_pattern(make_verdict(first, "accept", "j3", "bob"))
    assert list_verdicts(opened(mode="manual")) == [(first.words[0], "accept", "bob")]


def test_two_processes_on_one_log_agree(opened):
    one, other = opened(mode="manual"), opened(mode="manual")
    mark(one)
    first, second, _ = one.suggestions(5)
    one.judge_pattern(make_verdict(first))
    mark(other, "bob", 1)  # catches up with the log
    other.judge_pattern(make_verdict(second, "reject", "j2"))
    one.judge_pattern(make_verdict(first, "accept", "j1"))
    one.questions("cyd")
    assert list_verdicts(one) == list_verdicts(other) == [
        (first.words[0], "accept", "ann"), (second.words[0], "reject", "ann"),
    ]  # fmt: skip
    assert [offer.id for offer in one.suggestions(5)] == [offer.id for offer in other.suggestions(5)]


def test_a_verdict_is_no_answer(opened, store):
    session = opened(mode="manual")
    mark(session)
    before, saved = session.progress(), list(store.answers("drugs"))
    session.judge_pattern(make_verdict(session.suggestions(1)[0]))
    assert session.progress() == before
    assert list(store.answers("drugs")) == saved


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suggestion": "0" * 32}, "no answer suggests 0{32} as a pattern"),
        ({"id": "a\x00"}, "verdict: id: expected"),
        ({"annotator": ""}, "annotator: expected .*, got ''"),
        ({"verdict": "ignore"}, "verdict: expected one of accept, reject, got 'ignore'"),
        ({"time": float("nan")}, "verdict j1: time: expected a number of seconds, got nan"),
    ],
)
def test_a_bad_verdict_is_refused_and_leaves_nothing(opened, change, message):
    session = opened(mode="manual")
    mark(session)
    with pytest.raises(DataError, match=message):
        session.judge_pattern(replace(make_verdict(session.suggestions(1)[0]), **change))
    assert session.judged_patterns() == []


def test_a_full_disk_loses_no_acknowledged_verdict(tmp_path, pool):
    def add_verdicts(session, suggestions, first):
        for number in range(first, 400):
            session.judge_pattern(
                make_verdict(suggestions[number % 3], ("accept", "reject")[number % 2], f"j{number}")
            )
            yield number

    with Store.open(tmp_path / "store.sqlite") as store:
        session = LiveSession(
            store.session("drugs", {}), lambda: SessionState(make_plan(mode="manual"), pool)
        )
        mark(session)
        suggestions, done = session.suggestions(3), []
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, limits[1]))
        try:
            with pytest.raises(DataError, match="the disk"):
                done.extend(add_verdicts(session, suggestions, 0))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert 3 < len(done) < 400
        newest = {suggestions[number % 3].id: ("accept", "reject")[number % 2] for number in done}
        after = LiveSession(store.session("drugs", {}), lambda: SessionState(make_plan(mode="manual"), pool))
        for one in (session, after):
            assert {pattern.id: verdict.verdict for pattern, verdict in one.judged_patterns()} == newest
        session.judge_pattern(make_verdict(suggestions[0], id="last"))
        for one in (session, after):
            one.close()


def test_agreement_is_over_common_questions(opened):
    session = opened(mode="manual", annotators_per_question=2)
    mark(session, "ann", 3)
    assert session.agreement() is None
    mark(session, "bob", 3)
    assert session.agreement().questions == 3
    assert session.agreement().alpha == 1.0
    mark(session, "ann", 1)
    mark(session, "bob", 1, words=("aspirin",))
    for one in (session, opened(mode="manual", annotators_per_question=2)):
        found = one.agreement()
        assert (found.questions, found.pairs["ann", "bob"].questions) == (4, 4)
        assert 0.5 < found.alpha < 1
        assert 0.5 < found.pairs["ann", "bob"].kappa < 1
    session.undo("bob")
    assert (session.agreement().questions, session.agreement().alpha) == (3, 1.0)


@pytest.mark.parametrize("mode", ["manual", "match"])
def test_agreement_of_the_dataset_is_that_of_the_session(opened, store, pool, mode):
    for text in pool.texts:
        text.matchers = (Drugs(),)
    session = opened(mode=mode, annotators_per_question=3)
    rng = random.Random(mode)
    for _ in range(8):
        for name in ("ann", "bob", "cyd"):
            if mode == "manual":
                words = rng.sample(("aspirin", "codeine", "valium", "names"), 2)
                mark(session, name, 1, words)
                continue
            (question,) = session.questions(name)
            start, end = question.spans[0].start_char - 6, question.spans[0].end_char
            edited = ((start, end, "DRUG"),) if question.text[start:end].startswith("names") else None
            verdict = rng.choice(("accept", "accept", "reject", "ignore"))
            session.answer(reply(question, verdict, name, spans=edited if verdict == "accept" else None))
    found = session.agreement()
    assert found.questions >= 5
    assert measure_dataset_agreement(store.answers("drugs")) == found


def test_questions_are_not_blocked_while_suggestions_are_counted(store):
    """Counting holds the session's lock for a few texts at a time, however many are answered."""
    pool, plan = make_pool(300), make_plan(mode="manual")
    session = LiveSession(store.session("drugs", {}), lambda: SessionState(plan, pool))
    mark(session, count=40)
    counted, gate = threading.Event(), threading.Event()
    find = pool.surface_index.find_places

    def slowly(surface):
        counted.set()
        assert gate.wait(120)
        return find(surface)

    pool.surface_index.find_places = slowly
    counting = threading.Thread(target=session.suggestions, args=(5,))
    counting.start()
    assert counted.wait(120)
    mark(session, "bob", 1)
    session.progress()
    assert counting.is_alive(), "it has not waited for the counting"
    gate.set()
    counting.join(120)
    session.close()
