"""``make_parts``: the tokenizer and the matchers of a pipeline or model, and what a model makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nerture.files.model_folder import Description
from nerture.hosting.roles import AT_PREDICTION, FEATURE, FORBID, REQUIRE
from nerture.hosting.services import HostServices, PathResolver
from nerture.interfaces import Matcher, Options, Tokenizer
from nerture.models.match_features import MatchFeatureExtractor
from nerture.models.rules import Constraints, check_labels
from nerture.registry import Registry


class PartSpec(Protocol):
    """A part to make: its name, its options, and where it is written, for messages."""

    @property
    def use(self) -> str:
        """The name of the part."""

    @property
    def options(self) -> Mapping[str, object] | Options:
        """Its options, as written or already checked."""

    @property
    def where(self) -> str:
        """File, line and key path."""

    @property
    def model(self) -> Description | None:
        """The saved model that it belongs to, if any."""


class MatcherSpec(PartSpec, Protocol):
    """A matcher to make."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in which its hits enter."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a pipeline or model.

    ``matchers`` are by role. ``files`` maps the paths of files that a model keeps copies of, those of the
    tokenizer and of the matchers of the roles ``AT_PREDICTION``, to absolute ones. ``match_features`` is None
    without matchers of the role ``feature``.
    """

    tokenizer: Tokenizer
    matchers: Mapping[str, tuple[Matcher, ...]]
    files: Mapping[str, Path]
    match_features: MatchFeatureExtractor | None
    constraints: Constraints


def make_parts(
    registry: Registry,
    labels: tuple[str, ...],
    folder: Path,
    tokenizer: PartSpec,
    matchers: Iterable[MatcherSpec],
) -> Parts:
    """Make the tokenizer, then the matchers in order.

    Paths in options are relative to ``folder``, or in the folder of the saved model that a part belongs to.
    Raises ``ConfigError`` for unknown parts, wrong options, and constraints with labels not among ``labels``,
    and ``ModelFileError`` if a part of a saved model asks for a file beyond its folder.
    """
    files: dict[str, Path] = {}
    paths = PathResolver(folder, tokenizer.model, files)
    plain = HostServices(registry, labels, paths)
    cut = registry.create("tokenizer", tokenizer.use, tokenizer.options, plain, tokenizer.where)
    by_role: dict[str, list[Matcher]] = {}
    for spec in matchers:
        # a model keeps copies of the files of those matchers that it asks about every text, and of no others
        copied = files if AT_PREDICTION & set(spec.roles) else None
        services = HostServices(registry, labels, PathResolver(folder, spec.model, copied), tokenizer=cut)
        matcher = registry.create("matcher", spec.use, spec.options, services, spec.where)
        if {REQUIRE, FORBID} & set(spec.roles):
            check_labels(matcher, labels, spec.where)
        for role in spec.roles:
            by_role.setdefault(role, []).append(matcher)
    features = by_role.get(FEATURE)
    return Parts(
        cut,
        {role: tuple(made) for role, made in by_role.items()},
        files,
        MatchFeatureExtractor(features) if features else None,
        Constraints(by_role.get(REQUIRE, ()), by_role.get(FORBID, ())),
    )
