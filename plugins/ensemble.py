"""The label source ``ensemble``: average probabilities of several models, and rules that overrule them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from nerture import hookimpl
from nerture.errors import ConfigError, SettingError
from nerture.interfaces import (
    Doc,
    Format,
    Offsets,
    Origin,
    Problem,
    Record,
    Register,
    Services,
    Source,
    SourceOptions,
    SpanProbabilities,
    Target,
    average_probabilities,
    make_teacher_targets,
    map_labels,
    overrule_spans,
    rename_labels,
)

if TYPE_CHECKING:
    from nerture.interfaces import PatternSet


class Member(BaseModel):
    """One teacher of an ensemble."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    model: str
    """The folder of the model."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Its labels to labels of the pipeline; null for labels to skip, whose probability goes to O."""
    temperature: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Divides its scores; by default that of its calibration."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Its weight, relative to the others."""


class EnsembleOptions(SourceOptions):
    """Options of the source ``ensemble``."""

    default_loss: ClassVar[str] = "distill"

    path: str
    """The texts."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file decides."""
    teachers: list[str | Member] = Field(min_length=1)
    """Model folders, or objects with ``model``, ``map``, ``temperature``, ``weight``."""
    rules: str | list[str] | None = Field(default=None, min_length=1)
    """Pattern files whose hits are certain, whatever the teachers predict."""


class Teacher:
    """A member with its model, and the pipeline's names of its labels."""

    def __init__(self, member: Member, services: Services) -> None:
        self.member = member
        self.model = services.model(member.model)
        try:
            self.names = map_labels(self.model.labels, member.map, services.labels)
        except SettingError as error:
            raise SettingError(f"{member.model}: {error}") from error

    @property
    def labels(self) -> frozenset[str]:
        """The labels of the pipeline that it predicts."""
        return frozenset(name for name in self.names.values() if name is not None)

    def __call__(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        """Return the model's probabilities for each doc."""
        probabilities = self.model.span_probabilities(docs, self.member.temperature)
        return [rename_labels(item, self.names) for item in probabilities]


class Ensemble:
    """The mixture of several models' distributions over the derivations of each text: a ``Source``."""

    def __init__(self, options: EnsembleOptions, services: Services) -> None:
        self.options, self.services = options, services
        members = [Member(model=item) if isinstance(item, str) else item for item in options.teachers]
        self.teachers = [Teacher(member, services) for member in members]
        labels = self.teachers[0].labels
        for teacher in self.teachers[1:]:
            if teacher.labels != labels:
                raise ConfigError(
                    f"teachers: expected the same labels for all, got {_join(labels)} for {members[0].model} "
                    f"and {_join(teacher.labels)} for {teacher.member.model}; "
                    "map labels, or use separate sources"
                )
        self.rules = None if options.rules is None else self._load_rules(options.rules, labels)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text with the models' average probabilities."""
        rows = self.services.read(self.options.path, self.options.format)
        yield from make_teacher_targets(rows, self.services.doc, self._teach)

    def _teach(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        weights = [teacher.member.weight for teacher in self.teachers]
        each = zip(*(teacher(docs) for teacher in self.teachers), strict=True)
        mixed = [average_probabilities(members, weights) for members in each]
        if self.rules is None:
            return mixed
        return [
            overrule_spans(average, [hit.key for hit in self.rules.match(doc)])
            for doc, average in zip(docs, mixed, strict=True)
        ]

    def _load_rules(self, paths: str | list[str], labels: frozenset[str]) -> PatternSet:
        from nerture.interfaces import PatternSet, load_patterns

        def tokenize(text: str) -> Offsets:
            return self.services.doc(Record(text, Origin("<pattern>"))).offsets

        rules = PatternSet(load_patterns(paths, self.services.resolve), tokenize)
        for label in rules.labels:
            if label not in labels:
                raise ConfigError(
                    f"rules: expected patterns with labels of the teachers, {_join(labels)}, got {label!r}"
                )
        return rules


def _join(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels)) or "none"


def make_ensemble(options: EnsembleOptions, services: Services) -> Source:
    """Make the source ``ensemble``."""
    return Ensemble(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Register ``ensemble``."""
    register("ensemble", make_ensemble, config=EnsembleOptions)
