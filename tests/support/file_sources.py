"""A registry of the built-in readers and the sources of files, and services with a tokenizer of one line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nerture.core.text.doc import Doc
from nerture.files.corpus import read_records
from nerture.interfaces import Options
from nerture.plugins import answers, conll, gold, jsonl, plain_text, tuples


class Registry:
    """Names to factories, as the host keeps them."""

    def __init__(self):
        self.entries = {}
        for plugin in (conll, jsonl, plain_text, tuples):
            plugin.nerture_register_readers(self.taker("reader"))
        for source in (answers, gold):
            source.nerture_register_sources(self.taker("source"))

    def taker(self, kind):
        def register(name, factory, config=Options):
            self.entries[kind, name] = (factory, config)

        return register

    def names(self, kind):
        return tuple(sorted(name for of, name in self.entries if of == kind))

    def create(self, kind, name, options, services, where=""):
        factory, config = self.entries[kind, name]
        return factory(options if isinstance(options, Options) else config(**options), services)


class Services:
    """Words, and everything else that is no space one by one, are tokens."""

    def __init__(self, registry, folder, labels=()):
        self.registry, self.folder, self.labels = registry, folder, tuple(labels)

    def resolve(self, path):
        return self.folder / path

    def doc(self, record):
        if record.offsets is not None:
            return Doc.from_offsets(record.text, record.offsets)
        found = [match.span() for match in re.finditer(r"\w+|[^\w\s]", record.text)]
        return Doc.from_offsets(record.text, np.array(found, dtype=np.int32).reshape(-1, 2))

    def read(self, path, format=None):
        return read_records(self.resolve(path), self.registry, self, format, named_by="pipeline.yaml:3")


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def services(registry, tmp_path):
    return Services(registry, tmp_path)


@pytest.fixture
def pipeline(registry, tmp_path):
    """Make a pipeline of sources, `gold` unless they say otherwise: (config, services)."""

    def make(labels, sources, evaluate=None):
        def part(options, where):
            use = options.get("use", "gold")
            given = {name: value for name, value in options.items() if name != "use"}
            config = registry.entries["source", use][1]
            return SimpleNamespace(use=use, options=config(**given), where=f"pipeline.yaml:{where}")

        config = SimpleNamespace(
            path=Path("pipeline.yaml"),
            labels=tuple(labels),
            sources=[part(options, index) for index, options in enumerate(sources)],
            evaluate=None if evaluate is None else part(evaluate, 9),
            session=None,
        )
        return config, Services(registry, tmp_path, labels)

    return make


@pytest.fixture
def write(tmp_path):
    """Write rows as a JSON lines file; a string stands as it is."""

    def write(name, *rows):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return tmp_path / name

    return write
