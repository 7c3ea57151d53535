from __future__ import annotations

import json
import resource

import numpy as np
import pytest
import yaml

from nerture.core.lattice.score_calibration import UNCHANGED
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import ConfigError, DataError, ModelFileError, NertureError
from nerture.files.yaml_lines import MAX_BYTES, MAX_VALUES
from nerture.hosting.manager import make_manager
from nerture.hosting.services import HostServices
from nerture.models.match_features import MatchFeatureExtractor
from nerture.models.model import Model, load
from nerture.testing.samples import TEXTS, word_offsets

from ...support.special_files import SPECIAL_FILES, within_seconds

SMALL = ModelSettings(width=16, depth=1, pieces=2, hidden=8)
CONFIG = {"nerture": 1, "labels": ["A", "B"], "tokenizer": {"use": "whitespace"}}


def new_model(**options):
    learner = Learner(
        ("A", "B"), SMALL, 5,
        match_features=options.pop("match_features", None), vocabulary=options.pop("vocabulary", None),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    return Model(learner, word_offsets, options.pop("config", CONFIG), **options)


@pytest.fixture
def saved(tmp_path):
    new_model(meta={"f1": 0.5}).save(tmp_path / "model")
    return tmp_path / "model"


def found(doc):
    return [(span.start, span.end, span.label) for span in doc.spans]


def test_one_text_a_doc_and_a_stream_agree():
    model = new_model()
    docs = [model(text) for text in TEXTS]
    assert any(doc.spans for doc in docs)
    for size in (1, 3, 256):
        assert [found(doc) for doc in model.pipe(iter(TEXTS), batch_size=size)] == [
            found(doc) for doc in docs
        ]
    own = Doc.from_words(["Aspirin", "and"])
    assert model(own) is own
    assert next(model.pipe([own])) is own


def test_a_stream_is_read_as_it_is_needed():
    read = []

    def texts():
        for number in range(10):
            read.append(number)
            yield f"text {number}"

    stream = new_model().pipe(texts(), batch_size=2)
    next(stream)
    assert read == [0, 1]
    assert len(list(stream)) == 9


@pytest.mark.parametrize("text", [None, 3, b"bytes"])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(DataError, match="expected a text or a Doc"):
        new_model()(text)
    with pytest.raises(DataError, match="batch_size: expected 1 or more, got 0"):
        list(new_model().pipe(["a"], batch_size=0))


def test_a_saved_model_is_the_same_model(saved):
    model = load(saved)
    assert model.labels == ("A", "B")
    assert model.meta == {"f1": 0.5}
    for text in TEXTS:
        assert found(model(text)) == found(new_model()(text))
    model.save(saved.with_name("again"))
    for path in saved.rglob("*"):
        assert path.read_bytes() == (saved.with_name("again") / path.relative_to(saved)).read_bytes()


def test_a_folder_of_other_things_is_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ModelFileError, match="has files but no model"):
        new_model().save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_model_takes_the_files_of_its_matchers_along(tmp_path):
    """The model folder may be moved, and the pattern file may go."""
    patterns = tmp_path / "patterns.jsonl"
    patterns.write_text(json.dumps({"label": "A", "pattern": "aspirin"}))
    matcher = {"use": "patterns", "path": "patterns.jsonl", "as": ["feature"]}
    registry = make_manager(builtin=("nerture.plugins.patterns",), environ={}).registry
    services = HostServices.bare(registry, ("A", "B"), tmp_path, word_offsets)
    made = registry.create("matcher", "patterns", {"path": "patterns.jsonl"}, services)
    model = new_model(
        match_features=MatchFeatureExtractor([made]),
        config={**CONFIG, "matchers": [matcher]},
        files={"patterns.jsonl": patterns},
    )
    model.save(tmp_path / "model")
    expected = found(model("take aspirin now"))
    patterns.unlink()
    (tmp_path / "model").rename(tmp_path / "moved")
    again = load(tmp_path / "moved")
    assert found(again("take aspirin now")) == expected
    again.save(tmp_path / "third")
    assert found(load(tmp_path / "third")("take aspirin now")) == expected


def edit(saved, name, **changes):
    path = saved / name
    data = yaml.safe_load(path.read_text())
    path.write_text(json.dumps({**data, **changes}))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("meta.json", {"labels": None}),
        ("meta.json", {"labels": 5}),
        ("meta.json", {"files": [1]}),
        ("meta.json", {"files": {"a": 5}}),
        ("meta.json", {"match_features": True}),
        ("config.yaml", {"tokenizer": None}),
        ("config.yaml", {"tokenizer": {"use": 5}}),
        ("config.yaml", {"matchers": 5}),
        ("config.yaml", {"matchers": {"use": "patterns"}}),
        ("config.yaml", {"matchers": ["patterns"]}),
    ],
    ids=str,
)
def test_a_damaged_model_is_one_clear_message(saved, name, changes):
    edit(saved, name, **changes)
    with pytest.raises(ModelFileError, match=r"model.*damaged"):
        load(saved)


