from __future__ import annotations

import numpy as np
import pytest

from nerture.core.lattice.scores import Scores
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import ConfigError
from nerture.plugins import losses
from nerture.testing import check_loss, make_part
from nerture.testing.samples import sample_scores, sample_targets


@pytest.mark.parametrize("explore", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("labels", [("A",), ("A", "B", "C")])
def test_oracle_keeps_the_contract_of_losses(explore, labels):
    check_loss(make_part(losses, "loss", "oracle", {"explore": explore}), labels=labels)


def test_teacher_forcing_keeps_the_contract_and_its_gradient_is_right():
    check_loss(make_part(losses, "loss", "teacher_forcing"))


def test_teacher_forcing_is_the_oracle_that_does_not_explore():
    targets = sample_targets(("A", "B"))
    scores = sample_scores(targets, ("A", "B"))
    made = [
        make_part(losses, "loss", "teacher_forcing"),
        make_part(losses, "loss", "oracle", {"explore": 0}),
        make_part(losses, "loss", "oracle", {"explore": 1}),
    ]
    forced, same, other = (loss(scores, targets) for loss in made)
    assert forced[0] == same[0]
    assert forced[0] != other[0]


def test_by_hand():
    """One token, one label, known to be no entity: -log of the probability of O against U; B is not valid."""
    doc = Doc.from_words(["word"])
    scores = Scores(
        np.array([[1.0, 50.0, 2.0]], np.float32), np.zeros((1, 2, 2), np.float32), np.zeros((1, 2), bool),
        np.array([0, 1]), ("A",),
    )  # fmt: skip
    value, d_closed, d_open = make_part(losses, "loss", "oracle")(scores, [Target(doc)])
    unit = 1 / (1 + np.exp(-1.0))
    assert value == pytest.approx(-np.log(1 - unit))
    np.testing.assert_allclose(d_closed, [[-unit, 0, unit]], rtol=1e-6)
    assert not d_open.any()


@pytest.mark.parametrize("explore", [-0.1, 1.1, "often"])
def test_options_have_their_range(explore):
    with pytest.raises(ConfigError, match="explore"):
        make_part(losses, "loss", "oracle", {"explore": explore})
