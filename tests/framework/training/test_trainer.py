"""Whole trainings of a tiny corpus: what they learn, that they repeat to the byte, how they go on."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pytest

from nerture.core.learner.serialization import META
from nerture.core.text.doc import Doc
from nerture.core.text.lexical import ATTRIBUTES
from nerture.errors import ConfigError, CorpusError, ModelFileError, NertureError
from nerture.models.model import load
from nerture.pipeline import open_pipeline
from nerture.training.checkpoint import POSITION, STATE
from nerture.training.train import checkpoint_folder, train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

from ...support.tiny_corpus import pipeline, row, write_corpus


@pytest.fixture
def folder(tmp_path):
    return write_corpus(tmp_path)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stop_at(step, seen=None):
    def listen(progress):
        if seen is not None:
            seen.append(progress)
        if progress.step == step:
            raise KeyboardInterrupt

    return listen


def test_a_small_corpus_is_learned(folder):
    seen = []
    result = train(
        pipeline(folder, train={"max_steps": 60, "word_dropout": 0.0, "attribute_dropout": 0.0}),
        folder / "model",
        listen=seen.append,
    )
    assert result.report.f1 == 1.0
    assert [progress.step for progress in seen] == list(range(1, result.steps + 1))
    assert [p.step for p in seen if p.report] == [s for s in range(1, result.steps + 1) if s % 4 == 0]
    assert seen[-1].loss < seen[0].loss
    assert seen[-1].best_f1 == 1.0
    assert result.words == seen[-1].words
    printed = result.as_dict()
    assert printed["steps"] == result.steps
    assert printed["words_trained"] == result.words
    assert printed["best_step"] % 4 == 0
    model = load(folder / "model")
    assert [(span.text, span.label) for span in model("She took Codeine in Rome on day 9.").spans] == [
        ("Codeine", "DRUG"),
        ("Rome", "CITY"),
    ]
    assert not checkpoint_folder(folder / "model").exists(), "a finished training leaves no checkpoint"


def knows(model, word):
    """Say whether a word is in the model's vocabulary."""
    learner = model.learner
    value = learner.attributes(Doc.from_words([word]))[0, ATTRIBUTES.index("norm")]
    return value in learner.vocabulary.values


def test_the_vocabulary_is_that_of_the_texts_learned_from(folder):
    model = train(pipeline(folder), folder / "model").model
    assert knows(model, "Codeine")
    assert knows(model, "47"), "the last day that was learned from"
    assert not knows(model, "48"), "the first day of the held-out texts"
    assert load(folder / "model").learner.vocabulary == model.learner.vocabulary


def test_a_training_that_goes_on_knows_the_words_of_both(folder):
    train(pipeline(folder), folder / "old")
    started = pipeline(folder, start=str(folder / "old"))
    started["sources"] = [{"use": "gold", "path": str(folder / "dev.jsonl")}]
    model = train(started, folder / "new").model
    assert knows(model, "47")
    assert knows(model, "48")
    # one of a format that had no vocabulary goes on without
    meta = json.loads((folder / "old" / META).read_text())
    del meta["vocabulary"]
    (folder / "old" / META).write_text(json.dumps({**meta, "format": 3}))
    assert train(started, folder / "newer").model.learner.vocabulary is None


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(folder):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(pipeline(folder, train={"seed": seed}), folder / name)
    assert contents(folder / "a") == contents(folder / "b")
    weights = "model.safetensors"
    assert contents(folder / "a")[weights] != contents(folder / "c")[weights]


@pytest.mark.parametrize("step", [1, 3, 4, 7, 11])
def test_an_interrupted_training_continues_exactly(folder, step):
    """Step 4 is an evaluation, 7 lies between two, 11 in a later epoch; 1 and 3 come before the first."""
    train(pipeline(folder), folder / "whole")
    first = train(pipeline(folder), folder / "part", listen=stop_at(step))
    assert first.interrupted
    assert first.steps == step
    load(folder / "part")("She took Codeine.")
    assert checkpoint_folder(folder / "part").is_dir()
    second = train(pipeline(folder), folder / "part", resume=True)
    assert not second.interrupted
    assert second.steps == 12
    assert contents(folder / "whole") == contents(folder / "part")
    assert not checkpoint_folder(folder / "part").exists()


def without_evaluation(folder, **settings):
    config = pipeline(folder, train={"dev_share": 0.2, **settings})
    del config["evaluate"]
    return config