@pytest.mark.parametrize("content", [b"", b"[", b"5", b"\xff\xfe", b"a: &a [*a", b"[" * 5000])
def test_an_invalid_config_is_damage(saved, content):
    (saved / "config.yaml").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"config\.yaml:"):
        load(saved)


def test_a_config_is_read_within_the_limits_of_a_pipeline_file(saved):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 6)]
    (saved / "config.yaml").write_text("\n".join([*lines, "tokenizer: *a5"]))
    with pytest.raises(ModelFileError, match=r"config\.yaml:1: more than 10000 values once its aliases"):
        load(saved)
    (saved / "config.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ModelFileError, match=r"config\.yaml: expected YAML of at most 262,144 bytes"):
        load(saved)


def test_a_config_comes_back_as_it_was(tmp_path):
    """Neither the environment nor YAML 1.2 changes a text."""
    config = {**CONFIG, "sources": [{"use": "gold", "path": "${HOME}"}, {"use": "gold", "path": "1e3"}]}
    new_model(config=config).save(tmp_path / "model")
    assert load(tmp_path / "model").config == config


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"ids": [0] * MAX_VALUES}, "more than 10000 values"),
        ({"ids": "x" * MAX_BYTES}, "at most 262,144 bytes"),
        ({"ids": {1: 2}}, "a key must be text"),
    ],
)
def test_a_config_that_could_not_be_read_back_is_not_saved(saved, more, reason):
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    with pytest.raises(ModelFileError, match=f"cannot be saved with its model: .*{reason}"):
        new_model(config={**CONFIG, **more}).save(saved)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


def test_a_model_that_needs_a_missing_plugin(saved):
    edit(saved, "config.yaml", tokenizer={"use": "klingon"})
    with pytest.raises(ConfigError, match=r"config\.yaml: tokenizer.*klingon"):
        load(saved)


@pytest.mark.parametrize("make", SPECIAL_FILES, ids=lambda make: make.__name__)
def test_a_config_must_be_a_regular_file_of_the_folder(saved, make):
    (saved / "config.yaml").unlink()
    make(saved / "config.yaml")
    with pytest.raises(ModelFileError) as caught, within_seconds(10):
        load(saved)
    assert str(caught.value).startswith(
        f"{saved / 'config.yaml'}: expected a regular file within {saved}, got 'config.yaml'"
    )
    assert SPECIAL_FILES[make] in str(caught.value)


BEYOND = {
    "../secret.txt": "which is /",
    "files/../../secret.txt": "which is not there",
    "/dev/null": "which is /dev/null",
    "/dev/stdin": "which is",
    ".": "which is a folder",
    "": "which is a folder",
    "gone.txt": "which is not there",
    "meta.json/x": "which is not there",
    "a\0b": "null",
    "~/.bashrc": "which is not there",
}
"""Paths that are no file of a model's folder, and what the message says of them."""


@pytest.mark.parametrize("place", BEYOND)
def test_a_model_copies_no_file_from_beyond_its_folder(saved, place):
    saved.with_name("secret.txt").write_text("TOP SECRET")
    edit(saved, "meta.json", files={"names.txt": place})
    with pytest.raises(ModelFileError) as caught, within_seconds(10):
        load(saved)
    where = f"{saved / 'meta.json'}: files['names.txt']"
    assert str(caught.value).startswith(f"{where}: expected a regular file within {saved}, got {place!r}")
    assert BEYOND[place] in str(caught.value)


@pytest.mark.parametrize("make", SPECIAL_FILES, ids=lambda make: make.__name__)
def test_a_model_copies_only_regular_files(saved, make):
    edit(saved, "meta.json", files={"names.txt": "0-names.txt"})
    make(saved / "0-names.txt")
    with pytest.raises(
        ModelFileError, match=r"meta\.json: files\['names\.txt'\]: .*got '0-names\.txt'"
    ) as caught:
        load(saved)
    assert SPECIAL_FILES[make] in str(caught.value)


@pytest.mark.parametrize("role", ["feature", "require"])
@pytest.mark.parametrize("place", [place for place in BEYOND if place])
def test_a_matcher_reads_nothing_beyond_the_models_folder(saved, place, role):
    saved.with_name("secret.txt").write_text("TOP SECRET")
    edit(saved, "config.yaml", matchers=[{"use": "patterns", "path": place, "as": role}])
    with pytest.raises(ModelFileError) as caught, within_seconds(10):
        load(saved)
    where = f"{saved / 'config.yaml'}: matchers[0]: the path {place!r}"
    assert str(caught.value).startswith(f"{where}: expected a regular file within {saved}")
    assert BEYOND[place] in str(caught.value)


