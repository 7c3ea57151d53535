"""What each kind of plugin must look like: the Protocols that the host calls, with shapes and units.

Letters: N tokens of a batch, K lengths of an open entity, L labels. Character offsets count code points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal, Protocol, Self, TextIO, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.errors import Origin
from nerture.core.lattice.scores import Scores
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Belief, Target
from nerture.core.text.doc import Align, Doc, Offsets, Span
from nerture.core.text.match import Match

__all__ = [
    "Align",
    "AnswerEvent",
    "Ask",
    "Belief",
    "Candidate",
    "CharSpan",
    "Commands",
    "Doc",
    "Factory",
    "FloatArray",
    "Format",
    "Kind",
    "Loss",
    "Match",
    "Matcher",
    "Mode",
    "Offsets",
    "Options",
    "Origin",
    "Predictor",
    "Problem",
    "Reader",
    "Reason",
    "Record",
    "Register",
    "RowsOptions",
    "Scores",
    "Services",
    "Sorter",
    "Source",
    "SourceOptions",
    "Span",
    "SpanProbabilities",
    "Target",
    "Tokenizer",
    "Verdict",
    "Writer",
]  # fmt: skip

FloatArray: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[np.float32]]

Mode: TypeAlias = Literal["teach", "correct", "manual", "match", "retype", "gold", "review"]
Ask: TypeAlias = Literal["both", "span", "text"]
Kind: TypeAlias = Literal["span", "text"]
Verdict: TypeAlias = Literal["accept", "reject", "ignore"]
Reason: TypeAlias = Literal["pattern", "model", "probe", "follow-up", "source", "review"]
"""The words of teaching sessions: how they ask, what a question is about, why it is asked, what is said."""

Format: TypeAlias = str | Mapping[str, Any] | None
"""A reader's name, or ``{"use": name}`` with the reader's options beside it; None: the file says it."""


class Options(BaseModel):
    """Base of every plugin's options: unknown keys are refused, values do not change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SourceOptions(Options):
    """Base of a label source's options.

    ``default_loss`` is the loss that suits it, where the pipeline names none. ``hides_words``: now and then
    training hides words of its texts from the learner, so that it copes with new ones; False for what is to
    be learned of the very words that stand there.
    """

    default_loss: ClassVar[str] = "oracle"
    hides_words: ClassVar[bool] = True


class RowsOptions(SourceOptions):
    """Base of the options of a label source that reads rows: from a file, or from a dataset of the store."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [key], "properties": {key: {"type": "string"}}} for key in ("path", "dataset")
            ]
        }
    )

    path: str | None = None
    """The file; relative to the pipeline file."""
    dataset: str | None = None
    """The dataset of the store, in place of a file."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file itself says it."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.dataset is None):
            raise ValueError("allowed is exactly one of path and dataset")
        if self.format is not None and self.path is None:
            raise ValueError("format goes with path; a dataset has its own")
        return self

    def rows(self, services: Services) -> Iterator[Record | Problem]:
        """Read the rows from where they are."""
        if self.dataset is not None:
            return services.dataset(self.dataset)
        assert self.path is not None
        return services.read(self.path, self.format)


class Tokenizer(Protocol):
    """Cuts a text into tokens without changing it."""

    def __call__(self, text: str) -> Offsets:
        """Return int32 (N, 2): ``[start_char, end_char)`` of each token.

        They ascend; none is empty, none overlap.
        """


class Reader(Protocol):
    """Reads one file format."""

    suffixes: tuple[str, ...]
    """File endings, without ``.gz``, that belong to the format (``(".jsonl",)``); may be empty."""

    def sniff(self, head: str) -> bool:
        """Say whether a file that begins with ``head`` (some lines, perhaps cut) looks like this format.

        Asked only when neither an option nor the file's ending names the format.
        """

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield each row of ``stream``, or what is wrong with it; bad data raises nothing.

        ``name`` is what messages call the stream.
        """


class Matcher(Protocol):
    """Finds candidates in a text by rule."""

    labels: tuple[str, ...]
    """Every label that it can suggest."""

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the hits in order of their start; they may overlap only if the matcher's options say so."""


class Source(Protocol):
    """Knows something about the right analysis of some texts."""

    def targets(self) -> Iterator[Target | Problem]:
        """Yield what is known, text by text, or what is wrong with a row."""


