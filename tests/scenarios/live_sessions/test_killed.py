"""A session killed at any moment loses no acknowledged answer, doubles none, and can continue."""

import os
import random
import signal
import subprocess
import sys
import time

from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.event_codec import from_log
from nerture.sessions.log.events import Learned
from nerture.store.store import Store

from ...support.live_parts import Learns, Quick, make_plan, make_pool, plain_pool, snapshots
from ...support.repository import ROOT

KILLS = int(os.environ.get("NERTURE_TEST_KILLS", "5"))
SCRIPTS = "tests.scenarios.live_sessions"


def answers_until_killed(place, checkpoints, run, lines, seconds):
    """Return the ids of the answers that the process acknowledged, and of those that it undid.

    It is killed ``seconds`` after it has printed ``lines`` lines, however slow the machine is.
    """
    printed = lines_until_killed([f"{SCRIPTS}.answering", place, str(checkpoints), run], lines, seconds)
    undone = {line.removeprefix("undone ") for line in printed if line.startswith("undone ")}
    return [line for line in printed if not line.startswith("undone ")], undone


def lines_until_killed(command, lines, seconds):
    """Return what a script prints until it is killed ``seconds`` after ``lines`` lines."""
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    printed = [process.stdout.readline().rstrip() for _ in range(lines)]
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    printed += process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    return printed


def opened(store, checkpoints=None, teacher=None):
    pool, plan = make_pool(400), make_plan()
    log = store.session("drugs", {"killed": True})
    return LiveSession(log, lambda: Learns(plan, pool), teacher, checkpoints=checkpoints, lease=1e9)


def test_nothing_is_lost_or_doubled_and_the_same_model_asks_the_same_question(place, tmp_path):
    rng = random.Random(place)
    acknowledged, undone = [], set()
    for number in range(KILLS):
        lines, seconds = rng.randrange(5, 25), 0.03 * rng.random()
        answers, undone_now = answers_until_killed(place, tmp_path / "versions", f"r{number}", lines, seconds)
        acknowledged += answers
        undone |= undone_now
        with Store.open(place, create=False) as store:
            current = [answer.id for answer in store.answers("drugs")]
            known = {id for id in acknowledged if store.has_answer("drugs", id)}
        assert len(current) == len(set(current))
        assert known == set(acknowledged)
        assert not undone & set(current)
        # of each life, one answer and one undoing may have come through without being acknowledged
        assert len(set(acknowledged) - undone - set(current)) <= number + 1
        assert len(set(current) - set(acknowledged)) <= number + 1
    assert len(acknowledged) > KILLS
    with Store.open(place, create=False) as store:
        events = [from_log(logged) for logged in store.session("drugs", {"killed": True}).events()]
        assert any(isinstance(event, Learned) for event in events)
        silent = opened(store)  # no training, so that the log does not change
        asked = silent.questions("ann", 1)
        quick, slow = Quick(), Quick()
        kept = max(int(path.name.split("-")[1]) for path in (tmp_path / "versions").glob("version-*"))
        with_checkpoints = opened(store, tmp_path / "versions", quick)
        assert with_checkpoints.questions("ann", 1) == asked
        assert with_checkpoints.settle(120)
        without = opened(store, None, slow)
        assert without.settle(120)
        learned = without._event_log.learned
        last = max(version.version for version in learned if version.from_scratch)
        assert slow.trained == snapshots(without, last)
        assert quick.trained == snapshots(without, max(last, kept + 1))
        assert without.version == with_checkpoints.version
        one, other = without.learner.weights.flat, with_checkpoints.learner.weights.flat
        assert one.tobytes() == other.tobytes()
        for session in (with_checkpoints, without):
            session.close()


def test_no_acknowledged_verdict_is_lost(place):
    rng = random.Random(place)
    for run in range(3):
        command = [f"{SCRIPTS}.judging", place, f"r{run}"]
        acknowledged = lines_until_killed(command, rng.randrange(3, 20), 0.03 * rng.random())
        with Store.open(place, create=False) as store:
            log = store.session("drugs", {"judged": True})
            session = LiveSession(log, lambda: SessionState(make_plan(mode="manual"), plain_pool()))
            assert all(session._event_log.state.verdicts.has_verdict(id) for id in acknowledged)
            newest = {verdict.suggestion: verdict.id for _, verdict in session.judged_patterns()}
            assert len(newest) == 3
            last = acknowledged[-1]
            # the one after the last may have come through without being acknowledged
            assert {last, f"r{run}-{int(last.rpartition('-')[2]) + 1}"} & set(newest.values())
            session.close()
