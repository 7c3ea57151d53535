"""``nerture compress``: stores a model in fewer bits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.annotations import Annotations, annotation_options
from nerture.cli.common.output import print_json, say
from nerture.errors import DataError
from nerture.terminal.text_format import percent, size

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager
    from nerture.models.model import Model


@click.command("compress", short_help="Make a model smaller and faster.")
@click.argument("model", metavar="MODEL")
@click.option("-o", "--output", metavar="DIR", required=True, help="The new model folder.")
@click.option(
    "--precision",
    type=click.Choice(["f16", "int8"]),
    required=True,
    help="f16: half the size; int8: a quarter of the size, and faster.",
)
@click.option("--check", "data", metavar="DATA", help="Compare both models on these annotations.")
@click.option(
    "--max-loss",
    type=click.FloatRange(0, 100),
    default=0.3,
    show_default=True,
    metavar="POINTS",
    help="With --check: the largest loss of F1 allowed, in points from 0 to 100.",
)
@annotation_options
@options.plugins
@options.as_json
def command(
    model: str, output: str, precision: Any, max_loss: float, local: str | None, as_json: bool, **values: Any
) -> None:
    """Store the model folder MODEL in fewer bits, in a new folder.

    The new model is loaded, applied and evaluated like any other. int8 also computes in integers, and tags
    texts up to twice as fast; f16 computes in 32 bits, as before. The precision is kept when the model is
    saved again, unless it is trained further.

    With --check, both models are first compared on the annotations DATA, and nothing is written if F1 falls
    by more than --max-loss.

    \b
    Examples:
      nerture compress model -o model-f16 --precision f16
      nerture compress model -o model-int8 --precision int8 --check drugs_dev.jsonl --max-loss 0.2
    """
    from nerture.models.model import load

    manager = options.load_plugins(local)
    loaded = load(model, manager)
    f1 = [_evaluate_f1(loaded, manager, values)] if values["data"] else []
    loaded.compress(precision)
    if f1:
        f1.append(_evaluate_f1(loaded, manager, values))
        if 100 * (f1[0] - f1[1]) > max_loss:
            raise DataError(
                f"{values['data']}: F1 {percent(f1[0])} -> {percent(f1[1])}: expected {precision} to lose at "
                f"most {max_loss:g} points (--max-loss), got {100 * (f1[0] - f1[1]):.2f}; nothing was written"
            )
    loaded.save(output)
    before, after = (_folder_size(Path(folder)) for folder in (model, output))
    if as_json:
        print_json({
            "precision": precision, "bytes_before": before, "bytes": after,
            "f1_before": f1[0] if f1 else None, "f1": f1[1] if f1 else None,
        })  # fmt: skip
        return
    say(f"Size {size(before)} -> {size(after)}")
    if f1:
        say(f"F1 {percent(f1[0])} -> {percent(f1[1])}")
    say(f"Model:  {output}")


def _evaluate_f1(model: Model, manager: PluginManager, values: dict[str, Any]) -> float:
    from nerture.hosting.services import HostServices

    services = HostServices.for_model(model)
    return model.evaluate(Annotations(**values).targets(manager, services)).f1


def _folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
