import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from nerture.core.annotations.record import Record
from nerture.errors import ConfigError, DataError, ModelFileError, Origin
from nerture.hosting.manager import make_manager
from nerture.hosting.services import HostServices, PathResolver
from nerture.registry import Registry
from nerture.testing.samples import word_offsets


@pytest.fixture
def services(tmp_path):
    return HostServices.bare(Registry(), ("A", "B"), tmp_path, word_offsets)


def test_labels(services):
    assert services.labels == ("A", "B")


def test_paths_are_relative_to_the_pipeline(services, tmp_path, monkeypatch):
    assert services.resolve("a/b.jsonl") == tmp_path / "a" / "b.jsonl"
    assert services.resolve("/a/b.jsonl") == Path("/a/b.jsonl")
    monkeypatch.setenv("HOME", "/home/me")
    assert services.resolve("~/b.jsonl") == Path("/home/me/b.jsonl")


def test_a_relative_base_dir_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    services = HostServices.bare(Registry(), folder=Path())
    monkeypatch.chdir("/")
    assert services.resolve("x") == tmp_path / "x"


def test_a_record_without_tokens_is_tokenized(services):
    assert services.doc(Record("ab c", Origin("x", 1))).words == ["ab", "c"]


def test_a_record_keeps_its_own_tokens(services):
    offsets = np.array([[0, 1], [1, 4]], np.int32)
    assert services.doc(Record("ab c", Origin("x", 1), offsets)).words == ["a", "b c"]


def test_tokens_that_do_not_fit_are_named_with_their_line(services):
    with pytest.raises(DataError, match=r"^x:7: tokens: expected"):
        services.doc(Record("ab c", Origin("x", 7), np.array([[0, 9]], np.int32)))


def test_reading_is_the_corpus_business(services, tmp_path, monkeypatch):
    asked = []
    corpus = ModuleType("nerture.files.corpus")
    corpus.read_records = lambda *arguments, **options: iter(asked.append((arguments, options)) or [])
    monkeypatch.setitem(sys.modules, "nerture.files.corpus", corpus)
    assert list(services.read("a.jsonl")) == []
    assert list(services.read("-", format="jsonl")) == []
    assert asked == [
        ((tmp_path / "a.jsonl", services.registry, services), {"format": None}),
        (("-", services.registry, services), {"format": "jsonl"}),
    ]


def test_a_model_is_loaded_once(services, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("nerture.load", lambda path, manager: asked.append(path) or object())
    assert services.model("one") is services.model(str(tmp_path / "one"))
    assert services.model("two") is not services.model("one")
    assert asked == [tmp_path / "one", tmp_path / "two"]


def test_a_model_that_is_missing(services):
    with pytest.raises(ModelFileError, match="gone"):
        services.model("gone")


def test_matchers_by_their_role(services, tmp_path):
    first, second = (lambda doc: []), (lambda doc: [])
    paths = PathResolver(tmp_path)
    known = HostServices(Registry(), (), paths, matchers={"weak": [first, second], "feature": [second]})
    assert known.matchers("weak") == (first, second)
    assert known.matchers("feature") == (second,)
    assert known.matchers("question") == services.matchers("weak") == ()


def test_files_that_a_model_copies_are_collected(tmp_path):
    copied = {}
    services = HostServices(Registry(), (), PathResolver(tmp_path, copied=copied))
    assert services.resolve("b.jsonl") == tmp_path / "b.jsonl"
    assert copied == {"b.jsonl": tmp_path / "b.jsonl"}
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="folder: expected a regular file"):
        services.resolve("folder")


def test_services_of_a_model_and_of_a_pipeline(tmp_path, monkeypatch):
    manager = make_manager(builtin=(), environ={})
    parts = SimpleNamespace(labels=("A",), tokenizer=word_offsets, manager=manager)
    monkeypatch.chdir(tmp_path)
    for_model = HostServices.for_model(parts)
    assert (for_model.labels, for_model.tokenizer, for_model.registry) == (
        ("A",),
        word_offsets,
        manager.registry,
    )
    assert for_model.resolve("x") == tmp_path / "x"
    for_pipeline = HostServices.for_pipeline(parts, ["B", "A", "B"], tmp_path / "folder")
    assert (for_pipeline.labels, for_pipeline.tokenizer) == (("B", "A"), word_offsets)
    assert for_pipeline.resolve("x") == tmp_path / "folder" / "x"
