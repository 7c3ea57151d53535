"""The key ``start``: what is refused and where, what the pipeline leaves to the model, what training does."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from nerture.config import load_config
from nerture.config.schema import pipeline_schema
from nerture.errors import ConfigError, CorpusError, ModelFileError
from nerture.hosting.manager import make_manager
from nerture.model import load
from nerture.pipeline import open_pipeline
from nerture.training import rehearsal
from nerture.training.trainer import Trainer, checkpoint_folder, train
from nerture.training.training_data import read_training_data

from .tiny_corpus import NAMES, PLACES

SURE = {"dropout": 0.0, "word_dropout": 0.0, "weight_decay": 0.01}
"""Settings that let a small corpus be learned by heart."""
SHAPE = {"width": 16, "depth": 1, "pieces": 2, "hidden": 8}

FAKE = """
import numpy as np
from nerture import hookimpl

CALLS = []

def make(options, services):
    def loss(scores, targets):
        CALLS.append(targets)
        return 0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open)
    loss.calls = CALLS
    return loss

@hookimpl
def nerture_register_losses(register):
    register("fake_rehearse", make)
"""


def row(number, labels=("DRUG", "CITY")):
    name, place = NAMES[number % 5], PLACES[number % 3]
    text = f"She took {name} in {place} on day {number}."
    spans = [(text.index(name), name, "DRUG"), (text.index(place), place, "CITY")]
    return {
        "text": text,
        "spans": [
            {"start": start, "end": start + len(form), "label": label}
            for start, form, label in spans
            if label in labels
        ],
    }


def write(path, rows):
    path.write_text("\n".join(map(json.dumps, rows)))


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A folder with a model that knows drugs and cities, and the texts that it learned from."""
    folder = tmp_path_factory.mktemp("started")
    write(folder / "gold.jsonl", [row(number) for number in range(48)])
    write(folder / "dev.jsonl", [row(number) for number in range(48, 60)])
    train(mapping(folder, train={"max_steps": 80, **SURE}), folder / "old")
    return folder


@pytest.fixture
def folder(started, tmp_path, monkeypatch):
    """A copy of that folder, with a loss that stands in for that of rehearsal."""
    monkeypatch.setattr(rehearsal, "LOSS", "fake_rehearse")
    copy = tmp_path / "copy"
    shutil.copytree(started, copy)
    (copy / "nerture_plugins.py").write_text(FAKE)
    days = [
        {"text": text["text"], "spans": [{"start": text["text"].index("day"), "end": len(text["text"]) - 1,
        "label": "DAY"}], "complete": ["DAY"]}
        for text in map(row, range(30))
    ]  # fmt: skip
    write(copy / "days.jsonl", days)
    return copy


def mapping(folder, **changes):
    settings = {"batch_words": 120, "evaluate_every": 4, "max_steps": 12, "learn_rate": 0.01}
    return {
        "nerture": 1,
        "labels": ["DRUG", "CITY"],
        "model": SHAPE,
        "sources": [{"use": "gold", "path": str(folder / "gold.jsonl")}],
        "train": settings | changes.pop("train", {}),
        "evaluate": {"use": "gold", "path": str(folder / "dev.jsonl")},
        **changes,
    }


def update(folder, **changes):
    """Write a pipeline that goes on from the model, and return its file (JSON is YAML)."""
    config = {
        **mapping(folder),
        "labels": ["DAY", "CITY", "DRUG"],
        "start": "old",
        "sources": [{"use": "gold", "path": "days.jsonl"}],
        "evaluate": {"use": "gold", "path": "dev.jsonl", "complete": ["DRUG", "CITY"]},
        **changes,
    }
    del config["model"]
    path = folder / "update.yaml"
    path.write_text(json.dumps({key: value for key, value in config.items() if value != "unsaid"}, indent=1))
    return path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def config_of(path, *overrides):
    return load_config(path, overrides, registry=make_manager(path.parent).registry)


def errors(path, *overrides):
    """The lines of the error, the folder cut off."""
    with pytest.raises(ConfigError) as caught:
        config_of(path, *overrides)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


def line_of(path, key):
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if f'"{key}"' in line)


