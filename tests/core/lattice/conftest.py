from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture
def random_scores() -> Callable:
    """Random scores of one text, float64."""

    def make(length: int, longest: int, labels: int, seed: int = 0):
        random = np.random.default_rng([length, longest, labels, seed])
        closed = random.normal(0, 1.5, (length, 2 * labels + 1))
        return closed, random.normal(0, 1.5, (length, longest - 1, 2 * labels))

    return make


@pytest.fixture
def slopes() -> Callable:
    """The gradient of a function of (closed, open) by central differences."""

    def differ(function, closed, open_, step=1e-5):
        gradients = []
        for moved in (closed, open_):
            gradient = np.zeros_like(moved)
            for place in np.ndindex(moved.shape):
                kept = moved[place]
                moved[place] = kept + step
                above = function(closed, open_)
                moved[place] = kept - step
                gradient[place] = (above - function(closed, open_)) / (2 * step)
                moved[place] = kept
            gradients.append(gradient)
        return gradients

    return differ
