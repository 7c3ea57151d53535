"""nerture teaches a named-entity recognizer from whatever you have, through plugins.

``nerture.load(path)`` loads a trained ``Model``; ``nerture.train(pipeline, output)`` trains one.
``nerture.interfaces`` and ``nerture.hookimpl`` are for plugins; ``nerture.errors`` has what nerture raises.
Importing the package is cheap: its names are imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from nerture import errors, interfaces
    from nerture.core.text.doc import Doc, Span, Token
    from nerture.hookspecs import hookimpl
    from nerture.hosting.manager import PluginManager
    from nerture.models.model import Model

__version__ = "0.1.0"
__all__ = [
    "Doc", "Model", "Span", "Token", "__version__", "errors", "hookimpl", "interfaces", "load", "train",
]  # fmt: skip


def load(path: Path | str, manager: PluginManager | None = None) -> Model:
    """Load a model folder; ``manager`` has the plugins that it may need (default: those found from here).

    Raises ``ModelFileError`` if it is missing, damaged, or of a newer format, and ``ConfigError`` if it needs
    a plugin that is missing.
    """
    from nerture.models.model import load as load_model

    return load_model(path, manager)


def train(
    pipeline: Path | str | Mapping[str, Any], output: Path | str, overrides: Sequence[str] = ()
) -> Model:
    """Train a pipeline (a file, or its content as a mapping), save the model folder, and return the model.

    ``overrides`` are settings such as ``train.seed=1``. Raises ``ConfigError`` with everything wrong with the
    pipeline, and ``CorpusError`` with everything wrong with its data.
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
    if name in {"errors", "interfaces"}:
        return import_module(f"{__name__}.{name}")
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(homes[name]), name)


def __dir__() -> list[str]:
    return __all__
