from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from nerture.core.errors import ModelFileError
from nerture.core.folder_files import MAX_JSON_BYTES
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner.learner import Learner
from nerture.core.learner.serialization import (
    META,
    VOCABULARY,
    WEIGHTS,
    load_learner,
    load_meta,
    save_learner,
)
from nerture.core.network.settings import ModelSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.text.doc import Doc

from ...support.special_files import SPECIAL_FILES, within_seconds

SMALL = ModelSettings(width=8, depth=1, pieces=2, hidden=8)


@pytest.fixture
def folder(tmp_path):
    learner = Learner(("A", "Größe"), SMALL, 7, seed=3, vocabulary=Vocabulary([3, 5], [1, 255]))
    save_learner(learner, tmp_path, {"f1": 0.5})
    return tmp_path


def load(folder):
    return load_learner(folder, load_meta(folder))


def test_a_learner_comes_back_as_it_was(folder):
    learner = load(folder)
    assert learner.labels == ("A", "Größe")
    assert (learner.longest, learner.settings) == (7, SMALL)
    expected = Learner(("A", "Größe"), SMALL, 7, seed=3)
    np.testing.assert_array_equal(learner.weights.flat, expected.weights.flat)
    assert learner.vocabulary == Vocabulary([3, 5], [1, 255])
    assert load_meta(folder)["f1"] == 0.5


def test_the_folder_holds_three_files_and_the_same_bytes_each_time(folder, tmp_path_factory):
    assert sorted(path.name for path in folder.iterdir()) == [META, WEIGHTS, VOCABULARY]
    other = tmp_path_factory.mktemp("other")
    save_learner(load(folder), other, {"f1": 0.5})
    for name in (META, WEIGHTS, VOCABULARY):
        assert (folder / name).read_bytes() == (other / name).read_bytes()


def edit(folder, **changes):
    meta = json.loads((folder / META).read_text())
    (folder / META).write_text(json.dumps({**meta, **changes}))


def test_a_newer_format(folder):
    edit(folder, format=6)
    with pytest.raises(ModelFileError, match=r"meta\.json: expected a format up to 5, got 6"):
        load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "1"},
        {"format": None},
        {"labels": None},
        {"labels": 5},
        {"labels": []},
        {"labels": ["A", "A"]},
        {"labels": [["A"], ["B"]]},
        {"labels": [1, 2]},
        {"longest_entity": "many"},
        {"longest_entity": 0},
        {"longest_entity": None},
        {"longest_entity": 201},
        {"longest_entity": 2**62},
        {"longest_entity": 2**63},
        {"longest_entity": float("inf")},
        {"settings": None},
        {"settings": {"width": 10**9}},
        {"settings": {"breadth": 8}},
        {"settings": {"width": "8"}},
        {"temperature": 0},
        {"temperature": -1.5},
        {"temperature": float("inf")},
        {"temperature": None},
        {"temperature": "warm"},
        {"temperature": 10**400},
        {"temperature": 1e-300},
        {"temperature": float("nan")},
        {"offsets": {"C": 1.0}},
        {"offsets": {"A": 1e3}},
        {"offsets": {"A": float("nan")}},
        {"offsets": {"A": "much"}},
        {"offsets": [1.0]},
        {"offsets": None},
        {"threshold": 10**400},
        {"vocabulary": "yes"},
        {"vocabulary": None},
    ],
    ids=str,
)
def test_a_damaged_description(folder, changes):
    edit(folder, **changes)
    with pytest.raises(ModelFileError, match=r"meta\.json|not the blocks|expected shape"):
        load(folder)


def test_the_calibration_comes_back(tmp_path):
    save_learner(Learner(("A",), SMALL, calibration=Calibration(2.5, {"A": -0.5})), tmp_path, {})
    assert load(tmp_path).calibration == Calibration(2.5, {"A": -0.5})


def test_a_model_of_the_first_format_reports_its_probabilities_as_they_are(folder):
    meta = json.loads((folder / META).read_text())
    assert meta.pop("temperature") == 1.0
    assert meta.pop("offsets") == {}
    (folder / META).write_text(json.dumps({**meta, "format": 1}))
    assert load(folder).calibration == UNCHANGED


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_description_that_is_not_an_object(folder, content):
    (folder / META).write_bytes(content)
    with pytest.raises(ModelFileError, match=r"meta\.json"):
        load(folder)


def test_missing_files(folder, tmp_path):
    with pytest.raises(ModelFileError, match="nowhere: not a model folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(ModelFileError, match="not a model folder"):
        load(folder / META)
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelFileError, match=r"model\.safetensors: no such file"):
        load(folder)


@pytest.mark.parametrize("kept", [0, 4, 100, 5000, -1])
def test_truncated_weights(folder, kept):
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[:kept])
    with pytest.raises(ModelFileError, match=r"model\.safetensors: damaged"):
        load(folder)


def test_foreign_bytes(folder):
    (folder / WEIGHTS).write_bytes(b"\x80\x04pickle" * 100)
    with pytest.raises(ModelFileError, match=r"model\.safetensors: damaged"):
        load(folder)


def rewrite(folder, change):
    blocks = load_file(folder / WEIGHTS)
    change(blocks)
    save_file(blocks, folder / WEIGHTS)


def test_weights_of_another_model(folder):
    rewrite(folder, lambda blocks: blocks.update(other=np.zeros(3, np.float32)))
    with pytest.raises(ModelFileError, match="not the blocks of this model: other"):
        load(folder)


