"""``Pipeline``: a checked pipeline file with its parts, made by their plugins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nerture.config import PipelineConfig, SourcePart, load_config
from nerture.core.targets.target import Target
from nerture.errors import ConfigError, CorpusError
from nerture.files.corpus import ReadResult, collect
from nerture.hosting.manager import PluginManager, make_manager
from nerture.hosting.services import HostServices, PathResolver
from nerture.interfaces import Loss, Source, Tokenizer
from nerture.models.parts import make_parts


@dataclass(frozen=True, slots=True)
class BoundSource:
    """A label source of a pipeline: where it is in the pipeline file, and its losses with their weights.

    If ``hides_words``, training sometimes hides words of its texts.
    """

    where: str
    source: Source
    losses: tuple[tuple[Loss, float], ...]
    hides_words: bool


class Pipeline:
    """The parts of a pipeline.

    ``files`` are those that its tokenizer, and its matchers at prediction, read, by their paths in the
    pipeline file: a model that is trained here keeps copies of them. ``store`` is where its datasets are
    (None for the default place).
    """

    def __init__(self, config: PipelineConfig, manager: PluginManager, store: str | None = None) -> None:
        self.config = config
        self.manager = manager
        parts = make_parts(
            manager.registry, config.labels, config.base_dir, config.tokenizer, config.matchers
        )
        self.tokenizer: Tokenizer = parts.tokenizer
        self.files = dict(parts.files)
        self.match_features = parts.match_features
        self.constraints = parts.constraints
        self.services = HostServices(
            manager.registry, config.labels, PathResolver(config.base_dir),
            tokenizer=parts.tokenizer, matchers=parts.matchers, manager=manager, store=store,
        )  # fmt: skip

    def make_sources(self) -> list[BoundSource]:
        """Make the sources and losses; raises ``ConfigError`` if the pipeline has no source."""
        if not self.config.sources:
            place = self.config.path or "pipeline"
            raise ConfigError(f"{place}: sources: missing; training needs at least one source")
        return [self._make_source(part) for part in self.config.sources]

    def _make_source(self, part: SourcePart) -> BoundSource:
        registry = self.manager.registry
        source = registry.create("source", part.use, part.options, self.services, part.where)
        losses = tuple(
            (registry.create("loss", loss.use, loss.options, self.services, loss.where), part.weight)
            for loss in part.losses
        )
        return BoundSource(part.where, source, losses, part.hides_words)

    def read_evaluation(self, skip_bad: bool = False) -> ReadResult[Target] | None:
        """Read the texts to evaluate on; None if the pipeline names none."""
        part = self.config.evaluate
        if part is None:
            return None
        source = self.manager.registry.create("source", part.use, part.options, self.services, part.where)
        return collect(source.targets(), part.where, skip_bad)


def read_sources(sources: Sequence[BoundSource], skip_bad: bool = False) -> list[ReadResult[Target]]:
    """Read every source; raises ``CorpusError`` with the problems of all of them."""
    results: list[ReadResult[Target]] = []
    errors: list[CorpusError] = []
    for bound in sources:
        try:
            results.append(collect(bound.source.targets(), bound.where, skip_bad))
        except CorpusError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        problems = tuple(problem for error in errors for problem in error.problems)
        raise CorpusError("\n".join(str(error) for error in errors), problems)
    return results


def open_pipeline(
    pipeline: Path | str | dict[str, object],
    overrides: Sequence[str] = (),
    blocked: Sequence[str] = (),
    store: str | None = None,
) -> Pipeline:
    """Load the plugins, including those next to the pipeline file, check the pipeline, and make its parts."""
    folder = Path.cwd() if isinstance(pipeline, dict) else Path(pipeline).parent
    manager = make_manager(folder, blocked)
    return Pipeline(load_config(pipeline, overrides, registry=manager.registry), manager, store)
