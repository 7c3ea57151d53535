"""What sources need: files, a pipeline's services, and models: untrained ones, with opinions of their own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.hosting.manager import make_manager
from nerture.hosting.services import HostServices, PathResolver
from nerture.models.model import Model

SMALL = ModelSettings(width=16, depth=1, pieces=2, hidden=8)


@pytest.fixture
def write(tmp_path):
    """Write rows as JSON lines, or lines of text."""

    def write(name, *rows):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return name

    return write


@pytest.fixture(scope="session")
def registry():
    return make_manager(environ={}).registry


@pytest.fixture
def services(registry, tmp_path):
    """The services of a pipeline that cuts texts at whitespace; its labels may be others."""

    def make(labels=("A", "B"), matchers=None, tokenizer="whitespace"):
        plain = HostServices.bare(registry, labels, tmp_path)
        cut = registry.create("tokenizer", tokenizer, {}, plain)
        return HostServices(registry, labels, PathResolver(tmp_path), tokenizer=cut, matchers=matchers)

    return make


@pytest.fixture
def save_model(registry, tmp_path):
    """Save a model of some labels; the seed makes it another one."""

    def save(name="model", labels=("A", "B"), seed=0, tokenizer="whitespace"):
        learner = Learner(labels, SMALL, 5, seed=seed)
        random = np.random.default_rng(seed)
        for block in ("closed.weight", "open.weight"):
            learner.weights[block] = 3 * random.normal(size=learner.weights.shapes[block])
        cut = registry.create("tokenizer", tokenizer, {}, HostServices.bare(registry, labels, tmp_path))
        config = {"nerture": 1, "labels": list(labels), "tokenizer": {"use": tokenizer}}
        model = Model(learner, cut, config)
        model.save(tmp_path / name)
        return model

    return save


@pytest.fixture
def as_probabilities():
    """Span probabilities as a mapping: (text of the span, label) to probability, rounded."""

    def convert(target):
        found = target.teacher
        return {
            (target.doc.span(start, end, found.labels[label]).text, found.labels[label]): round(value, 4)
            for (start, end, label), value in zip(
                found.spans.tolist(), found.probabilities.tolist(), strict=True
            )
        }

    return convert
