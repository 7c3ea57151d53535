"""What the versions of a session's model learned from, found by replaying its log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.event_codec import from_log
from nerture.sessions.log.events import Event, Learned
from nerture.store.session_log import SessionLog


class SnapshotCollector:
    """Collects the snapshots that ``versions`` learned from while a log is applied to a state.

    ``snapshots`` are those collected so far, in the order of the log.
    """

    def __init__(self, versions: Collection[Learned]) -> None:
        self._versions = set(versions)
        self._starts = {version.events for version in versions}
        self._by_events: dict[int, TrainingSnapshot] = {}
        self.snapshots: list[tuple[Learned, TrainingSnapshot]] = []

    @property
    def complete(self) -> bool:
        """Whether every version has its snapshot."""
        return len(self.snapshots) == len(self._versions)

    def observe(self, state: SessionState, event: Event) -> None:
        """Look at a state and the event that is about to be applied to it."""
        if state.events in self._starts:
            self._by_events[state.events] = state.snapshot()
        if isinstance(event, Learned) and event in self._versions:
            snapshot = self._by_events[event.events]
            before = state.answer_index.learned_from()
            self.snapshots.append((event, replace(snapshot, from_scratch=event.from_scratch, learned=before)))


class SnapshotReplay:
    """Replays a session's log at some distance behind its writers.

    A version that another process logged learned from what was known when that process began to train it; by
    now the session's own state knows more. This class keeps a state of its own, made when it is first needed,
    that has not got so far. For one thread at a time.
    """

    def __init__(self, log: SessionLog, make_state: Callable[[], SessionState]) -> None:
        self._log, self._make_state = log, make_state
        self._state: SessionState | None = None

    def snapshots(self, versions: Sequence[Learned]) -> list[tuple[Learned, TrainingSnapshot]]:
        """Return what these versions learned from, in the order of the log.

        Raises ``DataError`` when the log cannot be read.
        """
        collector = SnapshotCollector(versions)
        state = self._state
        if state is None or state.events > min(version.events for version in versions):
            state = self._make_state()
        self._state = None  # useless if this fails half-way
        for event in [from_log(logged) for logged in self._log.events(state.events)]:
            if collector.complete:
                break
            collector.observe(state, event)
            state.apply(event)
        self._state = state
        return collector.snapshots
