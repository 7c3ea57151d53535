"""The F1 that is expected of a version of the model, before anybody has annotated texts to evaluate it on.

Complete texts that are drawn by chance would tell it, but most of them hold no entity: too dear for an
annotator. What is known instead is an exact probability for each span, and the answers. Where probabilities
mean what they say, their sums are the expected counts of right and of missed spans, and these counts make the
expected F1: the plug-in estimate of Jansche, "Maximum expected F-measure training of logistic regression
models" (2005), and of Lipton et al., "Optimal thresholding of classifiers to maximize F1 measure" (2014). A
young model's probabilities are too sure of what it finds, and know nothing of what it has never met. So they
are only where one begins, and answers correct them, in the spirit of Welinder, Welling and Perona, "A lazy
man's approach to benchmarking" (2013): precision and recall by what annotators removed from whole texts and
added to them, and the precision then by probes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nerture.evaluation.scorer import f1_of
from nerture.sessions.estimates.prequential import PrequentialCounts
from nerture.sessions.estimates.probes import Probes
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate
from nerture.sessions.pool.text import Text

MIN_READ_TEXTS = 50
"""Texts marked as a whole before anything is told: what learned from fewer is another model with each
answer."""
PRIOR_WEIGHT = 10.0
"""How much the probabilities count in precision and in recall: like so many entities that were judged."""
MIN_TEXTS = 10
"""Of fewer texts nothing is told."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected counts in some texts: spans that are ``right``, ``predicted`` and there (``known``)."""

    right: float
    predicted: float
    known: float

    @property
    def f1(self) -> float:
        """The F1 of these counts; 0 where there are none."""
        return f1_of(self.right, self.predicted, self.known)


def expected(
    predicted: Sequence[float], judged: Sequence[bool], others: float, reading: PrequentialCounts
) -> Expected:
    """Return the expected counts, where ``predicted`` are the probabilities of the predicted spans.

    ``judged`` says of a random sample of them which are right; ``others`` is how many entities are expected
    beside them. Shares are means of Beta distributions that begin with a weight of ``PRIOR_WEIGHT``. That of
    right ones among the rest begins at the mean probability and learns from ``reading``; from there, with the
    same small weight, it learns from the sample, which is drawn by chance where what is read is chosen. The
    share of the entities that is found begins at what these counts come to, and learns from ``reading``.
    """
    if not predicted:
        return Expected(0.0, 0.0, others)
    mean = sum(predicted) / len(predicted)
    read = _posterior(mean, reading.found, reading.found + reading.wrong)
    share = _posterior(read, sum(judged), len(judged))
    right = sum(judged) + (len(predicted) - len(judged)) * share
    if not right:
        return Expected(0.0, float(len(predicted)), others)
    recall = _posterior(right / (right + others), reading.found, reading.found + reading.added)
    return Expected(right, float(len(predicted)), right / recall)


def _posterior(mean: float, right: int, count: int) -> float:
    return (PRIOR_WEIGHT * mean + right) / (PRIOR_WEIGHT + count)


def expected_f1(
    probes: Probes, pool_predictions: PoolPredictions, snapshot: TrainingSnapshot
) -> float | None:
    """Return the F1 that is expected of a version in texts that it has not learned from; None: too early.

    In ``teach`` these are the texts that are set aside. In ``correct``, which goes through its texts in
    order, they are those that are still to come. It is a function of plan, texts, outlook and lesson, and may
    run while events are applied.
    """
    if pool_predictions.learner is None or snapshot.reading.texts < MIN_READ_TEXTS:
        return None
    texts = _unlearned(probes, pool_predictions, snapshot)
    if len(texts) < MIN_TEXTS:
        return None
    chances = [chance for text in texts for chance in pool_predictions.chances[text.number]]
    others = sum(_foreseen(chance) for chance in chances if not chance.predicted)
    predicted = [chance.probability for chance in chances if chance.predicted]
    unforeseen = snapshot.missed * len(_new_words(texts, snapshot, probes.plan.labels))
    return expected(
        predicted, probes.sample(pool_predictions, snapshot.aside), others + unforeseen, snapshot.reading
    ).f1


def _unlearned(probes: Probes, pool_predictions: PoolPredictions, snapshot: TrainingSnapshot) -> list[Text]:
    if probes.plan.mode == "correct":
        learned = {target.doc.text for target in snapshot.targets}
        texts: Iterable[Text] = probes.pool.texts
    else:
        learned = set()
        texts = (probes.pool[number] for number in sorted(probes.numbers))
    return [text for text in texts if text.number in pool_predictions.chances and text.text not in learned]


def _foreseen(chance: SpanCandidate) -> float:
    """Return the probability of a span that is not predicted.

    The calibration is fitted to spans that were offered, most of which were probable. To what is improbable
    it may not give more than the model does: of the many such spans it would make many entities.
    """
    return min(chance.probability, chance.score)


def _new_words(texts: Sequence[Text], snapshot: TrainingSnapshot, labels: Sequence[str]) -> set[str]:
    """Return the words, in lower case, that no text has which was marked as a whole.

    Each counts once: having met a word, nobody is taken by surprise again.
    """
    whole = [target for target in snapshot.targets if all(map(target.complete_for, labels))]
    read = {word.lower() for target in whole for word in target.doc.words}
    return {word.lower() for text in texts for word in text.doc.words} - read
