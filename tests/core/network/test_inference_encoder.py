"""The encoder of prediction, against the network's own layers in float64."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.errors import SettingError
from nerture.core.kernels.dense import INSTRUCTION_SETS, Dense
from nerture.core.network.network import Batch
from nerture.core.text.lexical import ATTRIBUTES

from .random_networks import MODELS, network

lengths_of_texts = st.lists(st.integers(0, 9), min_size=1, max_size=6)


def batch_of(lengths, matches, seed=0, forms=30):
    rng = np.random.default_rng(seed)
    count = len(ATTRIBUTES) if matches else len(ATTRIBUTES) - 1
    attributes = rng.integers(0, forms, size=(sum(lengths), count)).astype(np.uint64)  # 0 is not to be seen
    return Batch(attributes, np.cumsum([0, *lengths]).astype(np.int64))


@pytest.mark.parametrize("matches", [False, True], ids=["plain", "matches"])
@pytest.mark.parametrize("model", MODELS, ids=["default", "flat", "odd", "deep"])
def test_it_gives_what_the_layers_give_in_float64(model, matches):
    single, double = network(model, matches), network(model, matches, np.float64)
    for name in double.weights:
        double.weights[name] = single.weights[name]
    for seed, lengths in enumerate([[1], [30, 1, 0, 12], [0], [5] * 20]):
        batch = batch_of(lengths, matches, seed, forms=3)  # few forms: most are found in the cache
        found, expected = single.encode(batch), double.encode(batch)
        for one, other in [(found.closed, expected.closed), (found.slots, expected.slots)]:
            np.testing.assert_allclose(one, other, atol=2e-4, rtol=2e-4)


@pytest.mark.parametrize("model", MODELS, ids=["default", "flat", "odd", "deep"])
def test_int8_is_near_float32(model):
    """How near one product in steps is, its own tests say; here a window or a residual could be mistaken."""
    batch = batch_of([30, 1, 0, 12, 5, 5], matches=False, forms=3)
    exact, rounded = (network(model, matches=False, int8=int8).encode(batch) for int8 in (False, True))
    for one, other in [(exact.closed, rounded.closed), (exact.slots, rounded.slots)]:
        assert not np.array_equal(one, other)
        assert np.sqrt(np.mean((one - other) ** 2)) < 0.03 * np.sqrt(np.mean(one**2))


@pytest.mark.parametrize("int8", [False, True], ids=["float32", "int8"])
@pytest.mark.parametrize("model", MODELS, ids=["default", "flat", "odd", "deep"])
def test_instruction_sets_agree(model, int8):
    """Those with a fused multiply-add to the last bit; the portable one rounds once more a product.

    Which may be enough to round to another step in int8.
    """
    net, batch = network(model, matches=False, int8=int8), batch_of([30, 1, 0, 12], matches=False)
    found = {}
    for name in INSTRUCTION_SETS:
        try:
            found[name] = net.make_encoder(Dense(name)).encode(batch.attributes, batch.bounds)
        except SettingError:
            continue  # not for this machine
    portable = found.pop("portable")
    for closed, slots in found.values():
        np.testing.assert_array_equal(closed, next(iter(found.values()))[0])
        np.testing.assert_array_equal(slots, next(iter(found.values()))[1])
        for one, other in [(closed, portable[0]), (slots, portable[1])]:
            if int8:
                assert np.sqrt(np.mean((one - other) ** 2)) < 0.01 * np.sqrt(np.mean(one**2))
            else:
                np.testing.assert_allclose(one, other, atol=2e-4, rtol=2e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), lengths_of_texts, st.sampled_from(MODELS), st.booleans())
def test_a_text_alone_gives_the_bytes_that_it_gives_in_a_batch(seed, lengths, model, int8):
    batch = batch_of(lengths, matches=False, seed=seed)
    together = network(model, matches=False, int8=int8).encode(batch)
    for begin, end in zip(batch.bounds[:-1], batch.bounds[1:], strict=True):
        alone = network(model, matches=False, int8=int8).encode(
            Batch(batch.attributes[begin:end], np.array([0, end - begin]))
        )
        assert alone.closed.tobytes() == together.closed[begin:end].tobytes()
        assert alone.slots.tobytes() == together.slots[begin:end].tobytes()


def test_what_was_seen_before_changes_no_byte():
    net = network(MODELS[0], matches=False)
    batch = batch_of([700, 3, 40], matches=False, forms=2000)
    before = net.encode(batch)
    net.encode(batch_of([1000], matches=False, seed=1, forms=2000))
    after = net.encode(batch)
    assert before.closed.tobytes() == after.closed.tobytes()
    assert before.slots.tobytes() == after.slots.tobytes()


def test_new_weights_are_seen():
    net, batch = network(MODELS[0], matches=False), batch_of([12], matches=False)
    before = net.encode(batch)
    kept = net.get_encoder()
    assert net.get_encoder() is kept, "nothing is laid out twice"
    net.weights["embed.norm"] = net.weights["embed.norm"] + 1
    moved = net.encode(batch)
    assert not np.array_equal(before.closed, moved.closed)
    net.weights.flat[:] = 0
    assert not net.encode(batch).slots.any()


def test_threads_give_what_one_gives():
    net = network(MODELS[0], matches=False)
    batches = [batch_of([40, 11], matches=False, seed=seed, forms=2000) for seed in range(60)]
    expected = [network(MODELS[0], matches=False).encode(batch).slots.tobytes() for batch in batches[:5]]
    with ThreadPoolExecutor(8) as pool:
        rounds = [list(pool.map(net.encode, batches)) for _ in range(3)]
    for found in rounds:
        assert [encoded.slots.tobytes() for encoded in found] == [
            encoded.slots.tobytes() for encoded in rounds[0]
        ]
    assert [encoded.slots.tobytes() for encoded in rounds[0][:5]] == expected


def test_forms_are_cached_again_after_the_cache_is_cleared():
    net = network(MODELS[1], matches=False)
    net.clear_cache()  # there is nothing yet
    batch = batch_of([30], matches=False, seed=1, forms=20)
    before = net.encode(batch)
    kept = len(net.get_encoder().cache)
    assert kept > 0
    net.clear_cache()
    assert len(net.get_encoder().cache) == 0
    after = net.encode(batch)
    assert before.closed.tobytes() == after.closed.tobytes()
    assert before.slots.tobytes() == after.slots.tobytes()
    assert len(net.get_encoder().cache) == kept


def test_a_batch_that_does_not_fit_is_refused():
    encoder = network(MODELS[1], matches=False).get_encoder()
    with pytest.raises(ValueError, match="attributes: expected 6 per token, got 3"):
        encoder.encode(np.zeros((4, 3), dtype=np.uint64), np.array([0, 4]))
    with pytest.raises(ValueError, match="bounds: expected 0 to 4, got 0 to 5"):
        encoder.encode(np.zeros((4, 6), dtype=np.uint64), np.array([0, 5]))
