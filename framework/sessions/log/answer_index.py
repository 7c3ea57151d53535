"""``AnswerIndex``: asked questions, leases and current answers, built from the log of a session."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.log.events import Asked, Event, Learned, Undone


class AnswerIndex:
    """Questions, leases and answers. Undoing an answer leaves everything as if it had never been given.

    ``version`` is the model's, which was trained on the first ``learned_events`` events; ``refitted`` is how
    many answers the last version trained from scratch was trained on. ``curve`` has, for each version with an
    expected F1, the number of answers and that F1; after answers were undone it continues from fewer answers.
    """

    def __init__(self) -> None:
        self.events = 0
        self.asked_count = 0
        self.version = 0
        self.questions: dict[str, Question] = {}
        self.answers: dict[str, Answer] = {}
        # a long session has many of these, mostly of one: a tuple is a fifth of a dict
        self._leases: dict[str, tuple[tuple[str, float], ...]] = {}
        self._by_text: dict[str, tuple[Answer, ...]] = {}  # ordered by their oldest answers
        self._text_questions: dict[str, tuple[str, ...]] = {}
        self.learned_events = 0
        self.refitted = 0
        self.curve: list[tuple[int, float]] = []
        # per added or undone answer: its id, the number of events up to it, and of current answers after it
        self._changed: list[str] = []
        self._changed_at, self._counts = array("q"), array("q")
        self._undone: list[tuple[int, int]] = []

    def apply(self, event: Event) -> Answer | None:
        """Apply an event; return the answer that was added or undone, if any.

        Raises ``DataError`` for an answer to a question that was not asked, and for undoing an answer that
        does not exist or was undone already. Repeating an answer has no effect.
        """
        self.events += 1
        if isinstance(event, Asked):
            self._ask(event)
            return None
        if isinstance(event, Answer):
            return self._answer(event)
        if isinstance(event, Undone):
            return self._undo(event)
        if isinstance(event, Learned):
            self._learn(event)
        return None

    def text_answers(self, text: str) -> list[tuple[Question, Answer]]:
        """Return the current answers about a text, oldest first."""
        return [(self.questions[answer.question], answer) for answer in self._by_text.get(text, ())]

    def question_answers(self, question: str) -> list[Answer]:
        """Return the current answers to a question, oldest first."""
        asked = self.questions.get(question)
        answers = () if asked is None else self._by_text.get(asked.text, ())
        return [answer for answer in answers if answer.question == question]

    def current_answers(self) -> Iterator[tuple[Question, Answer]]:
        """Yield all answers that were not undone, oldest first, with their questions."""
        for answer in self.answers.values():
            yield self.questions[answer.question], answer

    def answered_texts(self) -> list[str]:
        """Return the texts with current answers, ordered by their oldest answer."""
        return list(self._by_text)

    def text_questions(self, text: str) -> list[Question]:
        """Return all questions asked about a text, oldest first."""
        return [self.questions[name] for name in self._text_questions.get(text, ())]

    def sort_by_asking(self, questions: Collection[str]) -> list[str]:
        """Return the questions in the order in which they were first asked."""
        return [name for name in self.questions if name in questions] if questions else []

    def find_holders(self, question: str, now: float) -> list[str]:
        """Return the annotators with a lease on a question at ``now`` who have not answered it."""
        answered = {answer.annotator for answer in self.question_answers(question)}
        leases = self._leases.get(question, ())
        return [name for name, until in leases if until > now and name not in answered]

    def find_text_holders(self, text: str, now: float) -> list[str]:
        """Return the annotators with a lease on an unanswered question about a text."""
        return [
            name
            for question in self._text_questions.get(text, ())
            for name in self.find_holders(question, now)
        ]

    def count_changes(self) -> int:
        """Return how many answers were added or undone since the last version."""
        return len(self._changed) - self._count_changes_until(self.learned_events)

    def learned_from(self) -> int:
        """Return how many answers the last version was trained on."""
        return self._count_answers_after(self._count_changes_until(self.learned_events))

    def has_learned_undone_answer(self) -> bool:
        """Return whether the model was trained on an answer that was undone since, and must be retrained."""
        return self.has_lost_since(self.learned_events)

    def has_lost_since(self, events: int) -> bool:
        """Return whether an answer that was current after ``events`` events has been undone since."""
        return any(added <= events < undone for added, undone in self._undone)

    def has_changed_since(self, events: int) -> bool:
        """Return whether an answer was added or undone after the first ``events`` events."""
        return len(self._changed) > self._count_changes_until(events)

    def _count_changes_until(self, events: int) -> int:
        return bisect_right(self._changed_at, events)

    def _count_answers_after(self, changes: int) -> int:
        """Return the number of current answers after ``changes`` changes."""
        return self._counts[changes - 1] if changes else 0

    def _learn(self, event: Learned) -> None:
        self.version, self.learned_events = event.version, event.events
        answers = self.learned_from()
        if event.from_scratch:
            self.refitted = answers
        if event.f1 is not None:
            while self.curve and self.curve[-1][0] >= answers:
                self.curve.pop()
            self.curve.append((answers, event.f1))

    def _ask(self, event: Asked) -> None:
        question = event.question
        self.asked_count += 1
        id = question.id
        if id not in self.questions:
            self._text_questions[question.text] = *self._text_questions.get(question.text, ()), id
        self.questions[id] = question
        others = (lease for lease in self._leases.get(id, ()) if lease[0] != event.annotator)
        self._leases[id] = *others, (event.annotator, event.until)

    def _answer(self, answer: Answer) -> Answer | None:
        if answer.question not in self.questions:
            raise DataError(f"answer {answer.id}: question {answer.question} was never asked")
        if answer.id in self.answers:
            return None
        self.answers[answer.id] = answer
        self._change(answer)
        text = self.questions[answer.question].text
        self._by_text[text] = *self._by_text.get(text, ()), answer
        return answer

    def _undo(self, event: Undone) -> Answer:
        answer = self.answers.get(event.answer)
        if answer is None or answer.annotator != event.annotator:
            raise DataError(f"undo: annotator {event.annotator} has no current answer {event.answer}")
        del self.answers[answer.id]
        added = len(self._changed) - 1 - self._changed[::-1].index(answer.id)
        self._undone.append((self._changed_at[added], self.events))
        self._change(answer)
        # the order of the texts may have changed
        texts = dict.fromkeys(self.questions[left.question].text for left in self.answers.values())
        by_text = {text: self._by_text[text] for text in texts}
        self._by_text = {
            text: tuple(a for a in answers if a is not answer) for text, answers in by_text.items()
        }
        return answer

    def _change(self, answer: Answer) -> None:
        """Record that an answer was added or undone."""
        self._changed.append(answer.id)
        self._changed_at.append(self.events)
        self._counts.append(len(self.answers))
