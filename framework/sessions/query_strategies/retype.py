"""The mode ``retype``: a label is split into subtypes, surface by surface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.log.text_targets import TextTargets
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.sessions.pool.text import Text
from nerture.sessions.query_strategies.base import QuestionFactory


@dataclass(frozen=True, slots=True)
class Place:
    """An entity that is to get one of the new labels."""

    text: Text
    span: Span


class RetypeStrategy:
    """Asks about each surface once, the most frequent first; where that depends on context, about each place.

    The entities are those that were told before the session, of the plan's labels. The answer accepts the
    span with one of the subtypes as its label, or rejects it: then it is no entity. An answer that is
    flagged, or passed over, says "it depends": its surface is asked about place by place, and a flagged one
    counts for its own.
    """

    def __init__(self, desk: QuestionFactory, known: TextTargets) -> None:
        self.desk, self.known = desk, known
        self._places: dict[tuple[str, str], list[Place]] = {}
        for text in desk.pool.texts:
            for target in known.told.get(text.text, ())[-1:]:
                for span in target.spans:
                    if span.label in desk.plan.labels:
                        key = text.surface(span.start, span.end), span.label
                        self._places.setdefault(key, []).append(Place(text, span))
        self._order = sorted(self._places, key=lambda key: -len(self._places[key]))

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next place to ask about."""
        for place in self._asked():
            question = self._question(place)
            if self.desk.open_to(question, annotator, now):
                return question
        return None

    def remaining(self) -> int | None:
        """Return how many places are to be asked about, as far as answers tell."""
        return sum(self._answer(place) is None for place in self._asked())

    def changed(self, question: Question, answer: Answer, came: bool) -> None:
        """Take no note: everything follows from the answers that stand."""

    def retyped(self) -> list[Target]:
        """Return the texts with the new labels, as far as they are known; of the others nothing is said."""
        decided: dict[int, list[tuple[Span, str | None]]] = {}
        for places in self._places.values():
            general = self._answer(places[0])
            for number, place in enumerate(places):
                answer = self._answer(place) if _depends(general) and number else general
                if answer is None or answer.verdict == "ignore":
                    continue
                label = answer.spans[0][2] if answer.verdict == "accept" and answer.spans else None
                decided.setdefault(place.text.number, []).append((place.span, label))
        return [self._target(self.desk.pool[number], spans) for number, spans in sorted(decided.items())]

    def _target(self, text: Text, spans: list[tuple[Span, str | None]]) -> Target:
        subtypes = self.desk.plan.subtypes
        there = [replace(span, label=label, doc=text.doc) for span, label in spans if label is not None]
        absent = [
            replace(span, label=label, doc=text.doc)
            for span, gone in spans if gone is None
            for label in subtypes
        ]  # fmt: skip
        before = self.known.told[text.text][-1]
        old = [span for span in before.spans if span.label in self.desk.plan.labels]
        whole = len(old) == len(spans) and all(map(before.complete_for, self.desk.plan.labels))
        complete = frozenset(subtypes) if whole else frozenset[str]()
        there.sort(key=lambda span: span.start)
        return Target(text.doc, tuple(there), complete, () if whole else tuple(absent), origin=before.origin)

    def _asked(self) -> Iterator[Place]:
        """Yield one place of each surface, and the others of a surface that depends on context."""
        later: list[Place] = []
        for key in self._order:
            places = self._places[key]
            yield places[0]
            if _depends(self._answer(places[0])):
                later += places[1:]
        yield from later

    def _answer(self, place: Place) -> Answer | None:
        answers = self.desk.answer_index.question_answers(self._question(place).id)
        return answers[-1] if answers else None

    def _question(self, place: Place) -> Question:
        span = place.span
        offered = self.desk.offered(place.text, span.start, span.end, span.label)
        question = self.desk.question(place.text, "span", [offered], "source")
        return replace(question, labels=self.desk.plan.subtypes)


def _depends(answer: Answer | None) -> bool:
    return answer is not None and (answer.flagged or answer.verdict == "ignore")
