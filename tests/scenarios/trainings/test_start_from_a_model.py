"""Training that goes on from a model: what it keeps, what it learns, what it reports."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from nerture.errors import CorpusError, ModelFileError
from nerture.models.model import load
from nerture.pipeline import open_pipeline
from nerture.training import rehearsal
from nerture.training.train import checkpoint_folder, train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

from ...support.tiny_corpus import NAMES, PLACES
from ...support.updates import SURE, mapping, update, write


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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
    assert kept.f1_drops == []
    assert [(span.text, span.label) for span in kept.model("She took Codeine in Rome on day 9.").spans] == [
        ("Codeine", "DRUG"),
        ("Rome", "CITY"),
        ("day 9", "DAY"),
    ]
    assert {drop.label for drop in forgotten.f1_drops} == {"DRUG", "CITY"}


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
    assert {span.label for target in data.sources[0].targets for span in target.spans} == {"DRUG"}
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
def test_an_interrupted_training_continues_exactly(folder, step):
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
