"""How far annotators agree beyond chance: Cohen's kappa of each pair, Krippendorff's alpha of all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from nerture.errors import DataError
from nerture.sessions.answers.answer_targets import said_spans
from nerture.sessions.answers.question import Answer, Question

Judged = Mapping[str, Sequence[Hashable]]
"""What each annotator said of one question: a verdict, or the tag of each token."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two annotators' Cohen's ``kappa`` over the questions that both have answered; None: not defined."""

    kappa: float | None
    questions: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over ``questions`` that two annotators or more have answered, in which they judged ``units`` things.

    ``observed`` is the share of the pairs of judgements that are the same; ``alpha`` Krippendorff's, and
    ``pairs`` has Cohen's kappa of each pair of annotators: 1 where they always agree, 0 where no more than by
    chance. None: it is not defined, because nobody ever said anything else.
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
    """Counts from which the figures follow, kept as questions come and go."""

    def __init__(self) -> None:
        self._questions = self._units = 0
        self._pairs: defaultdict[tuple[str, str], Counter[tuple[Hashable, Hashable]]] = defaultdict(Counter)
        self._common: Counter[tuple[str, str]] = Counter()
        self._values = Values()

    def change(self, said: Judged, by: int) -> None:
        """Count a question (``by`` 1), or take one that was counted back (``by`` -1)."""
        if len(said) < 2:
            return
        self._questions += by
        names = sorted(said)
        for pair in combinations(names, 2):
            self._common[pair] += by
            table = self._pairs[pair]
            for judgements in zip(said[pair[0]], said[pair[1]], strict=True):
                table[judgements] += by
        for unit in zip(*(said[name] for name in names), strict=True):
            self._units += by
            self._values.change(unit, by)

    def agreement(self) -> Agreement | None:
        """Return the figures; None: no question was answered by two annotators."""
        if not self._questions:
            return None
        pairs = {
            pair: Pair(_kappa(+self._pairs[pair]), count)
            for pair, count in sorted(self._common.items())
            if count
        }
        tables = [(values, count) for table in self._pairs.values() for values, count in table.items()]
        same = sum(count for (one, other), count in tables if one == other)
        return Agreement(
            self._questions,
            self._units,
            same / sum(count for _, count in tables),
            self._values.alpha(),
            pairs,
        )


class Values:
    """Counts of the values of units that two or more have judged: Krippendorff's alpha follows from them."""

    def __init__(self) -> None:
        self._totals: Counter[Hashable] = Counter()
        self._apart: Counter[int] = Counter()  # by the number of judgements, so that they stay whole numbers

    def change(self, unit: Sequence[Hashable], by: int) -> None:
        """Count a unit, or take it back."""
        for value in unit:
            self._totals[value] += by
        self._apart[len(unit)] += by * sum(n * (len(unit) - n) for n in Counter(unit).values())

    def alpha(self) -> float | None:
        """Return 1 minus observed by expected disagreement; None where all say the same of everything."""
        count = self._totals.total()
        expected = sum(total * (count - total) for total in self._totals.values())
        if not expected:
            return None
        observed = sum(apart / (size - 1) for size, apart in self._apart.items())
        return 1 - (count - 1) * observed / expected


def agreement(answers: Iterable[tuple[Question, Answer]]) -> Agreement | None:
    """Compare the answers to questions that several annotators were asked; None: there are none."""
    tally = AgreementCounts()
    for said in judged(answers):
        tally.change(said, 1)
    return tally.agreement()


def judged(answers: Iterable[tuple[Question, Answer]]) -> list[Judged]:
    """Return what each annotator said of each question that somebody has judged.

    Of a span question it is the verdict, of a text question the tags of all its tokens. What somebody passed
    over is left out, and so is a text that was set aside; of two answers of one annotator, the later counts.
    """
    said: dict[Hashable, dict[str, Sequence[Hashable]]] = {}
    for question, answer in answers:
        judgements = _judgements(question, answer)
        if judgements is not None:
            said.setdefault(_about(question), {})[answer.annotator] = judgements
    return list(said.values())


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa (1960) of two annotators' judgements of the same things.

    None where both say the same of everything. Raises ``DataError`` for none, and for different numbers.
    """
    if len(one) != len(other) or not one:
        raise DataError(f"expected as many, and one at least, got {len(one)} and {len(other)} judgements")
    return _kappa(Counter(zip(one, other, strict=True)))


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha (nominal) of things that any number of annotators have judged.

    Things with one judgement do not count. None where everybody says the same of everything. It is 1 minus
    observed by expected disagreement (Krippendorff 2011).
    """
    values = Values()
    for unit in units:
        if len(unit) > 1:
            values.change(unit, 1)
    return values.alpha()


def _kappa(table: Mapping[tuple[Hashable, Hashable], int]) -> float | None:
    """Return Cohen's kappa of a table that counts how often one said the first and the other the second."""
    ours: Counter[Hashable] = Counter()
    theirs: Counter[Hashable] = Counter()
    for (one, other), cases in table.items():
        ours[one] += cases
        theirs[other] += cases
    count = ours.total()
    by_chance = sum(ours[value] * theirs[value] for value in ours)
    if by_chance == count**2:
        return None
    same = sum(cases for (one, other), cases in table.items() if one == other) / count
    chance = by_chance / count**2
    return (same - chance) / (1 - chance)


def _about(question: Question) -> Hashable:
    """Return what a question is about: a text question is, whatever it offered, about the text's tokens."""
    if question.kind == "span":
        return question.id
    return question.input, question.labels, len(question.tokens), hash(question.tokens)


def _judgements(question: Question, answer: Answer) -> Sequence[Hashable] | None:
    if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
        return None
    if question.kind == "span":
        return (answer.verdict,)
    tags: list[Hashable] = ["O"] * len(question.tokens)
    for start, end, label in said_spans(question, answer):
        for number, (first, last) in enumerate(question.tokens):
            if start <= first and last <= end:
                tags[number] = ("B" if first == start else "I", label)
    return tags
