"""``Beside``: what answers show of an open session, read beside its questions, which never wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Condition, Lock

from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.live.event_log import Journal
from nerture.sessions.patterns.live_statistics import Findings
from nerture.sessions.patterns.pattern_suggestions import NewPattern, Suggestion

AT_ONCE = 20
"""Texts that are taken from the state at once: they are read without keeping ``changed``."""


class Beside:
    """The findings of the journal's state, up to date whenever they are asked for, by any thread.

    ``changed`` guards the journal; it is taken for moments only, and must not be held by who calls.
    """

    def __init__(self, journal: Journal, changed: Condition) -> None:
        self._journal, self._changed = journal, changed
        self._reading = Lock()

    def suggestions(self) -> Sequence[Suggestion]:
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

    def _findings(self) -> Findings:
        while True:
            with self._changed:
                state = self._journal.state
                changes = state.changes(AT_ONCE)
            if not changes:
                return state.findings
            state.findings.read(changes)
