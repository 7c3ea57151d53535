"""``nerture describe``: what a model is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.output import console, print_json
from nerture.terminal.text_format import harmless, percent, size

if TYPE_CHECKING:
    from nerture.models.model import Model

_PRECISIONS = {
    "f32": "f32: as it was trained",
    "f16": "f16: stored in half floats",
    "int8": "int8: stored, and computed, in whole steps",
}


@click.command("describe", short_help="Show what a model is made of.")
@click.argument("model", metavar="MODEL")
@options.plugins
@options.as_json
def command(model: str, local: str | None, as_json: bool) -> None:
    """Show what the model folder MODEL is made of.

    Labels, size on disk, precision, settings, scores on the texts that it was evaluated on, and every block
    of parameters.

    \b
    Examples:
      nerture describe model
      nerture describe model --json | jq .parameters
    """
    from nerture.models.model import load

    description = _described(load(model, options.manager_for(local)), Path(model))
    if as_json:
        print_json(description)
    else:
        _print(description)


def _described(model: Model, folder: Path) -> dict[str, Any]:
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
    add("vocabulary", "none" if known is None else f"{known:,} words and affixes; others are one to it")
    add("longest entity", f"{description['longest_entity']} tokens")
    add("threshold", f"{description['threshold']:.2f}: what is likelier is found")
    add("temperature", _temperature(description["temperature"]))
    if description["offsets"]:
        add("offsets", ", ".join(f"{name} {offset:+.2f}" for name, offset in description["offsets"].items()))
    for name in ("tokenizer", "matchers", "sources"):
        given = description[name]
        for part in [given] if isinstance(given, dict) else given or []:
            add(name.removesuffix("s"), _settings(part))
    for name in ("model", "train"):
        add(f"{name} settings", _settings(description[name] or {}))
    for name, value in meta.items():
        add(name.replace("_", " "), _scores(value) if name == "evaluation" else _settings(value))
    blocks = Table(box=SIMPLE_HEAD)
    blocks.add_column("block")
    blocks.add_column("shape", justify="right")
    blocks.add_column("parameters", justify="right")
    for block in description["blocks"]:
        blocks.add_row(
            Text(harmless(block["name"])), " x ".join(map(str, block["shape"])), f"{block['count']:,}"
        )
    printed = console()
    printed.print(facts)
    printed.print(blocks)


def _temperature(degrees: float) -> str:
    return "1: not calibrated" if degrees == 1 else f"{degrees:.2f}: its probabilities are calibrated"


def _settings(value: Any) -> str:
    """Return settings as ``key value, key value``, whatever is in them."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_settings(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        return " and ".join(map(_settings, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _scores(evaluation: Any) -> object:
    try:
        shares = ", ".join(f"{name} {percent(evaluation[name])}" for name in ("precision", "recall", "f1"))
        return f"{shares} on {evaluation['texts']} texts"
    except (TypeError, KeyError):
        return evaluation
