from __future__ import annotations

import pytest

from nerture.core.network.settings import ModelSettings
from nerture.hosting.manager import make_manager
from nerture.hosting.services import HostServices
from nerture.sessions.learning.incremental_trainer import IncrementalTrainer
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.live.state import SessionState
from nerture.store.store import Store

from .live_parts import LABELS, Learns, Quick, make_plan, make_pool


@pytest.fixture
def kind():
    """The kind of state that sessions get."""
    return [SessionState]


@pytest.fixture
def pool():
    return make_pool()


@pytest.fixture
def opened(store, pool, kind):
    """Open the session on the store, leaving the previous one as a crash would."""
    sessions = []

    def open(teacher=None, **changes):
        options = {name: changes.pop(name) for name in ("clock", "lease", "checkpoints") if name in changes}
        plan = make_plan(**changes)
        log = store.session("drugs", {"mode": plan.mode, "overlap": plan.annotators_per_question})
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
    """Let every mode train after three answers, including those that never do."""
    kind[0] = Learns


@pytest.fixture
def reopening(tmp_path):
    """Return a function that opens a session with a real learner on one store, as after crashes."""
    registry = make_manager().registry
    services = HostServices.bare(registry, LABELS, tmp_path)
    sessions = []

    def of(pool, **plan):
        plan = make_plan(mode="teach", update_every=3, blank=True, **plan)

        def open(checkpoints=None):
            learning = IncrementalTrainer(
                plan, pool, registry.create("loss", "lattice", {}, services),
                settings=ModelSettings(width=16, depth=1, hidden=8),
                rehearsal=registry.create("loss", "rehearse", {}, services),
            )  # fmt: skip
            sorter = registry.create("sorter", "uncertain", {}, services)
            log = store.session("drugs", {"teach": True})
            sessions.append(
                LiveSession(log, lambda: SessionState(plan, pool, sorter), learning, checkpoints=checkpoints)
            )
            return sessions[-1]

        return open

    with Store.open(tmp_path / "store.sqlite") as store:
        yield of
        for session in sessions:
            session.close()
