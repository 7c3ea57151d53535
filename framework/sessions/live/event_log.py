"""``EventLog``: a session's log in the store, and the state and book that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nerture.errors import DataError
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.annotator_queues import AnnotatorQueues
from nerture.sessions.log.event_codec import from_log, to_log
from nerture.sessions.log.events import Answered, Event, Learned
from nerture.store.session_log import SessionLog


class EventLog:
    """The log with what it comes to; one thread at a time.

    ``count`` events are known here; ``learned`` are the versions of the model among them, oldest first.
    """

    def __init__(self, log: SessionLog, make_state: Callable[[], SessionState]) -> None:
        self.log, self._make_state = log, make_state
        self._empty()

    def _empty(self) -> None:
        self.state, self.book = self._make_state(), AnnotatorQueues()
        self.count = 0
        self.learned: list[Learned] = []

    def read(self, known: Callable[[Sequence[Learned]], int]) -> list[tuple[Learned, TrainingSnapshot]]:
        """Read the whole log; return what the versions after the one that ``known`` names learned from.

        The lesson of the last version is always among them: it also tells what to ask by. ``known`` is called
        with the versions of the log, oldest first. Raises ``DataError`` when the log cannot be read.
        """
        events = [from_log(logged) for logged in self.log.events()]
        learned = [event for event in events if isinstance(event, Learned)]
        least = known(learned) if learned else 0
        wanted = {event for event in learned if event.version > least or event == learned[-1]}
        if self.count:
            self._empty()
        began = {event.events for event in wanted}
        taken: dict[int, TrainingSnapshot] = {}
        snapshots = []
        for number, event in enumerate(events):
            if number in began:
                taken[number] = self.state.snapshot()
            if isinstance(event, Learned) and event in wanted:
                before = self.state.answer_index.learned_from()
                snapshots.append(
                    (event, replace(taken[event.events], from_scratch=event.from_scratch, learned=before))
                )
            self._apply(event)
        return snapshots

    def first_lesson(self) -> TrainingSnapshot:
        """Return what there is to learn from before anything has happened."""
        return self._make_state().snapshot()

    def catch_up(self) -> bool:
        """Take in what others have added; False: a new version is among it, and all has to be read again."""
        events = [from_log(logged) for logged in self.log.events(self.count)]
        if any(isinstance(event, Learned) for event in events):
            return False
        for event in events:
            self._apply(event)
        return True

    def add(self, now: float, *events: Event) -> None:
        """Put events into the log, and then into state and book.

        Raises ``LogMovedError`` when others have added to it: ``catch_up`` first; and ``DataError`` when the
        store fails: then the events are perhaps in the log, and ``catch_up`` shows it.
        """
        logged = []
        for event in events:
            question = None
            if isinstance(event, Answered):
                question = self.book.question(event.answer.question)
                if question is None:
                    raise DataError(f"answer {event.answer.id}: its question was never asked")
            logged.append(to_log(event, now, question, self.log.dataset))
        self.log.append(self.count, logged)
        for event in events:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        self.state.apply(event)
        self.book.apply(event)
        self.count += 1
        if isinstance(event, Learned):
            self.learned.append(event)
