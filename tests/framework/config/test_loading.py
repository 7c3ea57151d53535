import contextlib
import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerture.config import load_config
from nerture.config.settings_model import make_settings_model
from nerture.core.network.settings import ModelSettings, TrainSettings
from nerture.errors import ConfigError
from nerture.interfaces import Options
from nerture.registry import Registry
from nerture.registry.guard import PluginInfo

FULL = """\
nerture: 1
labels: [DRUG, NO]
tokenizer: {use: english}
model: {width: 64, depth: 2}
matchers:
  - {use: regex, as: feature, label: DRUG, pattern: "a+"}
sources:
  - {use: gold, path: one.jsonl}
  - use: gold
    path: ${DATA}/two.jsonl
    complete: [DRUG]
    loss: [oracle, {use: beam, width: 4}]
    weight: 2
train: {seed: 3, learn_rate: 1e-2}
evaluate: {use: gold, path: dev.jsonl}
"""

SMALL = {"nerture": 1, "labels": ["A"]}


@pytest.fixture
def load(tmp_path, registry):
    def load(text, *overrides, environ=None):
        path = tmp_path / "pipeline.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(path, overrides, registry=registry, environ=environ or {"DATA": "/data"})

    return load


@pytest.fixture
def errors(load, tmp_path):
    """The lines of the error, the folder cut off."""

    def errors(text, *overrides):
        with pytest.raises(ConfigError) as caught:
            load(text, *overrides)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return errors


def test_everything_at_its_place(load, tmp_path):
    config = load(FULL)
    assert config.path == tmp_path / "pipeline.yaml"
    assert config.base_dir == tmp_path
    assert config.labels == ("DRUG", "NO")
    assert config.tokenizer.use == "english"
    assert config.model == ModelSettings(width=64, depth=2)
    assert config.train == TrainSettings(seed=3, learn_rate=0.01)
    (matcher,) = config.matchers
    assert (matcher.use, matcher.roles, matcher.options.pattern) == ("regex", ("feature",), "a+")
    one, two = config.sources
    assert [loss.use for loss in one.losses] == ["oracle"]
    assert one.weight == 1.0
    assert [(loss.use, loss.options.model_dump()) for loss in two.losses] == [
        ("oracle", {}),
        ("beam", {"width": 4}),
    ]
    assert (two.options.path, two.options.complete, two.weight) == ("/data/two.jsonl", ("DRUG",), 2.0)
    assert config.evaluate.options.path == "dev.jsonl"
    assert two.where == f"{tmp_path}/pipeline.yaml:9: sources[1]"
    assert two.losses[1].where == f"{tmp_path}/pipeline.yaml:12: sources[1].loss[1]"


def test_little_is_needed(registry):
    config = load_config(SMALL, registry=registry)
    assert (config.tokenizer.use, config.matchers, config.sources, config.evaluate) == (
        "english",
        (),
        (),
        None,
    )
    assert config.model == ModelSettings()
    assert config.train == TrainSettings()
    assert config.path is None


def test_an_empty_section_is_none(load):
    assert (
        load("nerture: 1\nlabels: [A]\nmatchers:\nsources:\nmodel:\ntrain:\nevaluate:\ntokenizer:\n").sources
        == ()
    )


def test_as_dict_round_trips(load, registry):
    config = load(FULL)
    again = load_config(config.as_dict(), registry=registry)
    assert again.as_dict() == config.as_dict()
    assert [source.options for source in again.sources] == [source.options for source in config.sources]
    assert again.model == config.model
    assert again.train == config.train


def test_a_mapping_is_taken_as_it_stands(registry, tmp_path):
    given_ = SMALL | {"sources": ({"use": "gold", "path": tmp_path / "${X}"},)}
    assert load_config(given_, registry=registry).sources[0].options.path == f"{tmp_path}/${{X}}"


def test_overrides_do_not_change_the_callers_mapping(registry):
    given_ = SMALL | {"train": {"seed": 1}}
    assert load_config(given_, ["train.seed=2"], registry=registry).train.seed == 2
    assert given_["train"] == {"seed": 1}


@pytest.mark.parametrize("odd", [{1: 2}, {"a": object()}, {"a": b"x"}, {"a": {1, 2}}])
def test_what_yaml_cannot_say_is_refused(registry, odd):
    with pytest.raises(ConfigError, match=r"^pipeline: train"):
        load_config(SMALL | {"train": odd}, registry=registry)


