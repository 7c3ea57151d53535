"""The texts of a training: read from all sources, split to size, and a share of them held out if needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from nerture.core.annotations.span_validation import format_span
from nerture.core.network.settings import MAX_ENTITY_TOKENS, TrainSettings
from nerture.core.targets.splitting import split_target
from nerture.core.targets.target import Target
from nerture.errors import CorpusError, Origin
from nerture.interfaces import CharSpan, Problem
from nerture.pipeline import Pipeline, read_sources
from nerture.training.held_out import can_evaluate, hold_out, split_folds
from nerture.training.rehearsal import make_rehearsal_data, needs_rehearsal, read_rehearsal_texts
from nerture.training.source_data import MAX_PIECE_WORDS, SourceData
from nerture.training.start import StartModel, load_start

MIN_ENTITY_TOKENS = 10
"""Entities of so many tokens can be predicted even if all entities in training are shorter."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What to train on and what to evaluate on.

    ``sources`` are the texts of each source; ``rehearsal`` those on which ``start``, the model that training
    starts from, keeps teaching. ``longest`` is the longest entity that can be learned, in tokens.
    ``problems`` are the rows that were skipped, and notes about what was left out. ``full_sources`` are the
    sources with the texts that were held out from them, for ``refit``; empty if none were. ``folds`` are the
    data of cross-validation: all texts, each time with another part of them held out.
    """

    sources: tuple[SourceData, ...]
    held_out: tuple[Target, ...]
    problems: tuple[Problem, ...]
    longest: int
    start: StartModel | None = None
    rehearsal: SourceData | None = None
    full_sources: tuple[SourceData, ...] = ()
    folds: tuple[TrainingData, ...] = ()

    @property
    def all_sources(self) -> tuple[SourceData, ...]:
        """The texts of the sources and of rehearsal."""
        return self.sources if self.rehearsal is None else (*self.sources, self.rehearsal)

    def batches(self, words: int, seed: int, epoch: int) -> Iterator[tuple[SourceData, list[int]]]:
        """Yield an epoch's batches, shuffled by seed and epoch; a batch holds texts of one source."""
        rng = np.random.default_rng([seed, epoch])
        sources = self.all_sources
        batches = [(source, chosen) for source in sources for chosen in source.batches(words, rng)]
        if len(sources) > 1:
            batches = [batches[index] for index in rng.permutation(len(batches))]
        yield from batches


def read_training_data(pipeline: Pipeline, skip_bad: bool = False) -> TrainingData:
    """Read every source and the texts to evaluate on; raises ``CorpusError`` listing all problems.

    Loads the model to start from, if there is one; raises ``ConfigError`` if that fails.
    """
    start = load_start(pipeline)
    bound = pipeline.make_sources()
    results = read_sources(bound, skip_bad)
    evaluation = pipeline.read_evaluation(skip_bad)
    settings = pipeline.config.train
    held_out: list[Target] = list(evaluation.items) if evaluation else []
    problems = [problem for result in results for problem in (*result.problems, *result.notes)]
    problems += (*evaluation.problems, *evaluation.notes) if evaluation else ()
    texts = [[target for target in result.items if len(target.doc)] for result in results]
    for item, targets in zip(bound, texts, strict=True):
        if not targets:
            raise CorpusError(f"{item.where}: no text with a word in it to train on")
    full_sources = tuple(
        SourceData(_split(targets), item.losses, hides_words=item.hides_words)
        for item, targets in zip(bound, texts, strict=True)
    )
    sources = full_sources
    if evaluation is None:
        chosen = hold_out(texts, settings.dev_share, settings.seed)
        sources, taken = _take_out(full_sources, texts, chosen)
        held_out += taken
    held_out = [target for target in held_out if len(target.doc)]
    if not held_out:
        raise CorpusError(
            "no text to evaluate on: add some under `evaluate`, or at least two annotated texts to train on"
        )
    longest = _longest_entity(pipeline, start, sources)
    for item, source in zip(bound, sources, strict=True):
        problems += _note_long_spans(item.where, source, longest)
    rehearsal = None
    if start is not None and needs_rehearsal(pipeline.config):
        more = read_rehearsal_texts(pipeline, skip_bad)
        problems += (*more.problems, *more.notes)
        rehearsal = make_rehearsal_data(pipeline, start, sources, more.items)
    refitted = full_sources if evaluation is None and start is None else ()
    data = TrainingData(sources, tuple(held_out), tuple(problems), longest, start, rehearsal, refitted)
    return data if settings.folds is None else replace(data, folds=_make_folds(data, texts, settings))


def _make_folds(
    data: TrainingData, targets: Sequence[Sequence[Target]], settings: TrainSettings
) -> tuple[TrainingData, ...]:
    """Return the data of each fold; raises ``CorpusError`` if there are fewer texts than folds."""
    assert settings.folds is not None
    folds = split_folds(targets, settings.folds, settings.seed)
    if not folds[-1]:
        count = sum(map(len, folds))
        raise CorpusError(
            f"train.folds: expected 2 to {count}, the number of annotated texts, got {settings.folds}"
        )
    made = []
    for texts in folds:
        sources, held_out = _take_out(data.full_sources, targets, texts)
        made.append(replace(data, sources=sources, held_out=tuple(held_out), full_sources=()))
    return tuple(made)


def _split(targets: Sequence[Target]) -> tuple[Target, ...]:
    return tuple(piece for target in targets for piece in split_target(target, MAX_PIECE_WORDS))


def _longest_entity(pipeline: Pipeline, start: StartModel | None, sources: Sequence[SourceData]) -> int:
    """Return how many tokens an entity may have: as the pipeline says, or as the texts require."""
    stated = pipeline.config.model.max_entity_tokens
    if stated is not None:
        return stated
    longest = max(
        (
            end - start
            for source in sources
            for target in source.targets
            for start, end, _ in target.likely_spans()
        ),
        default=1,
    )
    at_least = start.part.longest if start else MIN_ENTITY_TOKENS
    return min(max(at_least, longest), MAX_ENTITY_TOKENS)  # one odd span must not exhaust the memory


def _take_out(
    sources: Sequence[SourceData], targets: Sequence[Sequence[Target]], texts: Set[str]
) -> tuple[tuple[SourceData, ...], list[Target]]:
    """Return the sources without these texts, and these texts' targets of the sources that can evaluate."""
    kept = tuple(
        replace(source, targets=_split([target for target in known if target.doc.text not in texts]))
        for source, known in zip(sources, targets, strict=True)
    )
    taken = [
        target for known in targets if can_evaluate(known) for target in known if target.doc.text in texts
    ]
    return kept, taken


def _note_long_spans(where: str, source: SourceData, longest: int) -> Iterator[Problem]:
    """Yield a note for each span that is too long to be learned."""
    for target in source.targets:
        for span in target.spans:
            if len(span) > longest:
                name = format_span(span.doc.text, CharSpan(span.start_char, span.end_char, span.label))
                message = (
                    f"{name} has {len(span)} tokens; the longest that can be learned here has {longest}, "
                    "so its tokens count as unknown"
                )
                yield Problem(target.origin or Origin(where), "span-too-long", message, severity="note")
