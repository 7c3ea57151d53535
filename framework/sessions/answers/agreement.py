"""Agreement beyond chance: Cohen's kappa of each pair of annotators, Krippendorff's alpha of all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from nerture.errors import DataError
from nerture.sessions.answers.answer_targets import answer_spans
from nerture.sessions.answers.question import Answer, Question

Ratings = Mapping[str, Sequence[Hashable]]
"""Each annotator's ratings in one question: one verdict, or the tag of each token."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Cohen's ``kappa`` of two annotators over the questions that both answered; None if undefined."""

    kappa: float | None
    questions: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over ``questions`` that two or more annotators answered, with ``units`` rated in total.

    ``observed`` is the share of pairs of ratings that are equal, ``alpha`` is Krippendorff's alpha, and
    ``pairs`` has Cohen's kappa of each pair of annotators: 1 if they always agree, 0 if no more often than by
    chance. None if undefined, because all ratings are the same.
    """

    questions: int
    units: int
    observed: float
    alpha: float | None
    pairs: Mapping[tuple[str, str], Pair]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data; ``pairs`` is a list."""
        pairs = [
            {"annotators": list(names), "kappa": pair.kappa, "questions": pair.questions}
            for names, pair in self.pairs.items()
        ]
        return {
            "questions": self.questions,
            "units": self.units,
            "observed": self.observed,
            "alpha": self.alpha,
            "pairs": pairs,
        }


class AgreementCounts:
    """Counts from which agreement is computed; questions can be added and removed."""

    def __init__(self) -> None:
        self._questions = self._units = 0
        self._pairs: defaultdict[tuple[str, str], Counter[tuple[Hashable, Hashable]]] = defaultdict(Counter)
        self._common: Counter[tuple[str, str]] = Counter()
        self._values = Values()

    def change(self, ratings: Ratings, by: int) -> None:
        """Add a question (``by`` 1), or remove one that was added before (``by`` -1)."""
        if len(ratings) < 2:
            return
        self._questions += by
        names = sorted(ratings)
        for pair in combinations(names, 2):
            self._common[pair] += by
            table = self._pairs[pair]
            for values in zip(ratings[pair[0]], ratings[pair[1]], strict=True):
                table[values] += by
        for unit in zip(*(ratings[name] for name in names), strict=True):
            self._units += by
            self._values.change(unit, by)

    def agreement(self) -> Agreement | None:
        """Return the figures; None if no question was answered by two annotators."""
        if not self._questions:
            return None
        pairs = {
            pair: Pair(_kappa(+self._pairs[pair]), count)
            for pair, count in sorted(self._common.items())
            if count
        }
        tables = [(values, count) for table in self._pairs.values() for values, count in table.items()]
        same = sum(count for (first, second), count in tables if first == second)
        return Agreement(
            self._questions,
            self._units,
            same / sum(count for _, count in tables),
            self._values.alpha(),
            pairs,
        )


class Values:
    """Counts of the values of units with two or more ratings, from which Krippendorff's alpha is computed."""

    def __init__(self) -> None:
        self._totals: Counter[Hashable] = Counter()
        # differing pairs by the number of ratings of their unit, so that the counts stay whole numbers
        self._differing: Counter[int] = Counter()

    def change(self, unit: Sequence[Hashable], by: int) -> None:
        """Add a unit (``by`` 1), or remove it (``by`` -1)."""
        for value in unit:
            self._totals[value] += by
        self._differing[len(unit)] += by * sum(n * (len(unit) - n) for n in Counter(unit).values())

    def alpha(self) -> float | None:
        """Return 1 - observed / expected disagreement; None if all ratings are the same."""
        count = self._totals.total()
        expected = sum(total * (count - total) for total in self._totals.values())
        if not expected:
            return None
        observed = sum(pairs / (size - 1) for size, pairs in self._differing.items())
        return 1 - (count - 1) * observed / expected


def measure_agreement(answers: Iterable[tuple[Question, Answer]]) -> Agreement | None:
    """Compare the answers to questions that several annotators answered; None if there are none."""
    counts = AgreementCounts()
    for ratings in collect_ratings(answers):
        counts.change(ratings, 1)
    return counts.agreement()


def collect_ratings(answers: Iterable[tuple[Question, Answer]]) -> list[Ratings]:
    """Return each annotator's ratings, for each question that was rated.

    The rating of a span question is the verdict, those of a text question are the tags of all its tokens.
    Skipped questions and rejected texts are left out; an annotator's later answer replaces an earlier one.
    """
    by_question: dict[Hashable, dict[str, Sequence[Hashable]]] = {}
    for question, answer in answers:
        ratings = _find_ratings(question, answer)
        if ratings is not None:
            by_question.setdefault(_make_key(question), {})[answer.annotator] = ratings
    return list(by_question.values())


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa (1960) of two annotators' ratings of the same units.

    None if all ratings are the same. Raises ``DataError`` if there are no ratings, or a different number.
    """
    if len(first) != len(second) or not first:
        raise DataError(f"ratings: expected equal numbers of 1 or more, got {len(first)} and {len(second)}")
    return _kappa(Counter(zip(first, second, strict=True)))


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha (nominal) of units that any number of annotators rated.

    It is 1 - observed / expected disagreement (Krippendorff 2011). Units with a single rating do not count.
    None if all ratings are the same.
    """
    values = Values()
    for unit in units:
        if len(unit) > 1:
            values.change(unit, 1)
    return values.alpha()


def _kappa(table: Mapping[tuple[Hashable, Hashable], int]) -> float | None:
    """Return Cohen's kappa of a contingency table: counts of pairs of two annotators' ratings."""
    rows: Counter[Hashable] = Counter()
    columns: Counter[Hashable] = Counter()
    for (first, second), cases in table.items():
        rows[first] += cases
        columns[second] += cases
    count = rows.total()
    by_chance = sum(rows[value] * columns[value] for value in rows)
    if by_chance == count**2:
        return None
    same = sum(cases for (first, second), cases in table.items() if first == second) / count
    chance = by_chance / count**2
    return (same - chance) / (1 - chance)


def _make_key(question: Question) -> Hashable:
    """Return what a question is about; that of a text question does not depend on the suggested spans."""
    if question.kind == "span":
        return question.id
    return question.input, question.labels, len(question.tokens), hash(question.tokens)


def _find_ratings(question: Question, answer: Answer) -> Sequence[Hashable] | None:
    if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
        return None
    if question.kind == "span":
        return (answer.verdict,)
    tags: list[Hashable] = ["O"] * len(question.tokens)
    for start, end, label in answer_spans(question, answer):
        for number, (token_start, token_end) in enumerate(question.tokens):
            if start <= token_start and token_end <= end:
                tags[number] = ("B" if token_start == start else "I", label)
    return tags
