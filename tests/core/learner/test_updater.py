from __future__ import annotations

import numpy as np
import pytest

from nerture.core.errors import DataError
from nerture.core.learner.learner import Learner
from nerture.core.learner.updater import Updater
from nerture.core.network.settings import ModelSettings, TrainSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.plugins.losses import Oracle

SMALL = ModelSettings(width=16, depth=1, pieces=2, hidden=8)
CALM = TrainSettings(dropout=0.0, word_dropout=0.0)


def target(text, *spans):
    doc = Doc.from_words(text.split())
    return Target(doc, tuple(doc.span(*span) for span in spans))


TARGETS = [
    target("we met Ann Lee in Rome", (2, 4, "PER"), (5, 6, "LOC")),
    target("Oslo was cold when Bo left", (0, 1, "LOC"), (4, 5, "PER")),
    target("nobody met anyone there"),
    target("Ann likes Oslo", (0, 1, "PER"), (2, 3, "LOC")),
]


ORACLE = ((Oracle(0.5), 1.0),)


def new_updater(settings=CALM, seed=0):
    return Updater(Learner(("PER", "LOC"), SMALL, 4, seed=seed), settings)


def step(updater, losses=ORACLE, targets=TARGETS):
    attributes = [updater.learner.attributes(item.doc) for item in targets]
    return updater.update(attributes, targets, losses)


def test_a_few_texts_are_learned_by_heart():
    updater = new_updater(TrainSettings(learn_rate=0.005, dropout=0.1, word_dropout=0.0))
    losses = [step(updater) for _ in range(120)]
    assert losses[-1] < 0.1 * losses[0]
    for learner in (updater.learner, updater.averaged):
        found = learner.predict([item.doc for item in TARGETS])
        assert found == [list(item.spans) for item in TARGETS]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    made = []
    for seed in (1, 1, 2):
        updater = new_updater(TrainSettings(seed=seed))
        for _ in range(3):
            step(updater)
        made.append(updater.averaged.weights.flat.tobytes())
    assert made[0] == made[1]
    assert made[0] != made[2], "the seed of the noise alone"


NO_WORDS_HIDDEN = {"word_dropout": 0.0, "attribute_dropout": 0.0, "unk_dropout": 0.0}


@pytest.mark.parametrize("name", NO_WORDS_HIDDEN)
def test_words_are_hidden_unless_the_caller_says_so(name):
    """Each kind of hiding changes the step, and none of them where all words are to be seen."""
    hidden = TrainSettings(**{**NO_WORDS_HIDDEN, name: 0.9})
    plain = TrainSettings(**NO_WORDS_HIDDEN)
    made = {}
    for settings, hides_words in ((plain, True), (hidden, True), (hidden, False)):
        learner = Learner(("PER", "LOC"), SMALL, 4, vocabulary=Vocabulary((), ()))
        attributes = [learner.attributes(item.doc) for item in TARGETS]
        updater = Updater(learner.with_vocabulary(attributes), settings)
        for _ in range(3):
            updater.update(attributes, TARGETS, ORACLE, hides_words=hides_words)
        made[settings, hides_words] = updater.learner.weights.flat.tobytes()
    assert made[hidden, False] == made[plain, True] != made[hidden, True]


def test_continuing_from_a_saved_state_gives_the_same_bytes():
    whole, part = new_updater(TrainSettings()), new_updater(TrainSettings())
    for _ in range(5):
        step(whole)
    for _ in range(2):
        step(part)
    resumed = new_updater(TrainSettings(), seed=9)
    resumed.restore({name: value.copy() for name, value in part.state.items()}, part.step)
    for _ in range(3):
        step(resumed)
    for name, value in whole.state.items():
        assert value.flat.tobytes() == resumed.state[name].flat.tobytes(), name


def test_losses_and_their_weights_add_up():
    """Twice the loss at half the weight, next to another at its own, is their sum; so are the gradients."""
    seen = []

    def recorder(scores, targets):
        seen.append((scores.closed.copy(), scores.open.copy()))
        return 3.0, np.full_like(scores.closed, 0.25), np.zeros_like(scores.open)

    words = sum(len(item.doc) for item in TARGETS)
    alone = step(new_updater(), [(recorder, 1.0)])
    both = step(new_updater(), [(recorder, 0.5), (recorder, 2.0)])
    assert alone == pytest.approx(3.0 / words)
    assert both == pytest.approx(7.5 / words)

    oracle = Oracle(0.0)
    first, second = new_updater(), new_updater()
    step(first, [(oracle, 0.5), (oracle, 1.5)])
    step(second, [(oracle, 2.0)])
    np.testing.assert_allclose(first.learner.weights.flat, second.learner.weights.flat, atol=1e-6)


def test_a_loss_of_weight_zero_has_no_effect():
    quiet, silent = new_updater(), new_updater()
    step(quiet, [(Oracle(0.0), 0.0)])
    step(silent, [])
    np.testing.assert_array_equal(quiet.learner.weights.flat, silent.learner.weights.flat)


def test_the_average_follows_the_weights():
    settings = TrainSettings(average=0.5)
    updater = new_updater(settings)
    average = updater.learner.weights.flat.copy()
    for number in (1, 2, 3):
        step(updater)
        keep = min(0.5, (1 + number) / (10 + number))
        average = keep * average + (1 - keep) * updater.learner.weights.flat
        np.testing.assert_allclose(updater.averaged.weights.flat, average, atol=1e-6)


def failing(value=0.0, closed=0.0, open_=0.0):
    def loss(scores, targets):
        return value, np.full_like(scores.closed, closed), np.full_like(scores.open, open_)

    return loss


@pytest.mark.parametrize(
    "loss", [failing(np.nan), failing(np.inf), failing(closed=np.nan), failing(open_=np.inf)],
    ids=["nan", "infinite", "closed gradient", "open gradient"],
)  # fmt: skip
def test_what_is_not_finite_is_refused_before_it_harms(loss):
    updater = new_updater()
    before = {name: value.copy() for name, value in updater.state.items()}
    with pytest.raises(DataError, match=r"loss at step 0: expected finite values and gradients"):
        step(updater, [(loss, 1.0)])
    assert updater.step == 0
    for name, value in updater.state.items():
        np.testing.assert_array_equal(value.flat, before[name].flat)
    step(updater)
    assert np.isfinite(updater.learner.weights.flat).all()


def test_gradients_of_another_shape_are_refused():
    def loss(scores, targets):
        return 0.0, np.zeros((1, 1), np.float32), np.zeros_like(scores.open)

    with pytest.raises(DataError, match=r"gradients of a loss: expected shapes .*, got \(1, 1\)"):
        step(new_updater(), [(loss, 1.0)])
