"""How far annotators agree beyond chance: Cohen's kappa of each pair, Krippendorff's alpha of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from nerture.errors import DataError
from nerture.sessions.question import Answer, Question
from nerture.sessions.statements import said_spans

Unit = Mapping[str, Hashable]
"""What each annotator said of one thing."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over ``units`` things that two annotators or more have judged.

    ``observed`` is the share of the pairs of judgements that are the same; ``alpha`` Krippendorff's, and
    ``kappa`` Cohen's of each pair of annotators: 1 where they always agree, 0 where no more than by chance.
    None: it is not defined, because nobody ever said anything else.
    """

    units: int
    observed: float
    alpha: float | None
    kappa: Mapping[tuple[str, str], float | None]


def agreement(answers: Iterable[tuple[Question, Answer]]) -> Agreement | None:
    """Compare the answers to questions that several annotators were asked; None: there are none.

    Of a span question the verdicts are compared, of a text question the tags of all its tokens. What somebody
    passed over is left out; of two answers of one annotator, the later counts.
    """
    units = _units(answers)
    if not units:
        return None
    pairs = [pair for unit in units for pair in combinations(unit.values(), 2)]
    names = sorted({name for unit in units for name in unit})
    kappas: dict[tuple[str, str], float | None] = {}
    for one, other in combinations(names, 2):
        both = [(unit[one], unit[other]) for unit in units if one in unit and other in unit]
        if both:
            kappas[one, other] = cohen_kappa(*zip(*both, strict=True))
    observed = sum(first == second for first, second in pairs) / len(pairs)
    return Agreement(len(units), observed, krippendorff_alpha([tuple(u.values()) for u in units]), kappas)


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa (1960) of two annotators' judgements of the same things.

    None where both say the same of everything. Raises ``DataError`` for none, and for different numbers.
    """
    if len(one) != len(other) or not one:
        raise DataError(f"found {len(one)} and {len(other)} judgements, allowed is as many, and one at least")
    count = len(one)
    same = sum(first == second for first, second in zip(one, other, strict=True)) / count
    ours, theirs = Counter(one), Counter(other)
    chance = sum(ours[value] * theirs[value] for value in ours) / count**2
    return (same - chance) / (1 - chance) if chance < 1 else None


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha (nominal) of things that any number of annotators have judged.

    Things with one judgement do not count. None where everybody says the same of everything. It is 1 minus
    observed by expected disagreement (Krippendorff 2011).
    """
    kept = [tuple(unit) for unit in units if len(unit) > 1]
    totals = Counter(value for unit in kept for value in unit)
    count = totals.total()
    expected = sum(totals[value] * (count - totals[value]) for value in totals)
    if not expected:
        return None
    observed = 0.0
    for unit in kept:
        values = Counter(unit)
        observed += sum(n * (len(unit) - n) for n in values.values()) / (len(unit) - 1)
    return 1 - (count - 1) * observed / expected


def _units(answers: Iterable[tuple[Question, Answer]]) -> list[dict[str, Hashable]]:
    said: dict[tuple[str, int], dict[str, Hashable]] = {}
    for question, answer in answers:
        if answer.verdict == "ignore":
            continue
        for number, value in enumerate(_judgements(question, answer)):
            said.setdefault((_about(question), number), {})[answer.annotator] = value
    return [unit for unit in said.values() if len(unit) > 1]


def _about(question: Question) -> str:
    """Return what a question is about: a text question is, whatever it offered, about the text."""
    return question.id if question.kind == "span" else f"text {question.input} {','.join(question.labels)}"


def _judgements(question: Question, answer: Answer) -> list[Hashable]:
    if question.kind == "span":
        return [answer.verdict]
    if answer.verdict == "reject":
        return []
    tags: list[Hashable] = ["O"] * len(question.tokens)
    for start, end, label in said_spans(question, answer):
        for number, (first, last) in enumerate(question.tokens):
            if start <= first and last <= end:
                tags[number] = ("B" if first == start else "I", label)
    return tags
