"""``AnnotatorQueues``: each annotator's open questions and answers, according to the log."""

from __future__ import annotations

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.log.events import Asked, Event, Undone


class AnnotatorQueues:
    """Open questions and current answers of each annotator, built from a session's log."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._questions: dict[str, Question] = {}
        self._open: dict[str, dict[str, float]] = {}
        self._answers: dict[str, dict[str, Answer]] = {}

    def apply(self, event: Event) -> None:
        """Apply an event."""
        if isinstance(event, Asked):
            self._questions[event.question.id] = event.question
            self._open.setdefault(event.annotator, {})[event.question.id] = event.until
        elif isinstance(event, Answer):
            self._ids.add(event.id)
            self._answers.setdefault(event.annotator, {})[event.id] = event
            self._open.get(event.annotator, {}).pop(event.question, None)
        elif isinstance(event, Undone):
            answer = self._answers[event.annotator].pop(event.answer)
            leases = self._open.get(event.annotator, {})
            leases.pop(answer.question, None)
            # it is asked next; the event after this one has its lease
            self._open[event.annotator] = {answer.question: 0.0, **leases}

    def has_answer(self, answer: str) -> bool:
        """Return whether there was an answer with this id, including undone ones."""
        return answer in self._ids

    def find_question(self, id: str) -> Question | None:
        """Return an asked question; None if it was never asked."""
        return self._questions.get(id)

    def find_open(self, annotator: str, now: float) -> list[Question]:
        """Return the annotator's unanswered questions whose lease is valid, in the order to be shown."""
        leases = self._open.get(annotator, {})
        for id in [id for id, until in leases.items() if until <= now]:
            del leases[id]
        return [self._questions[id] for id in leases]

    def last_answer(self, annotator: str) -> Answer | None:
        """Return the annotator's last answer that was not undone; None if there is none."""
        answers = self._answers.get(annotator)
        return next(reversed(answers.values())) if answers else None

    def history(self, annotator: str, count: int) -> list[tuple[Question, Answer]]:
        """Return the annotator's latest answers that were not undone, newest first."""
        newest = list(self._answers.get(annotator, {}).values())[::-1][:count]
        return [(self._questions[answer.question], answer) for answer in newest]
