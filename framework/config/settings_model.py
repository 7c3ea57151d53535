"""The settings of ``core.network.settings`` as pydantic models: same names, types, ranges and help."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from nerture.core.network.settings import ModelSettings, Settings, TrainSettings


def make_settings_model(settings: type[Settings]) -> type[BaseModel]:
    """Make the pydantic model of a settings dataclass."""
    hints = get_type_hints(settings)
    definitions: dict[str, Any] = {}
    for item in fields(settings):  # type: ignore[arg-type]
        limits = {key: item.metadata[key] for key in ("ge", "le") if item.metadata.get(key) is not None}
        default = ... if item.default is MISSING else item.default
        definitions[item.name] = (
            hints[item.name],
            Field(default, description=item.metadata.get("help"), **limits),
        )
    return create_model(
        settings.__name__,
        __config__=ConfigDict(extra="forbid", frozen=True),
        __doc__=settings.__doc__,
        **definitions,
    )


SECTIONS: tuple[tuple[str, type[Settings]], ...] = (("model", ModelSettings), ("train", TrainSettings))
"""The sections of the pipeline file that are settings."""
