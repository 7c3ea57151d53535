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
    """An entity that gets one of the subtypes."""

    text: Text
    span: Span


class RetypeStrategy:
    """Asks about each surface once, the most frequent first, and about each place if it depends on context.

    The entities are those of the prior targets with the plan's labels. An answer accepts the span with one of
    the subtypes as its label, or rejects it as no entity. A flagged or skipped answer means that it depends
    on context: the surface is then asked about place by place; a flagged answer counts for its own place.
    """

    def __init__(self, question_factory: QuestionFactory, text_targets: TextTargets) -> None:
        self.question_factory, self.text_targets = question_factory, text_targets
        self._places: dict[tuple[str, str], list[Place]] = {}
        for text in question_factory.pool.texts:
            for target in text_targets.prior_targets.get(text.text, ())[-1:]:
                for span in target.spans:
                    if span.label in question_factory.plan.labels:
                        key = text.surface(span.start, span.end), span.label
                        self._places.setdefault(key, []).append(Place(text, span))
        self._order = sorted(self._places, key=lambda key: -len(self._places[key]))

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next place to ask about."""
        for place in self._open_places():
            question = self._make_question(place)
            if self.question_factory.is_open_to(question, annotator, now):
                return question
        return None

    def count_remaining(self) -> int | None:
        """Return how many places are to be asked about, according to the answers so far."""
        return sum(self._find_answer(place) is None for place in self._open_places())

    def update(self, question: Question, answer: Answer, is_new: bool) -> None:
        """Do nothing; everything is computed from the current answers."""

    def make_targets(self) -> list[Target]:
        """Return the texts with the subtypes known so far, as targets."""
        decided: dict[int, list[tuple[Span, str | None]]] = {}
        for places in self._places.values():
            general = self._find_answer(places[0])
            for number, place in enumerate(places):
                answer = self._find_answer(place) if _depends_on_context(general) and number else general
                if answer is None or answer.verdict == "ignore":
                    continue
                label = answer.spans[0][2] if answer.verdict == "accept" and answer.spans else None
                decided.setdefault(place.text.number, []).append((place.span, label))
        return [
            self._make_target(self.question_factory.pool[number], spans)
            for number, spans in sorted(decided.items())
        ]

    def _make_target(self, text: Text, spans: list[tuple[Span, str | None]]) -> Target:
        subtypes = self.question_factory.plan.subtypes
        present = [replace(span, label=label, doc=text.doc) for span, label in spans if label is not None]
        absent = [
            replace(span, label=label, doc=text.doc)
            for span, subtype in spans if subtype is None
            for label in subtypes
        ]  # fmt: skip
        before = self.text_targets.prior_targets[text.text][-1]
        old = [span for span in before.spans if span.label in self.question_factory.plan.labels]
        is_complete = len(old) == len(spans) and all(
            map(before.is_complete_for, self.question_factory.plan.labels)
        )
        complete = frozenset(subtypes) if is_complete else frozenset[str]()
        present.sort(key=lambda span: span.start)
        return Target(
            text.doc, tuple(present), complete, () if is_complete else tuple(absent), origin=before.origin
        )

    def _open_places(self) -> Iterator[Place]:
        """Yield one place of each surface, then the other places of surfaces that depend on context."""
        later: list[Place] = []
        for key in self._order:
            places = self._places[key]
            yield places[0]
            if _depends_on_context(self._find_answer(places[0])):
                later += places[1:]
        yield from later

    def _find_answer(self, place: Place) -> Answer | None:
        answers = self.question_factory.answer_index.question_answers(self._make_question(place).id)
        return answers[-1] if answers else None

    def _make_question(self, place: Place) -> Question:
        span = place.span
        suggested = self.question_factory.suggest_span(place.text, span.start, span.end, span.label)
        question = self.question_factory.make_question(place.text, "span", [suggested], "source")
        return replace(question, labels=self.question_factory.plan.subtypes)


def _depends_on_context(answer: Answer | None) -> bool:
    return answer is not None and (answer.flagged or answer.verdict == "ignore")
