"""A live session when its store fails: nothing acknowledged is lost."""

import resource
import threading

import pytest

from nerture.errors import DataError
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.live.state import SessionState
from nerture.store.store import Store

from ...support.live_parts import Learns, Quick, make_plan, reply, weights


def test_a_session_on_postgresql_survives_its_restart(cluster, pool):
    with Store.open(cluster.new_database()) as store:
        session = LiveSession(store.session("drugs", {}), lambda: SessionState(make_plan(), pool))
        (first, second) = session.questions("ann", 2)
        session.answer(reply(first))
        cluster.stop("immediate")
        try:
            with pytest.raises(DataError, match="nerture-pg-"):
                session.answer(reply(second))
        finally:
            cluster.start()
        answer = reply(second)
        session.answer(answer)
        session.answer(answer)
        assert [answer.question for answer in store.answers("drugs")] == [first.id, second.id]
        session.close()


def test_a_full_disk_loses_no_acknowledged_answer_and_the_session_continues(tmp_path, pool):
    with Store.open(tmp_path / "store.sqlite") as store:
        log = store.session("drugs", {})
        session = LiveSession(
            log, lambda: Learns(make_plan(), pool), Quick(), checkpoints=tmp_path / "versions"
        )
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        acknowledged, refused = [], None
        try:
            for number in range(60):
                answer = None
                (question,) = session.questions("ann")
                answer = reply(question, id=f"a{number}")
                session.answer(answer)
                acknowledged.append(answer.id)
        except DataError as error:
            refused, unsaved = error, answer
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "the disk" in str(refused)
        assert 0 < len(acknowledged) < 60
        assert [answer.id for answer in store.answers("drugs")] == acknowledged
        if unsaved is not None:
            session.answer(unsaved)
            acknowledged.append(unsaved.id)
        (question,) = session.questions("ann")
        session.answer(reply(question, id="last"))
        assert session.settle(120)
        after = LiveSession(log, lambda: Learns(make_plan(), pool), Quick())
        assert after.settle(120)
        assert (after.version, weights(after)) == (session.version, weights(session))
        assert [answer.id for answer in store.answers("drugs")] == [*acknowledged, "last"]
        for one in (session, after):
            one.close()


def test_answers_that_are_sent_until_they_are_acknowledged_survive_restarts_of_postgresql(cluster, pool):
    with Store.open(cluster.new_database(), timeout=2) as store:
        session = LiveSession(store.session("drugs", {}), lambda: Learns(make_plan(), pool), Quick())
        acknowledged, done = [], threading.Event()

        def retry(act):
            while True:
                try:
                    return act()
                except DataError:
                    done.wait(0.05)

        def work():
            while not done.is_set() and len(acknowledged) < 60:
                (question,) = retry(lambda: session.questions("ann"))
                answer = reply(question)
                retry(lambda answer=answer: session.answer(answer))
                acknowledged.append(answer.id)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for count in (5, 10, 15):
                while len(acknowledged) < count and thread.is_alive():
                    done.wait(0.02)
                cluster.stop("immediate")
                cluster.start()
            while len(acknowledged) < 20 and thread.is_alive():
                done.wait(0.02)
        finally:
            done.set()
            thread.join()
        assert len(acknowledged) >= 20
        assert [answer.id for answer in store.answers("drugs")] == acknowledged
        assert session.settle(120)
        after = LiveSession(store.session("drugs", {}), lambda: Learns(make_plan(), pool), Quick())
        assert after.settle(120)
        assert (after.version, weights(after)) == (session.version, weights(session))
        for one in (session, after):
            one.close()