def test_a_mapping_that_holds_itself_is_refused(registry):
    loop = dict(SMALL)
    loop["train"] = loop
    with pytest.raises(ConfigError, match="levels of nesting"):
        load_config(loop, registry=registry)


def test_all_errors_at_once_in_the_order_of_the_file(errors):
    text = """\
nerture: 1
labels: [DRUG, DRUG]
tokenizer: {use: englsh}
model: {width: wide, dept: 4, hidden: true, pieces: 99}
matchers:
  - {use: regex, as: featur, label: 3}
sources:
  - {use: gold, pth: x.jsonl, loss: orcale, weight: -1}
  - {use: gold, path: x, complete: [DRUG, 1]}
  - {use: gold, path: x, complete: 7}
  - {use: gold, path: x, map: {A: 1}}
  - 17
train: {seed: 1.5}
colour: red
"""
    assert errors(text) == [
        'pipeline.yaml:2: labels: expected each label once, got "DRUG" twice',
        'pipeline.yaml:3: tokenizer.use: unknown tokenizer "englsh": '
        'expected one of english; did you mean "english"?',
        'pipeline.yaml:4: model.width: expected a whole number, got "wide"',
        "pipeline.yaml:4: model.pieces: expected 8 or less, got 99",
        "pipeline.yaml:4: model.hidden: expected a whole number, got true",
        "pipeline.yaml:4: model.dept: unknown key: expected one of "
        f"{', '.join(sorted(field.name for field in dataclasses.fields(ModelSettings)))}"
        '; did you mean "depth"?',
        "pipeline.yaml:6: matchers[0].label: expected text, got 3",
        "pipeline.yaml:6: matchers[0].pattern: missing",
        'pipeline.yaml:6: matchers[0].as: unknown role "featur": '
        'expected one of feature, forbid, question, require, weak; did you mean "feature"?',
        "pipeline.yaml:8: sources[0].path: missing",
        "pipeline.yaml:8: sources[0].pth: unknown key: "
        'expected one of complete, loss, map, path, use, weight; did you mean "path"?',
        "pipeline.yaml:8: sources[0].weight: expected more than 0, got -1",
        'pipeline.yaml:8: sources[0].loss.use: unknown loss "orcale": '
        'expected one of beam, oracle; did you mean "oracle"?',
        "pipeline.yaml:9: sources[1].complete[1]: expected text, got 1",
        "pipeline.yaml:10: sources[2].complete: expected true or false or a list, got 7",
        "pipeline.yaml:11: sources[3].map.A: expected text, got 1",
        "pipeline.yaml:12: sources[4]: expected a mapping, got 17",
        "pipeline.yaml:13: train.seed: expected a whole number, got 1.5",
        "pipeline.yaml:14: colour: unknown key: expected one of "
        "evaluate, labels, matchers, model, nerture, session, sources, start, tokenizer, train",
    ]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("[]", "expected a list of 1 or more, got []"),
        ("DRUG", 'expected a list, got "DRUG"'),
        ("['']", "expected a label that is not empty"),
        ("['  ']", "expected a label that is not empty"),
        ("[' A']", "expected a label without space around it"),
        ('["A\\nB"]', "expected a label without control characters"),
        ("[1]", "labels[0]: expected text, got 1"),
    ],
)
def test_labels(errors, labels, expected):
    (line,) = errors(f"nerture: 1\nlabels: {labels}")
    assert line.startswith("pipeline.yaml:2: labels")
    assert expected in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("labels: [A]", "pipeline.yaml:1: nerture: missing; a pipeline begins with `nerture: 1`"),
        ("nerture: one\nlabels: [A]", 'pipeline.yaml:1: nerture: expected 1, got "one"'),
        ("nerture: true\nlabels: [A]", "pipeline.yaml:1: nerture: expected 1, got true"),
        ("nerture: 0\nlabels: [A]", "pipeline.yaml:1: nerture: expected 1, got 0"),
        ("nerture: 1", "pipeline.yaml:1: labels: missing"),
        ("", "pipeline.yaml: expected a mapping that begins with `nerture: 1`, got nothing"),
        ("- a", 'pipeline.yaml: expected a mapping that begins with `nerture: 1`, got ["a"]'),
    ],
)
def test_the_top_level(errors, text, expected):
    assert errors(text) == [expected]


