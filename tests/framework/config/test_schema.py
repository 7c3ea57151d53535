import json

import pytest

from nerture.config import load_config
from nerture.config.schema import make_pipeline_schema
from nerture.errors import ConfigError
from nerture.hosting.manager import make_manager
from nerture.interfaces import Options
from nerture.registry import Registry
from nerture.registry.guard import PluginInfo

jsonschema = pytest.importorskip(
    "jsonschema", reason="jsonschema is not installed: schemas are checked by shape only"
)

GOOD = {
    "nerture": 1,
    "labels": ["A"],
    "tokenizer": {"use": "english"},
    "model": {"width": 64, "max_entity_tokens": None},
    "matchers": [{"use": "regex", "as": ["feature"], "label": "A", "pattern": "a"}],
    "sources": [
        {"use": "gold", "path": "a", "loss": ["oracle", {"use": "beam", "width": 2}], "weight": 2},
        {"use": "gold", "path": "a", "complete": ["A"], "loss": "beam"},
    ],
    "train": {"seed": 1},
    "evaluate": {"use": "gold", "path": "a"},
}


@pytest.fixture
def check(registry):
    return jsonschema.Draft202012Validator(make_pipeline_schema(registry)).is_valid


@pytest.mark.parametrize("builtin", [True, False])
def test_it_is_a_schema(registry, builtin):
    registry = make_manager(environ={"NERTURE_BLOCK": ""}).registry if builtin else registry
    schema = make_pipeline_schema(registry)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_good_pipeline_is_valid_and_so_is_what_nerture_writes(check, registry):
    assert check(GOOD)
    config = load_config(GOOD, registry=registry)
    assert check(config.as_dict())
    assert check({"nerture": 1, "labels": ["A"], "sources": None})


@pytest.mark.parametrize(
    "change",
    [
        {"nerture": 2},
        {"labels": []},
        {"labels": ["A", "A"]},
        {"colour": 1},
        {"tokenizer": {"use": "klingon"}},
        {"tokenizer": {}},
        {"model": {"width": "wide"}},
        {"model": {"width": 4}},
        {"matchers": [{"use": "regex", "label": "A", "pattern": "a"}]},
        {"matchers": [{"use": "regex", "as": [], "label": "A", "pattern": "a"}]},
        {"sources": [{"use": "gold"}]},
        {"sources": [{"use": "gold", "path": "a", "loss": "orcale"}]},
        {"sources": [{"use": "gold", "path": "a", "loss": {"use": "beam", "height": 2}}]},
        {"sources": [{"use": "gold", "path": "a", "weight": 0}]},
        {"evaluate": {"use": "gold", "path": "a", "weight": 2}},
    ],
)
def test_what_nerture_refuses_the_schema_refuses(check, registry, change):
    assert not check(GOOD | change)
    with pytest.raises(ConfigError, match="pipeline"):
        load_config(GOOD | change, registry=registry)


def test_a_source_that_reads_rows_has_exactly_one_place():
    registry = make_manager(environ={"NERTURE_BLOCK": ""}).registry
    check = jsonschema.Draft202012Validator(make_pipeline_schema(registry)).is_valid
    for name in ("gold", "answers"):
        for keys, good in (
            ({"path": "a"}, True), ({"dataset": "a"}, True), ({"path": None, "dataset": "a"}, True),
            ({}, False), ({"path": "a", "dataset": "a"}, False),
        ):  # fmt: skip
            assert check({"nerture": 1, "labels": ["A"], "sources": [{"use": name, **keys}]}) is good


def test_nested_models_of_two_plugins_do_not_meet():
    def options(kind):
        class Inner(Options):
            value: kind

        class Outer(Options):
            inner: Inner

        return Outer

    registry = Registry()
    for name, kind in (("number", int), ("text", str)):
        registry.add("tokenizer", name, lambda o, s: o, options(kind), PluginInfo(name, "1", "package"))
    valid = jsonschema.Draft202012Validator(make_pipeline_schema(registry)).is_valid
    for name, value, expected in [
        ("number", 1, True),
        ("number", "1", False),
        ("text", "1", True),
        ("text", 1, False),
    ]:
        part = {"use": name, "inner": {"value": value}}
        assert valid({"nerture": 1, "labels": ["A"], "tokenizer": part}) is expected


def test_a_host_without_parts_has_a_schema():
    assert make_pipeline_schema(Registry())["properties"]["sources"]["anyOf"][0]["items"] == {"not": {}}