def test_held_out_texts_are_trained_on_at_the_end(folder):
    """What the second training makes is what a first one makes of all texts in as many steps."""
    kept = train(without_evaluation(folder, refit=0), folder / "kept")
    seen = []
    whole = train(without_evaluation(folder), folder / "whole", listen=seen.append)
    assert kept.refit_steps == 0
    assert whole.refit_steps == round(kept.best_step * 48 / 38) == len(seen) - whole.steps
    assert [progress.refit_step for progress in seen[whole.steps :]] == list(range(1, whole.refit_steps + 1))
    assert seen[-1].refit_left == 0
    assert seen[-1].words == whole.words == whole.as_dict()["words_trained"] > kept.words
    assert (whole.report.f1, whole.best_step) == (kept.report.f1, kept.best_step)
    assert whole.model.meta["refit_steps"] == whole.as_dict()["refit_steps"] == whole.refit_steps
    for number in range(48):
        assert knows(whole.model, str(number))
    learner = whole.model.learner
    assert learner.threshold == kept.model.learner.threshold
    assert learner.calibration == kept.model.learner.calibration
    opened = open_pipeline(pipeline(folder, train={"max_steps": whole.refit_steps, "dev_share": 0.2}))
    trainer = Trainer(opened, read_training_data(opened))
    trainer.run()
    np.testing.assert_array_equal(learner.weights.flat, trainer.updater.averaged.weights.flat)
    assert learner.vocabulary == trainer.updater.averaged.vocabulary


def test_the_second_training_may_be_longer(folder):
    once, twice = (train(without_evaluation(folder, refit=share)) for share in (1, 2))
    assert twice.refit_steps == pytest.approx(2 * once.refit_steps, abs=1)


@pytest.mark.parametrize("step", [1, 2])
def test_the_second_training_may_be_interrupted(folder, step):
    whole = train(without_evaluation(folder), folder / "whole")

    def listen(progress):
        if progress.refit_step == step:
            raise KeyboardInterrupt

    first = train(without_evaluation(folder), folder / "part", listen=listen)
    assert first.interrupted
    assert first.refit_steps == 0
    kept = train(without_evaluation(folder, refit=0), folder / "kept")
    np.testing.assert_array_equal(first.model.learner.weights.flat, kept.model.learner.weights.flat)
    second = train(without_evaluation(folder), folder / "part", resume=True)
    assert second.refit_steps == whole.refit_steps
    assert contents(folder / "whole") == contents(folder / "part")


def test_ctrl_c_within_a_step_waits_for_its_end(folder):
    """The signal comes while the loss is computed; the checkpoint must not hold half a step."""
    opened = open_pipeline(pipeline(folder))
    trainer = Trainer(opened, read_training_data(opened), checkpoint=folder / "checkpoint")
    update, calls = trainer.updater.update, []

    def interrupted(*arguments, **options):
        calls.append(1)
        if len(calls) == 6:
            os.kill(os.getpid(), signal.SIGINT)
        return update(*arguments, **options)

    trainer.updater.update = interrupted
    assert trainer.run().interrupted
    assert trainer.position.step == trainer.updater.step == 6
    train(pipeline(folder), folder / "whole")
    checkpoint_folder(folder / "part").parent.mkdir(exist_ok=True)
    (folder / "checkpoint").rename(checkpoint_folder(folder / "part"))
    train(pipeline(folder), folder / "part", resume=True)
    assert contents(folder / "whole") == contents(folder / "part")


def test_the_best_model_is_kept_not_the_last(folder):
    """From the evaluation on, training only does harm: the kept weights are those of the best step."""
    seen = []
    opened = open_pipeline(pipeline(folder, train={"max_steps": 60, "patience": 40}))
    trainer = Trainer(opened, read_training_data(opened), listen=seen.append)

    def ruin(progress):
        if progress.report and progress.report.f1 > 0.5:
            trainer.updater.learner.weights.flat[:] = 0.0
            trainer.updater.state["average"].flat[:] = 0.0
        seen.append(progress)

    trainer.listen = ruin
    result = trainer.run()
    losses = {progress.step: progress.held_out_loss for progress in seen if progress.report}
    assert result.best_step == min(losses, key=losses.get) < result.steps
    assert result.held_out_loss == losses[result.best_step]
    kept = next(progress for progress in seen if progress.step == result.best_step)
    assert result.report.f1 == kept.report.f1 > 0.5


def test_training_ends_when_nothing_gets_better(folder):
    wild = {"learn_rate": 1.0, "patience": 8, "max_steps": 1000}
    result = train(pipeline(folder, train=wild))
    assert result.steps == result.best_step + 8 < 100


def test_a_checkpoint_of_another_pipeline_is_refused(folder):
    train(pipeline(folder), folder / "model", listen=stop_at(5))
    with pytest.raises(ModelFileError, match=r"belongs to another pipeline: train changed"):
        train(pipeline(folder, train={"dropout": 0.1}), folder / "model", resume=True)
    longer = train(pipeline(folder, train={"max_steps": 16}), folder / "model", resume=True)
    assert longer.steps == 16, "the length of a training may change"


def test_no_checkpoint_to_resume_from(folder):
    with pytest.raises(ModelFileError, match="no checkpoint"):
        train(pipeline(folder), folder / "model", resume=True)


