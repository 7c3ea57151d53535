"""Whole trainings from soft knowledge: a model teaches another, rules teach one, an old label is kept."""

from __future__ import annotations

import json

import pytest
import yaml

from nerture.check import check_pipeline
from nerture.cli.checking.examination import check_pipeline_file
from nerture.errors import ConfigError, CorpusError
from nerture.models.model import load
from nerture.pipeline import open_pipeline
from nerture.training.train import train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

from ...support.tiny_corpus import NAMES, row


@pytest.fixture
def folder(tmp_path):
    def write(name, rows):
        (tmp_path / name).write_text("".join(f"{json.dumps(item)}\n" for item in rows))

    write("gold.jsonl", [row(number) for number in range(48)])
    write("drugs.jsonl", [row(number, ("DRUG",)) for number in range(48)])
    write("cities.jsonl", [row(number, ("CITY",)) | {"complete": ["CITY"]} for number in range(48)])
    write("dev.jsonl", [row(number) for number in range(48, 72)])
    write("raw.jsonl", [{"text": row(number)["text"]} for number in range(100, 160)])
    write("rules.jsonl", [{"label": "DRUG", "pattern": name} for name in NAMES])
    return tmp_path


@pytest.fixture
def pipeline(folder):
    def make(*sources, labels=("DRUG", "CITY"), evaluate=True, **changes):
        for source in sources:
            for key in ("path", "model", "rules", "patterns"):
                if key in source:
                    source[key] = str(folder / source[key])
        config = {
            "nerture": 1,
            "labels": list(labels),
            "model": {"width": 32, "depth": 1, "hidden": 16},
            "sources": list(sources),
            "train": {
                "batch_words": 120, "evaluate_every": 25, "max_steps": 100, "learn_rate": 0.01,
                "average": 0.9, "dropout": 0.1, "word_dropout": 0.1,
            },
        }  # fmt: skip
        if evaluate:
            gone = {label: None for label in ("DRUG", "CITY") if label not in labels}
            config["evaluate"] = {"use": "gold", "path": str(folder / "dev.jsonl"), "map": gone}
        return config | changes

    return make


@pytest.fixture
def teacher(folder, pipeline):
    train(pipeline({"use": "gold", "path": "gold.jsonl"}), folder / "model")
    return load(folder / "model")


def losses(opened):
    return [[loss.use for loss in source.losses] for source in opened.config.sources]


def test_a_model_teaches_another_on_raw_text(pipeline, teacher):
    report = train(pipeline({"use": "teacher", "model": "model", "path": "raw.jsonl"})).report
    assert report.f1 > 0.9


def test_an_ensemble_teaches_with_rules_above_it(pipeline, folder, teacher):
    models = [str(folder / "model")] * 2
    source = {"use": "ensemble", "teachers": models, "path": "raw.jsonl", "rules": "rules.jsonl"}
    assert train(pipeline(source)).report.f1 > 0.9


def test_what_was_known_is_kept_while_a_label_is_added(pipeline, folder):
    """Of drugs, the student hears from the frozen model alone; of cities, from gold alone."""
    train(pipeline({"use": "gold", "path": "drugs.jsonl"}, labels=["DRUG"]), folder / "model")
    gold = {"use": "gold", "path": "cities.jsonl", "loss": "lattice"}
    rehearsal = {"use": "rehearsal", "model": "model", "path": "raw.jsonl"}
    report = train(pipeline(gold, rehearsal)).report
    assert report.per_label["DRUG"].f1 > 0.9
    assert report.per_label["CITY"].f1 > 0.9


def test_rules_teach_with_the_ratio_of_entities_as_their_counterweight(pipeline, folder):
    ratio = {"use": "entity_ratio", "ratio": 0.12, "margin": 0.02}
    weak = {
        "use": "weak", "path": "raw.jsonl", "include_unmatched": True, "reliability": 0.95,
        "loss": ["lattice", ratio],
    }  # fmt: skip
    matcher = {"use": "patterns", "path": str(folder / "rules.jsonl"), "as": "weak"}
    report = train(pipeline(weak, labels=["DRUG"], matchers=[matcher])).report
    assert report.f1 > 0.9


