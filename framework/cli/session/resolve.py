"""The order of a session: what the command line says, and for the rest a pipeline's section ``session``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from nerture.cli.session.arguments import SessionArgs, is_pipeline, named
from nerture.errors import ConfigError
from nerture.registry.names import unknown

if TYPE_CHECKING:
    from nerture.config.session import SessionPart
    from nerture.interfaces import Format

PLANNED = (
    "ask",
    "seed",
    "annotators_per_question",
    "probe_share",
    "pattern_share",
    "surface_cap",
    "update_every",
)
"""What both the section and a ``SessionPlan`` have under the same name."""
SORTER = "uncertain"


def make_order(
    mode: str, names: tuple[str, ...], format_name: str | None, given: Mapping[str, Any]
) -> SessionArgs:
    """Return the order of the command ``mode``; ``given`` are its options, None where they are not given.

    A pipeline alone has a section that says dataset, source, mode and model folder. Whoever names dataset
    and source takes the other settings from the section, if there is one. Options win. Raises
    ``click.UsageError`` and ``ConfigError``.
    """
    dataset, model, source = named(names)
    if given["overrides"] and not is_pipeline(model):
        raise click.UsageError("--set goes with a pipeline file")
    part = section_of(model, given["overrides"]) if model is not None and is_pipeline(model) else None
    rest = dict(given)
    options = {
        name: value
        for name in ("ask", "seed", "annotators_per_question")
        if (value := rest.pop(name)) is not None
    }
    asking = {**asking_of(part), **options}
    sorter, segment, output = rest.pop("sorter"), rest.pop("segment"), rest.pop("output")
    sorter_options, format = None, cast("Format", format_name)
    if part is not None:
        if sorter is None:
            sorter, sorter_options = part.sorter.use, part.sorter.options
        segment = part.segment if segment is None else segment
        rest["labels"] = rest["labels"] or part.labels
        rest["subtypes"] = rest["subtypes"] or part.subtypes
    if dataset is None or source is None:
        if part is None:
            raise ConfigError(
                f"{model}: has no section `session`; give it one, or name the rest: DATASET {model} SOURCE"
            )
        mode = mode_of(part, mode, str(model))
        dataset, source = part.dataset, part.source
        format, output = format_name or part.format, output or shortened(part.output)
        rest["suggested_patterns"] = rest["suggested_patterns"] or shortened(part.suggested_patterns)
    return SessionArgs(
        **rest, mode=mode, dataset=dataset, model=model, source=source, asking=asking, format=format,
        sorter=sorter or SORTER, sorter_options=sorter_options, segment=segment, output=output,
    )  # fmt: skip


def section_of(pipeline: str, overrides: tuple[str, ...]) -> SessionPart | None:
    """Read the section of a pipeline file; raises ``ConfigError`` for whatever is wrong with the file."""
    from nerture.config import load_config
    from nerture.hosting.manager import make_manager

    registry = make_manager(Path(pipeline).parent).registry
    return load_config(pipeline, overrides, registry=registry).session


def asking_of(part: SessionPart | None) -> dict[str, Any]:
    """Return what a section says of a ``SessionPlan``."""
    return {} if part is None else {name: getattr(part, name) for name in PLANNED}


def mode_of(part: SessionPart, command: str, pipeline: str) -> str:
    """Return the mode: ``teach`` starts the section's, another command must be what the section states."""
    if command == "teach":
        return part.mode
    if "mode" in part.stated and part.mode != command:
        raise ConfigError(
            f'{part.where}.mode: found "{part.mode}", and the command is {command}; '
            f"`nerture teach {pipeline}` starts the session as it stands there, and "
            f"--set session.mode={command} asks in the other mode"
        )
    return command


def shortened(place: Path) -> str:
    """Return a place as seen from the working folder, if it lies in it."""
    here = Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)


def asked_about(wanted: Sequence[str], labels: Sequence[str], mode: str) -> tuple[str, ...]:
    """Return the labels to ask about, by default all of the pipeline's ``labels``.

    Raises ``ConfigError`` for one that the pipeline's model could not learn; ``retype`` teaches none.
    """
    for label in wanted if mode != "retype" else ():
        if label not in labels:
            raise ConfigError(f"--label: {unknown(f'label {label}', labels, label)}")
    return tuple(wanted or labels)
