"""``open_live``: a session's parts on a store, opened for answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.live.factory import SessionParts
from nerture.sessions.live.live_session import LEASE, LiveSession
from nerture.store.store import Store


def open_live(
    store: Store,
    dataset: str,
    opened: SessionParts,
    settings: Mapping[str, Any],
    *,
    lease: float = LEASE,
    saved: Callable[[str, Question, Answer], None] | None = None,
) -> LiveSession:
    """Open the session of ``dataset`` that has the plan of ``opened`` and these settings, or begin it.

    ``settings`` are plain data that say how the session was opened (model, patterns, source): the same again
    goes on where it stopped, others begin a session of their own. Texts may have been added to the source
    meanwhile. ``saved`` is called with each answer that is on the disk. Raises ``DataError`` when the store
    fails.
    """
    log = store.session(dataset, {"plan": opened.state.plan.as_stored(), "settings": dict(settings)})
    return LiveSession(
        log, opened.state.fresh, opened.learning,
        settings=settings, checkpoints=log.folder, lease=lease, saved=saved,
    )  # fmt: skip
