"""The label source ``ensemble``: what several models hold of texts on average, and rules above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from nerture.core.annotations.teacher_targets import names_of, taught
from nerture.core.targets.span_mixtures import average, overruled, renamed
from nerture.errors import ConfigError, Origin, SettingError
from nerture.hookspecs import hookimpl
from nerture.interfaces import (
    Doc,
    Format,
    Offsets,
    Problem,
    Record,
    Register,
    Services,
    Source,
    SourceOptions,
    SpanProbabilities,
    Target,
)

if TYPE_CHECKING:
    from nerture.patterns import PatternSet


class Member(BaseModel):
    """One teacher of an ensemble."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    model: str
    """The folder of the model."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Its labels to labels of the pipeline; null: not ours, its probability goes to O."""
    temperature: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Divides its scores; by default the one that it was calibrated to."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """How much it counts, relative to the others."""


class EnsembleOptions(SourceOptions):
    """Options of the source ``ensemble``."""

    default_loss: ClassVar[str] = "distill"

    path: str
    """The texts."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file itself says it."""
    teachers: list[str | Member] = Field(min_length=1)
    """Model folders, or objects with ``model``, ``map``, ``temperature``, ``weight``."""
    rules: str | list[str] | None = Field(default=None, min_length=1)
    """Pattern files whose hits are certain, whatever the teachers hold."""


class Teacher:
    """A member at work: the model, and what its labels are called here."""

    def __init__(self, member: Member, services: Services) -> None:
        self.member = member
        self.model = services.model(member.model)
        try:
            self.names = names_of(self.model.labels, member.map, services.labels)
        except SettingError as error:
            raise SettingError(f"{member.model}: {error}") from error

    @property
    def labels(self) -> frozenset[str]:
        """The labels of the pipeline that it speaks about."""
        return frozenset(name for name in self.names.values() if name is not None)

    def __call__(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        """Return what the model holds of each doc."""
        found = self.model.span_probabilities(docs, self.member.temperature)
        return [renamed(item, self.names) for item in found]


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
                    f"the teachers of an ensemble speak about the same labels, but {members[0].model} about "
                    f"{_listed(labels)} and {teacher.member.model} about {_listed(teacher.labels)}; "
                    "map labels, or make them sources of their own"
                )
        self.rules = None if options.rules is None else self._rules(options.rules, labels)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text: what the models hold of it together."""
        rows = self.services.read(self.options.path, self.options.format)
        yield from taught(rows, self.services.doc, self._teach)

    def _teach(self, docs: Sequence[Doc]) -> list[SpanProbabilities]:
        weights = [teacher.member.weight for teacher in self.teachers]
        each = zip(*(teacher(docs) for teacher in self.teachers), strict=True)
        mixed = [average(members, weights) for members in each]
        if self.rules is None:
            return mixed
        return [
            overruled(found, [(hit.start, hit.end, hit.label) for hit in self.rules.match(doc)])
            for doc, found in zip(docs, mixed, strict=True)
        ]

    def _rules(self, paths: str | list[str], labels: frozenset[str]) -> PatternSet:
        from nerture.patterns import PatternSet, load_patterns

        def tokenize(text: str) -> Offsets:
            return self.services.doc(Record(text, Origin("<pattern>"))).offsets

        rules = PatternSet(load_patterns(paths, self.services.resolve), tokenize)
        for label in rules.labels:
            if label not in labels:
                raise ConfigError(
                    f"rules: the label {label!r} of the patterns is none of the teachers': {_listed(labels)}"
                )
        return rules


def _listed(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels)) or "none"


def make_ensemble(options: EnsembleOptions, services: Services) -> Source:
    """Make the source ``ensemble``."""
    return Ensemble(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``ensemble``."""
    register("ensemble", make_ensemble, config=EnsembleOptions)
