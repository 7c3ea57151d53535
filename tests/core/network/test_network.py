"""The whole network's gradient, block by block, against central differences in float64."""

from __future__ import annotations

import numpy as np
import pytest

from nerture.core.network.network import Batch, Network, Noise, initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings
from nerture.core.text.lexical import ATTRIBUTES

NOISE = Noise(seed=11, dropout=0.3, word_dropout=0.2)
MODELS = [
    ModelSettings(width=8, depth=2, pieces=2, hidden=8),
    ModelSettings(width=19, depth=0, pieces=3, hidden=9),
    ModelSettings(width=10, depth=1, pieces=4, hidden=17),
]


def network(settings, labels, matches, seed=0):
    """A network whose every block is random: zeros at the output would hide mistakes."""
    weights = Parameters(shapes(settings, labels, matches), np.float64)
    initialise(weights, seed)
    rng = np.random.default_rng(seed)
    for name in weights:
        if not name.endswith(".weight") or name.startswith(("closed", "open")):
            weights[name] += rng.normal(size=weights.shapes[name]) * 0.5
    return Network(settings, labels, weights, matches)


def batch_of(lengths, matches, seed=0):
    rng = np.random.default_rng(seed)
    count = len(ATTRIBUTES) if matches else len(ATTRIBUTES) - 1
    attributes = rng.integers(0, 30, size=(sum(lengths), count)).astype(np.uint64)  # 0 is not to be seen
    return Batch(attributes, np.cumsum([0, *lengths]).astype(np.int64))


@pytest.mark.parametrize("matches", [False, True], ids=["plain", "matches"])
@pytest.mark.parametrize("noise", [None, NOISE], ids=["quiet", "noise"])
@pytest.mark.parametrize("settings", MODELS, ids=["deep", "flat", "wide"])
@pytest.mark.parametrize(("lengths", "longest"), [([1], 3), ([5, 1, 0, 3], 4), ([4], 1)])
def test_gradient_of_every_block(settings, lengths, longest, noise, matches):
    labels = 2
    net, batch = network(settings, labels, matches), batch_of(lengths, matches)
    weights, gradient = net.weights, net.weights.zeros_like()
    rng = np.random.default_rng(5)
    closed, open_, exists, backward = net.scores(batch, longest, noise, gradient)
    slopes = rng.normal(size=closed.shape), rng.normal(size=open_.shape) * exists[..., None]
    backward(slopes[0].copy(), slopes[1].copy())

    def value():
        closed, open_, _, _ = net.scores(batch, longest, noise)
        return np.sum(slopes[0] * closed) + np.sum(slopes[1] * open_)

    step = 1e-6
    for name in weights:
        place = weights.find_slice(name)
        size = place.stop - place.start
        used = np.flatnonzero(gradient.flat[place])
        directions = [rng.normal(size=size)]
        for coordinate in [*rng.choice(used, min(4, len(used)), replace=False), rng.integers(size)]:
            directions.append(np.zeros(size))
            directions[-1][coordinate] = 1.0
        for direction in directions:
            kept = weights.flat[place].copy()
            values = []
            for sign in (1, -1):
                weights.flat[place] = kept + sign * step * direction
                values.append(value())
            weights.flat[place] = kept
            expected = (values[0] - values[1]) / (2 * step)
            found = gradient.flat[place] @ direction
            assert found == pytest.approx(expected, rel=1e-4, abs=1e-5), name
        if not name.startswith("open") or (max(lengths) > 1 and longest > 1):
            assert len(used), f"{name} has no gradient at all"


def test_gradients_add_up():
    net, batch = network(MODELS[0], 1, False), batch_of([3], False)
    gradients = []
    for times in (1, 2):
        gradient = net.weights.zeros_like()
        for _ in range(times):
            closed, open_, _, backward = net.scores(batch, 3, None, gradient)
            backward(np.ones_like(closed), np.zeros_like(open_))
        gradients.append(gradient.flat)
    np.testing.assert_allclose(2 * gradients[0], gradients[1])


def test_states_before_the_text_have_no_score_and_no_gradient():
    """A loss may wrongly return a gradient for them: it must not reach other memory, or any weight."""
    net, batch = network(MODELS[0], 2, False), batch_of([2, 3], False)
    gradient = net.weights.zeros_like()
    closed, open_, exists, backward = net.scores(batch, 6, None, gradient)
    assert exists.tolist() == [[token > back for back in range(5)] for token in (0, 1, 0, 1, 2)]
    assert (open_[~exists] == 0).all()
    backward(np.zeros_like(closed), np.where(exists[..., None], 0.0, np.ones_like(open_)))
    assert (gradient.flat == 0).all()


