"""``HostServices``: what the host does for plugins while a pipeline is built and run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nerture.core.annotations.record import Problem, Record
from nerture.core.text.doc import Doc
from nerture.errors import DataError, Origin
from nerture.interfaces import Format, Matcher, Predictor, Tokenizer
from nerture.registry import Registry

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager

STDIN = "-"


class HostServices:
    """The services of one pipeline: its labels, its tokenizer, and paths relative to ``base_dir``.

    ``tokenizer`` None stands for the English one, which ``Doc`` uses by itself. ``matchers`` are the
    pipeline's by their role, ``manager`` has the plugins that models may need; ``store`` is where datasets
    are: a path or URL, or None for the place where they are by default.
    """

    def __init__(
        self,
        registry: Registry,
        labels: tuple[str, ...],
        base_dir: Path,
        tokenizer: Tokenizer | None = None,
        matchers: Mapping[str, Sequence[Matcher]] | None = None,
        *,
        manager: PluginManager | None = None,
        store: str | None = None,
    ) -> None:
        self.registry, self.tokenizer = registry, tokenizer
        self._labels, self.base_dir = labels, base_dir.resolve()
        self._matchers, self._manager = dict(matchers or {}), manager
        self._store = store
        self._models: dict[Path, Predictor] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the pipeline, in order."""
        return self._labels

    def resolve(self, path: str) -> Path:
        """Make a path absolute: it is relative to the pipeline's folder, and ``~`` is the user's home."""
        return self.base_dir / Path(path).expanduser()

    def doc(self, record: Record) -> Doc:
        """Make the record's Doc: with its own tokens if it brings any, else with the pipeline's tokenizer.

        Raises ``DataError`` naming the record's line when its tokens do not fit its text.
        """
        if record.offsets is None:
            return Doc(record.text, self.tokenizer)
        try:
            return Doc.from_offsets(record.text, record.offsets)
        except DataError as error:
            raise DataError(str(error), record.origin) from error

    def read(self, path: str, format: Format = None) -> Iterator[Record | Problem]:
        """Read a file (gzip, ``-`` for standard input) with the named reader, or the one its ending says."""
        from nerture.files.corpus import read_records

        place = STDIN if path == STDIN else self.resolve(path)
        return read_records(place, self.registry, self, format=format)

    def dataset(self, name: str) -> Iterator[Record | Problem]:
        """Read the answers of a dataset that stand; raises ``DataError`` when there is none of that name."""
        from nerture.core.annotations.json_rows import read_row
        from nerture.store.columns import as_json
        from nerture.store.store import Store

        with Store.open(self._store, create=False) as store:
            for number, answer in enumerate(store.answers(name), 1):
                yield from read_row(answer.row, Origin(f"dataset {name}", number), as_json(answer.row))

    def model(self, path: str) -> Predictor:
        """Load a model folder, once; raises ``ModelFileError`` when it is missing or damaged."""
        from nerture import load

        place = self.resolve(path)
        if place not in self._models:
            self._models[place] = load(place, self._manager)
        return self._models[place]

    def matchers(self, role: str) -> tuple[Matcher, ...]:
        """Return the pipeline's matchers whose hits enter in this role, in order."""
        return tuple(self._matchers.get(role, ()))