def test_whatever_the_pipeline_does_not_say_is_as_the_model_has_it(folder):
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
    valid = jsonschema.Draft202012Validator(pipeline_schema(registry)).is_valid
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
        ("meta.json", '{"format": 99}', "saved by a newer one"),
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
            f"--set model.{name}={stated}: model.{name}: found {stated}, but old, which training starts "
            f"from, has {own}; leave it out, or train without `start`"
        ]
        config_of(path, f"model.{name}={own}")
    assert errors(path, "model.max_entity_tokens=5") == [
        "--set model.max_entity_tokens=5: model.max_entity_tokens: found 5, but old finds entities of 10 "
        "tokens; allowed is 10 or more"
    ]
    assert config_of(path, "model.max_entity_tokens=12").model.max_entity_tokens == 12


def test_training_begins_with_what_the_model_knows(folder):
    opened = open_pipeline(update(folder))
    data = read_training_data(opened)
    trainer = Trainer(opened, data)
    old = load(folder / "old").evaluate(data.held_out)
    assert trainer.updater.learner.labels == ("DAY", "CITY", "DRUG")
    assert (data.start.labels, data.start.dropped) == (("DRUG", "CITY"), ())
    for label in ("DRUG", "CITY"):
        assert trainer.before.per_label[label] == old.per_label[label]
        assert trainer.before.per_label[label].f1 > 0.9
    assert trainer.before.per_label["DAY"].predicted == 0
    assert not trainer.updater.state["first"].flat.any(), "the optimizer begins anew"
    assert trainer.updater.step == 0


def test_what_was_known_before_is_reported(folder):
    result = train(update(folder), folder / "new")
    assert result.as_dict()["before"] == {
        "CITY": pytest.approx(1.0, abs=0.1),
        "DRUG": pytest.approx(1.0, abs=0.1),
    }
    assert list(result.as_dict()["before"]) == ["CITY", "DRUG"]
    assert "before" not in train(mapping(folder)).as_dict()


def test_rehearsal_keeps_what_was_known_while_the_new_label_is_learned(folder, monkeypatch):
    """The texts say nothing of drugs and cities; without rehearsal these are forgotten."""
    monkeypatch.setattr(rehearsal, "LOSS", "rehearse")
    settings = mapping(folder, train={"max_steps": 60, "evaluate_every": 60, **SURE})["train"]
    kept, forgotten = (
        train(update(folder, start={"model": "old", "rehearse": rehearse}, train=settings))
        for rehearse in (True, False)
    )
    assert min(kept.as_dict()["before"].values()) > 0.9
    assert kept.falls == []
    assert [(span.text, span.label) for span in kept.model("She took Codeine in Rome on day 9.").spans] == [
        ("Codeine", "DRUG"),
        ("Rome", "CITY"),
        ("day 9", "DAY"),
    ]
    assert {fall.label for fall in forgotten.falls} == {"DRUG", "CITY"}


def test_the_threshold_stays_where_the_texts_to_evaluate_on_are_not_complete(folder):
    """They are complete for drugs and cities only; too many days would go unnoticed."""
    path = folder / "old" / "meta.json"
    meta = json.loads(path.read_text())
    path.write_text(json.dumps(meta | {"threshold": 0.35}))
    assert train(update(folder)).model.learner.threshold == 0.35
    whole = {"use": "gold", "path": "dev.jsonl"}
    assert train(update(folder, evaluate=whole)).model.learner.threshold != 0.35


def test_the_model_says_what_it_started_from_and_no_path(folder):
    train(update(folder), folder / "new")
    meta = json.loads((folder / "new" / "meta.json").read_text())
    old = json.loads((folder / "old" / "meta.json").read_text())
    start = meta["start"]
    assert {key: start[key] for key in ("nerture", "steps", "best_step", "labels")} == {
        key: old[key] for key in ("nerture", "steps", "best_step", "labels")
    }
    assert len(start["weights"]) == 32
    assert str(folder) not in (folder / "new" / "meta.json").read_text()
    load(folder / "new")("She took Codeine.")
    train(update(folder, start="new"), folder / "newer")
    third = json.loads((folder / "newer" / "meta.json").read_text())["start"]
    assert third["weights"] != start["weights"]
    assert third["labels"] == ["DAY", "CITY", "DRUG"]


