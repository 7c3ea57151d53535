"""``AnnotatorQueues``: each annotator's open questions and answers, as the log has them."""

from __future__ import annotations

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.log.events import Answered, Asked, Event, Undone


class AnnotatorQueues:
    """A session's log folded into the questions that are out and the answers that stand, by annotator."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._questions: dict[str, Question] = {}
        self._out: dict[str, dict[str, float]] = {}
        self._answers: dict[str, dict[str, Answer]] = {}

    def apply(self, event: Event) -> None:
        """Fold an event in."""
        if isinstance(event, Asked):
            self._questions[event.question.id] = event.question
            self._out.setdefault(event.annotator, {})[event.question.id] = event.until
        elif isinstance(event, Answered):
            answer = event.answer
            self._ids.add(answer.id)
            self._answers.setdefault(answer.annotator, {})[answer.id] = answer
            self._out.get(answer.annotator, {}).pop(answer.question, None)
        elif isinstance(event, Undone):
            answer = self._answers[event.annotator].pop(event.answer)
            out = self._out.get(event.annotator, {})
            out.pop(answer.question, None)
            # its turn is next; until when, the event after this one says
            self._out[event.annotator] = {answer.question: 0.0, **out}

    def knows(self, answer: str) -> bool:
        """Say whether an answer of that id came in, be it undone."""
        return answer in self._ids

    def question(self, id: str) -> Question | None:
        """Return a question that was asked."""
        return self._questions.get(id)

    def outstanding(self, annotator: str, now: float) -> list[Question]:
        """Return the questions that are out to an annotator and unanswered, in the order to be shown."""
        out = self._out.get(annotator, {})
        for name in [name for name, until in out.items() if until <= now]:
            del out[name]
        return [self._questions[name] for name in out]

    def last(self, annotator: str) -> Answer | None:
        """Return the annotator's last answer that stands."""
        answers = self._answers.get(annotator)
        return next(reversed(answers.values())) if answers else None

    def history(self, annotator: str, count: int) -> list[tuple[Question, Answer]]:
        """Return the annotator's latest answers that stand, newest first."""
        newest = list(self._answers.get(annotator, {}).values())[::-1][:count]
        return [(self._questions[answer.question], answer) for answer in newest]
