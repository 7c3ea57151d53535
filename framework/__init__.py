"""nerture teaches a named-entity recognizer from whatever you have, through plugins.

``nerture.load(path)`` gives a trained ``Model``; ``nerture.train(pipeline, output)`` makes one. Importing the
package is cheap: what it offers is imported when first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from nerture.core.text.doc import Doc, Span, Token
    from nerture.hookspecs import hookimpl
    from nerture.hosting.manager import PluginManager
    from nerture.models.model import Model

__version__ = "0.1.0"
__all__ = ["Doc", "Model", "Span", "Token", "__version__", "hookimpl", "load", "train"]


def load(path: Path | str, manager: PluginManager | None = None) -> Model:
    """Load a model folder; ``manager`` has the plugins that it may need, by default those found from here.

    Raises ``ModelFileError`` when it is missing, damaged, or of a newer format, and ``ConfigError`` when it
    needs a plugin that is not there.
    """
    from nerture.models.model import load as load_model

    return load_model(path, manager)


def train(
    pipeline: Path | str | Mapping[str, Any], output: Path | str, overrides: Sequence[str] = ()
) -> Model:
    """Train a pipeline (a file, or such a mapping), save the model folder ``output``, and return the model.

    ``overrides`` are settings as ``train.seed=1``. Raises ``ConfigError`` for a pipeline that is not right,
    and ``CorpusError`` that lists everything wrong with its data.
    """
    from nerture.training.train import train as train_pipeline

    return train_pipeline(
        dict(pipeline) if isinstance(pipeline, Mapping) else pipeline, output, overrides=overrides
    ).model


def __getattr__(name: str) -> Any:
    homes = {
        "Doc": "nerture.core.text.doc",
        "Model": "nerture.models.model",
        "Span": "nerture.core.text.doc",
        "Token": "nerture.core.text.doc",
        "hookimpl": "nerture.hookspecs",
    }
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(homes[name]), name)
