"""``StatisticsReader``: statistics of an open session, read without making its questions wait."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Condition, Lock

from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.live.event_log import EventLog
from nerture.sessions.patterns.live_statistics import LiveStatistics
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion

AT_ONCE = 20
"""Texts taken from the state at a time; they are processed without holding ``changed``."""


class StatisticsReader:
    """The statistics of the session's state, brought up to date on each call, from any thread.

    ``changed`` guards the event log; it is held briefly, and callers must not hold it.
    """

    def __init__(self, event_log: EventLog, changed: Condition) -> None:
        self._event_log, self._changed = event_log, changed
        self._reading = Lock()

    def suggestions(self) -> Sequence[PatternSuggestion]:
        """Return the suggested patterns, best first, with or without a verdict."""
        with self._reading:
            return self._update().suggestions()

    def find(self, id: str) -> NewPattern | None:
        """Return the pattern of this id, if it has ever been suggested."""
        with self._reading:
            return self._update().find(id)

    def agreement(self) -> Agreement | None:
        """Return how far annotators agree; None if no two have answered the same question."""
        with self._reading:
            return self._update().agreement()

    def _update(self) -> LiveStatistics:
        while True:
            with self._changed:
                state = self._event_log.state
                changes = state.take_changes(AT_ONCE)
            if not changes:
                return state.statistics
            state.statistics.update(changes)
