"""Weights in fewer bits: what is lost, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from nerture.core.errors import ModelFileError, SettingError
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.learner.quantization import SCALE, pack, round_weights, storage_shapes, unpack
from nerture.core.learner.serialization import (
    META,
    WEIGHTS,
    load_learner,
    load_meta,
    load_parameters,
    save_learner,
)
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings
from nerture.core.text.doc import Doc

SMALL = ModelSettings(width=8, depth=1, pieces=2, hidden=8)
SHAPES = {"embed.norm": (5, 4), "mix.weight": (4, 6), "mix.bias": (6,)}


def random_blocks(seed=0, size=1.0):
    parameters = Parameters(SHAPES)
    parameters.flat[:] = np.random.default_rng(seed).normal(size=parameters.flat.size) * size
    return parameters


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(1e-3, 100))
def test_int8_errs_by_half_a_step_of_its_row_or_output(seed, size):
    exact = random_blocks(seed, size)
    found = round_weights(exact, "int8")
    rows = np.abs(exact["embed.norm"]).max(axis=1, keepdims=True) / 127
    assert (np.abs(found["embed.norm"] - exact["embed.norm"]) <= 0.5001 * rows).all()
    outputs = np.abs(exact["mix.weight"]).max(axis=0) / 127
    assert (np.abs(found["mix.weight"] - exact["mix.weight"]) <= 0.5001 * outputs).all()
    np.testing.assert_array_equal(found["mix.bias"], exact["mix.bias"])


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(1e-3, 100))
def test_f16_errs_by_half_a_digit(seed, size):
    exact = random_blocks(seed, size)
    np.testing.assert_allclose(round_weights(exact, "f16").flat, exact.flat, rtol=2**-11, atol=2**-25)


@pytest.mark.filterwarnings("error")
def test_a_scale_that_makes_weights_overflow_is_refused_with_one_message(tmp_path):
    stored = pack(random_blocks(), "int8")
    stored["mix.weight" + SCALE][:] = 3e38
    save_file(stored, tmp_path / WEIGHTS)
    with pytest.raises(ModelFileError, match="not finite"):
        load_parameters(tmp_path / WEIGHTS, SHAPES, "int8")


@pytest.mark.parametrize("precision", ["f32", "f16", "int8"])
def test_what_was_rounded_once_loses_nothing_more(precision):
    once = round_weights(random_blocks(), precision)
    np.testing.assert_allclose(round_weights(once, precision).flat, once.flat, rtol=3e-7)
    stored = pack(once, precision)
    assert {name: (array.shape, array.dtype) for name, array in stored.items()} == storage_shapes(
        SHAPES, precision
    )
    np.testing.assert_array_equal(unpack(stored, SHAPES).flat, round_weights(once, precision).flat)


def test_f32_loses_nothing_and_zeros_stay_zeros():
    exact = random_blocks()
    np.testing.assert_array_equal(round_weights(exact, "f32").flat, exact.flat)
    assert not round_weights(exact.zeros_like(), "int8").flat.any()


def test_what_half_floats_cannot_hold_is_refused():
    large = random_blocks()
    large["mix.weight"] = np.full((4, 6), 1e5)
    with pytest.raises(
        SettingError, match=r"f16: expected values up to 65504, got 1e\+05 in block mix\.weight"
    ):
        pack(large, "f16")
    assert np.isfinite(round_weights(large, "int8").flat).all()


@pytest.fixture(params=["f16", "int8"])
def with_precision(request, tmp_path):
    learner = Learner(("A", "B"), SMALL, 7, seed=3, calibration=Calibration(1.5, {"B": -0.5}), threshold=0.4)
    learner.weights["closed.weight"] = np.random.default_rng(0).normal(size=(8, 5))
    smaller = learner.with_precision(request.param)
    save_learner(smaller, tmp_path, {})
    return learner, smaller, tmp_path


def load(folder):
    return load_learner(folder, load_meta(folder))


def test_a_compressed_learner_comes_back_as_it_was(with_precision, tmp_path_factory):
    learner, smaller, folder = with_precision
    again = load(folder)
    assert (again.precision, again.threshold) == (smaller.precision, 0.4)
    assert again.calibration == learner.calibration
    doc = Doc.from_words(["one", "two", "three", "four", "five", "six"])
    spans = [item.probable_spans([doc], 0.01)[0].spans for item in (smaller, again)]
    assert spans[0]
    assert spans[0] == spans[1]
    np.testing.assert_allclose(
        [span.score for span in spans[0]], [span.score for span in spans[1]], rtol=1e-5
    )
    assert learner.precision == "f32", "the old one stays as it is"
    other = tmp_path_factory.mktemp("other")
    save_learner(again, other, {})
    assert (other / META).read_bytes() == (folder / META).read_bytes()


def test_the_file_is_as_small_as_promised(tmp_path):
    sizes = {}
    for precision in ("f32", "f16", "int8"):
        folder = tmp_path / precision
        folder.mkdir()
        save_learner(Learner(("A",)).with_precision(precision), folder, {})
        sizes[precision] = (folder / WEIGHTS).stat().st_size
    assert sizes["f32"] <= 6_000_000
    assert sizes["f16"] < 0.51 * sizes["f32"]
    assert sizes["int8"] < 0.28 * sizes["f32"]


def test_damaged_files_are_refused(with_precision):
    _, smaller, folder = with_precision
    arrays = load_file(folder / WEIGHTS)
    other = "int8" if smaller.precision == "f16" else "f16"
    meta = json.loads((folder / META).read_text())
    for found in (other, "f32", "int4", None, 8):
        (folder / META).write_text(json.dumps({**meta, "precision": found}))
        with pytest.raises(ModelFileError):
            load(folder)
    (folder / META).write_text(json.dumps(meta))
    save_file({**arrays, "mix.weight": arrays["mix.weight"].astype(np.float64)}, folder / WEIGHTS)
    with pytest.raises(ModelFileError, match=r"block mix\.weight: expected .*, got float64"):
        load(folder)
    scale = "mix.weight" + SCALE
    if scale in arrays:
        save_file({**arrays, scale: np.full_like(arrays[scale], np.nan)}, folder / WEIGHTS)
        with pytest.raises(ModelFileError, match="not finite"):
            load(folder)
    save_file({**arrays, "mix.weight": arrays["mix.weight"][1:]}, folder / WEIGHTS)
    with pytest.raises(ModelFileError, match=r"block mix\.weight: expected shape"):
        load(folder)