class Loss(Protocol):
    """Compares the learner's transition scores with what is known."""

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
        Raises ``DataError`` for what the format cannot hold.
        """


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a session could ask, as a sorter sees it.

    ``probability`` is the calibrated probability that what it offers is right: the span, or the whole
    analysis of the text. ``uncertainty`` is how much is unknown of what an answer would settle, in nats;
    ``gain`` counts in what is alike elsewhere, of which the answer tells too. ``seconds`` is how long an
    answer is expected to take. ``surface`` is the text of the most uncertain span, in lower case ("" where
    there is none). ``place`` numbers the texts in the order of the source.
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
    """Decides in which order a session asks its questions."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> Sequence[int]:
        """Return the indices of the candidates to ask, in this order; those that are left out wait.

        It is called for each version of the model, with all candidates in the order of the source. The same
        candidates and seed must give the same order. Those that wait are asked when nothing else is left.
        """


class Predictor(Protocol):
    """A trained model as a plugin sees it: what it holds of a text."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it gives."""

    def doc(self, text: str) -> Doc:
        """Make a Doc of the model's own tokens."""

    def span_probabilities(
        self, docs: Sequence[Doc], temperature: float | None = None, *, rules: bool = True
    ) -> list[SpanProbabilities]:
        """Return how probable the model holds each span of each doc, without the least probable ones.

        The spans count the docs' own tokens, whatever those of the model are. ``temperature`` divides the
        model's scores, so that above 1 it is less sure; by default the probabilities are
        calibrated. The probabilities are given the model's constraints, unless ``rules`` is False.
        """


class Services(Protocol):
    """What the host does for plugins; a factory receives it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the pipeline, in order."""

    def resolve(self, path: str) -> Path:
        """Make a path of the pipeline file absolute: it is relative to that file."""

    def doc(self, record: Record) -> Doc:
        """Make the record's Doc: with its own tokens if it brings any, else with the pipeline's tokenizer."""

    def read(self, path: str, format: Format = None) -> Iterator[Record | Problem]:
        """Read a file (gzip, ``-`` for standard input) with the named reader, or the one its ending says."""

    def dataset(self, name: str) -> Iterator[Record | Problem]:
        """Read the answers of a dataset of the store; raises ``DataError`` when there is none."""

    def model(self, path: str) -> Predictor:
        """Load a model folder; raises ``ModelFileError`` when it is missing or damaged."""

    def matchers(self, role: str) -> tuple[Matcher, ...]:
        """Return the pipeline's matchers whose hits enter in this role (``weak``), in order."""


class Factory(Protocol):
    """Makes a plugin's part from its options, once per use in a pipeline."""

    def __call__(self, options: Any, services: Services) -> Any:
        """Return a Tokenizer, Reader, Matcher, Source, Loss, Sorter or Writer."""


class Register(Protocol):
    """Hands a named part to the host, which owns the names: a duplicate is an error."""

    def __call__(self, name: str, factory: Factory, config: type[Options] = Options) -> None:
        """Register ``factory`` under ``name``; a pipeline's options are checked against ``config`` first."""


class Commands(Protocol):
    """Takes commands for the command line (``nerture.cli`` is a ``click.Group``)."""

    def add_command(self, cmd: Any, name: str | None = None) -> None:
        """Add a ``click.Command``."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """What ``nerture_answer_saved`` is told: an answer that is saved in ``dataset``, and its question.

    The answer: its ``id``, the ``annotator``, the ``verdict``, whether it is ``flagged``, how many
    ``seconds`` the question was looked at (None: not known), the ``time`` in seconds since 1970, and
    ``spans``: those that were accepted (as they were mended, or as they were offered), rejected or ignored.
    The question: its identity ``question`` (the same question twice has the same), the ``text``, whether it
    is about one span or the whole text (``kind``), ``offered`` spans, the ``labels`` that may be given, in
    which ``mode`` and for which ``reason`` it was asked, the ``probability`` of what is offered (None: no
    model was asked), the ``version`` of the model that asked, and ``fields``, the row of input as it was
    read.
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
    offered: tuple[CharSpan, ...]
    labels: tuple[str, ...]
    mode: Mode
    reason: Reason
    probability: float | None
    version: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What ``nerture_evaluated`` is told: the report of an evaluation and the step it belongs to."""

    step: int
    report: Any
