"""The label source ``rehearsal``: what a model knew before it went on learning, so that it stays known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from nerture.core.annotations.teacher_targets import names_of, taught
from nerture.core.targets.span_mixtures import renamed
from nerture.hookspecs import hookimpl
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
)


class RehearsalOptions(SourceOptions):
    """Options of the source ``rehearsal``."""

    default_loss: ClassVar[str] = "rehearse"
    hides_words: ClassVar[bool] = False

    model: str
    """The folder of the model whose knowledge is to be kept."""
    path: str
    """Texts, like those that the model was made for."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file itself says it."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """The model's labels to labels of the pipeline; null: this one may be forgotten."""


class Rehearsal:
    """A frozen model is asked about each text, as sure as its scores make it (temperature 1), rules aside."""

    def __init__(self, options: RehearsalOptions, services: Services) -> None:
        self.options, self.services = options, services
        self.model = services.model(options.model)
        self.names = names_of(self.model.labels, options.map, services.labels)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text: what the frozen model holds of it, for the labels that it has."""
        rows = self.services.read(self.options.path, self.options.format)
        yield from taught(rows, self.services.doc, self._teach)

    def _teach(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        # calibrated probabilities, or those given rules, would teach the scores to be others than they are
        found = self.model.span_probabilities(docs, 1.0, rules=False)
        return [renamed(item, self.names) for item in found]


def make_rehearsal(options: RehearsalOptions, services: Services) -> Source:
    """Make the source ``rehearsal``."""
    return Rehearsal(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``rehearsal``."""
    register("rehearsal", make_rehearsal, config=RehearsalOptions)
