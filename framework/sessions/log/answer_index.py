"""``AnswerIndex``: the log of a session folded into what is asked, what is out, and which answers stand."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.log.events import Answered, Asked, Event, Learned, Undone


class AnswerIndex:
    """Questions, leases and answers. After an answer is undone everything is as if it had never come.

    ``version`` is the model's, which learned from the first ``learned_events`` events; ``refitted`` is how
    many answers the last one learned from that began afresh. ``curve`` has, for each version of which an F1
    was expected, the number of answers that it learned from, and that F1; after answers were taken back it
    goes on from fewer of them.
    """

    def __init__(self) -> None:
        self.events = 0
        self.asked = 0
        self.version = 0
        self.questions: dict[str, Question] = {}
        self.answers: dict[str, Answer] = {}
        # a long session has many of these, mostly of one: a tuple is a fifth of a dict
        self._leases: dict[str, tuple[tuple[str, float], ...]] = {}
        self._by_text: dict[str, tuple[Answer, ...]] = {}  # in the order of their oldest answers
        self._asked_of: dict[str, tuple[str, ...]] = {}
        self.learned_events = 0
        self.refitted = 0
        self.curve: list[tuple[int, float]] = []
        # of each answer that came or went: its id, after how many events, and how many then stood
        self._changed: list[str] = []
        self._changed_at, self._stood = array("q"), array("q")
        self._taken_back: list[tuple[int, int]] = []

    def apply(self, event: Event) -> Answer | None:
        """Fold an event in; return the answer that came or went, if one did.

        Raises ``DataError`` for the answer to a question that was not asked, and for the undoing of an answer
        that does not stand. The same answer again changes nothing.
        """
        self.events += 1
        if isinstance(event, Asked):
            self._ask(event)
            return None
        if isinstance(event, Answered):
            return self._answer(event.answer)
        if isinstance(event, Undone):
            return self._undo(event)
        if isinstance(event, Learned):
            self._learn(event)
        return None

    def text_answers(self, text: str) -> list[tuple[Question, Answer]]:
        """Return the answers about a text that stand, oldest first."""
        return [(self.questions[answer.question], answer) for answer in self._by_text.get(text, ())]

    def question_answers(self, question: str) -> list[Answer]:
        """Return the answers to a question that stand, oldest first."""
        asked = self.questions.get(question)
        said = () if asked is None else self._by_text.get(asked.text, ())
        return [answer for answer in said if answer.question == question]

    def standing(self) -> Iterator[tuple[Question, Answer]]:
        """Yield all answers that stand, oldest first, with their questions."""
        for answer in self.answers.values():
            yield self.questions[answer.question], answer

    def answered_texts(self) -> list[str]:
        """Return the texts with answers that stand, in the order of the oldest of these."""
        return list(self._by_text)

    def asked_of(self, text: str) -> list[Question]:
        """Return every question that was asked about a text, oldest first."""
        return [self.questions[name] for name in self._asked_of.get(text, ())]

    def in_order(self, questions: Collection[str]) -> list[str]:
        """Return these questions in the order in which they were asked."""
        return [name for name in self.questions if name in questions] if questions else []

    def out(self, question: str, now: float) -> list[str]:
        """Return to whom a question is out: leased at ``now``, and not answered by them."""
        answered = {answer.annotator for answer in self.question_answers(question)}
        leases = self._leases.get(question, ())
        return [name for name, until in leases if until > now and name not in answered]

    def out_about(self, text: str, now: float) -> list[str]:
        """Return to whom questions about a text are out."""
        return [name for question in self._asked_of.get(text, ()) for name in self.out(question, now)]

    def fresh(self) -> int:
        """Return how many answers came or went since the model last learned."""
        return len(self._changed) - self._changes_until(self.learned_events)

    def learned_from(self) -> int:
        """Return how many answers stood when the model last learned."""
        return self._answers_after(self._changes_until(self.learned_events))

    def knows_undone_answer(self) -> bool:
        """Say whether an answer was taken back that the model knows, so that nothing can go on from it."""
        return self.lost_since(self.learned_events)

    def lost_since(self, events: int) -> bool:
        """Say whether an answer that stood after so many events was taken back since."""
        return any(came <= events < went for came, went in self._taken_back)

    def changed_since(self, events: int) -> bool:
        """Say whether an answer came or went since there were so many events."""
        return len(self._changed) > self._changes_until(events)

    def _changes_until(self, events: int) -> int:
        return bisect_right(self._changed_at, events)

    def _answers_after(self, changes: int) -> int:
        """Return how many answers stood after so many of the changes."""
        return self._stood[changes - 1] if changes else 0

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
        self.asked += 1
        name = question.id
        if name not in self.questions:
            self._asked_of[question.text] = *self._asked_of.get(question.text, ()), name
        self.questions[name] = question
        others = (lease for lease in self._leases.get(name, ()) if lease[0] != event.annotator)
        self._leases[name] = *others, (event.annotator, event.until)

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
            raise DataError(f"{event.annotator} has no answer {event.answer} to take back")
        del self.answers[answer.id]
        came = len(self._changed) - 1 - self._changed[::-1].index(answer.id)
        self._taken_back.append((self._changed_at[came], self.events))
        self._change(answer)
        # another text may now be the one that was answered first
        standing = dict.fromkeys(self.questions[one.question].text for one in self.answers.values())
        left = {text: self._by_text[text] for text in standing}
        self._by_text = {text: tuple(a for a in answers if a is not answer) for text, answers in left.items()}
        return answer

    def _change(self, answer: Answer) -> None:
        """Note that an answer came or went."""
        self._changed.append(answer.id)
        self._changed_at.append(self.events)
        self._stood.append(len(self.answers))