def test_each_source_has_the_loss_that_suits_it(pipeline, folder, teacher):
    opened = open_pipeline(
        pipeline(
            {"use": "gold", "path": "gold.jsonl"},
            {"use": "teacher", "model": "model", "path": "raw.jsonl"},
            {"use": "rehearsal", "model": "model", "path": "raw.jsonl"},
            {"use": "weak", "patterns": "rules.jsonl", "path": "raw.jsonl"},
            {"use": "ensemble", "teachers": [str(folder / "model")], "path": "raw.jsonl"},
            {"use": "teacher", "model": "model", "path": "raw.jsonl", "loss": ["rehearse", "distill"]},
            {"use": "answers", "path": "clicks.jsonl"},
        )
    )
    assert losses(opened) == [
        ["oracle"], ["distill"], ["rehearse"], ["lattice"], ["distill"], ["rehearse", "distill"],
        ["lattice"],
    ]  # fmt: skip
    again = open_pipeline(opened.config.as_dict())
    assert losses(again) == losses(opened)


def test_a_weak_matcher_is_no_feature_and_its_file_is_not_taken_along(pipeline, folder):
    weak = {"use": "weak", "path": "raw.jsonl"}
    gold = {"use": "gold", "path": "drugs.jsonl"}
    matcher = {"use": "patterns", "path": str(folder / "rules.jsonl"), "as": ["weak"]}
    config = pipeline(gold, weak, labels=["DRUG"], matchers=[matcher], evaluate=False)
    opened = open_pipeline(config)
    assert opened.match_features is None
    assert opened.files == {}
    assert len(opened.services.matchers("weak")) == 1
    assert opened.services.matchers("feature") == ()
    config["train"]["max_steps"] = 1
    train(config, folder / "weakly")
    (folder / "rules.jsonl").unlink()
    assert load(folder / "weakly").learner.match_features is None


def test_a_matcher_may_be_both(pipeline, folder):
    matcher = {"use": "patterns", "path": str(folder / "rules.jsonl"), "as": ["weak", "feature"]}
    gold = {"use": "gold", "path": "drugs.jsonl"}
    opened = open_pipeline(pipeline(gold, {"use": "weak", "path": "raw.jsonl"}, matchers=[matcher]))
    assert opened.match_features is not None
    assert list(opened.files) == [str(folder / "rules.jsonl")]
    assert opened.match_features.matchers == opened.services.matchers("weak")


def test_soft_knowledge_is_never_held_out(pipeline, teacher):
    taught = {"use": "teacher", "model": "model", "path": "raw.jsonl"}
    opened = open_pipeline(pipeline({"use": "gold", "path": "gold.jsonl"}, taught, evaluate=False))
    data = read_training_data(opened)
    assert [len(source.targets) for source in data.sources] == [43, 60]
    assert all(target.rules_out for target in data.held_out)
    with pytest.raises(CorpusError, match="at least two annotated texts"):
        read_training_data(open_pipeline(pipeline(dict(taught, path="raw.jsonl"), evaluate=False)))


def test_a_teachers_long_entities_make_the_longest(pipeline, folder):
    text = "word " * 20
    spans = [{"start": 0, "end": 5 * length - 1, "label": "DRUG", "probability": share}
             for length, share in ((18, 0.3), (15, 0.6))]  # fmt: skip
    (folder / "t.jsonl").write_text(json.dumps({"text": text, "labels": ["DRUG"], "spans": spans}))
    opened = open_pipeline(pipeline({"use": "teacher", "path": "t.jsonl"}))
    assert Trainer(opened, read_training_data(opened)).updater.learner.longest == 15


def test_the_oracle_says_that_it_cannot_take_probabilities(pipeline, teacher):
    opened = open_pipeline(
        pipeline({"use": "teacher", "model": "model", "path": "raw.jsonl", "loss": "oracle"})
    )
    with pytest.raises(
        Exception,
        match=r"raw\.jsonl:\d+: costs of spans cannot express probabilities; use another loss \(lattice",
    ):
        Trainer(opened, read_training_data(opened)).run()


