"""``Sessions``: the sessions behind one page, by their modes; all but the first are opened when asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from threading import Lock

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.live.protocol import Session

LOOKED_BACK = 100
"""How many answers back an undo that was sent twice is known to have been done."""


class Sessions:
    """Sessions of one dataset in several modes; safe to use from several threads."""

    def __init__(self, session: Session, others: Mapping[str, Callable[[], Session]]) -> None:
        self.first = session
        self._open: dict[str, Session] = {session.mode: session}
        self._others = {mode: opening for mode, opening in others.items() if mode != session.mode}
        self._opening = Lock()
        self._undoing: defaultdict[tuple[str, str], Lock] = defaultdict(Lock)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that can be asked for, the first session's first."""
        return self.first.mode, *self._others

    def opened(self, mode: str) -> Session | None:
        """Return the session of a mode if it is open, without waiting."""
        return self._open.get(mode)

    def get(self, mode: str) -> Session:
        """Return the session of a mode, opened; raises ``KeyError`` for a mode that is not offered."""
        if mode in self._open:
            return self._open[mode]
        with self._opening:
            if mode not in self._open:
                self._open[mode] = self._others[mode]()
            return self._open[mode]

    def undo(self, mode: str, annotator: str, answer: str) -> Question | None:
        """Take back the annotator's answer of that id, if it is their last.

        Sent several times, it is done once. Returns its question, or None if the answer did not stand any
        more. Raises ``DataError`` when the annotator has answered something else since.
        """
        session = self.get(mode)
        with self._undoing[mode, annotator]:
            standing = [given.id for _, given in session.history(annotator, LOOKED_BACK)]
            if answer not in standing:
                return None
            if standing[0] != answer:
                raise DataError("another answer was given since this one, in another window: undo that first")
            return session.undo(annotator)

    def add(self, mode: str, answer: Answer) -> None:
        """Save an answer, not while one of the same annotator is being taken back."""
        with self._undoing[mode, answer.annotator]:
            self.get(mode).answer(answer)

    def close(self) -> None:
        """Close the sessions that were opened here; the first one belongs to who made it."""
        with self._opening:
            for session in self._open.values():
                if session is not self.first:
                    session.close()
            self._open = {self.first.mode: self.first}
