"""The label source ``teacher``: probabilities of a slower model, computed here or read from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from nerture import hookimpl
from nerture.errors import ConfigError, SettingError
from nerture.interfaces import (
    MIN_PROBABILITY,
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
    check_label,
    condition_spans,
    format_value,
    has_tags,
    make_teacher_targets,
    map_labels,
    prune_spans,
    read_teacher_row,
    rename_labels,
    to_tokens,
    to_touched_tokens,
)


class TeacherOptions(SourceOptions):
    """Options of the source ``teacher``."""

    default_loss: ClassVar[str] = "distill"

    path: str
    """Texts for ``model``, or, without one, rows with a teacher's probabilities."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file decides."""
    model: str | None = None
    """The folder of the teacher's model."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """The teacher's labels to labels of the pipeline; null for labels to skip (probability goes to O)."""
    temperature: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Divides the model's scores; by default that of its calibration."""
    labels: list[str] | None = None
    """The teacher's labels, for rows that do not have them."""
    independent: bool = False
    """Whether each span's probability was computed independently, so that they must be made consistent."""


class ModelTeacher:
    """A model as teacher: a ``Source``."""

    def __init__(self, options: TeacherOptions, services: Services, model: str) -> None:
        self.options, self.services = options, services
        self.model = services.model(model)
        self.names = map_labels(self.model.labels, options.map, services.labels)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text with the model's probabilities."""
        rows = self.services.read(self.options.path, self.options.format)
        yield from make_teacher_targets(rows, self.services.doc, self._teach)

    def _teach(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        probabilities = self.model.span_probabilities(docs, self.options.temperature)
        return [rename_labels(item, self.names) for item in probabilities]


class FileTeacher:
    """A file of a teacher's probabilities: a ``Source``.

    Rows with ``spans`` are projected to the row's tokens, if it has any, else to the pipeline's; rows with
    ``tags`` have the teacher's tokens, and are projected to the pipeline's. Problem codes: those of
    ``read_teacher_row``, ``unknown-label``, ``span-outside-tokens``.
    """

    def __init__(self, options: TeacherOptions, services: Services) -> None:
        self.options, self.services = options, services
        for name in options.map.values():
            check_label(name, services.labels, "map: ")

    def targets(self) -> Iterator[Target | Problem]:
        """Yield the target or the problems of each row."""
        for row in self.services.read(self.options.path, self.options.format):
            if isinstance(row, Problem):
                yield row
            else:
                yield from self._read_row(row)

    def _read_row(self, row: Record) -> Iterator[Target | Problem]:
        options = self.options
        teacher = read_teacher_row(row, options.labels, options.independent)
        if isinstance(teacher, list):
            yield from teacher
            return
        try:
            mapping = {label: name for label, name in options.map.items() if label in teacher.labels}
            names = map_labels(teacher.labels, mapping, self.services.labels)
        except SettingError as error:
            yield Problem(row.origin, "unknown-label", str(error))
            return
        doc = self.services.doc(Record(row.text, row.origin) if has_tags(row) else row)
        touched = to_touched_tokens(teacher, doc.offsets)
        touches = touched.spans[:, 0] < touched.spans[:, 1]
        for start, end, label in teacher.spans[
            ~touches & (teacher.probabilities >= MIN_PROBABILITY)
        ].tolist():
            where = (
                f"{teacher.labels[label]} {format_value(row.text[start:end])} (characters {start} to {end})"
            )
            yield Problem(row.origin, "span-outside-tokens", f"{where} touches no token")
            return
        if options.independent and not has_tags(row):
            kept = replace(
                teacher, spans=touched.spans[touches], probabilities=teacher.probabilities[touches]
            )
            projected = condition_spans(kept, len(doc))
        else:
            projected = to_tokens(teacher, doc.offsets)
        pruned = prune_spans(rename_labels(projected, names))
        yield Target(doc, complete=frozenset(), origin=row.origin, teacher=pruned)


def make_teacher(options: TeacherOptions, services: Services) -> Source:
    """Make the source ``teacher``."""
    if options.model is None:
        if options.temperature is not None:
            raise ConfigError("temperature: goes with a model, not with a file of probabilities")
        return FileTeacher(options, services)
    for name in ("labels", "independent"):
        if name in options.model_fields_set:
            raise ConfigError(f"{name}: goes with a file of probabilities, not with a model")
    return ModelTeacher(options, services, options.model)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Register ``teacher``."""
    register("teacher", make_teacher, config=TeacherOptions)
