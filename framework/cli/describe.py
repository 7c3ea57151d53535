"""``nerture describe``: shows the contents of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.output import make_console, print_json
from nerture.terminal.text_format import harmless, percent, size

if TYPE_CHECKING:
    from nerture.models.model import Model

_PRECISIONS = {
    "f32": "f32: as trained",
    "f16": "f16: stored in 16-bit floats",
    "int8": "int8: stored and computed in 8-bit integers",
}


@click.command("describe", short_help="Show the contents of a model.")
@click.argument("model", metavar="MODEL")
@options.plugins
@options.as_json
def command(model: str, local: str | None, as_json: bool) -> None:
    """Show the contents of the model folder MODEL.

    Shows labels, size on disk, precision, settings, the scores of its last evaluation, and every block of
    parameters.

    \b
    Examples:
      nerture describe model
      nerture describe model --json | jq .parameters
    """
    from nerture.models.model import load

    description = _describe(load(model, options.load_plugins(local)), Path(model))
    if as_json:
        print_json(description)
    else:
        _print(description)


def _describe(model: Model, folder: Path) -> dict[str, Any]:
    blocks = model.describe()
    config, vocabulary = model.config, model.learner.vocabulary
    return {
        "path": str(folder),
        "labels": list(model.labels),
        "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        "parameters": sum(block.count for block in blocks),
        "blocks": [
            {"name": block.name, "shape": list(block.shape), "count": block.count} for block in blocks
        ],
        "precision": model.learner.precision,
        "vocabulary": None if vocabulary is None else len(vocabulary),
        "longest_entity": model.learner.longest,
        "threshold": model.learner.threshold,
        "temperature": model.learner.calibration.temperature,
        "offsets": dict(model.learner.calibration.offsets),
        "tokenizer": config.get("tokenizer"),
        "matchers": config.get("matchers") or [],
        "sources": config.get("sources") or [],
        "model": config.get("model"),
        "train": config.get("train"),
        "meta": model.meta,
    }


def _print(description: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    meta = description["meta"]
    facts = Table(box=None, show_header=False)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")

    def add(name: str, value: object) -> None:
        facts.add_row(name, Text(harmless(str(value))))

    add("model", description["path"])
    add("labels", ", ".join(description["labels"]))
    add("size", f"{size(description['bytes'])}, {description['parameters']:,} parameters")
    add("precision", _PRECISIONS[description["precision"]])
    known = description["vocabulary"]
    add("vocabulary", "none" if known is None else f"{known:,} words and affixes; others share one embedding")
    add("longest entity", f"{description['longest_entity']} tokens")
    add("threshold", f"{description['threshold']:.2f}: spans above this probability are entities")
    add("temperature", _format_temperature(description["temperature"]))
    if description["offsets"]:
        add("offsets", ", ".join(f"{name} {offset:+.2f}" for name, offset in description["offsets"].items()))
    for name in ("tokenizer", "matchers", "sources"):
        values = description[name]
        for part in [values] if isinstance(values, dict) else values or []:
            add(name.removesuffix("s"), _format_settings(part))
    for name in ("model", "train"):
        add(f"{name} settings", _format_settings(description[name] or {}))
    for name, value in meta.items():
        add(
            name.replace("_", " "), _format_scores(value) if name == "evaluation" else _format_settings(value)
        )
    blocks = Table(box=SIMPLE_HEAD)
    blocks.add_column("block")
    blocks.add_column("shape", justify="right")
    blocks.add_column("parameters", justify="right")
    for block in description["blocks"]:
        blocks.add_row(
            Text(harmless(block["name"])), " x ".join(map(str, block["shape"])), f"{block['count']:,}"
        )
    printed = make_console()
    printed.print(facts)
    printed.print(blocks)


def _format_temperature(temperature: float) -> str:
    return "1: not calibrated" if temperature == 1 else f"{temperature:.2f}: calibrated"


def _format_settings(value: Any) -> str:
    """Return settings of any kind as ``key value, key value``."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_format_settings(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        return " and ".join(map(_format_settings, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _format_scores(evaluation: Any) -> object:
    try:
        shares = ", ".join(f"{name} {percent(evaluation[name])}" for name in ("precision", "recall", "f1"))
        return f"{shares} on {evaluation['texts']} texts"
    except (TypeError, KeyError):
        return evaluation
