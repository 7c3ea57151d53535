"""How many Python functions ``model(text)`` calls: every one of them is time that no kernel can win back."""

import sys

import pytest

import nerture

from ..support.repository import ROOT

MAX_CALLS_NEW, MAX_CALLS_CACHED = 120, 40


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model with a matcher as feature, trained for a moment."""
    from nerture.training.train import train

    pipeline = ROOT / "framework" / "starter" / "pipeline.yaml"
    steps = ["train.max_steps=20", "train.evaluate_every=20", "train.refit=0"]
    return train(pipeline, tmp_path_factory.mktemp("calls") / "model", overrides=steps).model


def count_calls(model: nerture.Model, text: str) -> int:
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        model(text)
    finally:
        sys.setprofile(None)
    return calls


def test_a_text_of_seven_words_takes_few_python_calls(model):
    model("Something else has been read before this.")  # what is made once is made
    text = "Zorbly quixant vendle grompit flarn dwizz spoon."
    assert count_calls(model, text) <= MAX_CALLS_NEW
    assert count_calls(model, text) <= MAX_CALLS_CACHED
