"""The label source ``teacher``: what a slower model holds of texts, asked here or read from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from nerture.core.annotations.json_rows import shown
from nerture.core.annotations.probability_rows import read_teacher_row, tells_tags
from nerture.core.annotations.teacher_targets import check_label, names_of, taught
from nerture.core.lattice.conditioning import apart
from nerture.core.targets.projection import onto_tokens, touching
from nerture.core.targets.span_mixtures import MIN_PROBABILITY, pruned, renamed
from nerture.errors import ConfigError, SettingError
from nerture.hookspecs import hookimpl
from nerture.interfaces import (
    Doc,
    Format,
    Problem,
    Record,
    Register,
    Services,
    Source,
    SourceOptions,
    SpanProbabilities,
    Target,
)


class TeacherOptions(SourceOptions):
    """Options of the source ``teacher``."""

    default_loss: ClassVar[str] = "distill"

    path: str
    """With ``model``, texts; without, rows of probabilities that a teacher wrote."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file itself says it."""
    model: str | None = None
    """The folder of the model that teaches."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """The teacher's labels to labels of the pipeline; null: not ours, its probability goes to O."""
    temperature: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Divides the model's scores; by default the one that it was calibrated to."""
    labels: list[str] | None = None
    """The labels that the teacher speaks about, for rows that do not say."""
    independent: bool = False
    """Each span's probability was computed without regard to the others: let them not overlap."""


class ModelTeacher:
    """A model that is asked about each text: a ``Source``."""

    def __init__(self, options: TeacherOptions, services: Services, model: str) -> None:
        self.options, self.services = options, services
        self.model = services.model(model)
        self.names = names_of(self.model.labels, options.map, services.labels)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text: what the model holds of it."""
        rows = self.services.read(self.options.path, self.options.format)
        yield from taught(rows, self.services.doc, self._teach)

    def _teach(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        found = self.model.span_probabilities(docs, self.options.temperature)
        return [renamed(item, self.names) for item in found]


class FileTeacher:
    """A file of probabilities that a teacher wrote: a ``Source``.

    Rows with ``spans`` are told in the row's tokens, if it has any, else in the pipeline's; rows with
    ``tags`` bring the teacher's tokens, and are told in the pipeline's. Problem codes: those of
    ``core.teacher_rows``, ``unknown-label``, ``span-outside-tokens``.
    """

    def __init__(self, options: TeacherOptions, services: Services) -> None:
        self.options, self.services = options, services
        for name in options.map.values():
            check_label(name, services.labels, "map: ")

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target, or the problems, of each row."""
        for row in self.services.read(self.options.path, self.options.format):
            if isinstance(row, Problem):
                yield row
            else:
                yield from self._target(row)

    def _target(self, row: Record) -> Iterator[Target | Problem]:
        options = self.options
        found = read_teacher_row(row, options.labels, options.independent)
        if isinstance(found, list):
            yield from found
            return
        try:
            given = {label: name for label, name in options.map.items() if label in found.labels}
            names = names_of(found.labels, given, self.services.labels)
        except SettingError as error:
            yield Problem(row.origin, "unknown-label", str(error))
            return
        doc = self.services.doc(Record(row.text, row.origin) if tells_tags(row) else row)
        touched = touching(found, doc.offsets)
        some = touched.spans[:, 0] < touched.spans[:, 1]
        for start, end, label in found.spans[~some & (found.probabilities >= MIN_PROBABILITY)].tolist():
            where = f"{found.labels[label]} {shown(row.text[start:end])} (characters {start} to {end})"
            yield Problem(row.origin, "span-outside-tokens", f"{where} touches no token")
            return
        if options.independent and not tells_tags(row):
            kept = replace(found, spans=touched.spans[some], probabilities=found.probabilities[some])
            here = apart(kept, len(doc))
        else:
            here = onto_tokens(found, doc.offsets)
        teacher = pruned(renamed(here, names))
        yield Target(doc, complete=frozenset(), origin=row.origin, teacher=teacher)


def make_teacher(options: TeacherOptions, services: Services) -> Source:
    """Make the source ``teacher``."""
    if options.model is None:
        if options.temperature is not None:
            raise ConfigError("temperature: goes with a model; what is in a file stays as it is")
        return FileTeacher(options, services)
    for name in ("labels", "independent"):
        if name in options.model_fields_set:
            raise ConfigError(f"{name}: goes with a file of probabilities, not with a model")
    return ModelTeacher(options, services, options.model)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``teacher``."""
    register("teacher", make_teacher, config=TeacherOptions)