@pytest.mark.parametrize("settings", MODELS)
def test_the_receptive_field_covers_every_token_that_affects_a_score(settings):
    """The scores of a token change with tokens within ``receptive_field`` and not with those beyond."""
    net = network(settings, 1, False)
    batch = batch_of([41], False)
    closed, *_ = net.scores(batch, 2)
    far, near = batch.attributes.copy(), batch.attributes.copy()  # near: the farthest that still counts
    far[: 20 - net.receptive_field] += np.uint64(100)
    far[20 + net.receptive_field + 1 :] += np.uint64(100)
    near[20 - net.receptive_field] += np.uint64(100)
    np.testing.assert_array_equal(net.scores(Batch(far, batch.bounds), 2)[0][20], closed[20])
    assert not np.array_equal(net.scores(Batch(near, batch.bounds), 2)[0][20], closed[20])


def test_texts_of_a_batch_do_not_see_each_other():
    net = network(MODELS[0], 2, False)
    both = batch_of([3, 4], False)
    closed, open_, _, _ = net.scores(both, 3)
    for begin, end in ((0, 3), (3, 7)):
        alone = Batch(both.attributes[begin:end], np.array([0, end - begin], dtype=np.int64))
        closed_alone, open_alone, _, _ = net.scores(alone, 3)
        np.testing.assert_allclose(closed[begin:end], closed_alone, atol=1e-12)
        np.testing.assert_allclose(open_[begin:end], open_alone, atol=1e-12)


def test_noise_is_a_function_of_its_seed():
    net, batch = network(MODELS[0], 1, False), batch_of([6], False)
    first, again = (net.scores(batch, 2, NOISE)[0] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, net.scores(batch, 2, Noise(12, 0.3, 0.2))[0])
    assert not np.array_equal(first, net.scores(batch, 2)[0])


def test_a_new_network_prefers_nothing():
    """The output begins at zero, so that training decides."""
    weights = Parameters(shapes(MODELS[0], 2, False))
    initialise(weights, 3)
    closed, open_, _, _ = Network(MODELS[0], 2, weights, False).scores(batch_of([4], False), 3)
    assert not closed.any()
    assert not open_.any()


def test_the_seed_decides_the_first_weights():
    made = []
    for seed in (1, 1, 2):
        weights = Parameters(shapes(MODELS[0], 1, False))
        initialise(weights, seed)
        made.append(weights.flat)
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


@pytest.mark.parametrize("noise", [None, NOISE], ids=["quiet", "noise"])
@pytest.mark.parametrize("settings", [*MODELS, ModelSettings()], ids=["deep", "flat", "wide", "default"])
def test_float32_has_the_scores_and_gradients_of_float64(settings, noise):
    """Other kernels, the same network; central differences would be too coarse for float32."""
    double, batch = network(settings, 2, False), batch_of([5, 1, 0, 30], False)
    single = Network(settings, 2, Parameters(double.weights.shapes), False)
    for name in double.weights:
        single.weights[name] = double.weights[name]
        double.weights[name] = single.weights[name]  # rounded alike
    rng = np.random.default_rng(1)
    results = []
    slopes = None
    for net in (single, double):
        gradient = net.weights.zeros_like()
        closed, open_, exists, backward = net.scores(batch, 4, noise, gradient)
        if slopes is None:
            slopes = rng.normal(size=closed.shape), rng.normal(size=open_.shape) * exists[..., None]
        backward(*(slope.astype(net.weights.dtype) for slope in slopes))
        assert closed.dtype == open_.dtype == gradient.dtype == net.weights.dtype
        results.append((closed, open_, gradient))
    (closed, open_, gradient), (exact_closed, exact_open, exact) = results
    np.testing.assert_allclose(closed, exact_closed, atol=1e-3, rtol=1e-4)
    np.testing.assert_allclose(open_, exact_open, atol=1e-3, rtol=1e-4)
    for name in exact:
        size = np.linalg.norm(exact[name])
        assert np.linalg.norm(gradient[name] - exact[name]) <= 1e-3 * size, name
