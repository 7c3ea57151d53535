"""The contract check of losses: squares of the scores that exist, a smooth loss whose gradient is known."""

import numpy as np
import pytest

from nerture import Doc
from nerture.core.targets.target import Target
from nerture.testing import check_loss
from nerture.testing.samples import sample_scores, sample_targets


def squares(scores, targets):
    weight = sum(target.weight for target in targets)
    there = np.where(scores.exists[..., None], scores.open.astype(float), 0)
    value = weight * float((scores.closed.astype(float) ** 2).sum() + (there**2).sum()) / 2
    return value, (weight * scores.closed).astype(np.float32), (weight * there).astype(np.float32)


def test_a_right_loss():
    check_loss(squares, smooth=True)
    check_loss(squares, smooth=True, labels=["X"])
    doc = Doc.from_words(["a"])
    check_loss(squares, smooth=True, targets=[Target(doc)])


def changed(change):
    def loss(scores, targets):
        return change(scores, *squares(scores, targets))

    return loss


def nudged(gradient, where):
    gradient = gradient.copy()
    gradient[where] += 0.5
    return gradient


calls = iter(range(1000))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s, v, c, o: (str(v), c, o), "the loss: expected a float, got str"),
        (lambda s, v, c, o: (v + np.inf, c, o), "the loss: expected a finite number, got inf"),
        (lambda s, v, c, o: (v, c.astype(float), o), "gradient of scores.closed: expected .*, got float64"),
        (lambda s, v, c, o: (v, c, o[:, :1]), "gradient of scores.open: expected"),
        (lambda s, v, c, o: (v, c * np.nan, o), "gradient of scores.closed is not finite"),
        (
            lambda s, v, c, o: (v, c, o + ~s.exists[..., None]),
            "that do not exist: expected the gradient 0, got 1",
        ),
        (lambda s, v, c, o: (v + next(calls), c, o), "gave another loss or gradient"),
        (
            lambda s, v, c, o: (v + float(s.open.sum()), c, o),
            "depends on rows of scores.open that do not exist",
        ),
        (lambda s, v, c, o: (v + 1, c, o), "Target.weight scales it"),
        (lambda s, v, c, o: (v, nudged(c, (1, 2)), o), r"gradient of scores.closed\[1, 2\]"),
        (lambda s, v, c, o: (v, c, nudged(o, (1, 0, 3))), r"gradient of scores.open\[1, 0, 3\]"),
    ],
)
def test_wrong_losses(change, message):
    with pytest.raises(AssertionError, match=message), np.errstate(all="ignore"):
        check_loss(changed(change), smooth=True)


@pytest.mark.parametrize("name", ["closed", "open"])
def test_a_loss_that_writes_into_the_scores(name):
    def loss(scores, targets):
        result = squares(scores, targets)
        getattr(scores, name)[:] = 0
        return result

    with pytest.raises(AssertionError, match=f"the loss changed scores.{name}"):
        check_loss(loss)


def test_sample_scores_have_the_form_of_the_contract():
    labels = ("A", "B", "C")
    targets = sample_targets(labels)
    scores = sample_scores(targets, labels, longest=5)
    tokens = sum(len(target.doc) for target in targets)
    assert scores.closed.shape == (tokens, 7)
    assert scores.open.shape == (tokens, 4, 6)
    for start, end in zip(scores.bounds, scores.bounds[1:], strict=False):
        for token in range(start, end):
            assert scores.exists[token].tolist() == [token - (k + 1) >= start for k in range(4)]
