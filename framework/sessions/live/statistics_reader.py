"""``StatisticsReader``: statistics of an open session, read without making its questions wait."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Condition, Lock

from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.live.event_log import EventLog
from nerture.sessions.patterns.live_statistics import LiveStatistics
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion

AT_ONCE = 20
"""Texts that are taken from the state at once: they are read without keeping ``changed``."""


class StatisticsReader:
    """The findings of the journal's state, up to date whenever they are asked for, by any thread.

    ``changed`` guards the journal; it is taken for moments only, and must not be held by who calls.
    """

    def __init__(self, event_log: EventLog, changed: Condition) -> None:
        self._event_log, self._changed = event_log, changed
        self._reading = Lock()

    def suggestions(self) -> Sequence[PatternSuggestion]:
        """Return the patterns that are worth writing, best first, judged or not."""
        with self._reading:
            return self._findings().suggestions()

    def find(self, id: str) -> NewPattern | None:
        """Return the pattern of that id, if it could have been suggested at any time."""
        with self._reading:
            return self._findings().find(id)

    def agreement(self) -> Agreement | None:
        """Return how far annotators agree; None: no two have answered the same question."""
        with self._reading:
            return self._findings().agreement()

    def _findings(self) -> LiveStatistics:
        while True:
            with self._changed:
                state = self._event_log.state
                changes = state.changes(AT_ONCE)
            if not changes:
                return state.findings
            state.findings.read(changes)
