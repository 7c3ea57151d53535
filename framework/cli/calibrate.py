"""``nerture calibrate``: calibrates a model's probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.annotations import Annotations, annotation_options
from nerture.cli.common.output import print_json, say
from nerture.terminal.text_format import percent, plural

if TYPE_CHECKING:
    from nerture.evaluation.calibration import Calibrated

MIN_FIRM = 100
"""Entities from which on an estimate is reliable."""


@click.command("calibrate", short_help="Calibrate a model's probabilities.")
@click.argument("model", metavar="MODEL")
@click.argument("data", metavar="DATA")
@click.option("-o", "--output", metavar="DIR", help="The new model folder [default: MODEL].")
@annotation_options
@options.plugins
@options.as_json
def command(model: str, output: str | None, local: str | None, as_json: bool, **values: Any) -> None:
    """Calibrate the probabilities of the model folder MODEL on the annotations DATA.

    DATA should be texts that the model was not trained on. Calibration fits a temperature that divides the
    scores (above 1: the model was overconfident; below 1: underconfident), from 0.1 to 10, and an offset per
    label (above 0: underconfident about that label; near 0 for labels with few entities), so that spans are
    entities as often as their probabilities say. The entities that the model finds do not change unless you
    use --threshold. Training already fits both on its held-out texts; this replaces them.

    Prints ECE and Brier on DATA before and after, and the reliability table: see `nerture evaluate --help`.
    To find out how reliable the new probabilities are, evaluate on texts other than DATA.

    \b
    Examples:
      nerture calibrate model drugs_dev.jsonl
      nerture calibrate model drugs_dev.jsonl -o models/calibrated
      nerture calibrate model dev.conll --json | jq .temperature
    """
    from nerture.hosting.services import HostServices
    from nerture.models.model import load

    manager = options.load_plugins(local)
    loaded = load(model, manager)
    services = HostServices.for_model(loaded)
    result = loaded.calibrate(Annotations(**values).targets(manager, services))
    folder = output or model
    loaded.save(folder)
    if as_json:
        print_json(result.as_dict())
    else:
        from nerture.cli.common.report_table import print_reliability

        print_reliability(result.after)
    _print_summary(result, folder)


def _print_summary(result: Calibrated, folder: str) -> None:
    from nerture.evaluation.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE

    before, after = result.before, result.after
    old, new, right = result.old, result.new, int(after.right.sum())
    say(
        f"Temperature {old.temperature:.3g} -> {new.temperature:.3g}, fitted on "
        f"{plural(result.texts, 'text')} with {plural(len(after), 'found entity')} ({right:,} right)."
    )
    offsets = ", ".join(f"{label} {offset:+.2f}" for label, offset in new.offsets.items())
    say(f"Offset{'s' if len(new.offsets) > 1 else ''}: {offsets}")
    say(f"ECE {percent(before.ece)} -> {percent(after.ece)}, Brier {before.brier:.3f} -> {after.brier:.3f}")
    if right in {0, len(after)}:
        say(
            f"Note: all of them are {'right' if right else 'wrong'}, which says little about calibration; "
            "use texts with both right and wrong predictions."
        )
    elif len(after) < MIN_FIRM:
        say(f"Note: {len(after)} entities give a rough estimate; use {MIN_FIRM} or more for a reliable one.")
    if new.temperature in {MIN_TEMPERATURE, MAX_TEMPERATURE}:
        say(f"Note: the temperature is at the end of its range, {MIN_TEMPERATURE} to {MAX_TEMPERATURE}.")
    say(f"Model:  {folder}")
