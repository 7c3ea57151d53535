"""Learning while asking: each version of the model from what is known so far."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from nerture.core.learner.batching import by_words
from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.learner.prediction import Attributes
from nerture.core.learner.updater import Updater
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings, TrainSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.span_mixtures import of_labels
from nerture.core.targets.splitting import cut
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
"""Steps of a version that begins afresh, and how many more each answered text calls for."""
STEPS_AN_ANSWER, MAX_STEPS = 4, 40
"""Steps for each new answer, of a version that goes on from the one before it, and how many at most: so that
it is there within a second."""
WEAK_WEIGHT, WEAK_SHARE = 0.3, 0.4
"""Weight of a hit that nobody was asked about; words of such texts for each word of answered ones."""
REHEARSED_SHARE, MAX_REHEARSED = 0.5, 300
"""Words of rehearsal for each word of an answered text, and texts that are rehearsed."""
REFINING_RATE, REFINING_SHARE = 0.0003, 2.0
"""Step size, and words of rehearsal, where the model that the session starts with knows all that is asked
about: a few answers, about what it was least sure of, would else undo what it has learned from many texts. A
label that it has never met would not be learned so."""
EMPTY_WEIGHT, EMPTY_SHARE, EMPTY_HALF = 0.1, 1.0, 1
"""Weight of a text without a hit that is taken as empty, or of the words beside hits; words of such texts for
each word of answered ones, and with how many complete texts that share has fallen to a half."""


class IncrementalTrainer:
    """Makes the versions of a session's model.

    ``start`` is the model that the session started with; None: it begins from nothing, with the shape of
    ``settings``, and ``match_features`` as attributes. ``loss`` compares with what is known of a text,
    ``rehearsal`` (None: nothing is rehearsed) with what ``start`` says of it about the labels that it
    ``knows``. Weight decay pulls to ``anchor`` (None: to zero).
    """

    def __init__(
        self,
        plan: SessionPlan,
        pool: Pool,
        loss: Loss,
        *,
        start: Learner | None = None,
        rehearsal: Loss | None = None,
        knows: Sequence[str] = (),
        anchor: Parameters | None = None,
        settings: ModelSettings | None = None,
        match_features: MatchFeatures | None = None,
    ) -> None:
        self.plan, self.pool, self.loss = plan, pool, loss
        self.start, self.rehearsal, self.knows = start, rehearsal, tuple(knows)
        self.anchor = anchor
        self.refining = set(plan.labels) <= set(self.knows)
        self._memory: list[Target] | None = None
        self.settings = settings or ModelSettings()
        self.match_features = match_features

    def learn(
        self,
        previous: Learner | None,
        snapshot: TrainingSnapshot,
        step: Callable[[], None] = lambda: None,
    ) -> Learner:
        """Return the next version.

        It is a function of ``previous`` (the version before it; None: there is none), the lesson and the
        plan's seed, and of nothing else; when the lesson was taken does not matter. ``step`` is called before
        each step; what it raises ends the learning, and other versions may be made in it.
        """
        from_scratch = previous is None or snapshot.from_scratch
        learner = self._beginning() if from_scratch or previous is None else previous.copy()
        known = [piece for target in snapshot.targets for piece in cut(target, MAX_PIECE_WORDS)]
        weak = list(self._weak(snapshot, {target.doc.text for target in snapshot.targets}))
        if not known and (not weak or self.start is not None):
            return learner
        if from_scratch:
            steps = min(MIN_REFIT_STEPS + round(REFIT_STEPS_PER_TEXT * len(known)), MAX_REFIT_STEPS)
        else:
            steps = min(STEPS_AN_ANSWER * max(1, snapshot.answers - snapshot.learned), MAX_STEPS)
        names = {target.doc.text for target in snapshot.targets}
        empty = self._empty(names) if weak and self.start is None else []
        complete = sum(target.complete_for(self.plan.labels[0]) for target in snapshot.targets)
        rehearsed = self._rehearsed(names)
        settings = TrainSettings(
            seed=(self.plan.seed * 7919 + snapshot.answers) % 2**31, batch_words=BATCH_WORDS
        )
        if self.refining:
            settings = replace(settings, learn_rate=REFINING_RATE)
        parts = [
            (known, 1.0),
            (rehearsed, REFINING_SHARE if self.refining else REHEARSED_SHARE),
            (weak, WEAK_SHARE if known else 1.0),
            (empty, EMPTY_SHARE * EMPTY_HALF / (EMPTY_HALF + complete)),
        ]
        losses = [(self.loss, 1.0)]
        if rehearsed and self.rehearsal is not None:
            losses.append((self.rehearsal, 1.0))
        batches = list(itertools.islice(self._batches(parts, snapshot.answers), steps))
        learner = learner.knowing(self._once(batches, learner))
        updater = Updater(learner, settings, self.anchor)
        for batch in batches:
            step()
            tables = [self.pool.attributes(target.doc, learner) for target in batch]
            updater.update(tables, batch, losses)
        return updater.averaged

    def _once(self, batches: Sequence[Sequence[Target]], learner: Learner) -> Iterator[Attributes]:
        """Yield the attributes of the texts that batches are made of, each text once."""
        docs = {id(target): target.doc for batch in batches for target in batch}
        for doc in docs.values():
            yield self.pool.attributes(doc, learner)

    def _beginning(self) -> Learner:
        if self.start is not None:
            return self.start.copy()
        longest = self.settings.max_entity_tokens or MAX_ENTITY_TOKENS
        return Learner(
            self.plan.labels, self.settings, longest,
            seed=self.plan.seed, match_features=self.match_features, vocabulary=Vocabulary((), ()),
        )  # fmt: skip

    def _rehearsed(self, known: set[str]) -> list[Target]:
        """Return what the model that the session started with holds of texts that nobody was asked about.

        They are the same ones in every version. It is told at temperature 1, as the learner is compared.
        """
        if self._memory is None:
            self._memory = []
            if self.start is not None and self.rehearsal is not None and self.knows:
                order = np.random.default_rng([self.plan.seed, 2]).permutation(len(self.pool))
                docs = [self.pool[number].doc for number in order[:MAX_REHEARSED].tolist()]
                exact = self.start.derivations(docs, temperature=1.0)
                told = [of_labels(one.span_probabilities(), self.knows) for one in exact]
                self._memory = [
                    Target(doc, complete=frozenset(), teacher=teacher)
                    for doc, teacher in zip(docs, told, strict=True)
                ]
        return [target for target in self._memory if target.doc.text not in known]

    def _empty(self, known: set[str]) -> list[Target]:
        """Return the texts in which no pattern hits, as if nothing were there: most often that is so.

        Without them nothing would tell that most words belong to no entity, until texts are complete. Where
        most words are of other texts, those beside their hits have to do.
        """
        texts = [text for text in self.pool.texts if text.text not in known]
        bare = [
            Target(text.doc, complete=frozenset(self.plan.labels), weight=EMPTY_WEIGHT)
            for text in texts
            if not text.hits
        ]
        beside = [
            Target(text.doc, complete=frozenset(), outside=_statistics(text), weight=EMPTY_WEIGHT)
            for text in texts
            if text.hits
        ]
        enough = _words(bare) >= _words(beside)
        return bare if enough else bare + beside

    def _weak(self, snapshot: TrainingSnapshot, known: set[str]) -> Iterator[Target]:
        """Yield what the patterns say of the texts that nobody has answered about."""
        for text in self.pool.texts if self.pool.matchers else ():
            if not text.disjoint_hits or text.text in known:
                continue
            doc = text.doc
            beliefs = tuple(
                Belief(
                    doc.span(hit.start, hit.end, hit.label),
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
        """Yield batches without end; each part gets its share of the words."""
        total = sum(share for targets, share in parts if targets)
        streams = [
            self._stream(targets, round(BATCH_WORDS * share / total), [self.plan.seed, answers, number])
            for number, (targets, share) in enumerate(parts)
        ]
        while True:
            yield [target for stream in streams for target in next(stream, ())]

    def _stream(self, targets: Sequence[Target], words: int, seed: Sequence[int]) -> Iterator[list[Target]]:
        """Yield batches without end, each round in another order."""
        lengths = [len(target.doc) for target in targets]
        for number in itertools.count() if targets else ():
            order = np.random.default_rng([*seed, number]).permutation(len(targets))
            for chosen in by_words(lengths, words, order.tolist()):
                yield [targets[index] for index in chosen]


def _words(targets: Sequence[Target]) -> int:
    return sum(len(target.doc) for target in targets)


def _statistics(text: Text) -> tuple[int, ...]:
    """Return the tokens that no pattern hits."""
    hit = {token for match in text.hits for token in range(match.start, match.end)}
    return tuple(token for token in range(len(text.doc)) if token not in hit)
