"""A host with a few small parts, so that the tests of the host depend on no built-in plugin."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from nerture.interfaces import Options
from nerture.registry import Registry
from nerture.registry.guard import PluginInfo


class GoldOptions(Options):
    path: str
    complete: bool | tuple[str, ...] | None = None
    map: Mapping[str, str | None] | None = None


class RegexOptions(Options):
    label: str
    pattern: str


class BeamOptions(Options):
    width: int = 8


@pytest.fixture
def info() -> PluginInfo:
    return PluginInfo("small", "1.2", "package small")


@pytest.fixture
def registry(info: PluginInfo) -> Registry:
    """Parts of each kind that a pipeline needs; their factories fail: checking may not call them."""

    def factory(options, services):
        raise AssertionError("a factory was called while the pipeline was checked")

    made = Registry()
    made.add("tokenizer", "english", factory, Options, info)
    made.add("source", "gold", factory, GoldOptions, info)
    made.add("matcher", "regex", factory, RegexOptions, info)
    made.add("loss", "oracle", factory, Options, info)
    made.add("loss", "beam", factory, BeamOptions, info)
    return made
