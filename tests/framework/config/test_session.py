"""The section ``session`` of a pipeline file: its keys, its errors with their places, its schema."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from nerture.config import load_config
from nerture.config.keys import SessionKeys
from nerture.config.schema import make_pipeline_schema
from nerture.errors import ConfigError
from nerture.hosting.manager import make_manager
from nerture.sessions.plan import SessionPlan

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed: no schema to check")

HEAD = "nerture: 1\nlabels: [DRUG, DOSE]\nsession:\n"
MINIMAL = "  dataset: clicks\n  source: posts.txt\n"


@pytest.fixture(scope="module")
def registry():
    return make_manager(environ={}).registry


@pytest.fixture
def load(tmp_path, registry):
    def load(section, *overrides):
        (tmp_path / "pipeline.yaml").write_text(HEAD + section)
        return load_config(tmp_path / "pipeline.yaml", overrides, registry=registry).session

    return load


@pytest.fixture
def errors(load, tmp_path):
    def errors(section, *overrides):
        with pytest.raises(ConfigError) as caught:
            load(section, *overrides)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return errors


def test_the_minimal_section_is_a_session_with_defaults(load, tmp_path):
    part = load(MINIMAL)
    assert (part.dataset, part.mode, part.stated) == ("clicks", "teach", {"dataset", "source"})
    assert part.source == str(tmp_path / "posts.txt")
    assert part.output == tmp_path / "clicks-model"
    assert part.suggested_patterns == tmp_path / "clicks-patterns.jsonl"
    assert (part.labels, part.subtypes, part.sorter.use) == (("DRUG", "DOSE"), (), "uncertain")
    assert part.where == f"{tmp_path}/pipeline.yaml:3: session"


def test_an_empty_section_is_none(load):
    assert load("") is None


def test_every_key_arrives(load, tmp_path):
    part = load(
        """  dataset: kinds
  source: dataset:clicks
  mode: retype
  labels: [PLACE]
  subtypes: [CITY, RIVER]
  ask: text
  sorter: {use: probability, least: 0.1}
  annotators_per_question: 2
  probe_share: 0
  pattern_share: 1
  surface_cap: 3
  update_every: 7
  segment: false
  seed: 9
  output: models/kinds
  suggested_patterns: kinds.jsonl
