"""Rehearsal: what the frozen model says of the training texts, and how much of it an epoch takes."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import ConfigError, CorpusError
from nerture.pipeline import open_pipeline
from nerture.training import rehearsal
from nerture.training.rehearsal import make_rehearsal_data
from nerture.training.source_data import SourceData
from nerture.training.train import train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

from ...support.all_derivations import enumerate_all

DOC = Doc.from_words(["we", "met", "Ann", "Lee", "there"])
OLD = ("A", "B", "gone")


def random_learner(seed):
    learner = Learner(OLD, ModelSettings(width=8, depth=1, pieces=2, hidden=8), 3, seed=seed)
    rng = np.random.default_rng(seed)
    for name in ("closed.weight", "open.weight", "closed.bias"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    learner.calibration = Calibration(3.0)  # of reported probabilities; teaching is at 1
    return learner


def taught(learner, *targets, labels=("A", "B"), more=()):
    """The source of rehearsal on these texts, its loss a name."""
    pipeline = SimpleNamespace(
        manager=SimpleNamespace(registry=SimpleNamespace(create=lambda *arguments: arguments[1])),
        services=None,
    )
    part = SimpleNamespace(where="pipeline.yaml:3: start", rehearse_weight=0.5)
    start = SimpleNamespace(part=part, model=SimpleNamespace(learner=learner), labels=labels)
    return make_rehearsal_data(pipeline, start, [SourceData(targets, ())], more)


def spans_of(target):
    """What a teacher says: probabilities by start, end and label."""
    teacher = target.teacher
    spans = [(start, end, teacher.labels[label]) for start, end, label in teacher.spans.tolist()]
    return dict(zip(spans, teacher.probabilities.tolist(), strict=True))


def truth(learner, doc, agrees, labels=("A", "B")):
    """P(span | the derivation agrees), of the spans of these labels, summed over all derivations."""
    closed, open_, _, _ = learner.network.scores(learner.batch([learner.attributes(doc)]), learner.longest)
    shares, total = {}, 0.0
    for spans, log_probability, _ in enumerate_all(closed, open_, learner.labels):
        if agrees(spans):
            total += math.exp(log_probability)
            for span in spans:
                shares[span] = shares.get(span, 0.0) + math.exp(log_probability)
    return {span: share / total for span, share in shares.items() if span[2] in labels}


def same(found, wanted):
    wanted = {span: share for span, share in wanted.items() if share > 2e-6}
    assert found.keys() >= wanted.keys()
    for span, share in found.items():
        assert share == pytest.approx(wanted.get(span, 0.0), abs=1e-5)


def overlaps(span, start, end):
    return span[0] < end and start < span[1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.permutations(OLD), st.integers(1, 3))
def test_on_an_unannotated_text_the_model_says_what_it_thinks(seed, order, count):
    """Whatever labels are left, in whatever order: those that are dropped are left out."""
    learner, labels = random_learner(seed), tuple(order[:count])
    (target,) = taught(learner, Target(DOC, complete=frozenset()), labels=labels).targets
    assert target.teacher.labels == labels
    assert target.teacher.spans.dtype == np.int32
    assert target.complete == frozenset()
    assert not target.rules_out
    same(spans_of(target), truth(learner, DOC, lambda spans: True, labels))


def test_annotations_are_taken_as_right():
    """A new entity covers what the old labels may not; a known old one is there; rejected ones are not."""
    learner = random_learner(3)
    known = Target(
        DOC,
        (DOC.span(0, 1, "A"), DOC.span(2, 4, "new")),
        frozenset(["new"]),
        rejected=(DOC.span(4, 5, "B"), DOC.span(1, 2, "new")),
    )
    (target,) = taught(learner, known).targets

    def agrees(spans):
        return (
            (0, 1, "A") in spans
            and (4, 5, "B") not in spans
            and not any(overlaps(span, 2, 4) for span in spans)
        )

    found = spans_of(target)
    assert found[0, 1, "A"] == pytest.approx(1.0)
    same(found, truth(learner, DOC, agrees))


def test_groups_count_when_all_of_them_are_old_labels():
    learner = random_learner(4)
    first, second, new = DOC.span(0, 1, "A"), DOC.span(2, 3, "B"), DOC.span(4, 5, "new")
    known = Target(DOC, complete=frozenset(), not_together=((first, second), (first, new)))
    (target,) = taught(learner, known).targets
    wanted = truth(learner, DOC, lambda spans: not {(0, 1, "A"), (2, 3, "B")} <= set(spans))
    same(spans_of(target), wanted)


def test_where_everything_old_is_annotated_it_says_just_that():
    learner = random_learner(5)
    (target,) = taught(learner, Target(DOC, (DOC.span(1, 3, "B"),), frozenset(["A", "B", "new"]))).targets
    found = {span: share for span, share in spans_of(target).items() if share > 1e-5}
    assert found == {(1, 3, "B"): pytest.approx(1.0)}


def test_annotations_that_contradict_themselves_do_not_count():
    learner = random_learner(6)
    known = Target(DOC, (DOC.span(1, 3, "B"),), frozenset(), rejected=(DOC.span(1, 3, "B"),))
    (target,) = taught(learner, known).targets
    same(spans_of(target), truth(learner, DOC, lambda spans: True))


def test_a_model_of_other_labels_only_has_nothing_to_rehearse():
    assert taught(random_learner(1), Target(DOC), labels=()) is None


def test_the_loss_has_the_weight_that_the_pipeline_says():
    assert taught(random_learner(1), Target(DOC)).losses == (("rehearse", 0.5),)


def test_the_learner_sees_the_words_that_the_frozen_model_saw():
    """Else it would have to hold of a text with new words in it what was said of one that it knows."""
    assert not taught(random_learner(1), Target(DOC)).hides_words


def test_an_epoch_takes_no_more_of_it_than_of_the_annotated_texts():
    """Of many raw texts each epoch takes others, and long ones are cut."""
    raw = [Target(Doc.from_words([f"w{number}"] * 4), complete=frozenset()) for number in range(100)]
    long = Target(Doc.from_words(["long"] * 1200), complete=frozenset())
    source = taught(random_learner(1), *(Target(DOC, complete=frozenset()) for _ in range(8)), more=raw)
    assert len(source.targets) == 108
    taken = []
    for seed in (0, 1):
        batches = list(source.batches(10, np.random.default_rng(seed)))
        texts = [index for batch in batches for index in batch]
        assert len(texts) == len(set(texts))
        words = [len(source.targets[index].doc) for index in texts]
        assert 40 <= sum(words) < 40 + max(words)
        taken.append(set(texts))
    assert taken[0] != taken[1]
    pieces = taught(random_learner(1), Target(DOC), more=[long, Target(Doc.from_words([]))]).targets
    assert [len(piece.doc) for piece in pieces] == [5, 500, 500, 200]


LOSS = """
import numpy as np
from nerture import hookimpl

