"""The key ``start``: what is refused and where, and what the pipeline leaves to the model."""

from __future__ import annotations

import json

import pytest
import yaml

from nerture.config import load_config
from nerture.config.schema import make_pipeline_schema
from nerture.errors import ConfigError, ModelFileError
from nerture.hosting.manager import make_manager
from nerture.pipeline import open_pipeline
from nerture.training.training_data import read_training_data

from ...support.special_files import within_seconds
from ...support.updates import update


def config_of(path, *overrides):
    return load_config(path, overrides, registry=make_manager(path.parent).registry)


def errors(path, *overrides):
    """The lines of the error, the folder cut off."""
    with pytest.raises(ConfigError) as caught:
        config_of(path, *overrides)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


def line_of(path, key):
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if f'"{key}"' in line)


def test_defaults_are_those_of_the_start_model(folder):
    path = update(folder)
    config = config_of(path)
    assert (config.model.width, config.model.depth) == (16, 1)
    assert config.tokenizer.use == "english"
    assert (config.start.folder, config.start.rehearse) == (folder / "old", True)
    again = load_config(
        config.as_dict() | {"start": str(folder / "old")}, registry=make_manager(folder).registry
    )
    assert again.model == config.model


def test_the_long_form_and_the_short_form_say_the_same(folder):
    short = config_of(update(folder)).start
    long = config_of(update(folder, start={"model": "old", "rehearse": True})).start
    assert short.as_dict() == long.as_dict()
    other = config_of(update(folder), "start={model: old, rehearse: false, rehearse_weight: 0.5}").start
    assert (other.rehearse, other.rehearse_weight) == (False, 0.5)
    assert config_of(update(folder, start={"model": "old"}), "start.rehearse=false").start.rehearse is False


def test_the_schema_knows_it(folder):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    registry = make_manager().registry
    valid = jsonschema.Draft202012Validator(make_pipeline_schema(registry)).is_valid
    for start, good in [
        ("old", True),
        (None, True),
        ({"model": "old", "rehearse": False, "rehearse_weight": 2, "rehearse_texts": "raw.txt"}, True),
        ({"rehearse": False}, False),
        ({"model": "old", "rehearse_weight": 0}, False),
        ({"model": "old", "texts": "raw.txt"}, False),
        ("", False),
        (3, False),
    ]:
        assert valid({"nerture": 1, "labels": ["DRUG"], "start": start}) is good, start
        path = update(folder, start=start)
        if good:
            config_of(path)
        else:
            assert all(line.startswith(f"update.yaml:{line_of(path, 'start')}") or "rehearse" in line
                       or "texts" in line for line in errors(path))  # fmt: skip


def test_a_folder_that_is_not_there(folder):
    path = update(folder, start="odl")
    assert errors(path) == [
        f"update.yaml:{line_of(path, 'start')}: start: odl: not a model folder: it has no meta.json"
    ]
    path = update(folder, start={"model": "odl"})
    assert errors(path)[0].startswith(
        f"update.yaml:{line_of(path, 'start') + 1}: start.model: odl: not a model"
    )
    assert errors(update(folder), "start=odl")[0].startswith(
        "--set start=odl: start: odl: not a model folder"
    )


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("meta.json", "{", "damaged"),
        ("meta.json", '{"format": 99}', "saved by a newer version"),
        ("meta.json", '{"format": 1, "labels": ["A"], "files": {}}', "damaged"),
        (
            "meta.json",
            '{"format": 1, "labels": ["A"], "files": {}, "longest_entity": 0, "settings": {}}',
            "damaged",
        ),
        ("config.yaml", "- a", "damaged"),
        ("config.yaml", "labels: [A]", "damaged"),
        ("config.yaml", "{tokenizer: {use: english}, matchers: 3}", "damaged"),
    ],
)
def test_a_damaged_or_newer_model_is_one_message_with_its_place(folder, file, text, expected):
    (folder / "old" / file).write_text(text)
    path = update(folder)
    (line,) = errors(path)
    assert line.startswith(f"update.yaml:{line_of(path, 'start')}: start: old")
    assert expected in line


