from __future__ import annotations

import pytest

from nerture.sessions.live import LiveSession
from nerture.sessions.state import SessionState

from .live_parts import Learns, Quick, make_plan, make_pool


@pytest.fixture
def kind():
    """The kind of state that sessions get."""
    return [SessionState]


@pytest.fixture
def pool():
    return make_pool()


@pytest.fixture
def opened(store, pool, kind):
    """Open the session on the store; the one that was open is left as a crash would leave it."""
    sessions = []

    def open(teacher=None, **changes):
        options = {name: changes.pop(name) for name in ("clock", "lease", "checkpoints") if name in changes}
        plan = make_plan(**changes)
        log = store.session("drugs", {"mode": plan.mode, "overlap": plan.overlap})
        sessions.append(LiveSession(log, lambda: kind[0](plan, pool), teacher, **options))
        return sessions[-1]

    yield open
    for session in sessions:
        session.close()


@pytest.fixture
def quick():
    return Quick()


@pytest.fixture
def learning(kind):
    """Let every mode learn, after three answers: also those that never do by themselves."""
    kind[0] = Learns
