"""``HostServices``: what the host does for plugins while a pipeline is built and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from nerture.core.annotations.record import Problem, Record
from nerture.core.text.doc import Doc
from nerture.errors import ConfigError, DataError, Origin
from nerture.files.model_folder import Description
from nerture.interfaces import Format, Matcher, Predictor, Tokenizer
from nerture.registry import Registry

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager

STDIN = "-"


class PathResolver:
    """Makes the paths in a part's options absolute.

    A path is relative to ``folder``, and ``~`` is the user's home; a part of a saved ``model`` reads only
    files of that model's folder. ``copied`` collects the files that a model trained here keeps copies of.
    """

    def __init__(
        self, folder: Path, model: Description | None = None, copied: dict[str, Path] | None = None
    ) -> None:
        self.folder = folder.resolve()
        self._model, self._copied = model, copied

    def __call__(self, path: str) -> Path:
        """Return the absolute path.

        Raises ``ModelFileError`` if a part of a saved model asks for a file beyond its folder, and
        ``ConfigError`` for what a model cannot keep a copy of.
        """
        place = self.folder / Path(path).expanduser() if self._model is None else self._model.resolve(path)
        if self._copied is not None:
            if place.exists() and not place.is_file():
                kind = "a folder" if place.is_dir() else "a pipe or a device"
                raise ConfigError(f"{path}: expected a regular file, which the model copies, got {kind}")
            if self._copied.setdefault(path, place) != place:
                raise ConfigError(f"{path}: expected one file, got {self._copied[path]} and {place}")
        return place


class LoadedModel(Protocol):
    """The parts of ``nerture.Model`` that services take over."""

    tokenizer: Tokenizer

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it gives."""

    @property
    def manager(self) -> PluginManager:
        """The plugins."""


class OpenedPipeline(Protocol):
    """The parts of ``nerture.pipeline.Pipeline`` that services take over."""

    tokenizer: Tokenizer
    manager: PluginManager


class HostServices:
    """The services of one pipeline: its labels, its tokenizer, and how its paths are resolved.

    ``tokenizer`` is None for the English one, which ``Doc`` uses by default. ``matchers`` are the pipeline's,
    by role. ``manager`` has the plugins that models may need. ``store`` is where datasets are: a path or URL,
    or None for the default place.
    """

    def __init__(
        self,
        registry: Registry,
        labels: tuple[str, ...],
        resolve: PathResolver,
        *,
        tokenizer: Tokenizer | None = None,
        matchers: Mapping[str, Sequence[Matcher]] | None = None,
        manager: PluginManager | None = None,
        store: str | None = None,
    ) -> None:
        self.registry, self.tokenizer = registry, tokenizer
        self._labels, self._resolver = labels, resolve
        self._matchers, self._manager = dict(matchers or {}), manager
        self._store = store
        self._models: dict[Path, Predictor] = {}

    @classmethod
    def bare(
        cls,
        registry: Registry,
        labels: Sequence[str] = (),
        folder: Path | None = None,
        tokenizer: Tokenizer | None = None,
    ) -> Self:
        """Make services without a pipeline; ``folder`` is the working folder by default."""
        return cls(registry, tuple(labels), PathResolver(folder or Path.cwd()), tokenizer=tokenizer)

    @classmethod
    def for_model(cls, model: LoadedModel) -> Self:
        """Make services with a model's labels, tokenizer and plugins, and paths from the working folder."""
        return cls(
            model.manager.registry, model.labels, PathResolver(Path.cwd()),
            tokenizer=model.tokenizer, manager=model.manager,
        )  # fmt: skip

    @classmethod
    def for_pipeline(
        cls,
        pipeline: OpenedPipeline,
        labels: Iterable[str],
        folder: Path,
        store: str | None = None,
    ) -> Self:
        """Make services with a pipeline's tokenizer and plugins, but with other labels, folder and store.

        Labels that occur twice are taken once.
        """
        return cls(
            pipeline.manager.registry, tuple(dict.fromkeys(labels)), PathResolver(folder),
            tokenizer=pipeline.tokenizer, manager=pipeline.manager, store=store,
        )  # fmt: skip

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the pipeline, in order."""
        return self._labels

    def resolve(self, path: str) -> Path:
        """Make a path absolute: it is relative to the pipeline's folder, and ``~`` is the user's home."""
        return self._resolver(path)

    def doc(self, record: Record) -> Doc:
        """Make the record's Doc: with its own tokens if it has any, else with the pipeline's tokenizer.

        Raises ``DataError`` with the record's line if its tokens do not fit its text.
        """
        if record.offsets is None:
            return Doc(record.text, self.tokenizer)
        try:
            return Doc.from_offsets(record.text, record.offsets)
        except DataError as error:
            raise DataError(str(error), record.origin) from error

    def read(self, path: str, format: Format = None) -> Iterator[Record | Problem]:
        """Read a file (gzip, ``-`` for standard input) with the named reader, or the one for its ending."""
        from nerture.files.corpus import read_records

        place = STDIN if path == STDIN else self.resolve(path)
        return read_records(place, self.registry, self, format=format)

    def dataset(self, name: str) -> Iterator[Record | Problem]:
        """Read the current answers of a dataset; raises ``DataError`` if there is no such dataset."""
        from nerture.core.annotations.json_rows import read_row
        from nerture.store.columns import as_json
        from nerture.store.store import Store

        with Store.open(self._store, create=False) as store:
            for number, answer in enumerate(store.answers(name), 1):
                yield from read_row(answer.row, Origin(f"dataset {name}", number), as_json(answer.row))

    def model(self, path: str) -> Predictor:
        """Load a model folder, once; raises ``ModelFileError`` if it is missing or damaged."""
        from nerture import load

        place = self.resolve(path)
        if place not in self._models:
            self._models[place] = load(place, self._manager)
        return self._models[place]

    def matchers(self, role: str) -> tuple[Matcher, ...]:
        """Return the pipeline's matchers with this role, in order."""
        return tuple(self._matchers.get(role, ()))