CALLS = []

def make(options, services):
    def loss(scores, targets):
        CALLS.extend(targets)
        return 0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open)
    loss.calls = CALLS
    return loss

class Silent:
    def targets(self):
        from nerture.interfaces import Doc, Target
        yield Target(Doc("Nothing."), complete=frozenset())

@hookimpl
def nerture_register_losses(register):
    register("fake_rehearse", make)

@hookimpl
def nerture_register_sources(register):
    register("fake_rehearsal", lambda options, services: Silent())
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a model; a function that opens a pipeline which goes on from it."""
    monkeypatch.setattr(rehearsal, "LOSS", "fake_rehearse")
    monkeypatch.setattr(rehearsal, "SOURCE", "fake_rehearsal")
    (tmp_path / "nerture_plugins.py").write_text(LOSS)
    rows = [
        {"text": f"We met {name} there.", "spans": [{"start": 7, "end": 7 + len(name), "label": "A"}]}
        for name in ("Ann", "Bo", "Cy", "Di")
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    small = {"width": 8, "depth": 0, "pieces": 2, "hidden": 8}
    base = {
        "nerture": 1,
        "sources": [{"use": "gold", "path": "gold.jsonl", "map": {"A": "A"}}],
        "evaluate": {"use": "gold", "path": "gold.jsonl"},
        "train": {"max_steps": 8, "evaluate_every": 8, "batch_words": 10},
    }

    def opened(**changes):
        path = tmp_path / "pipeline.yaml"
        path.write_text(json.dumps({**base, "labels": ["A", "new"], "start": "old", **changes}))
        return open_pipeline(path)

    (tmp_path / "first.yaml").write_text(json.dumps({**base, "labels": ["A"], "model": small}))
    train(tmp_path / "first.yaml", tmp_path / "old")
    opened.folder = tmp_path
    return opened


def test_it_is_on_by_default_and_the_sources_texts_are_what_is_rehearsed(project):
    opened = project()
    data = read_training_data(opened)
    texts = [target.doc.text for target in data.sources[0].targets]
    assert [target.doc.text for target in data.rehearsal.targets] == texts
    Trainer(opened, data).run()
    calls = data.rehearsal.losses[0][0].inner.calls
    assert {target.doc.text for target in calls} == set(texts)
    assert all(target.teacher.labels == ("A",) for target in calls)


def test_it_may_be_left_out(project):
    assert read_training_data(project(start={"model": "old", "rehearse": False})).rehearsal is None
    assert read_training_data(project(start=None)).rehearsal is None
    both = [{"use": "gold", "path": "gold.jsonl"}, {"use": "fake_rehearsal"}]
    assert read_training_data(project(sources=both)).rehearsal is None
    none_left = project(labels=["new"], sources=[{"use": "gold", "path": "gold.jsonl", "map": {"A": "new"}}],
                        evaluate=None)  # fmt: skip
    assert read_training_data(none_left).rehearsal is None


def test_more_texts(project):
    rows = [{"text": "Raw.", "spans": [{"start": 0, "end": 2, "label": "whatever"}]}, {"text": "Raw too."}]
    (project.folder / "raw.jsonl").write_text("\n".join(map(json.dumps, rows)))
    start = {"model": "old", "rehearse_texts": "raw.jsonl"}
    data = read_training_data(project(start=start))
    assert [target.doc.text for target in data.rehearsal.targets[-2:]] == ["Raw.", "Raw too."]
    assert len(data.sources) == 1
    (project.folder / "raw.jsonl").write_text('{"text": 3}\n' + json.dumps(rows[0]))
    with pytest.raises(
        CorpusError, match=r"pipeline\.yaml:1: start.rehearse_texts: 1 problem(?s:.*)raw\.jsonl:1"
    ):
        read_training_data(project(start=start))
    data = read_training_data(project(start=start), skip_bad=True)
    assert [problem.origin.line for problem in data.problems] == [1]
    assert len(data.rehearsal.targets) == 5


def test_a_loss_that_no_plugin_brings(project, monkeypatch):
    monkeypatch.setattr(rehearsal, "LOSS", "rehaerse")
    with pytest.raises(ConfigError, match=r'pipeline\.yaml:1: start\.rehearse: unknown loss "rehaerse"'):
        read_training_data(project())
