"""``EventLog``: a session's log in the store, with the state and queues that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.live.snapshot_replay import SnapshotCollector
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.annotator_queues import AnnotatorQueues
from nerture.sessions.log.event_codec import from_log, to_log
from nerture.sessions.log.events import Event, Learned
from nerture.store.session_log import SessionLog


class EventLog:
    """The log, and everything that follows from it; for one thread at a time.

    ``count`` events have been read; ``learned`` are the versions of the model among them, oldest first.
    """

    def __init__(self, log: SessionLog, make_state: Callable[[], SessionState]) -> None:
        self.log, self.make_state = log, make_state
        self.state, self.queues = make_state(), AnnotatorQueues()
        self.count = 0
        self.learned: list[Learned] = []

    def read(self, load: Callable[[Sequence[Learned]], int]) -> list[tuple[Learned, TrainingSnapshot]]:
        """Read the whole log; return what the versions after the one that ``load`` returns learned from.

        ``load`` gets the versions in the log, oldest first, and returns the number of the one that is saved.
        The snapshot of the last version is always included: pool predictions need it. Raises ``DataError``
        when the log cannot be read.
        """
        events = [from_log(logged) for logged in self.log.events()]
        learned = [event for event in events if isinstance(event, Learned)]
        loaded = load(learned) if learned else 0
        snapshots = SnapshotCollector(
            [event for event in learned if event.version > loaded or event == learned[-1]]
        )
        for event in events:
            snapshots.observe(self.state, event)
            self._apply(event)
        return snapshots.snapshots

    def first_snapshot(self) -> TrainingSnapshot:
        """Return what there is to learn from before the first event."""
        return self.make_state().snapshot()

    def catch_up(self) -> None:
        """Read what other processes have added, versions of the model included."""
        for event in [from_log(logged) for logged in self.log.events(self.count)]:
            self._apply(event)

    def add(self, now: float, *events: Event) -> None:
        """Append events to the log, then apply them to state and queues.

        Raises ``LogMovedError`` if others have appended to it (``catch_up`` first), ``LogGoneError`` if the
        dataset was dropped, and ``DataError`` if the store fails; the events may then be in the log, and
        ``catch_up`` finds out.
        """
        logged = []
        for event in events:
            question = None
            if isinstance(event, Answer):
                question = self.queues.find_question(event.question)
                if question is None:
                    raise DataError(f"answer {event.id}: its question was never asked")
            logged.append(to_log(event, now, question, self.log.dataset))
        self.log.append(self.count, logged)
        for event in events:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        self.state.apply(event)
        self.queues.apply(event)
        self.count += 1
        if isinstance(event, Learned):
            self.learned.append(event)
