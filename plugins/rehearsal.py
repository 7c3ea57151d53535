"""The label source ``rehearsal``: what a model knew before further training, so that it is not forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from nerture import hookimpl
from nerture.interfaces import (
    Doc,
    Format,
    Problem,
    Register,
    Services,
    Source,
    SourceOptions,
    SpanProbabilities,
    Target,
    make_teacher_targets,
    map_labels,
    rename_labels,
)


class RehearsalOptions(SourceOptions):
    """Options of the source ``rehearsal``."""

    default_loss: ClassVar[str] = "rehearse"
    hides_words: ClassVar[bool] = False

    model: str
    """The folder of the model whose knowledge should be kept."""
    path: str
    """Texts like those that the model was trained for."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file decides."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """The model's labels to labels of the pipeline; null for labels that may be forgotten."""


class Rehearsal:
    """A frozen model as teacher, with temperature 1 and without rules: a ``Source``."""

    def __init__(self, options: RehearsalOptions, services: Services) -> None:
        self.options, self.services = options, services
        self.model = services.model(options.model)
        self.names = map_labels(self.model.labels, options.map, services.labels)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text with the frozen model's probabilities for its labels."""
        rows = self.services.read(self.options.path, self.options.format)
        yield from make_teacher_targets(rows, self.services.doc, self._teach)

    def _teach(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        # calibration or rules would change the scores that are to be kept
        probabilities = self.model.span_probabilities(docs, 1.0, rules=False)
        return [rename_labels(item, self.names) for item in probabilities]


def make_rehearsal(options: RehearsalOptions, services: Services) -> Source:
    """Make the source ``rehearsal``."""
    return Rehearsal(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Register ``rehearsal``."""
    register("rehearsal", make_rehearsal, config=RehearsalOptions)
