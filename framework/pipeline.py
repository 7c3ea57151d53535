"""``Pipeline``: a checked pipeline file brought to life: its parts, made by their plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nerture.config import PipelineConfig, SourcePart, load_config
from nerture.config.keys import AT_PREDICTION
from nerture.core.targets.target import Target
from nerture.errors import ConfigError, CorpusError
from nerture.files.corpus import ReadResult, collect
from nerture.hosting.manager import PluginManager, make_manager
from nerture.hosting.services import HostServices
from nerture.interfaces import Loss, Matcher, Problem, Source, Tokenizer
from nerture.models.match_features import MatchFeatureExtractor
from nerture.models.rules import FORBID, REQUIRE, Constraints, check_labels
from nerture.registry import Registry


@dataclass(frozen=True, slots=True)
class BoundSource:
    """A label source in use: where it stands in the pipeline file, its losses with their weights.

    ``hides_words``: training hides words of its texts now and then.
    """

    where: str
    source: Source
    losses: tuple[tuple[Loss, float], ...]
    hides_words: bool


class RecordingServices(HostServices):
    """Services that remember which files were asked for, so that a model can take them along.

    ``copies`` stand in for some paths.
    """

    def __init__(
        self,
        registry: Registry,
        labels: tuple[str, ...],
        base_dir: Path,
        tokenizer: Tokenizer,
        copies: Mapping[str, Path],
    ) -> None:
        super().__init__(registry, labels, base_dir, tokenizer)
        self._copies = copies
        self.files: dict[str, Path] = {}

    def resolve(self, path: str) -> Path:
        """Make a path absolute, and remember it."""
        self.files[path] = self._copies[path] if path in self._copies else super().resolve(path)
        return self.files[path]


class Pipeline:
    """The parts of a pipeline.

    ``files`` are those that the matchers with the role ``feature`` read, by the path that the pipeline gives
    them: a model that is trained here takes them along. ``store`` is where its datasets are (None: where they
    are by default).
    """

    def __init__(self, config: PipelineConfig, manager: PluginManager, store: str | None = None) -> None:
        self.config = config
        self.manager = manager
        registry = manager.registry
        plain = HostServices(registry, config.labels, config.base_dir)
        part = config.tokenizer
        self.tokenizer: Tokenizer = registry.create("tokenizer", part.use, part.options, plain, part.where)
        base = registry, config.labels, config.base_dir, self.tokenizer
        recording = RecordingServices(*base, config.files)
        by_role: dict[str, list[Matcher]] = {}
        for matcher_part in config.matchers:
            # a model takes along what the matchers read that it asks about every text, and no other file
            services = recording if AT_PREDICTION & set(matcher_part.roles) else HostServices(*base)
            matcher = registry.create(
                "matcher", matcher_part.use, matcher_part.options, services, matcher_part.where
            )
            if {REQUIRE, FORBID} & set(matcher_part.roles):
                check_labels(matcher, config.labels, matcher_part.where)
            for role in matcher_part.roles:
                by_role.setdefault(role, []).append(matcher)
        self.files = recording.files
        self.services = HostServices(*base, by_role, manager=manager, store=store)
        features = by_role.get("feature")
        self.match_features = MatchFeatureExtractor(features) if features else None
        self.constraints = Constraints(by_role.get(REQUIRE, ()), by_role.get(FORBID, ()))

    def knowledge(self) -> list[BoundSource]:
        """Make the sources and losses; raises ``ConfigError`` when the pipeline has no source."""
        if not self.config.sources:
            place = self.config.path or "pipeline"
            raise ConfigError(f"{place}: sources: missing; training needs at least one source")
        return [self._knowledge(part) for part in self.config.sources]

    def _knowledge(self, part: SourcePart) -> BoundSource:
        registry = self.manager.registry
        source = registry.create("source", part.use, part.options, self.services, part.where)
        losses = tuple(
            (registry.create("loss", loss.use, loss.options, self.services, loss.where), part.weight)
            for loss in part.losses
        )
        return BoundSource(part.where, source, losses, part.hides_words)

    def evaluation(self, skip_bad: bool = False) -> ReadResult[Target] | None:
        """Read the texts to evaluate on; None when the pipeline names none."""
        part = self.config.evaluate
        if part is None:
            return None
        source = self.manager.registry.create("source", part.use, part.options, self.services, part.where)
        return collect(source.targets(), part.where, skip_bad)


def read_sources(knowledge: Sequence[BoundSource], skip_bad: bool = False) -> list[ReadResult[Target]]:
    """Read every source; raises ``CorpusError`` that lists the problems of them all."""
    gathered: list[ReadResult[Target]] = []
    errors: list[CorpusError] = []
    for item in knowledge:
        try:
            gathered.append(collect(_targets(item), item.where, skip_bad))
        except CorpusError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        problems = tuple(problem for error in errors for problem in error.problems)
        raise CorpusError("\n".join(str(error) for error in errors), problems)
    return gathered


def _targets(item: BoundSource) -> Iterator[Target | Problem]:
    return item.source.targets()


def open_pipeline(
    pipeline: Path | str | dict[str, object],
    overrides: Sequence[str] = (),
    blocked: Sequence[str] = (),
    store: str | None = None,
) -> Pipeline:
    """Load the plugins (those beside the pipeline file too), check the pipeline, and make its parts."""
    folder = Path.cwd() if isinstance(pipeline, dict) else Path(pipeline).parent
    manager = make_manager(folder, blocked)
    return Pipeline(load_config(pipeline, overrides, registry=manager.registry), manager, store)
