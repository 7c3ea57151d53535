"""The texts of a training: read from all sources, cut to size, a share held out where no others are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from nerture.core.annotations.span_validation import described
from nerture.core.network.settings import MAX_ENTITY_TOKENS, TrainSettings
from nerture.core.targets.splitting import cut
from nerture.core.targets.target import Target
from nerture.errors import CorpusError, Origin
from nerture.interfaces import CharSpan, Problem
from nerture.pipeline import Pipeline, read_sources
from nerture.training.held_out import judges, parts, set_aside
from nerture.training.rehearsal import more_texts, rehearsal_stock, rehearses
from nerture.training.start import StartModel, load_start
from nerture.training.stock import MAX_PIECE_WORDS, SourceData

MIN_ENTITY_TOKENS = 10  # tokens that an entity may have at least, however short those in training are


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What to train on and what to evaluate on.

    ``stocks`` are the texts of the sources, one for each; ``rehearsal`` those on which ``start``, the model
    that training starts from, goes on teaching. ``longest`` is the longest entity that can be learned, in
    tokens. ``problems`` are the rows that were skipped, and notes of what was left out. ``whole`` are the
    stocks with the texts that were set aside from them, for ``refit``; empty where none were. ``folds`` are
    all texts again and again, with another part of them held out each time, for cross-validation.
    """

    stocks: tuple[SourceData, ...]
    held_out: tuple[Target, ...]
    problems: tuple[Problem, ...]
    longest: int
    start: StartModel | None = None
    rehearsal: SourceData | None = None
    whole: tuple[SourceData, ...] = ()
    folds: tuple[TrainingData, ...] = ()

    @property
    def every_stock(self) -> tuple[SourceData, ...]:
        """The texts of the sources and of rehearsal."""
        return self.stocks if self.rehearsal is None else (*self.stocks, self.rehearsal)

    def batches(self, words: int, seed: int, epoch: int) -> Iterator[tuple[SourceData, list[int]]]:
        """Yield an epoch's batches, shuffled as seed and epoch say; a batch holds texts of one stock."""
        rng = np.random.default_rng([seed, epoch])
        stocks = self.every_stock
        batches = [(stock, chosen) for stock in stocks for chosen in stock.batches(words, rng)]
        if len(stocks) > 1:
            batches = [batches[index] for index in rng.permutation(len(batches))]
        yield from batches


def read_training_data(pipeline: Pipeline, skip_bad: bool = False) -> TrainingData:
    """Read every source and the texts to evaluate on; raises ``CorpusError`` listing all problems.

    Loads the model to start from, if there is one; raises ``ConfigError`` when that fails.
    """
    start = load_start(pipeline)
    knowledge = pipeline.knowledge()
    gathered = read_sources(knowledge, skip_bad)
    evaluation = pipeline.evaluation(skip_bad)
    settings = pipeline.config.train
    held_out: list[Target] = list(evaluation.items) if evaluation else []
    problems = [problem for part in gathered for problem in (*part.problems, *part.notes)]
    problems += (*evaluation.problems, *evaluation.notes) if evaluation else ()
    sources = [[target for target in part.items if len(target.doc)] for part in gathered]
    for item, targets in zip(knowledge, sources, strict=True):
        if not targets:
            raise CorpusError(f"{item.where}: no text with a word in it to train on")
    whole = tuple(
        SourceData(_pieces(targets), item.losses, hides_words=item.hides_words)
        for item, targets in zip(knowledge, sources, strict=True)
    )
    stocks = whole
    if evaluation is None:
        stocks, aside = _without(whole, sources, set_aside(sources, settings.dev_share, settings.seed))
        held_out += aside
    held_out = [target for target in held_out if len(target.doc)]
    if not held_out:
        raise CorpusError(
            "no text to evaluate on: name some under `evaluate`, "
            "or give at least two annotated texts to train on"
        )
    longest = _longest(pipeline, start, stocks)
    for item, stock in zip(knowledge, stocks, strict=True):
        problems += _too_long(item.where, stock, longest)
    rehearsal = None
    if start is not None and rehearses(pipeline.config):
        more = more_texts(pipeline, skip_bad)
        problems += (*more.problems, *more.notes)
        rehearsal = rehearsal_stock(pipeline, start, stocks, more.items)
    again = whole if evaluation is None and start is None else ()
    data = TrainingData(stocks, tuple(held_out), tuple(problems), longest, start, rehearsal, again)
    return data if settings.folds is None else replace(data, folds=_folds(data, sources, settings))


def _folds(
    data: TrainingData, sources: Sequence[Sequence[Target]], settings: TrainSettings
) -> tuple[TrainingData, ...]:
    """Return the data of each fold; raises ``CorpusError`` when there are fewer texts than folds."""
    assert settings.folds is not None
    dealt = parts(sources, settings.folds, settings.seed)
    if not dealt[-1]:
        count = sum(map(len, dealt))
        raise CorpusError(
            f"train.folds: found {settings.folds}, but there are only {count} annotated texts; "
            f"allowed is 2 to {count}"
        )
    folds = []
    for texts in dealt:
        stocks, held_out = _without(data.whole, sources, texts)
        folds.append(replace(data, stocks=stocks, held_out=tuple(held_out), whole=()))
    return tuple(folds)


def _pieces(targets: Sequence[Target]) -> tuple[Target, ...]:
    return tuple(piece for target in targets for piece in cut(target, MAX_PIECE_WORDS))


def _longest(pipeline: Pipeline, start: StartModel | None, stocks: Sequence[SourceData]) -> int:
    """Return how many tokens an entity may have: what the pipeline says, or what the texts call for."""
    stated = pipeline.config.model.max_entity_tokens
    if stated is not None:
        return stated
    longest = max(
        (end - start for stock in stocks for target in stock.targets for start, end, _ in target.likely()),
        default=1,
    )
    least = start.part.longest if start else MIN_ENTITY_TOKENS
    return min(max(least, longest), MAX_ENTITY_TOKENS)  # a single odd span would cost all memory


def _without(
    stocks: Sequence[SourceData], sources: Sequence[Sequence[Target]], texts: Set[str]
) -> tuple[tuple[SourceData, ...], list[Target]]:
    """Return the stocks without these texts, and what is known of these by the sources that can judge."""
    kept = tuple(
        replace(stock, targets=_pieces([target for target in targets if target.doc.text not in texts]))
        for stock, targets in zip(stocks, sources, strict=True)
    )
    aside = [
        target for targets in sources if judges(targets) for target in targets if target.doc.text in texts
    ]
    return kept, aside


def _too_long(where: str, stock: SourceData, longest: int) -> Iterator[Problem]:
    """Note the spans that are too long to be learned."""
    for target in stock.targets:
        for span in target.spans:
            if len(span) > longest:
                name = described(span.doc.text, CharSpan(span.start_char, span.end_char, span.label))
                message = (
                    f"{name} has {len(span)} tokens; the longest that can be learned here has {longest}, "
                    "so these tokens are taken as unknown"
                )
                yield Problem(target.origin or Origin(where), "span-too-long", message, severity="note")