def test_a_matcher_may_read_files_of_the_folder(saved):
    (saved / "rules.jsonl").write_text(json.dumps({"label": "A", "pattern": "Ann"}))
    edit(saved, "config.yaml", matchers=[{"use": "patterns", "path": "rules.jsonl", "as": "require"}])
    saved.with_name("latest").symlink_to(saved)
    for place in (saved, saved.with_name("latest")):
        assert (1, 2, "A") in found(load(place)("see Ann now"))


def test_missing_parts(saved, tmp_path):
    with pytest.raises(ModelFileError, match="not a model folder"):
        load(tmp_path / "nowhere")
    (saved / "config.yaml").unlink()
    with pytest.raises(ModelFileError, match=r"config\.yaml: no such file"):
        load(saved)


def test_a_full_disk_keeps_the_old_model(saved):
    """The limit on the size of a file stands for the end of the disk: the weights do not fit."""
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(NertureError, match="model: cannot be written"):
            new_model().save(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


EXAMPLES = [
    {"text": "see Ann now", "spans": [{"start": 4, "end": 7, "label": "A"}]},
    ("go to Rome", {"entities": [(6, 10, "B")]}),
    {"text": "", "spans": []},
]


def test_update_teaches(saved):
    model = load(saved)
    first = model.update(EXAMPLES)
    for _ in range(100):
        last = model.update(EXAMPLES)
    assert last < 0.5 * first
    assert found(model("see Ann now")) == [(1, 2, "A")]
    assert found(model("go to Rome")) == [(2, 3, "B")]
    assert found(load(saved)("see Ann now")) == found(new_model()("see Ann now")), "the folder is as it was"


def test_update_teaches_new_words(tmp_path):
    model = new_model(vocabulary=Vocabulary((), ()))
    assert found(model("see Ann now")) == found(model("the Bob saw")), "all of these words are new to it"
    for _ in range(100):
        model.update(EXAMPLES)
    assert found(model("see Ann now")) == [(1, 2, "A")]
    model.save(tmp_path / "taught")
    assert load(tmp_path / "taught").learner.vocabulary == model.learner.vocabulary
    assert len(model.learner.vocabulary) > len({"see", "Ann", "now", "go", "to", "Rome"})


def test_update_takes_a_loss_by_name_or_as_it_is(saved):
    def loss(scores, targets):
        return 2.0 * len(scores.closed), np.zeros_like(scores.closed), np.zeros_like(scores.open)

    model = load(saved)
    assert model.update(EXAMPLES, loss=loss) == pytest.approx(2.0)
    assert model.update(EXAMPLES, loss="teacher_forcing") > 0
    with pytest.raises(ConfigError, match="oracel"):
        model.update(EXAMPLES, loss="oracel")
    with pytest.raises(DataError, match="expected an example"):
        model.update([EXAMPLES[2]])


def test_evaluate_counts():
    model = new_model()
    doc = Doc.from_words(["a", "b", "c"])
    report = model.evaluate([Target(doc, tuple(model.learner.predict([doc])[0]))])
    assert (report.texts, report.words) == (1, 3)
    assert report.f1 in (0.0, 1.0)
    assert report.seconds > 0


def test_every_entity_has_its_probability_and_thresholds_choose():
    model = new_model()
    doc = model(TEXTS[0])
    for span in doc.spans:
        assert span.score == pytest.approx(
            model.span_probability(TEXTS[0], span.start, span.end, span.label), abs=1e-3
        )
    assert model(TEXTS[0], thresholds={"A": 1, "B": 1}).spans == []
    low = {"A": 0.05, "B": 0.05}
    assert found(model(TEXTS[0], low)) == found(next(model.pipe([TEXTS[0]], thresholds=low)))
    assert len(model(TEXTS[0], low).spans) > len(doc.spans)
    with pytest.raises(DataError, match="thresholds: expected one of A, B, got 'C'"):
        next(model.pipe([TEXTS[0]], thresholds={"C": 0.5}))


def test_analyses_and_masses_of_texts():
    model = new_model()
    best = model.k_best("see Ann now", 3)
    assert len(best) == 3
    assert best[0].probability >= best[1].probability
    spans = [{"start": span.start_char, "end": span.end_char, "label": span.label} for span in best[1].spans]
    mass = model.log_mass({"text": "see Ann now", "spans": spans})
    assert mass == pytest.approx(np.log(best[1].probability))


def test_calibration_is_kept_by_saving_and_by_updates(tmp_path):
    model = new_model()
    targets = [Target(model.doc(text)) for text in TEXTS]  # whatever it finds is wrong
    done = model.calibrate(targets)
    assert (done.old, done.new, done.texts) == (UNCHANGED, model.learner.calibration, len(TEXTS))
    assert model.learner.calibration.temperature > 2
    assert done.after.brier < done.before.brier
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.learner.calibration == done.new
    assert again.meta["calibration"]["entities"] == len(done.after)
    again.update(EXAMPLES)
    assert again.learner.calibration == done.new
