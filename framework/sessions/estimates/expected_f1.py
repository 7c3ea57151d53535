"""Estimate the F1 of a model version without a set of annotated evaluation texts.

Randomly drawn complete texts would be unbiased, but most contain no entity, which makes them too expensive
for an annotator. Available instead are the exact probability of each span, and the answers. If probabilities
are calibrated, their sums are the expected counts of right and of missed spans, from which the expected F1
follows: the plug-in estimate of Jansche, "Maximum expected F-measure training of logistic regression models"
(2005), and of Lipton et al., "Optimal thresholding of classifiers to maximize F1 measure" (2014). A young
model is overconfident in what it finds, and blind to entities unlike those it has seen. So its probabilities
are only the prior, which answers correct, in the spirit of Welinder, Welling and Perona, "A lazy man's
approach to benchmarking" (2013): precision and recall by what annotators removed from whole texts and added
to them, then precision by probes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nerture.evaluation.scorer import compute_f1
from nerture.sessions.estimates.prequential import PrequentialCounts
from nerture.sessions.estimates.probes import Probes
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate
from nerture.sessions.pool.text import Text

MIN_READ_TEXTS = 50
"""Complete texts required for an estimate: with fewer, the model still changes with each answer."""
PRIOR_WEIGHT = 10.0
"""Weight of the probabilities in precision and in recall, in entities with known outcomes."""
MIN_TEXTS = 10
"""Texts required for an estimate."""


@dataclass(frozen=True, slots=True)
class ExpectedCounts:
    """Expected counts: spans that are ``right``, ``predicted``, and really in the texts (``known``)."""

    right: float
    predicted: float
    known: float

    @property
    def f1(self) -> float:
        """The F1 of these counts; 0 if there are none."""
        return compute_f1(self.right, self.predicted, self.known)


def expect_counts(
    predicted: Sequence[float], outcomes: Sequence[bool], others: float, counts: PrequentialCounts
) -> ExpectedCounts:
    """Return the expected counts, given the probabilities of the ``predicted`` spans.

    ``outcomes`` has whether each span of a random sample of them is right; ``others`` is how many entities
    are expected in addition to them. Shares are means of Beta distributions with a prior of weight
    ``PRIOR_WEIGHT``. The precision of the other predicted spans starts at the mean probability and is updated
    by ``counts``; the result, again with the prior's weight, is updated by the sample, which is random,
    whereas the texts behind ``counts`` were selected. The recall starts at what these counts amount to, and
    is updated by ``counts``.
    """
    if not predicted:
        return ExpectedCounts(0.0, 0.0, others)
    mean = sum(predicted) / len(predicted)
    read = _posterior(mean, counts.found, counts.found + counts.wrong)
    share = _posterior(read, sum(outcomes), len(outcomes))
    right = sum(outcomes) + (len(predicted) - len(outcomes)) * share
    if not right:
        return ExpectedCounts(0.0, float(len(predicted)), others)
    recall = _posterior(right / (right + others), counts.found, counts.found + counts.added)
    return ExpectedCounts(right, float(len(predicted)), right / recall)


def _posterior(mean: float, right: int, count: int) -> float:
    return (PRIOR_WEIGHT * mean + right) / (PRIOR_WEIGHT + count)


def estimate_f1(
    probes: Probes, pool_predictions: PoolPredictions, snapshot: TrainingSnapshot
) -> float | None:
    """Estimate a version's F1 on texts that it was not trained on; None if it is too early to tell.

    In ``teach`` these are the held-out texts; in ``correct``, which goes through its texts in order, those
    that have not been answered yet. The result depends on the plan, texts, predictions and snapshot alone;
    this may run in parallel with ``SessionState.apply``.
    """
    if pool_predictions.learner is None or snapshot.counts.texts < MIN_READ_TEXTS:
        return None
    texts = _find_unseen_texts(probes, pool_predictions, snapshot)
    if len(texts) < MIN_TEXTS:
        return None
    candidates = [candidate for text in texts for candidate in pool_predictions.candidates[text.number]]
    others = sum(_cap_probability(candidate) for candidate in candidates if not candidate.predicted)
    predicted = [candidate.probability for candidate in candidates if candidate.predicted]
    unseen = snapshot.unseen_rate * len(_find_new_words(texts, snapshot, probes.plan.labels))
    return expect_counts(
        predicted,
        probes.find_outcomes(pool_predictions, snapshot.held_out),
        others + unseen,
        snapshot.counts,
    ).f1


def _find_unseen_texts(
    probes: Probes, pool_predictions: PoolPredictions, snapshot: TrainingSnapshot
) -> list[Text]:
    if probes.plan.mode == "correct":
        learned = {target.doc.text for target in snapshot.targets}
        texts: Iterable[Text] = probes.pool.texts
    else:
        learned = set()
        texts = (probes.pool[number] for number in sorted(probes.held_out))
    return [text for text in texts if text.number in pool_predictions.candidates and text.text not in learned]


def _cap_probability(candidate: SpanCandidate) -> float:
    """Return the probability of a span that is not predicted.

    The calibration is fitted to suggested spans, most of which were probable. It must not raise the
    probability of improbable spans: there are so many that they would add up to many entities.
    """
    return min(candidate.probability, candidate.score)


def _find_new_words(texts: Sequence[Text], snapshot: TrainingSnapshot, labels: Sequence[str]) -> set[str]:
    """Return the lower-cased words that occur in no complete text; each counts once."""
    complete = [target for target in snapshot.targets if all(map(target.is_complete_for, labels))]
    read = {word.lower() for target in complete for word in target.doc.words}
    return {word.lower() for text in texts for word in text.doc.words} - read
