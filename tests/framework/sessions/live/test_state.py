"""The state is a function of its log: replay, undo, leases, several annotators."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.errors import DataError, SettingError
from nerture.sessions.answers.question import Answer
from nerture.sessions.log.events import Asked, Learned, Undone
from nerture.sessions.plan import SessionPlan

from ....support.plants import Play, gold, pool

MODES = ("teach", "correct", "manual", "match")


def replayed(play, events):
    """A new session of the same plan and texts with these events."""
    again = Play(play.state.plan, pool(len(play.pool)))
    for event in events:
        again.apply(event)
    return again


def picture(state, pool_predictions=None, now=0.0):
    """Everything that front ends and the trainer see of a state."""
    snapshot = state.snapshot()
    return (
        state.progress(),
        state.progress("ann"),
        [state.propose(name, now, pool_predictions) for name in ("ann", "bob")],
        [(target.doc.text, target.spans, target.rejected, target.complete) for target in snapshot.targets],
        dict(snapshot.reliabilities),
        snapshot.calibration,
        snapshot.answer_speed,
        snapshot.unseen_rate,
    )


steps = st.lists(st.sampled_from(["answer", "reject", "ignore", "undo", "wait", "bob"]), max_size=25)


def walk(play, moves):
    """Make the moves, without a model."""
    for move in moves:
        if move == "undo":
            mine = [
                answer.id for answer in play.state.answer_index.answers.values() if answer.annotator == "ann"
            ]
            if mine:
                play.apply(Undone(mine[-1], "ann"))
        elif move == "wait":
            play.now += 200
        else:
            name = "bob" if move == "bob" else "ann"
            question = play.ask(name)
            if question is None:
                continue
            verdict = move if move in ("reject", "ignore") else None
            play.answer(question, name, verdict, seconds=1.0)


@given(st.sampled_from(MODES), steps, st.integers(1, 2), st.sampled_from(["both", "span", "text"]))
@settings(max_examples=60, deadline=None)
def test_a_replayed_log_gives_the_same_state(mode, moves, annotators, ask):
    play = Play(
        SessionPlan(mode, ("PLANT",), ask=ask, annotators_per_question=annotators, seed=len(moves)), pool(25)
    )
    walk(play, moves)
    again = replayed(play, play.log)
    assert picture(again.state, now=play.now) == picture(play.state, now=play.now)


@given(st.sampled_from(MODES), steps, st.integers(1, 2), st.data())
@settings(max_examples=60, deadline=None)
def test_undo_is_the_log_without_the_answer(mode, moves, annotators, data):
    play = Play(SessionPlan(mode, ("PLANT",), annotators_per_question=annotators, seed=len(moves)), pool(25))
    walk(play, [move for move in moves if move != "undo"])
    answers = [event for event in play.log if isinstance(event, Answer)]
    if not answers:
        return
    undone = data.draw(st.sampled_from(answers))
    without = replayed(play, [event for event in play.log if event != undone])
    play.apply(Undone(undone.id, undone.annotator))
    assert picture(play.state, now=play.now) == picture(without.state, now=play.now)


def test_undo_leaves_no_trace_in_the_order_of_the_texts(play):
    session = play("correct", texts_of=pool(4), annotators_per_question=2)
    first = session.answer(session.ask("ann"), "ann")
    session.answer(session.ask("ann"), "ann")
    session.answer(session.ask("bob"), "bob")
    session.apply(Undone(first.id, "ann"))
    assert [target.doc.text for target in session.state.training_targets()] == [
        session.pool[1].doc.text, session.pool[0].doc.text,
    ]  # fmt: skip


def test_a_session_with_a_model_replays_to_the_byte(play):
    one = play(update_every=4, texts_of=pool(60))
    one.run(18)
    two = play(update_every=4, texts_of=pool(60))
    for event in one.log:
        if isinstance(event, Learned):
            assert two.state.is_update_due()
            two.learn()
            assert two.log[-1] == event
        else:
            if isinstance(event, Asked):
                assert two.state.propose("ann", two.now, two.pool_predictions) == event.question
            two.apply(event)
            two.now += (event.seconds or 0) if isinstance(event, Answer) else 0
    assert one.learner.weights.flat.tobytes() == two.learner.weights.flat.tobytes()
    assert two.state.propose("ann", two.now, two.pool_predictions) == one.state.propose(
        "ann", one.now, one.pool_predictions
    )


def test_proposing_changes_nothing(play):
    session = play(texts_of=pool(30))
    first = [session.state.propose("ann", 0.0) for _ in range(3)]
    assert first[0] == first[1] == first[2]
    assert session.state.events == 0


@pytest.mark.parametrize("mode", MODES)
def test_two_annotators_are_never_asked_the_same(play, mode):
    session = play(mode, texts_of=pool(20))
    asked = []
    for _ in range(30):
        for name in ("ann", "bob"):
            question = session.ask(name)
            if question is not None:
                asked.append(question.id)
                session.answer(question, name)
    assert len(asked) == len(set(asked))
    assert len(asked) >= 10


@pytest.mark.parametrize("mode", MODES)
def test_with_two_annotators_per_question_both_are_asked_everything(play, mode):
    session = play(mode, texts_of=pool(12), annotators_per_question=2)
    asked = {"ann": set(), "bob": set(), "cy": set()}
    for _ in range(40):
        for name, seen in asked.items():
            question = session.ask(name)
            if question is not None:
                assert question.id not in seen
                seen.add(question.id)
                session.answer(question, name)
    assert all(
        len(session.state.answer_index.question_answers(q)) == 2 for q in session.state.answer_index.questions
    )


def test_a_lease_expires(play):
    session = play("manual", texts_of=pool(3, ()))
    question = session.ask("ann")
    assert session.state.propose("bob", 50.0).id != question.id
    assert session.state.propose("ann", 50.0).id != question.id
    assert session.state.propose("bob", 101.0).id == question.id


def test_after_undo_the_question_is_leased_again(play):
    session = play("manual", texts_of=pool(3, ()))
    question = session.ask()
    answer = session.answer(question)
    session.apply(Undone(answer.id, "ann"))
    assert session.state.answer_index.find_holders(question.id, 50.0) == ["ann"]
    assert session.state.training_targets() == []


def test_the_same_answer_twice_counts_once(play):
    session = play("manual", texts_of=pool(3, ()))
    answer = session.answer(session.ask())
    session.apply(answer)
    assert session.state.progress().answers == 1


def test_invalid_answers_are_refused(play):
    session = play("manual", texts_of=pool(3, ()))
    question = session.ask()

    def check(spans, verdict="accept", asked=question.id):
        session.state.check(Answer("x", asked, verdict, "ann", spans))

    with pytest.raises(DataError, match="never asked"):
        check(None, asked="0" * 32)
    with pytest.raises(DataError, match="verdict: expected one of accept, reject, ignore, got 'maybe'"):
        check(None, "maybe")
    with pytest.raises(DataError, match=r"characters 1 to 7 \(PLANT\) are not whole tokens"):
        check(((1, 7, "PLANT"),))
    with pytest.raises(DataError, match="label: expected one of PLANT, got 'PEST'"):
        check(((0, 7, "PEST"),))
    with pytest.raises(DataError, match="characters 0 to 11 and 8 to 11 overlap"):
        check(((8, 11, "PLANT"), (0, 11, "PLANT")))
    with pytest.raises(DataError, match="never asked"):
        session.state.apply(Answer("x", "0" * 32, "accept", "ann"))
    with pytest.raises(DataError, match="undo: annotator ann has no current answer x"):
        session.state.apply(Undone("x", "ann"))


def test_spans_come_back_in_order(play):
    session = play("manual", texts_of=pool(5, ()))
    question = next(q for _ in range(4) if len(gold((q := session.ask()).text)) == 2)
    spans = tuple(reversed(gold(question.text)))
    assert session.state.check(Answer("x", question.id, "accept", "ann", spans)).spans == gold(question.text)


def test_invalid_plans_are_refused():
    for bad in ({"mode": "guess"}, {"ask": "all"}, {"labels": ()}, {"annotators_per_question": 0},
                {"probe_share": 1.5}, {"mode": "retype"}):  # fmt: skip
        with pytest.raises(SettingError, match=next(iter(bad)) if bad != {"mode": "retype"} else "subtypes"):
            SessionPlan(**{"mode": "teach", "labels": ("A",), **bad})


def test_versions_have_the_number_of_answers_they_were_trained_on(play):
    session = play("correct", texts_of=pool(10), update_every=3)
    for _ in range(3):
        session.answer(session.ask())
    events = session.state.events
    assert session.state.is_update_due()
    session.answer(session.ask())  # during training
    session.apply(Learned(1, events))
    assert session.state.progress().learned_from == 3
    assert not session.state.is_update_due()
    assert not session.state.snapshot().from_scratch
    first = next(iter(session.state.answer_index.answers))
    session.apply(Undone(first, "ann"))
    assert session.state.snapshot().from_scratch