"""
    )
    assert (part.source, part.mode, "mode" in part.stated) == ("dataset:clicks", "retype", True)
    assert (part.labels, part.subtypes) == (("PLACE",), ("CITY", "RIVER"))
    assert (part.sorter.use, part.sorter.options.model_dump()) == ("probability", {"least": 0.1})
    assert (part.ask, part.annotators_per_question, part.probe_share, part.pattern_share) == (
        "text",
        2,
        0.0,
        1.0,
    )
    assert (part.surface_cap, part.update_every, part.segment, part.seed) == (3, 7, False, 9)
    assert part.output == tmp_path / "models" / "kinds"
    assert part.suggested_patterns == tmp_path / "kinds.jsonl"


def test_overrides_change_the_section(load):
    assert load(MINIMAL, "session.update_every=3", "session.sorter=random").update_every == 3


def test_the_defaults_are_those_of_a_plan():
    plan = {field.name: field.default for field in fields(SessionPlan)}
    shared = {name: field.default for name, field in SessionKeys.model_fields.items() if name in plan}
    assert shared.pop("mode") == "teach"
    assert shared.pop("labels") is None
    assert shared.pop("subtypes") is None
    assert shared == {name: plan[name] for name in shared}
    assert {*plan} - {*SessionKeys.model_fields} == {"blank"}


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("  source: posts.txt", "3: session.dataset: missing"),
        ("  dataset: clicks", "3: session.source: missing"),
        (MINIMAL + "  lern_every: 3", '6: session.lern_every: unknown key: expected one of annotators'),
        (MINIMAL + "  update_every: 0", "6: session.update_every: expected 1 or more, got 0"),
        (MINIMAL + "  probe_share: 2", "6: session.probe_share: expected 1 or less, got 2"),
        (MINIMAL + "  mode: tech", '6: session.mode: expected "teach", "correct", "manual", "match", '),
        (MINIMAL + "  sorter: uncertian", '6: session.sorter.use: unknown sorter "uncertian": expected'),
        (MINIMAL + "  sorter: 3", "6: session.sorter: expected text or a mapping, got 3"),
        (
            MINIMAL + "  sorter:\n    use: probability\n    last: 0.1",
            '8: session.sorter.last: unknown key: expected one of least, use; did you mean "least"?',
        ),
        (
            MINIMAL + "  labels: [DRUGS]",
            '6: session.labels[0]: expected a label of the pipeline, one of DRUG, DOSE, got "DRUGS"; did',
        ),
        (MINIMAL + "  mode: retype", "3: session.subtypes: missing; retype needs the labels to choose from"),
        (MINIMAL + "  mode: gold\n  subtypes: [A]", "7: session.subtypes: expected only with `mode:"),
        (
            "  dataset: clicks\n  source: dataset:clicks\n  mode: gold",
            "4: session.dataset: expected another dataset than the one that gold reads",
        ),
        ('  dataset: " a"\n  source: b', '4: session.dataset: expected a printable name'),
        ("  dataset: a\n  source: dataset:b\n  format: jsonl", "6: session.format: goes with a file"),
        (MINIMAL + "  format: jsnol", '6: session.format.use: unknown reader "jsnol": expected one of '),
        (MINIMAL + "  format: {use: conll, x: 1}", "6: session.format.x: unknown key: "),
        ("  3", "3: session: expected a mapping, got 3"),
    ],
)  # fmt: skip
def test_errors_have_their_place(errors, section, expected):
    (line,) = errors(section)
    assert line.startswith(f"pipeline.yaml:{expected}")


GOOD = {"dataset": "clicks", "source": "posts.txt"}


@pytest.mark.parametrize(
    ("keys", "good"),
    [
        ({}, True), ({"sorter": "random"}, True), ({"sorter": {"use": "probability", "least": 0.1}}, True),
        ({"mode": "gold", "labels": ["A"], "annotators_per_question": 2, "output": "m"}, True),
        ({"sorter": "best"}, False), ({"sorter": {"use": "random", "least": 1}}, False),
        ({"mode": "tech"}, False), ({"probe_share": 2}, False), ({"source": None}, False),
        ({"format": "jsonl"}, True), ({"format": {"use": "conll"}}, True), ({"format": None}, True),
        ({"format": "jsnol"}, False), ({"format": {"use": "conll", "x": 1}}, False),
        ({"lern_every": 3}, False), ({"dataset": ""}, False),
    ],
)  # fmt: skip
def test_the_schema_takes_what_nerture_takes(registry, keys, good):
    pipeline = {"nerture": 1, "labels": ["A"], "session": {**GOOD, **keys}}
    assert jsonschema.Draft202012Validator(make_pipeline_schema(registry)).is_valid(pipeline) is good
    try:
        load_config(json.loads(json.dumps(pipeline)), registry=registry)
    except ConfigError:
        assert not good
    else:
        assert good


def test_the_model_to_start_from_stays_as_it_is(registry, trained_model, tmp_path):
    section = {"dataset": "drugs", "source": "posts.txt"}
    pipeline = {"nerture": 1, "labels": ["DRUG"], "start": str(trained_model), "session": section}
    folder = trained_model.parent
    there = {**section, "dataset": trained_model.name.removesuffix("-model"), "output": None}
    config = load_config({**pipeline, "session": section}, registry=registry)
    assert config.session.output.name == "drugs-model"
    with pytest.raises(ConfigError, match=r"session\.output: expected another folder than the model"):
        load_config({**pipeline, "session": {**section, "output": str(trained_model)}}, registry=registry)
    (folder / "pipeline.yaml").write_text(json.dumps({**pipeline, "session": there}))
    config = load_config(folder / "pipeline.yaml", registry=registry)
    assert config.session.output == folder / f"{trained_model.name}-next"


@pytest.fixture
def trained_model(tmp_path):
    """A model folder, as if a session on the dataset ``old`` had left it."""
    from nerture.core.learner.learner import Learner
    from nerture.core.network.settings import ModelSettings
    from nerture.models.model import Model
    from nerture.pipeline import Pipeline

    manager = make_manager(environ={})
    pipeline = Pipeline(load_config({"nerture": 1, "labels": ["DRUG"]}, registry=manager.registry), manager)
    learner = Learner(("DRUG",), ModelSettings(width=8, depth=1, hidden=8), 3, seed=1)
    model = Model(learner, pipeline.tokenizer, pipeline.config.as_dict(), manager=manager)
    model.save(tmp_path / "old-model")
    return tmp_path / "old-model"
