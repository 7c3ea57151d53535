"""Completes the arguments of a session from a pipeline's section ``session``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from nerture.cli.session.arguments import SessionArgs, is_pipeline, parse_names
from nerture.errors import ConfigError
from nerture.registry.names import describe_unknown

if TYPE_CHECKING:
    from nerture.config.session import SessionPart
    from nerture.interfaces import Format

PLAN_FIELDS = (
    "ask",
    "seed",
    "annotators_per_question",
    "probe_share",
    "pattern_share",
    "surface_cap",
    "update_every",
)
"""Names of fields that the section and ``SessionPlan`` share."""
SORTER = "uncertain"


def resolve_args(
    mode: str, names: tuple[str, ...], format_name: str | None, values: Mapping[str, Any]
) -> SessionArgs:
    """Return the arguments of the command ``mode``; ``values`` are its options, None if not given.

    A pipeline alone has a section that sets dataset, source, mode and model folder. If dataset and source are
    given, the section sets the rest, if there is one. Options override it. Raises ``click.UsageError`` and
    ``ConfigError``.
    """
    dataset, model, source = parse_names(names)
    if values["overrides"] and not is_pipeline(model):
        raise click.UsageError("--set requires a pipeline file")
    part = read_section(model, values["overrides"]) if model is not None and is_pipeline(model) else None
    rest = dict(values)
    options = {
        name: value
        for name in ("ask", "seed", "annotators_per_question")
        if (value := rest.pop(name)) is not None
    }
    asking = {**read_plan_values(part), **options}
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
                f"{model}: expected a section `session`, got none; add one, or use DATASET {model} SOURCE"
            )
        mode = choose_mode(part, mode, str(model))
        dataset, source = part.dataset, part.source
        format, output = format_name or part.format, output or shorten_path(part.output)
        rest["suggested_patterns"] = rest["suggested_patterns"] or shorten_path(part.suggested_patterns)
    return SessionArgs(
        **rest, mode=mode, dataset=dataset, model=model, source=source, asking=asking, format=format,
        sorter=sorter or SORTER, sorter_options=sorter_options, segment=segment, output=output,
    )  # fmt: skip


def read_section(pipeline: str, overrides: tuple[str, ...]) -> SessionPart | None:
    """Return the section `session` of a pipeline file, None if it has none; raises ``ConfigError``."""
    from nerture.config import load_config
    from nerture.hosting.manager import make_manager

    registry = make_manager(Path(pipeline).parent).registry
    return load_config(pipeline, overrides, registry=registry).session


def read_plan_values(part: SessionPart | None) -> dict[str, Any]:
    """Return the fields of a ``SessionPlan`` that a section sets."""
    return {} if part is None else {name: getattr(part, name) for name in PLAN_FIELDS}


def choose_mode(part: SessionPart, command: str, pipeline: str) -> str:
    """Return the mode: the section's for ``teach``; another command must not contradict the section."""
    if command == "teach":
        return part.mode
    if "mode" in part.stated and part.mode != command:
        raise ConfigError(
            f'{part.where}.mode: expected "{command}" (the command), got "{part.mode}"; '
            f"use `nerture teach {pipeline}`, or --set session.mode={command}"
        )
    return command


def shorten_path(path: Path) -> str:
    """Return a path relative to the working folder if it is inside it."""
    folder = Path.cwd()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def choose_labels(chosen: Sequence[str], labels: Sequence[str], mode: str) -> tuple[str, ...]:
    """Return the labels to ask about: those ``chosen``, else all ``labels`` of the pipeline.

    Raises ``ConfigError`` for one that the pipeline's model cannot learn; ``retype`` trains no model.
    """
    for label in chosen if mode != "retype" else ():
        if label not in labels:
            raise ConfigError(f"--label: {describe_unknown(f'label {label}', labels, label)}")
    return tuple(chosen or labels)
