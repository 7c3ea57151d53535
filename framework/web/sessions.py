"""``Sessions``: the sessions behind one page, by mode; all but the first are opened on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from threading import Lock

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.live.protocol import Session

UNDO_HISTORY = 100
"""How many answers to search for one whose undo was sent twice."""


class Sessions:
    """Sessions of one dataset in several modes; thread-safe."""

    def __init__(self, session: Session, others: Mapping[str, Callable[[], Session]]) -> None:
        self.first = session
        self._open: dict[str, Session] = {session.mode: session}
        self._others = {mode: opener for mode, opener in others.items() if mode != session.mode}
        self._opening = Lock()
        self._undoing: defaultdict[tuple[str, str], Lock] = defaultdict(Lock)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes on offer, the first session's first."""
        return self.first.mode, *self._others

    def find_open(self, mode: str) -> Session | None:
        """Return the session of a mode if it is open, else None; does not wait."""
        return self._open.get(mode)

    def get(self, mode: str) -> Session:
        """Return the session of a mode, opening it if needed; raises ``KeyError`` for an unknown mode."""
        if mode in self._open:
            return self._open[mode]
        with self._opening:
            if mode not in self._open:
                self._open[mode] = self._others[mode]()
            return self._open[mode]

    def undo(self, mode: str, annotator: str, answer: str) -> Question | None:
        """Undo the annotator's answer of that id, if it is their last; repeated requests undo it once.

        Returns its question, or None if it was undone already. Raises ``DataError`` if the annotator has
        answered something else since.
        """
        session = self.get(mode)
        with self._undoing[mode, annotator]:
            current = [past.id for _, past in session.history(annotator, UNDO_HISTORY)]
            if answer not in current:
                return None
            if current[0] != answer:
                raise DataError("you have answered again since, in another window: undo that answer first")
            return session.undo(annotator)

    def add(self, mode: str, answer: Answer) -> None:
        """Save an answer, but not during an undo by the same annotator."""
        with self._undoing[mode, answer.annotator]:
            self.get(mode).answer(answer)

    def close(self) -> None:
        """Close the sessions that were opened here; the caller closes the first one."""
        with self._opening:
            for session in self._open.values():
                if session is not self.first:
                    session.close()
            self._open = {self.first.mode: self.first}
