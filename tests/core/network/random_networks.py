"""Networks of several shapes whose every block is random."""

from __future__ import annotations

import numpy as np

from nerture.core.network.network import Network, initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings

LABELS = 2
MODELS = [
    ModelSettings(),
    ModelSettings(width=8, depth=0, pieces=2, hidden=8),
    ModelSettings(width=19, depth=1, pieces=5, hidden=9),
    ModelSettings(width=33, depth=3, pieces=8, hidden=17),
]


def network(model, matches, dtype=np.float32, int8=False):
    """A network whose every block is random: zeros at the output would hide mistakes."""
    weights = Parameters(shapes(model, LABELS, matches), dtype)
    initialise(weights, 0)
    rng = np.random.default_rng(0)
    for name in weights:
        if not name.endswith(".weight") or name.startswith(("closed", "open")):
            weights[name] += rng.normal(size=weights.shapes[name]).astype(np.float32) * 0.5
    return Network(model, LABELS, weights, matches, int8=int8)
