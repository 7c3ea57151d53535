"""Rehearsal: the model that training starts from, frozen, keeps teaching what it knows.

Without it, texts that are annotated for a new label only would make the learner forget the others
(McCloskey & Cohen 1989). The frozen model's probabilities on the training texts prevent that (Robins 1995;
Li & Hoiem 2016).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nerture.config import PipelineConfig
from nerture.core.lattice.derivations import Derivations
from nerture.core.targets.span_mixtures import select_labels
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.splitting import split_target
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.files.corpus import ReadResult, collect
from nerture.interfaces import Problem
from nerture.pipeline import Pipeline
from nerture.training.source_data import MAX_PIECE_WORDS, SourceData
from nerture.training.start import StartModel

SOURCE, LOSS = "rehearsal", "rehearse"


def needs_rehearsal(config: PipelineConfig) -> bool:
    """Return True if training has to add rehearsal: not if one of the pipeline's sources is rehearsal."""
    start = config.start
    return start is not None and start.rehearse and all(part.use != SOURCE for part in config.sources)


def read_rehearsal_texts(pipeline: Pipeline, skip_bad: bool = False) -> ReadResult[Target]:
    """Read the texts that are for rehearsal only; raises ``CorpusError`` listing all problems."""
    start = pipeline.config.start
    if start is None or start.rehearse_texts is None:
        return ReadResult([], (), ())
    return collect(_read_texts(pipeline, start.rehearse_texts), f"{start.where}.rehearse_texts", skip_bad)


def _read_texts(pipeline: Pipeline, path: str) -> Iterator[Target | Problem]:
    for item in pipeline.services.read(path):
        if isinstance(item, Problem):
            yield item
        else:
            yield Target(pipeline.services.doc(item), complete=frozenset(), origin=item.origin)


def make_rehearsal_data(
    pipeline: Pipeline, start: StartModel, sources: Sequence[SourceData], more: Sequence[Target] = ()
) -> SourceData | None:
    """Return the texts of ``sources``, and ``more``, with the frozen model's probabilities for its labels.

    The probabilities are given that the annotations of a text are right, so the model is asked only about the
    rest. An epoch has no more words of these texts than of the sources. No words are hidden: the frozen
    model's probabilities for a text are not those for a text with new words in it. None if the pipeline has
    none of the model's labels.
    """
    if not start.labels:
        return None
    loss = pipeline.manager.registry.create(
        "loss", LOSS, {}, pipeline.services, f"{start.part.where}.rehearse"
    )
    targets = [target for source in sources for target in source.targets]
    targets += [
        piece for target in more if len(target.doc) for piece in split_target(target, MAX_PIECE_WORDS)
    ]
    words = sum(source.words for source in sources)
    losses = ((loss, start.part.rehearse_weight),)
    return SourceData(tuple(_with_teacher(start, targets)), losses, words, hides_words=False)


def _with_teacher(start: StartModel, targets: Sequence[Target]) -> Iterator[Target]:
    learner = start.model.learner
    docs = [target.doc for target in targets]
    for target, derivations in zip(targets, learner.derivations(docs, temperature=1.0), strict=True):
        teacher = select_labels(_condition(derivations, _with_labels(target, start.labels)), start.labels)
        yield Target(target.doc, complete=frozenset(), origin=target.origin, teacher=teacher)


def _condition(derivations: Derivations, known: Target) -> SpanProbabilities:
    """Return the model's probabilities given what is known; without that if it contradicts itself."""
    try:
        return derivations.span_probabilities(known)
    except DataError:
        return derivations.span_probabilities()


def _with_labels(target: Target, labels: Sequence[str]) -> Target:
    """Restrict a target to the labels of the frozen model.

    Tokens of an entity with another label are outside of entities for it.
    """
    foreign = (span for span in target.spans if span.label not in labels)
    covered = {token for span in foreign for token in range(span.start, span.end)}
    return replace(
        target,
        spans=tuple(span for span in target.spans if span.label in labels),
        complete=frozenset(label for label in labels if target.is_complete_for(label)),
        rejected=tuple(span for span in target.rejected if span.label in labels),
        outside=tuple(sorted({*target.outside, *covered})),
        not_together=tuple(
            group for group in target.not_together if all(span.label in labels for span in group)
        ),
    )