def test_a_block_of_another_shape(folder):
    rewrite(folder, lambda blocks: blocks.update({"closed.bias": np.zeros(4, np.float32)}))
    with pytest.raises(ModelFileError, match=r"block closed\.bias: expected shape \(5,\), got \(4,\)"):
        load(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite(folder, value):
    rewrite(folder, lambda blocks: blocks["closed.bias"].__setitem__(0, value))
    with pytest.raises(ModelFileError, match="not finite"):
        load(folder)


@pytest.mark.parametrize("value", [3e38, -1e7])
def test_numbers_that_were_never_learned(folder, value):
    rewrite(folder, lambda blocks: blocks["closed.bias"].__setitem__(0, value))
    with pytest.raises(
        ModelFileError, match=r"model\.safetensors: damaged: expected weights up to 1e\+06, got .*"
    ):
        load(folder)


def test_a_model_of_a_format_without_a_vocabulary(folder):
    (folder / VOCABULARY).unlink()
    meta = json.loads((folder / META).read_text())
    (folder / META).write_text(
        json.dumps({key: meta[key] for key in meta if key != "vocabulary"} | {"format": 3})
    )
    assert load(folder).vocabulary is None


def test_without_a_vocabulary_there_is_no_file_of_it(tmp_path):
    save_learner(Learner(("A",), SMALL), tmp_path, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [META, WEIGHTS]
    assert load(tmp_path).vocabulary is None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"values": np.array([3], np.uint64)}, "not the blocks of this model: counts"),
        ({"values": np.array([3], np.int64), "counts": np.array([1], np.uint8)}, "got int64"),
        (
            {"values": np.array([3, 2], np.uint64), "counts": np.ones(2, np.uint8)},
            "damaged: .* expected values that are ascending",
        ),
        (
            {"values": np.array([3], np.uint64), "counts": np.zeros(1, np.uint8)},
            "damaged: .* expected counts from 1 to 255, got 0",
        ),
        (
            {"values": np.array([3], np.uint64), "counts": np.ones(2, np.uint8)},
            "damaged: .* one count for each",
        ),
    ],
)
def test_what_is_no_vocabulary(folder, arrays, message):
    save_file(arrays, folder / VOCABULARY)
    with pytest.raises(ModelFileError, match=rf"vocabulary\.safetensors: .*{message}"):
        load(folder)


def test_a_vocabulary_that_is_missing_or_cut_off(folder):
    path = folder / VOCABULARY
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ModelFileError, match=r"vocabulary\.safetensors: damaged, or not a safetensors file"):
        load(folder)
    path.unlink()
    with pytest.raises(ModelFileError, match=r"vocabulary\.safetensors: no such file; a model folder holds"):
        load(folder)


@pytest.mark.parametrize("make", SPECIAL_FILES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", [META, WEIGHTS, VOCABULARY])
def test_only_regular_files_of_the_folder_are_read(tmp_path, name, make):
    folder = tmp_path / "model"
    folder.mkdir()
    save_learner(Learner(("A",), SMALL, vocabulary=Vocabulary([3], [1])), folder, {})
    (folder / name).unlink()
    make(folder / name)
    with pytest.raises(ModelFileError) as caught, within_seconds(10):
        load(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder / name}: expected a regular file within {folder}, got {name!r}")
    assert SPECIAL_FILES[make] in message


def test_links_within_the_folder_and_to_the_folder_are_followed(folder, tmp_path_factory):
    (folder / "store").mkdir()
    for name in (META, WEIGHTS, VOCABULARY):
        (folder / name).rename(folder / "store" / name)
        (folder / name).symlink_to(f"store/{name}")
    models = tmp_path_factory.mktemp("models")
    (models / "latest").symlink_to(folder)
    assert load(models / "latest").labels == load(folder).labels == ("A", "Größe")


def test_a_description_is_read_up_to_its_limit(folder):
    with (folder / META).open("ab") as file:
        file.truncate(MAX_JSON_BYTES + 1)
    with pytest.raises(ModelFileError, match=r"meta\.json: expected at most 16,777,216 bytes, got more"):
        load(folder)


def test_an_unknown_number_type(tmp_path):
    save_learner(Learner(("A",), SMALL).with_precision("int8"), tmp_path, {})
    path = tmp_path / WEIGHTS
    whole = path.read_bytes()
    (length,) = struct.unpack_from("<Q", whole)
    header = whole[8 : 8 + length].replace(b'"I8"', b'"F8_E4M3"', 1)
    path.write_bytes(struct.pack("<Q", len(header)) + header + whole[8 + length :])
    with pytest.raises(ModelFileError, match="damaged, or not a safetensors file"):
        load(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path):
    learner = Learner(("A",), SMALL)
    with pytest.raises(OSError, match="nowhere"):
        save_learner(learner, tmp_path / "nowhere", {})


def test_a_loaded_learner_predicts(tmp_path):
    doc = Doc.from_words(["a", "b"])
    learner = Learner(("A", "Größe"), SMALL, 7, seed=3)
    learner.weights["closed.bias"] = [0, 0, 0, 0, 3]  # everything is a Größe
    save_learner(learner, tmp_path, {})
    assert (
        load(tmp_path).predict([doc])
        == learner.predict([doc])
        == [[doc.span(0, 1, "Größe"), doc.span(1, 2, "Größe")]]
    )
