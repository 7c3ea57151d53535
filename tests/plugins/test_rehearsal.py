"""The source ``rehearsal``: the frozen model's own distribution, for the labels that it has."""

from __future__ import annotations

import numpy as np
import pytest

from nerture.core.lattice.scores import Scores
from nerture.errors import SettingError
from nerture.models.model import Model
from nerture.plugins import distillation
from nerture.plugins.rehearsal import RehearsalOptions, make_rehearsal
from nerture.plugins.teacher import TeacherOptions, make_teacher
from nerture.testing import make_part

TEXTS = ["Aspirin and ibuprofen", "", "She took pills in Rome"]


@pytest.fixture
def texts(write):
    return write("texts.txt", *TEXTS)


def targets(services, **options):
    return list(make_rehearsal(RehearsalOptions(**options), services).targets())


def test_it_is_the_model_as_it_is(services, save_model, texts):
    save_model()
    found = targets(services(("A", "B", "NEW")), model="model", path=texts)
    wanted = make_teacher(
        TeacherOptions(model="model", path=texts, temperature=1.0), services(("A", "B", "NEW"))
    ).targets()
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.teacher.labels == ("A", "B")
        np.testing.assert_array_equal(ours.teacher.spans, theirs.teacher.spans)
        np.testing.assert_array_equal(ours.teacher.probabilities, theirs.teacher.probabilities)


def test_rules_hold_for_what_a_teacher_says_and_not_for_what_is_rehearsed(
    services, save_model, texts, write, as_probabilities, tmp_path
):
    model = save_model()
    write("rules.jsonl", '{"label": "A", "pattern": "pills"}')
    rule = {"use": "patterns", "path": "rules.jsonl", "as": "require"}
    files = {"rules.jsonl": tmp_path / "rules.jsonl"}
    strict = Model(model.learner, model.tokenizer, {**model.config, "matchers": [rule]}, files=files)
    strict.save(tmp_path / "strict")
    asked = TeacherOptions(model="strict", path=texts)
    assert as_probabilities(list(make_teacher(asked, services()).targets())[2])["pills", "A"] == 1
    plain = targets(services(), model="model", path=texts)
    for ours, theirs in zip(targets(services(), model="strict", path=texts), plain, strict=True):
        assert as_probabilities(ours) == as_probabilities(theirs)
    assert as_probabilities(plain[2]).get(("pills", "A"), 0) < 1


def test_the_model_itself_has_nothing_to_learn_from_it(services, save_model, texts):
    """The gradient of `rehearse` vanishes where the student still is the model that it was."""
    learner = save_model().learner
    found = [target for target in targets(services(), model="model", path=texts) if len(target.doc)]
    batch = learner.batch([learner.attributes(target.doc) for target in found])
    closed, open_, exists, _ = learner.network.scores(batch, learner.longest)
    scores = Scores(closed, open_, exists, batch.bounds, learner.labels)
    value, d_closed, d_open = make_part(distillation, "loss", "rehearse")(scores, found)
    assert value > 0
    assert np.abs(d_closed).max() < 2e-3
    assert np.abs(d_open).max() < 2e-3
    moved = Scores(closed + np.float32(np.arange(5)), open_, exists, batch.bounds, learner.labels)
    assert np.abs(make_part(distillation, "loss", "rehearse")(moved, found)[1]).max() > 0.1


def test_labels_that_are_gone_are_named_or_dropped(services, save_model, texts):
    save_model()
    with pytest.raises(SettingError, match="'B' is not a label of the pipeline"):
        targets(services(("A",)), model="model", path=texts)
    found = targets(services(("A",)), model="model", path=texts, map={"B": None})
    assert found[0].teacher.labels == ("A",)
