import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nerture.core.annotations.record import Record
from nerture.errors import DataError, ModelFileError, Origin
from nerture.hosting.services import HostServices
from nerture.registry import Registry
from nerture.testing.samples import word_offsets


@pytest.fixture
def services(tmp_path):
    return HostServices(Registry(), ("A", "B"), tmp_path, word_offsets)


def test_labels(services):
    assert services.labels == ("A", "B")


def test_paths_are_relative_to_the_pipeline(services, tmp_path, monkeypatch):
    assert services.resolve("a/b.jsonl") == tmp_path / "a" / "b.jsonl"
    assert services.resolve("/a/b.jsonl") == Path("/a/b.jsonl")
    monkeypatch.setenv("HOME", "/home/me")
    assert services.resolve("~/b.jsonl") == Path("/home/me/b.jsonl")


def test_a_relative_base_dir_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    services = HostServices(Registry(), (), Path())
    monkeypatch.chdir("/")
    assert services.resolve("x") == tmp_path / "x"


def test_a_record_without_tokens_is_tokenized(services):
    assert services.doc(Record("ab c", Origin("x", 1))).words == ["ab", "c"]


def test_a_record_keeps_its_own_tokens(services):
    offsets = np.array([[0, 1], [1, 4]], np.int32)
    assert services.doc(Record("ab c", Origin("x", 1), offsets)).words == ["a", "b c"]


def test_tokens_that_do_not_fit_are_named_with_their_line(services):
    with pytest.raises(DataError, match=r"^x:7: tokens cover"):
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
    known = HostServices(Registry(), (), tmp_path, None, {"weak": [first, second], "feature": [second]})
    assert known.matchers("weak") == (first, second)
    assert known.matchers("feature") == (second,)
    assert known.matchers("question") == services.matchers("weak") == ()