def test_a_newer_format_is_the_only_error(errors):
    assert errors("labels: 3\nnerture: 2\nwhatever: 1") == [
        "pipeline.yaml:2: nerture: expected 1, got 2; the file is for a newer nerture"
    ]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("matchers: [{as: feature}]", ["matchers[0].use: expected one of regex, but it is missing"]),
        ("sources: [{use: 3}]", ["sources[0].use: expected one of gold, got 3"]),
        (
            "matchers: [{use: regex, label: A, pattern: a}]",
            ["matchers[0].as: expected one of feature, question, weak, require, forbid, but it is missing"],
        ),
        (
            "sources: [{use: gold, path: a, loss: []}]",
            ["sources[0].loss: expected a loss or a list of losses, got an empty list"],
        ),
        (
            "sources: [{use: gold, path: a, loss: 3}]",
            ["sources[0].loss: expected text or a mapping or a list, got 3"],
        ),
        (
            "sources: [{use: gold, path: a, loss: {width: 3}}]",
            ["sources[0].loss.use: expected one of beam, oracle, but it is missing"],
        ),
        (
            "sources: [{use: gold, path: a, loss: {use: beam, widht: 3}}]",
            ['sources[0].loss.widht: unknown key: expected one of use, width; did you mean "width"?'],
        ),
        ("evaluate: {use: gold, path: a, weight: 3}", ["evaluate.weight: unknown key: "]),
        ("sources: {use: gold}", ['sources: expected a list, got {"use": "gold"}']),
        ("train: 3", ["train: expected a mapping, got 3"]),
        ("train: {learn_rate: .nan}", ["train.learn_rate: "]),
        (
            "sources: [{use: gold, path: a, weight: .inf}]",
            ["sources[0].weight: expected a finite number, got Infinity"],
        ),
    ],
)
def test_parts(errors, part, expected):
    lines = errors(f"nerture: 1\nlabels: [A]\n{part}")
    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(f"pipeline.yaml:3: {start}")


def test_an_error_in_an_override_names_the_override(errors):
    assert errors(FULL, "train.seed=x", "sources.0.pth=y", "model.width=32") == [
        "--set sources.0.pth=y: sources[0].pth: unknown key: "
        'expected one of complete, loss, map, path, use, weight; did you mean "path"?',
        '--set train.seed=x: train.seed: expected a whole number, got "x"',
    ]


def test_overrides_win(load):
    config = load(FULL, "train.seed=8", "sources.0.path=other.jsonl", "labels=[X]")
    assert (config.train.seed, config.sources[0].options.path, config.labels) == (8, "other.jsonl", ("X",))


def test_a_missing_variable_is_named_with_its_line(load):
    with pytest.raises(ConfigError, match=r'pipeline.yaml:10: the environment variable "DATA" is not set'):
        load(FULL, environ={"OTHER": "1"})


def test_a_missing_file_is_named(registry, tmp_path):
    with pytest.raises(ConfigError, match=r"gone.yaml: cannot be read: No such file"):
        load_config(tmp_path / "gone.yaml", registry=registry)


def test_unknown_keys_of_nested_options_list_the_nested_keys():
    class Inner(Options):
        width: int

    class Outer(Options):
        parts: list[Inner]

    registry = Registry()
    info = PluginInfo("p", "1", "package p")
    registry.add("tokenizer", "english", lambda o, s: o, Outer, info)
    with pytest.raises(ConfigError) as caught:
        load_config(SMALL | {"tokenizer": {"use": "english", "parts": [{"widht": 3}]}}, registry=registry)
    assert str(caught.value).splitlines() == [
        "pipeline: tokenizer.parts[0].width: missing",
        'pipeline: tokenizer.parts[0].widht: unknown key: expected one of width; did you mean "width"?',
    ]


@pytest.mark.parametrize("kind", [ModelSettings, TrainSettings])
def test_settings_come_from_the_dataclasses(kind):
    model = make_settings_model(kind)
    assert kind(**model().model_dump()) == kind()
    assert {name: field.description for name, field in model.model_fields.items()} == {
        field.name: field.metadata["help"] for field in dataclasses.fields(kind)
    }


leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
parts = st.dictionaries(
    st.sampled_from(["use", "loss", "as", "path", "x"]), leaves | st.lists(leaves, max_size=2)
)
anything = leaves | parts | st.lists(leaves | parts, max_size=3)
KEYS = ["nerture", "labels", "sources", "train", "matchers", "model", "evaluate", "session"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS), anything))
def test_whatever_the_mapping_nothing_but_a_config_error_comes_out(mapping):
    registry = Registry()
    registry.add("tokenizer", "english", lambda o, s: o, Options, PluginInfo("p", "1", "package p"))
    with contextlib.suppress(ConfigError):
        load_config(mapping, registry=registry)
