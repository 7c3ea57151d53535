"""The files that a model keeps copies of, and pipelines that no model can keep."""

from __future__ import annotations

import json
import os

import pytest

from nerture.errors import ConfigError, ModelFileError
from nerture.models.model import load
from nerture.pipeline import open_pipeline
from nerture.training.train import train

from ...support.special_files import within_seconds
from ...support.tiny_corpus import pipeline, write_corpus

TOKENIZER = """
from nerture import hookimpl
from nerture.interfaces import Options
from nerture.testing.samples import word_offsets

class Where(Options):
    path: str

def make(options, services):
    assert services.resolve(options.path).read_text() == "what the tokenizer knows"
    return word_offsets

@hookimpl
def nerture_register_tokenizers(register):
    register("reading", make, config=Where)
"""


@pytest.fixture
def folder(tmp_path):
    return write_corpus(tmp_path)


def test_a_pipeline_that_no_model_can_keep_is_refused_before_training(folder):
    config = pipeline(folder)
    config["sources"] *= 3000
    with pytest.raises(ModelFileError, match=r"cannot be saved with its model: .*at most 262,144 bytes"):
        train(config, folder / "model")
    assert not (folder / "model").exists()


def test_a_model_keeps_copies_of_the_files_of_its_tokenizer(folder, monkeypatch):
    (folder / "nerture_plugins.py").write_text(TOKENIZER)
    (folder / "known.txt").write_text("what the tokenizer knows")
    path = folder / "pipeline.yaml"
    path.write_text(json.dumps(pipeline(folder, tokenizer={"use": "reading", "path": "known.txt"})))
    train(path, folder / "model")
    (folder / "known.txt").unlink()
    monkeypatch.chdir(folder)
    assert load(folder / "model").labels == ("DRUG", "CITY")
    started = pipeline(folder, start=str(folder / "model"))
    del started["tokenizer"], started["model"]
    train(started, folder / "next")
    assert load(folder / "next").labels == ("DRUG", "CITY")


@pytest.mark.parametrize(("make", "kind"), [(os.mkfifo, "a pipe or a device"), (os.mkdir, "a folder")])
def test_what_a_model_cannot_copy_is_refused_before_training(folder, monkeypatch, make, kind):
    (folder / "nerture_plugins.py").write_text(TOKENIZER)
    make(folder / "known.txt")
    monkeypatch.chdir(folder)
    with (
        pytest.raises(ConfigError, match=rf"known\.txt: expected a regular file, .*got {kind}"),
        within_seconds(10),
    ):
        open_pipeline(pipeline(folder, tokenizer={"use": "reading", "path": "known.txt"}))