@pytest.mark.parametrize(
    "damage", ["", "[]", "{}", '{"position": {}}', '{"position": {"speed": 1}, "pipeline": {}}', "5"]
)
def test_a_damaged_checkpoint(folder, damage):
    train(pipeline(folder), folder / "model", listen=stop_at(2))
    (checkpoint_folder(folder / "model") / POSITION).write_text(damage)
    with pytest.raises(ModelFileError, match="checkpoint"):
        train(pipeline(folder), folder / "model", resume=True)


@pytest.mark.parametrize("name", [POSITION, STATE.format("best")])
def test_a_checkpoint_is_read_from_its_own_folder_only(folder, name):
    train(pipeline(folder), folder / "model", listen=stop_at(2))
    (checkpoint_folder(folder / "model") / name).rename(folder / "elsewhere")
    (checkpoint_folder(folder / "model") / name).symlink_to(folder / "elsewhere")
    with pytest.raises(ModelFileError, match=f"{name}: expected a regular file within"):
        train(pipeline(folder), folder / "model", resume=True)


def test_two_sources_each_with_its_losses(folder):
    """A batch holds texts of one source and is judged by that source's losses, with its weight."""
    (folder / "nerture_plugins.py").write_text(
        "import numpy as np\n"
        "from nerture import hookimpl\n"
        "CALLS = []\n"
        "def make(options, services):\n"
        "    def loss(scores, targets):\n"
        "        CALLS.append([target.doc.text for target in targets])\n"
        "        return 1.0 * len(scores.closed), np.zeros_like(scores.closed), np.zeros_like(scores.open)\n"
        "    loss.calls = CALLS\n"
        "    return loss\n"
        "@hookimpl\n"
        "def nerture_register_losses(register):\n"
        "    register('counted', make)\n"
    )
    sources = [
        {"use": "gold", "path": "gold.jsonl"},
        {
            "use": "gold",
            "path": "dev.jsonl",
            "loss": ["counted", {"use": "oracle", "explore": 0.1}],
            "weight": 0.5,
        },
    ]
    changed = {**pipeline(folder, sources=sources), "tokenizer": {"use": "english"}}
    (folder / "pipeline.yaml").write_text(json.dumps(changed))
    opened = open_pipeline(folder / "pipeline.yaml")
    data = read_training_data(opened)
    assert [len(source.losses) for source in data.sources] == [1, 2]
    assert [weight for _, weight in data.sources[1].losses] == [0.5, 0.5]
    seen = []
    Trainer(opened, data, listen=seen.append).run()
    calls = data.sources[1].losses[0][0].inner.calls
    second = {target.doc.text for target in data.sources[1].targets}
    assert calls
    assert all(set(texts) <= second for texts in calls)
    epoch = list(data.batches(120, 0, 0))
    assert sum(len(chosen) for _, chosen in epoch) == 60
    assert {id(source) for source, _ in epoch} == {id(source) for source in data.sources}


def test_what_there_is_to_train_on(folder):
    (folder / "gold.jsonl").write_text("")
    with pytest.raises(CorpusError, match="no text"):
        train(pipeline(folder))
    (folder / "gold.jsonl").write_text(json.dumps(row(1)))
    with pytest.raises(CorpusError, match="at least two annotated texts"):
        train(pipeline(folder, evaluate=None))
    with pytest.raises(ConfigError, match="sources: missing"):
        train(pipeline(folder, sources=[]))


def test_problems_of_all_sources_come_at_once_and_nothing_is_trained(folder):
    for name in ("gold.jsonl", "dev.jsonl"):
        (folder / name).write_text('{"text": 3}\n' + json.dumps(row(1)))
    sources = [{"use": "gold", "path": str(folder / name)} for name in ("gold.jsonl", "dev.jsonl")]
    with pytest.raises(CorpusError, match=r"(?s)gold\.jsonl:1.*dev\.jsonl:1") as caught:
        train(pipeline(folder, sources=sources, evaluate=None), folder / "model")
    assert len(caught.value.problems) == 2
    assert not (folder / "model").exists()


def test_a_failed_training_keeps_the_old_model(folder):
    train(pipeline(folder, train={"max_steps": 1}), folder / "model")
    before = contents(folder / "model")

    def fail(progress):
        raise NertureError("stop")

    with pytest.raises(NertureError, match="stop"):
        train(pipeline(folder), folder / "model", listen=fail)
    assert contents(folder / "model") == before


def test_training_speed_leaves_evaluations_out(folder):
    result = train(pipeline(folder))
    assert 0 < result.update_seconds < result.seconds
    assert result.as_dict()["train_words_per_second"] == pytest.approx(result.words / result.update_seconds)
    assert np.isfinite(result.report.as_dict()["words_per_second"])