def test_labels_that_the_pipeline_no_longer_lists_are_dropped(folder):
    """And the annotations of them that the texts still have, by a map to null."""
    sources = [{"use": "gold", "path": "gold.jsonl", "map": {"CITY": None}}]
    evaluate = {"use": "gold", "path": "dev.jsonl", "map": {"CITY": None}}
    path = update(folder, labels=["DRUG"], sources=sources, evaluate=evaluate)
    opened = open_pipeline(path)
    data = read_training_data(opened)
    assert (data.start.labels, data.start.dropped) == (("DRUG",), ("CITY",))
    assert {span.label for target in data.stocks[0].targets for span in target.spans} == {"DRUG"}
    assert set(data.rehearsal.targets[0].teacher.labels) == {"DRUG"}
    result = train(path, folder / "new")
    assert result.report.f1 > 0.9
    model = load(folder / "new")
    assert model.labels == ("DRUG",)
    assert {span.label for span in model("She took Codeine in Rome on day 9.").spans} == {"DRUG"}
    with pytest.raises(CorpusError, match="'CITY' is not a label of the pipeline"):
        read_training_data(
            open_pipeline(update(folder, labels=["DRUG"], sources=[{"use": "gold", "path": "gold.jsonl"}]))
        )


@pytest.mark.parametrize("step", [1, 4, 7, 11])
def test_an_interrupted_training_goes_on_as_if_nothing_had_been(folder, step):
    def stop(progress):
        if progress.step == step:
            raise KeyboardInterrupt

    path = update(folder)
    whole = train(path, folder / "whole")
    assert train(path, folder / "part", listen=stop).interrupted
    second = train(path, folder / "part", resume=True)
    assert contents(folder / "whole") == contents(folder / "part")
    assert second.as_dict()["before"] == whole.as_dict()["before"]


def test_a_checkpoint_belongs_to_the_model_it_started_from(folder):
    def stop(progress):
        if progress.step == 5:
            raise KeyboardInterrupt

    path = update(folder)
    train(path, folder / "part", listen=stop)
    train(mapping(folder, train={"seed": 9}), folder / "old")
    with pytest.raises(ModelFileError, match=r"belongs to another pipeline: start changed"):
        train(path, folder / "part", resume=True)
    assert checkpoint_folder(folder / "part").is_dir()


def test_a_model_may_be_replaced_by_the_one_that_goes_on_from_it(folder):
    train(update(folder), folder / "old")
    assert load(folder / "old").labels == ("DAY", "CITY", "DRUG")


def test_matchers_come_along_unless_the_pipeline_has_its_own(folder):
    write(folder / "drugs.jsonl", [{"label": "DRUG", "pattern": name} for name in NAMES])
    write(folder / "cities.jsonl", [{"label": "CITY", "pattern": name} for name in PLACES])
    drugs = {"use": "patterns", "as": "feature", "path": "drugs.jsonl"}
    plain = update(folder, start=None, labels=["DRUG", "CITY"], matchers=[drugs],
                   sources=[{"use": "gold", "path": "gold.jsonl"}])  # fmt: skip
    train(plain, folder / "hinted")
    (folder / "drugs.jsonl").unlink()

    def learner(**changes):
        opened = open_pipeline(update(folder, **changes))
        return opened, Trainer(opened, read_training_data(opened)).updater.learner

    opened, inherited = learner(start="hinted")
    old = load(folder / "hinted")
    assert [part.use for part in opened.config.matchers] == ["patterns"]
    np.testing.assert_array_equal(inherited.weights["embed.match"], old.learner.weights["embed.match"])
    doc = old.doc("She took Codeine.")
    np.testing.assert_array_equal(inherited.attributes(doc), old.learner.attributes(doc))
    train(update(folder, start="hinted"), folder / "newer")
    shutil.rmtree(folder / "hinted")
    assert (load(folder / "newer").learner.attributes(doc) == old.learner.attributes(doc)).all()

    _, without = learner(start="newer", matchers=[])
    assert without.match_features is None
    _, own = learner(start="old", matchers=[drugs | {"path": "cities.jsonl"}])
    assert "embed.match" in own.weights.shapes
    assert "embed.match" not in load(folder / "old").learner.weights.shapes


def test_the_longest_entity_grows_with_the_texts(folder):
    long = {
        "text": " ".join(["word"] * 40),
        "spans": [{"start": 0, "end": 74, "label": "DAY"}],
        "complete": ["DAY"],
    }
    write(folder / "days.jsonl", [long])
    opened = open_pipeline(update(folder))
    assert Trainer(opened, read_training_data(opened)).updater.learner.longest == 15
    opened = open_pipeline(update(folder), ["model.max_entity_tokens=12"])
    data = read_training_data(opened)
    learner = Trainer(opened, data).updater.learner
    assert (learner.longest, learner.settings.max_entity_tokens) == (12, 12)
    (note,) = data.problems
    assert (note.severity, note.code, note.origin.line) == ("note", "span-too-long", 1)
