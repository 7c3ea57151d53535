"""Cross-validation: every text judged once, by a learner that has not learned from it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nerture.config import load_config
from nerture.core.lattice.score_calibration import UNCHANGED
from nerture.errors import ConfigError, CorpusError
from nerture.evaluation import calibration
from nerture.evaluation.calibration import fit_calibration
from nerture.evaluation.scorer import score
from nerture.hosting.manager import make_manager
from nerture.pipeline import open_pipeline
from nerture.training.cross_validation import cross_validate
from nerture.training.runs import Refits
from nerture.training.train import train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

from ...support.tiny_corpus import pipeline, row, write_corpus

FOLDS = 3


@pytest.fixture
def folder(tmp_path):
    folder = write_corpus(tmp_path)
    texts = [row(number) for number in range(48)]
    for number in range(0, 48, 5):  # what nobody can learn keeps the scores from being perfect
        texts[number] = {**texts[number], "spans": []}
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, texts)))
    return folder


def without_evaluation(folder, **settings):
    config = pipeline(folder, train={"max_steps": 40, "dev_share": 0.2, "folds": FOLDS, **settings})
    del config["evaluate"]
    return config


def read(config):
    opened = open_pipeline(config)
    return opened, read_training_data(opened)


def test_each_text_is_held_out_once(folder):
    _, data = read(without_evaluation(folder))
    everything = {target.doc.text for target in data.full_sources[0].targets}
    held_out = [{target.doc.text for target in fold.held_out} for fold in data.folds]
    assert sorted(map(len, held_out)) == [16, 16, 16]
    assert set().union(*held_out) == everything
    for fold, aside in zip(data.folds, held_out, strict=True):
        assert {target.doc.text for target in fold.sources[0].targets} == everything - aside
        assert fold.longest == data.longest


def test_a_fold_learns_what_a_training_without_it_learns(folder):
    """The oracle is a training of its own on the texts of the others, which lie in a file."""
    opened, data = read(without_evaluation(folder))
    refits = Refits(opened, data, 20, lambda progress: None)
    for fold, (learner, held_out) in zip(data.folds, refits.train_folds(), strict=True):
        rows = [
            {
                "text": target.doc.text,
                "spans": [
                    {"start": span.start_char, "end": span.end_char, "label": span.label}
                    for span in target.spans
                ],
            }
            for target in fold.sources[0].targets
        ]
        (folder / "others.jsonl").write_text("\n".join(map(json.dumps, rows)))
        steps = round(20 * fold.sources[0].words / data.sources[0].words)
        gold = [{"use": "gold", "path": str(folder / "others.jsonl")}]
        alone = open_pipeline(pipeline(folder, sources=gold, train={"max_steps": steps}))
        trainer = Trainer(alone, read_training_data(alone))
        trainer.run()
        np.testing.assert_array_equal(learner.weights.flat, trainer.updater.averaged.weights.flat)
        assert held_out == fold.held_out


def test_the_model_has_the_threshold_and_the_calibration_of_all_texts(folder):
    config = without_evaluation(folder)
    crossed = train(config, folder / "model")
    opened, data = read(config)
    parts = Refits(opened, data, crossed.best_step, lambda progress: None).train_folds()
    learner = crossed.model.learner
    plain = train(without_evaluation(folder, folds=None))
    np.testing.assert_array_equal(learner.weights.flat, plain.model.learner.weights.flat)
    assert learner.calibration != plain.model.learner.calibration

    for part, _ in parts:
        part.threshold, part.calibration = learner.threshold, UNCHANGED
    assert fit_calibration(parts) == learner.calibration
    f1, found, targets = [], [], []
    for part, held_out in parts:
        part.calibration = learner.calibration
        predicted = part.predict([target.doc for target in held_out])
        f1.append(score(held_out, predicted, part.labels).f1)
        found += predicted
        targets += held_out
    report = score(targets, found, learner.labels)
    assert (report.total, report.texts) == (crossed.report.total, 48)
    assert 0 < report.f1 < 1
    assert crossed.fold_f1 == tuple(f1)
    assert learner.threshold == pytest.approx(min(max(report.f1 / 2, 0.1), 0.5), abs=0.03)
    result = crossed.as_dict()
    assert (result["f1"], result["fold_f1"], result["texts"]) == (report.f1, f1, 48)
    assert crossed.model.meta["evaluation"]["f1"] == report.f1
    assert plain.as_dict()["fold_f1"] == []


def test_one_part_of_a_calibration_is_as_good_as_the_whole(folder, monkeypatch):
    """One learner with texts in three parts is one learner with all; a bound on words is one on all parts."""
    data = read(without_evaluation(folder))[1]
    learner = train(without_evaluation(folder, folds=None, refit=0)).model.learner
    texts = list(data.full_sources[0].targets)
    whole = fit_calibration([(learner, texts)])
    parted = fit_calibration([(learner, texts[number::3]) for number in range(3)])
    assert parted.temperature == pytest.approx(whole.temperature, rel=1e-3)
    assert parted.offsets == pytest.approx(whole.offsets, abs=1e-3)
    asked = []
    derivations = type(learner).derivations

    def counted(self, docs, *arguments):
        asked.append(sum(map(len, docs)))
        return derivations(self, docs, *arguments)

    monkeypatch.setattr(type(learner), "derivations", counted)
    monkeypatch.setattr(calibration, "MAX_WORDS", 150)
    fit_calibration([(learner, texts[number::3]) for number in range(3)])
    assert len(asked) == 6, "each part once for what to judge, and once for the texts that were chosen"
    assert 0 < sum(asked[1::2]) < 200 < sum(asked[::2])


def test_where_wrong_spans_may_be_unknown_the_threshold_stays(folder):
    texts = [{**row(number), "complete": ["DRUG"]} for number in range(48)]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, texts)))
    opened, data = read(without_evaluation(folder))
    parts = Refits(opened, data, 20, lambda progress: None).train_folds()
    parts[0][0].threshold = 0.35
    crossed = cross_validate(parts, opened.constraints)
    assert (crossed.threshold, crossed.calibration) == (0.35, UNCHANGED)
    assert crossed.report.texts == 48
    assert {part.threshold for part, _ in parts} == {0.35}


def test_where_nothing_is_found_there_is_no_calibration(folder):
    opened, data = read(without_evaluation(folder))
    parts = Refits(opened, data, 1, lambda progress: None).train_folds()
    for learner, _ in parts:
        learner.weights.flat[:] = 0.0
        learner.weights["closed.bias"] = np.array([50.0] + [0.0] * 4, dtype=np.float32)
    crossed = cross_validate(parts, opened.constraints)
    assert (crossed.report.total.predicted, crossed.calibration) == (0, UNCHANGED)


def test_steps_are_counted_over_all_learners(folder):
    seen = []
    result = train(without_evaluation(folder), folder / "model", listen=seen.append)
    again = [progress for progress in seen if progress.refit_step is not None]
    assert [progress.refit_step for progress in again] == list(range(1, len(again) + 1))
    assert [progress.refit_left for progress in again] == list(range(len(again) - 1, -1, -1))
    folds = [progress.fold for progress in again]
    assert folds[: result.refit_steps] == [None] * result.refit_steps
    assert sorted(set(folds[result.refit_steps :])) == [1, 2, 3]
    assert seen[-1].words == result.words
    alone = train(without_evaluation(folder, refit=0))
    assert (alone.refit_steps, len(alone.fold_f1)) == (0, 3)


@pytest.mark.parametrize("fold", [1, 3])
def test_it_may_be_interrupted_and_left_out_when_training_goes_on(folder, fold):
    def listen(progress):
        if progress.fold == fold:
            raise KeyboardInterrupt

    first = train(without_evaluation(folder), folder / "part", listen=listen)
    assert (first.interrupted, first.fold_f1) == (True, ())
    plain = train(without_evaluation(folder, folds=None))
    assert first.model.learner.calibration == plain.model.learner.calibration
    assert first.report.total == plain.report.total
    np.testing.assert_array_equal(first.model.learner.weights.flat, plain.model.learner.weights.flat)
    whole = train(without_evaluation(folder), folder / "whole")
    second = train(without_evaluation(folder), folder / "part", resume=True)
    assert second.fold_f1 == whole.fold_f1
    assert second.model.learner.calibration == whole.model.learner.calibration
    train(without_evaluation(folder), folder / "other", listen=listen)
    without = train(without_evaluation(folder, folds=None), folder / "other", resume=True)
    assert not without.interrupted
    assert without.model.learner.calibration == plain.model.learner.calibration


@pytest.mark.parametrize("key", ["evaluate", "start"])
def test_it_is_refused_where_texts_to_evaluate_on_are_named_or_a_model_to_start_from(folder, key):
    train(without_evaluation(folder, folds=None, max_steps=4), folder / "old")
    changes = {"evaluate": {"use": "gold", "path": "dev.jsonl"}, "start": "old"}
    config = without_evaluation(folder) | {key: changes[key]}
    if key == "start":
        del config["model"]
    path = folder / "pipeline.yaml"
    path.write_text(json.dumps(config, indent=1))
    line = next(at for at, text in enumerate(path.read_text().splitlines(), 1) if '"folds"' in text)
    with pytest.raises(
        ConfigError, match=rf"pipeline\.yaml:{line}: train\.folds: expected none with `{key}`, got 3"
    ):
        load_config(path, registry=make_manager(folder).registry)


def test_more_parts_than_texts_are_refused(folder):
    with pytest.raises(
        CorpusError, match=r"train\.folds: expected 2 to 48, the number of annotated texts, got 50"
    ):
        read(without_evaluation(folder, folds=50))


def test_texts_that_evaluate_nothing_are_trained_on_in_all_other_folds(folder):
    """Raw texts with a teacher's probabilities are such, or texts of which no label is complete."""
    texts = [
        {"text": row(number)["text"], "spans": [], "complete": []} for number in range(40, 60)
    ]  # eight of them are known
    (folder / "more.jsonl").write_text("\n".join(map(json.dumps, texts)))
    config = without_evaluation(folder)
    config["sources"] += [{"use": "gold", "path": str(folder / "more.jsonl")}]
    data = read(config)[1]
    held_out = [{target.doc.text for target in fold.held_out} for fold in data.folds]
    assert sorted(map(len, held_out)) == [16, 16, 16]
    assert [len(fold.held_out) for fold in data.folds] == [len(texts) for texts in held_out]
    for fold, aside in zip(data.folds, held_out, strict=True):
        left = [one["text"] for one in texts if one["text"] not in aside]
        assert [target.doc.text for target in fold.sources[1].targets] == left
