"""Rehearsal: the model that training starts from, frozen, goes on teaching what it knows.

Without it, texts that are annotated for a new label only would make the learner forget the others
(McCloskey & Cohen 1989). The frozen model's opinion of the training texts keeps it from that (Robins 1995;
Li & Hoiem 2016).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nerture.config import PipelineConfig
from nerture.core.lattice.derivations import Derivations
from nerture.core.targets.span_mixtures import of_labels
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.splitting import cut
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.files.corpus import ReadResult, collect
from nerture.interfaces import Problem
from nerture.pipeline import Pipeline
from nerture.training.start import StartModel
from nerture.training.stock import MAX_PIECE_WORDS, SourceData

SOURCE, LOSS = "rehearsal", "rehearse"


def rehearses(config: PipelineConfig) -> bool:
    """Say whether a training of the pipeline rehearses by itself: not if one of its sources does."""
    start = config.start
    return start is not None and start.rehearse and all(part.use != SOURCE for part in config.sources)


def more_texts(pipeline: Pipeline, skip_bad: bool = False) -> ReadResult[Target]:
    """Read the texts that are there for rehearsal only; raises ``CorpusError`` listing all problems."""
    start = pipeline.config.start
    if start is None or start.rehearse_texts is None:
        return ReadResult([], (), ())
    return collect(_texts(pipeline, start.rehearse_texts), f"{start.where}.rehearse_texts", skip_bad)


def _texts(pipeline: Pipeline, path: str) -> Iterator[Target | Problem]:
    for item in pipeline.services.read(path):
        if isinstance(item, Problem):
            yield item
        else:
            yield Target(pipeline.services.doc(item), complete=frozenset(), origin=item.origin)


def rehearsal_stock(
    pipeline: Pipeline, start: StartModel, stocks: Sequence[SourceData], more: Sequence[Target] = ()
) -> SourceData | None:
    """Return the texts of ``stocks``, and ``more``, with what the frozen model says of its labels there.

    Where annotations say what is there, the model is asked about the rest: its probabilities are those given
    that the annotations are right. An epoch takes no more words of them than of the stocks. No words are
    hidden: what the frozen model holds of a text is not what it would hold of one with new words in it. None
    when the model has no label that the pipeline still has.
    """
    if not start.labels:
        return None
    loss = pipeline.manager.registry.create(
        "loss", LOSS, {}, pipeline.services, f"{start.part.where}.rehearse"
    )
    targets = [target for stock in stocks for target in stock.targets]
    targets += [piece for target in more if len(target.doc) for piece in cut(target, MAX_PIECE_WORDS)]
    words = sum(stock.words for stock in stocks)
    losses = ((loss, start.part.rehearse_weight),)
    return SourceData(tuple(_taught(start, targets)), losses, words, hides_words=False)


def _taught(start: StartModel, targets: Sequence[Target]) -> Iterator[Target]:
    learner = start.model.learner
    docs = [target.doc for target in targets]
    for target, derivations in zip(targets, learner.derivations(docs, temperature=1.0), strict=True):
        teacher = of_labels(_told(derivations, _in_old_labels(target, start.labels)), start.labels)
        yield Target(target.doc, complete=frozenset(), origin=target.origin, teacher=teacher)


def _told(derivations: Derivations, known: Target) -> SpanProbabilities:
    """Return the model's probabilities given what is known; without that where it contradicts itself."""
    try:
        return derivations.span_probabilities(known)
    except DataError:
        return derivations.span_probabilities()


def _in_old_labels(target: Target, labels: Sequence[str]) -> Target:
    """Say what a target knows in words that the frozen model understands.

    Under an entity of a label that it does not know, it knows of none.
    """
    foreign = (span for span in target.spans if span.label not in labels)
    covered = {token for span in foreign for token in range(span.start, span.end)}
    return replace(
        target,
        spans=tuple(span for span in target.spans if span.label in labels),
        complete=frozenset(label for label in labels if target.complete_for(label)),
        rejected=tuple(span for span in target.rejected if span.label in labels),
        outside=tuple(sorted({*target.outside, *covered})),
        not_together=tuple(
            group for group in target.not_together if all(span.label in labels for span in group)
        ),
    )
