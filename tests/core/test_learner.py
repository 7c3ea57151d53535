from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nerture.core import learner as learner_module
from nerture.core.doc import Doc
from nerture.core.errors import SettingError
from nerture.core.learner import Learner
from nerture.core.settings import ModelSettings

SMALL = ModelSettings(width=16, depth=2, pieces=2, hidden=8)


def random_learner(longest=5, seed=0, **options):
    """A learner whose outputs are random, so that it finds many entities of all lengths."""
    learner = Learner(("A", "B"), SMALL, longest, seed=seed, **options)
    rng = np.random.default_rng(seed)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    learner.weights["open.bias"][:2] += 1.0
    return learner


def text_of(words, seed=0):
    rng = np.random.default_rng(seed)
    return Doc.from_words([f"w{number}" for number in rng.integers(0, 300, size=words)])


def found(spans):
    return [(span.start, span.end, span.label) for span in spans]


@pytest.mark.parametrize("longest", [1, 2, 5, 30])
@pytest.mark.parametrize("piece", [7, 20, 64])
def test_a_long_text_piece_by_piece_gives_what_the_whole_gives(monkeypatch, longest, piece):
    learner, doc = random_learner(longest), text_of(600)
    whole = learner.predict([doc])[0]
    assert len(whole) > 20
    assert longest == 1 or any(len(span) > 1 for span in whole)
    monkeypatch.setattr(learner_module, "LONG_TEXT", 50)
    monkeypatch.setattr(learner_module, "PREDICT_WORDS", piece)
    assert found(learner.predict([doc])[0]) == found(whole)


def test_a_long_text_is_never_encoded_at_once(monkeypatch):
    monkeypatch.setattr(learner_module, "LONG_TEXT", 100)
    monkeypatch.setattr(learner_module, "PREDICT_WORDS", 50)
    learner, doc = random_learner(), text_of(1000)
    sizes = []
    encode = learner.network.encode

    class Watched:
        reach = learner.network.reach

        def encode(self, batch):
            sizes.append(len(batch.attributes))
            return encode(batch)

    learner.network = Watched()
    learner.predict([doc])
    assert sizes
    assert max(sizes) <= 50 + learner.longest + 2 * Watched.reach


def test_texts_together_give_what_each_gives_alone():
    learner = random_learner()
    docs = [text_of(words, seed) for seed, words in enumerate([3, 0, 1, 40, 5000, 0, 17])]
    together = learner.predict(docs)
    assert [found(spans) for spans in together] == [found(learner.predict([doc])[0]) for doc in docs]
    for doc, spans in zip(docs, together, strict=True):
        assert doc.spans == [], "prediction leaves the docs as they are"
        assert all(span.doc is doc for span in spans)
        doc.spans = spans  # in order, none overlapping


def test_no_texts_and_empty_texts():
    learner = random_learner()
    assert learner.predict([]) == []
    assert learner.predict([Doc.from_words([])]) == [[]]


def test_threads_predict_what_one_does():
    learner = random_learner()
    docs = [text_of(40, seed) for seed in range(30)]
    alone = [found(spans) for spans in random_learner().predict(docs)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: learner.predict(docs), range(24)))
    for result in results:
        assert [found(spans) for spans in result] == alone


def test_match_features_are_one_more_attribute():
    seen = []

    def features(doc):
        seen.append(doc)
        return np.arange(len(doc), dtype=np.uint64)

    learner, doc = random_learner(match_features=features), text_of(4)
    table = learner.attributes(doc)
    assert seen == [doc]
    assert table[:, -1].tolist() == [0, 1, 2, 3]
    assert table.shape[1] == random_learner().attributes(doc).shape[1] + 1
    learner.predict([doc])


@pytest.mark.parametrize("labels", [[], ["A", "A"]])
def test_labels_are_different_names(labels):
    with pytest.raises(SettingError, match=r"labels: found .*, allowed are one or more different names"):
        Learner(labels, SMALL)


def test_describe_counts_every_weight():
    learner = random_learner()
    blocks = learner.describe()
    assert sum(block.count for block in blocks) == learner.weights.flat.size
    assert {block.name for block in blocks} >= {"embed.norm", "mix.weight", "closed.bias"}


def test_the_default_model_is_small():
    size = Learner(("A", "B", "C"), longest=10).weights.flat.nbytes
    assert size <= 6e6, f"{size / 1e6:.1f} MB"
