"""Which texts are held out: each on one side, whichever sources have it."""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from nerture.pipeline import open_pipeline
from nerture.training.held_out import hold_out, split_folds
from nerture.training.training_data import read_training_data

from ...support.tiny_corpus import pipeline, row, write_corpus


def target(text, judges):
    return SimpleNamespace(doc=SimpleNamespace(text=text), rules_out=judges)


@st.composite
def sources(draw):
    texts = st.lists(st.sampled_from("abcdefghijklmnop"), max_size=20)
    return [[target(text, judges) for text in draw(texts)] for judges in draw(st.lists(st.booleans()))]


def decided(given_sources):
    return {one.doc.text for targets in given_sources for one in targets if one.rules_out}


@given(sources(), st.floats(0.01, 0.9), st.integers(0, 99))
def test_some_but_never_all_evaluable_texts_are_held_out(given_sources, share, seed):
    texts, aside = decided(given_sources), hold_out(given_sources, share, seed)
    assert aside == hold_out(given_sources, share, seed)
    assert aside <= texts
    if texts:
        assert aside != texts
    first = next((decided([targets]) for targets in given_sources if decided([targets])), set())
    if first:
        assert len(aside & first) == min(max(1, round(share * len(first))), len(first) - 1)


@given(sources(), st.integers(2, 6), st.integers(0, 99))
def test_parts_are_of_one_size_and_hold_every_text_once(given_sources, count, seed):
    dealt = split_folds(given_sources, count, seed)
    assert dealt == split_folds(given_sources, count, seed)
    assert Counter(text for part in dealt for text in part) == Counter(decided(given_sources))
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_seeds_make_other_choices():
    given_sources = [[target(str(number), judges=True) for number in range(100)]]
    assert hold_out(given_sources, 0.5, 0) != hold_out(given_sources, 0.5, 1)
    assert split_folds(given_sources, 2, 0) != split_folds(given_sources, 2, 1)


def test_what_judges_a_model_is_taught_by_no_source(tmp_path):
    """The second file has all texts of the first and more; either could tell what the other holds out."""
    folder = write_corpus(tmp_path)
    rows = [row(number) for number in range(40)]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, rows[:20])))
    (folder / "more.jsonl").write_text("\n".join(map(json.dumps, rows)))
    both = [{"use": "gold", "path": str(folder / name)} for name in ("gold.jsonl", "more.jsonl")]
    data = read_training_data(
        open_pipeline(pipeline(folder, sources=both, evaluate=None, train={"dev_share": 0.2}))
    )
    aside = Counter(one.doc.text for one in data.held_out)
    taught = {one.doc.text for source in data.sources for one in source.targets}
    assert sorted(aside.values()) == [1] * 4 + [2] * 4, "four new ones of each, and four that both know"
    assert not set(aside) & taught
    assert set(aside) | taught == {one["text"] for one in rows}
    assert [len(source.targets) for source in data.full_sources] == [20, 40]