@pytest.mark.parametrize("evaluate", [True, False])
def test_in_rehearsal_no_words_are_hidden(pipeline, teacher, evaluate):
    """Also where texts of the other source are set aside."""
    gold = {"use": "gold", "path": "gold.jsonl"}
    rehearsal = {"use": "rehearsal", "model": "model", "path": "raw.jsonl"}
    opened = open_pipeline(pipeline(gold, rehearsal, evaluate=evaluate))
    trainer = Trainer(opened, read_training_data(opened))
    update, seen = trainer.updater.update, set()

    def watched(attributes, targets, losses, *, hides_words):
        seen.add((targets[0].teacher is None, hides_words))
        return update(attributes, targets, losses, hides_words=hides_words)

    trainer.updater.update = watched
    trainer.run()
    assert seen == {(True, True), (False, False)}


def test_the_data_doctor_knows_what_teachers_teach(pipeline, teacher):
    opened = open_pipeline(
        pipeline(
            {"use": "gold", "path": "gold.jsonl"},
            {"use": "teacher", "model": "model", "path": "gold.jsonl"},
        )
    )
    report = check_pipeline(opened.config, opened.manager.registry, opened.services)
    assert not report.errors
    codes = {finding.code for finding in report.warnings}
    assert "text-conflict" not in codes
    assert "no-examples" not in codes


def test_a_missing_model_is_reported_with_its_place(pipeline):
    opened = open_pipeline(pipeline({"use": "teacher", "model": "gone", "path": "raw.jsonl"}))
    with pytest.raises(Exception, match=r"sources\[0\]: .*gone"):
        read_training_data(opened)


def test_a_weak_source_without_rules_is_an_error_with_its_place(pipeline):
    opened = open_pipeline(pipeline({"use": "weak", "path": "raw.jsonl"}))
    with pytest.raises(ConfigError, match=r"pipeline: sources\[0\]: patterns: missing"):
        read_training_data(opened)


def test_the_data_doctor_asks_the_weak_matchers(pipeline, folder):
    matcher = {"use": "patterns", "path": "rules.jsonl", "as": "weak"}
    config = pipeline({"use": "weak", "path": "raw.jsonl"}, labels=["DRUG"], matchers=[matcher])
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(config))
    report = check_pipeline_file(str(folder / "pipeline.yaml"), (), None).report
    assert not report.errors
    assert "no-examples" not in {finding.code for finding in report.warnings}
    (folder / "rules.jsonl").write_text("{")
    report = check_pipeline_file(str(folder / "pipeline.yaml"), (), None).report
    assert next(finding.file for finding in report.errors) == "rules.jsonl"


def test_a_teacher_finds_the_plugins_of_the_pipeline(pipeline, folder, monkeypatch):
    """The model needs a tokenizer that stands beside the pipeline file, wherever the training is started."""
    (folder / "nerture_plugins.py").write_text(TOKENIZER)
    own = {"tokenizer": {"use": "letters"}, "train": {"max_steps": 1}}
    write_yaml(folder / "teacher.yaml", pipeline({"use": "gold", "path": "gold.jsonl"}, **own))
    train(folder / "teacher.yaml", folder / "model")
    source = {"use": "teacher", "model": "model", "path": "raw.jsonl"}
    write_yaml(folder / "student.yaml", pipeline(source))
    monkeypatch.chdir("/")
    data = read_training_data(open_pipeline(folder / "student.yaml"))
    assert len(data.sources[0].targets) == 60


TOKENIZER = """
import numpy as np
from nerture import hookimpl


def letters(text):
    return np.array([(place, place + 1) for place in range(len(text))], np.int32).reshape(-1, 2)


@hookimpl
def nerture_register_tokenizers(register):
    register("letters", lambda options, services: letters)
"""


def write_yaml(path, config):
    path.write_text(yaml.safe_dump(config))
