"""Incremental training: each version of the model is trained on what is known so far."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from nerture.core.learner.batching import batch_by_words
from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.learner.prediction import Attributes
from nerture.core.learner.updater import Updater
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings, TrainSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.span_mixtures import select_labels
from nerture.core.targets.splitting import split_target
from nerture.core.targets.target import Belief, Target
from nerture.interfaces import Loss
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.text import Text

MAX_PIECE_WORDS = 500  # words
MAX_ENTITY_TOKENS = 10  # tokens, unless the pipeline says otherwise
BATCH_WORDS = 300
MIN_REFIT_STEPS, REFIT_STEPS_PER_TEXT, MAX_REFIT_STEPS = 100, 0.2, 250
"""Steps of a version trained from scratch: minimum, additional steps per answered text, maximum."""
STEPS_PER_ANSWER, MAX_STEPS = 4, 40
"""Steps of an incremental version: per new answer, and at most, so that it is ready within a second."""
WEAK_WEIGHT, WEAK_SHARE = 0.3, 0.4
"""Weight of an unanswered hit; words of such texts per word of answered ones."""
REHEARSED_SHARE, MAX_REHEARSED = 0.5, 300
"""Words of rehearsal per word of an answered text, and maximum number of rehearsed texts."""
REFINING_RATE, REFINING_SHARE = 0.0003, 2.0
"""Step size, and words of rehearsal, if the start model knows all labels of the session: otherwise a few
answers, about what it was least sure of, would undo what it learned from many texts. A label that is new to
the model could not be learned this way."""
EMPTY_WEIGHT, EMPTY_SHARE, EMPTY_HALF = 0.1, 1.0, 1
"""Weight of a text without a hit that is assumed to be empty, or of the words next to hits; words of such
texts per word of answered ones, and the number of complete texts at which that share has halved."""


class IncrementalTrainer:
    """Trains the versions of a session's model.

    ``start`` is the model that the session started with; None if it starts without one, with the shape of
    ``settings`` and ``match_features`` as attributes. ``loss`` compares predictions with the targets;
    ``rehearsal`` (None if nothing is rehearsed) compares them with what ``start`` predicts for its
    ``known_labels``. Weight decay pulls towards ``anchor`` (None if towards zero).
    """

    def __init__(
        self,
        plan: SessionPlan,
        pool: Pool,
        loss: Loss,
        *,
        start: Learner | None = None,
        rehearsal: Loss | None = None,
        known_labels: Sequence[str] = (),
        anchor: Parameters | None = None,
        settings: ModelSettings | None = None,
        match_features: MatchFeatures | None = None,
    ) -> None:
        self.plan, self.pool, self.loss = plan, pool, loss
        self.start, self.rehearsal, self.known_labels = start, rehearsal, tuple(known_labels)
        self.anchor = anchor
        self.refining = set(plan.labels) <= set(self.known_labels)
        self._rehearsed: list[Target] | None = None
        self.settings = settings or ModelSettings()
        self.match_features = match_features

    def learn(
        self,
        previous: Learner | None,
        snapshot: TrainingSnapshot,
        step: Callable[[], None] = lambda: None,
    ) -> Learner:
        """Return the next version.

        It is a function of ``previous`` (the version before it; None if there is none), the snapshot and the
        plan's seed alone; ``snapshot.events`` does not matter. ``step`` is called before each training step;
        an exception raised by it ends the training, and other versions may be trained inside it.
        """
        from_scratch = previous is None or snapshot.from_scratch
        learner = self._make_first() if from_scratch or previous is None else previous.copy()
        known = [piece for target in snapshot.targets for piece in split_target(target, MAX_PIECE_WORDS)]
        weak = list(self._make_weak_targets(snapshot, {target.doc.text for target in snapshot.targets}))
        if not known and (not weak or self.start is not None):
            return learner
        if from_scratch:
            steps = min(MIN_REFIT_STEPS + round(REFIT_STEPS_PER_TEXT * len(known)), MAX_REFIT_STEPS)
        else:
            steps = min(STEPS_PER_ANSWER * max(1, snapshot.answers - snapshot.learned), MAX_STEPS)
        names = {target.doc.text for target in snapshot.targets}
        empty = self._make_empty_targets(names) if weak and self.start is None else []
        complete = sum(target.is_complete_for(self.plan.labels[0]) for target in snapshot.targets)
        rehearsal = self._make_rehearsal_targets(names)
        settings = TrainSettings(
            seed=(self.plan.seed * 7919 + snapshot.answers) % 2**31, batch_words=BATCH_WORDS
        )
        if self.refining:
            settings = replace(settings, learn_rate=REFINING_RATE)
        parts = [
            (known, 1.0),
            (rehearsal, REFINING_SHARE if self.refining else REHEARSED_SHARE),
            (weak, WEAK_SHARE if known else 1.0),
            (empty, EMPTY_SHARE * EMPTY_HALF / (EMPTY_HALF + complete)),
        ]
        losses = [(self.loss, 1.0)]
        if rehearsal and self.rehearsal is not None:
            losses.append((self.rehearsal, 1.0))
        batches = list(itertools.islice(self._batches(parts, snapshot.answers), steps))
        learner = learner.with_vocabulary(self._attributes_of(batches, learner))
        updater = Updater(learner, settings, self.anchor)
        for batch in batches:
            step()
            tables = [self.pool.attributes(target.doc, learner) for target in batch]
            updater.update(tables, batch, losses)
        return updater.averaged

    def _attributes_of(self, batches: Sequence[Sequence[Target]], learner: Learner) -> Iterator[Attributes]:
        """Yield the attributes of the texts in ``batches``, each text once."""
        docs = {id(target): target.doc for batch in batches for target in batch}
        for doc in docs.values():
            yield self.pool.attributes(doc, learner)

    def _make_first(self) -> Learner:
        if self.start is not None:
            return self.start.copy()
        longest = self.settings.max_entity_tokens or MAX_ENTITY_TOKENS
        return Learner(
            self.plan.labels, self.settings, longest,
            seed=self.plan.seed, match_features=self.match_features, vocabulary=Vocabulary((), ()),
        )  # fmt: skip

    def _make_rehearsal_targets(self, known: set[str]) -> list[Target]:
        """Return what the start model predicts for texts without answers.

        The texts are the same ones in every version. Predictions are at temperature 1, as in the loss.
        """
        if self._rehearsed is None:
            self._rehearsed = []
            if self.start is not None and self.rehearsal is not None and self.known_labels:
                order = np.random.default_rng([self.plan.seed, 2]).permutation(len(self.pool))
                docs = [self.pool[number].doc for number in order[:MAX_REHEARSED].tolist()]
                derivations = self.start.derivations(docs, temperature=1.0)
                teachers = [
                    select_labels(item.span_probabilities(), self.known_labels) for item in derivations
                ]
                self._rehearsed = [
                    Target(doc, complete=frozenset(), teacher=teacher)
                    for doc, teacher in zip(docs, teachers, strict=True)
                ]
        return [target for target in self._rehearsed if target.doc.text not in known]

    def _make_empty_targets(self, known: set[str]) -> list[Target]:
        """Return the texts without a pattern hit, as if they had no entities, which is true of most.

        Without them, the model could not learn that most words belong to no entity until there are complete
        texts. If they have fewer words than the texts with hits, the words next to hits are added.
        """
        texts = [text for text in self.pool.texts if text.text not in known]
        bare = [
            Target(text.doc, complete=frozenset(self.plan.labels), weight=EMPTY_WEIGHT)
            for text in texts
            if not text.hits
        ]
        next_to_hits = [
            Target(text.doc, complete=frozenset(), outside=_find_unhit_tokens(text), weight=EMPTY_WEIGHT)
            for text in texts
            if text.hits
        ]
        return bare if _count_words(bare) >= _count_words(next_to_hits) else bare + next_to_hits

    def _make_weak_targets(self, snapshot: TrainingSnapshot, known: set[str]) -> Iterator[Target]:
        """Yield what the patterns say about the texts without answers."""
        for text in self.pool.texts if self.pool.matchers else ():
            if not text.disjoint_hits or text.text in known:
                continue
            doc = text.doc
            beliefs = tuple(
                Belief(
                    doc.span(*hit.key),
                    snapshot.reliabilities.get(hit.pattern, snapshot.prior),
                )
                for hit in text.disjoint_hits
                if hit.label in self.plan.labels
            )
            if beliefs:
                yield Target(doc, complete=frozenset(), beliefs=beliefs, weight=WEAK_WEIGHT)

    def _batches(
        self, parts: Sequence[tuple[Sequence[Target], float]], answers: int
    ) -> Iterator[list[Target]]:
        """Yield batches endlessly; each part gets its share of the words."""
        total = sum(share for targets, share in parts if targets)
        streams = [
            self._stream(targets, round(BATCH_WORDS * share / total), [self.plan.seed, answers, number])
            for number, (targets, share) in enumerate(parts)
        ]
        while True:
            yield [target for stream in streams for target in next(stream, ())]

    def _stream(self, targets: Sequence[Target], words: int, seed: Sequence[int]) -> Iterator[list[Target]]:
        """Yield batches endlessly, each epoch in a different order."""
        lengths = [len(target.doc) for target in targets]
        for number in itertools.count() if targets else ():
            order = np.random.default_rng([*seed, number]).permutation(len(targets))
            for chosen in batch_by_words(lengths, words, order.tolist()):
                yield [targets[index] for index in chosen]


def _count_words(targets: Sequence[Target]) -> int:
    return sum(len(target.doc) for target in targets)


def _find_unhit_tokens(text: Text) -> tuple[int, ...]:
    """Return the tokens that no pattern hits."""
    hit = {token for match in text.hits for token in range(match.start, match.end)}
    return tuple(token for token in range(len(text.doc)) if token not in hit)