def test_damaged_weights_too(folder):
    (folder / "old" / "model.safetensors").write_bytes(b"nothing")
    path = update(folder)
    with pytest.raises(ConfigError, match=rf"update\.yaml:{line_of(path, 'start')}: start: .*damaged"):
        read_training_data(open_pipeline(path))


def test_a_tokenizer_that_no_plugin_brings(folder):
    config = folder / "old" / "config.yaml"
    config.write_text(config.read_text().replace("use: english", "use: klingon"))
    path = update(folder)
    (line,) = errors(path)
    assert line.startswith(f"update.yaml:{line_of(path, 'start')}: start.tokenizer.use: unknown tokenizer")
    assert config_of(update(folder, tokenizer={"use": "english"})).tokenizer.use == "english"


def test_a_shape_that_the_model_does_not_have_is_refused_with_both_values(folder):
    path = update(folder)
    for name, stated, own in (("width", 32, 16), ("depth", 3, 1), ("pieces", 3, 2), ("hidden", 16, 8)):
        assert errors(path, f"model.{name}={stated}") == [
            f"--set model.{name}={stated}: model.{name}: expected {own}, as in the start model old, "
            f"got {stated}; leave it out, or train without `start`"
        ]
        config_of(path, f"model.{name}={own}")
    assert errors(path, "model.max_entity_tokens=5") == [
        "--set model.max_entity_tokens=5: model.max_entity_tokens: expected 10 or more, "
        "the longest entity of old, got 5"
    ]
    assert config_of(path, "model.max_entity_tokens=12").model.max_entity_tokens == 12


RULES = json.dumps({"label": "DRUG", "pattern": "Aspirin"})


def add_matcher(folder, path):
    """Write a pattern file next to the pipeline, and give the start model a matcher that reads ``path``."""
    (folder / "rules.jsonl").write_text(RULES)
    config = folder / "old" / "config.yaml"
    matcher = {"use": "patterns", "path": path, "as": "require"}
    config.write_text(json.dumps(yaml.safe_load(config.read_text()) | {"matchers": [matcher]}))


@pytest.mark.parametrize("path", ["../rules.jsonl", "rules.jsonl", "/dev/null"])
def test_the_models_matchers_read_nothing_beyond_its_folder(folder, path):
    """A file next to the pipeline would become a file of the new model."""
    add_matcher(folder, path)
    with pytest.raises(ModelFileError) as caught, within_seconds(10):
        open_pipeline(update(folder))
    assert f"the path {path!r}: expected a regular file within {folder / 'old'}, got" in str(caught.value)
    assert "start.matchers[0]" in str(caught.value)


def test_the_models_matchers_read_files_of_its_folder(folder):
    add_matcher(folder, "own.jsonl")
    (folder / "old" / "own.jsonl").write_text(RULES)
    assert open_pipeline(update(folder)).files == {"own.jsonl": folder / "old" / "own.jsonl"}


TOKENIZER = """
from nerture import hookimpl
from nerture.interfaces import Options
from nerture.testing.samples import word_offsets

class Where(Options):
    path: str

def make(options, services):
    services.resolve(options.path)
    return word_offsets

@hookimpl
def nerture_register_tokenizers(register):
    register("reading", make, config=Where)
"""


def test_a_path_is_that_of_one_file(folder):
    (folder / "old" / "rules.jsonl").write_text(RULES)
    add_matcher(folder, "rules.jsonl")
    (folder / "nerture_plugins.py").write_text(TOKENIZER)
    with pytest.raises(ConfigError, match=r"rules\.jsonl: expected one file, got .* and .*old/rules\.jsonl"):
        open_pipeline(update(folder, tokenizer={"use": "reading", "path": "rules.jsonl"}))
