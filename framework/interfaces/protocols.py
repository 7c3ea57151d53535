"""What each kind of plugin must look like: the Protocols that the host calls, with shapes and units.

Letters: N tokens of a batch, K lengths of an open entity, L labels. Character offsets count code points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, TextIO, TypeAlias

import numpy as np

from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.lattice.scores import Scores
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Offsets, Span
from nerture.core.text.match import Match
from nerture.interfaces.options import Format, Options

FloatArray: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[np.float32]]

Mode: TypeAlias = Literal["teach", "correct", "manual", "match", "retype", "gold", "review"]
Ask: TypeAlias = Literal["both", "span", "text"]
Kind: TypeAlias = Literal["span", "text"]
Verdict: TypeAlias = Literal["accept", "reject", "ignore"]
Reason: TypeAlias = Literal["pattern", "model", "probe", "follow-up", "source", "review"]
"""The vocabulary of teaching sessions: modes, kinds of questions, answers, and why a question is asked."""


class Tokenizer(Protocol):
    """Splits a text into tokens without changing it."""

    def __call__(self, text: str) -> Offsets:
        """Return int32 (N, 2): ``[start_char, end_char)`` of each token.

        They ascend, do not overlap, and are not empty.
        """


class Reader(Protocol):
    """Reads one file format."""

    suffixes: tuple[str, ...]
    """File endings, without ``.gz``, that belong to the format (``(".jsonl",)``); may be empty."""

    def sniff(self, head: str) -> bool:
        """Return True if a file that begins with ``head`` (perhaps cut off) looks like this format.

        Called only if neither an option nor the file's ending names the format.
        """

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield each row of ``stream``, or what is wrong with it; bad data never raises.

        ``name`` is the name of the stream in messages.
        """


class Matcher(Protocol):
    """Finds candidates in a text by rule."""

    labels: tuple[str, ...]
    """All labels that its hits can have."""

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the hits in order of their start; they overlap only if the matcher's options say so."""


class Source(Protocol):
    """Knows something about the right analysis of some texts."""

    def targets(self) -> Iterator[Target | Problem]:
        """Yield what is known about each text, or what is wrong with a row."""


class Loss(Protocol):
    """Compares the learner's transition scores with what is known about the texts."""

    def __call__(self, scores: Scores, targets: Sequence[Target]) -> tuple[float, FloatArray, FloatArray]:
        """Return the loss summed over the batch, and its gradients for ``scores.closed`` and ``scores.open``.

        The gradients have the shapes of the scores: float32 (N, 2L+1) and (N, K-1, 2L). ``targets[b]``
        belongs to the tokens ``scores.bounds[b]`` to ``scores.bounds[b + 1]``.
        """


class Writer(Protocol):
    """Writes analysed texts in one format."""

    suffixes: tuple[str, ...]
    """File endings that belong to the format; may be empty."""

    def write(self, stream: TextIO, record: Record, doc: Doc, found: Sequence[Span | Match]) -> None:
        """Write one text to ``stream``: ``record`` is the row it came from, ``doc`` its tokens.

        ``found`` are entities (``doc.spans``) or a matcher's hits, by their start; only hits may overlap.
        Raises ``DataError`` for what the format cannot represent.
        """


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a session could ask, as a sorter sees it.

    ``probability`` is the calibrated probability that the suggested span, or the whole analysis of the text,
    is right. ``uncertainty`` is the entropy that an answer would remove, in nats; ``gain`` also counts
    similar spans elsewhere, which the answer informs too. ``seconds`` is how long an answer is expected to
    take. ``surface`` is the text of the most uncertain span, in lower case ("" if there is none). ``place``
    numbers the texts in the order of the source.
    """

    kind: Kind
    source: Literal["pattern", "model"]
    probability: float
    uncertainty: float
    gain: float
    seconds: float
    surface: str
    place: int


class Sorter(Protocol):
    """A query strategy: decides in which order a session asks its questions."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> Sequence[int]:
        """Return the indices of the candidates to ask, in this order; the others wait.

        Called for each version of the model, with all candidates in the order of the source. The same
        candidates and seed must give the same order. Candidates that wait are asked when no others are left.
        """


class Predictor(Protocol):
    """A trained model as a plugin sees it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it predicts."""

    def doc(self, text: str) -> Doc:
        """Make a Doc with the model's own tokens."""

    def span_probabilities(
        self, docs: Sequence[Doc], temperature: float | None = None, *, rules: bool = True
    ) -> list[SpanProbabilities]:
        """Return the probabilities of each doc's spans, without the least probable spans.

        The spans count the docs' own tokens, even if the model would make others. ``temperature`` divides the
        model's scores, so that above 1 it is less sure; by default the probabilities are calibrated. They are
        given the model's constraints, unless ``rules`` is False.
        """


class Services(Protocol):
    """What the host does for plugins; passed to factories."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the pipeline, in order."""

    def resolve(self, path: str) -> Path:
        """Make a path of the pipeline file absolute; it is relative to that file."""

    def doc(self, record: Record) -> Doc:
        """Make the record's Doc: with its own tokens if it has any, else with the pipeline's tokenizer."""

    def read(self, path: str, format: Format = None) -> Iterator[Record | Problem]:
        """Read a file (gzip, ``-`` for standard input) with the named reader, or the one for its ending."""

    def dataset(self, name: str) -> Iterator[Record | Problem]:
        """Read the answers of a dataset of the store; raises ``DataError`` if there is no such dataset."""

    def model(self, path: str) -> Predictor:
        """Load a model folder; raises ``ModelFileError`` if it is missing or damaged."""

    def matchers(self, role: str) -> tuple[Matcher, ...]:
        """Return the pipeline's matchers with this role (``weak``), in order."""


class Factory(Protocol):
    """Makes a plugin's part from its options, once per use in a pipeline."""

    def __call__(self, options: Any, services: Services) -> Any:
        """Return a Tokenizer, Reader, Matcher, Source, Loss, Sorter or Writer."""


class Register(Protocol):
    """Registers a named part with the host; a name that is taken is an error."""

    def __call__(self, name: str, factory: Factory, config: type[Options] = Options) -> None:
        """Register ``factory`` under ``name``; a pipeline's options are checked against ``config`` first."""


class Commands(Protocol):
    """Takes commands for the command line (``nerture.cli`` is a ``click.Group``)."""

    def add_command(self, cmd: Any, name: str | None = None) -> None:
        """Add a ``click.Command``."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """An answer that was saved in ``dataset``, and its question, as passed to ``nerture_answer_saved``.

    The answer has an ``id``, the ``annotator``, the ``verdict``, whether it is ``flagged``, the ``seconds``
    that it took (None if unknown), the ``time`` in seconds since 1970, and ``spans``: those that were
    accepted (as edited, or as suggested), rejected or ignored. The question has an identity ``question`` (the
    same for the same question), the ``text``, whether it is about one span or the whole text (``kind``), the
    ``suggested`` spans, the ``labels`` to choose from, the ``mode`` and ``reason`` in which it was asked, the
    ``probability`` of what is suggested (None if no model was used), the ``version`` of the model that asked,
    and ``fields``, the input row as it was read.
    """

    dataset: str
    id: str
    annotator: str
    verdict: Verdict
    spans: tuple[CharSpan, ...]
    flagged: bool
    seconds: float | None
    time: float
    question: str
    text: str
    kind: Kind
    suggested: tuple[CharSpan, ...]
    labels: tuple[str, ...]
    mode: Mode
    reason: Reason
    probability: float | None
    version: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The report of an evaluation and its training step, as passed to ``nerture_evaluated``."""

    step: int
    report: Any
