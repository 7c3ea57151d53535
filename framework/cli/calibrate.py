"""``nerture calibrate``: makes a model's probabilities come true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.annotations import Annotations, annotation_options
from nerture.cli.common.output import print_json, say
from nerture.terminal.text_format import percent, plural

if TYPE_CHECKING:
    from nerture.evaluation.calibration import Calibrated

FEW = 100  # entities


@click.command("calibrate", short_help="Make a model's probabilities come true.")
@click.argument("model", metavar="MODEL")
@click.argument("data", metavar="DATA")
@click.option("-o", "--output", metavar="DIR", help="The new model folder [default: MODEL itself].")
@annotation_options
@options.plugins
@options.as_json
def command(model: str, output: str | None, local: str | None, as_json: bool, **given: Any) -> None:
    """Make the probabilities of the model folder MODEL come true on the annotations DATA.

    DATA are texts that the model was not trained on. Fitted are a temperature, which divides the scores
    wherever a probability is told (above 1 the model was too sure of itself, below 1 too modest), and an
    offset for each label, above 0 where the model was too modest about that label and below 0 where it was
    too sure: so that the spans of DATA, found or not, are entities as often as their probabilities say. The
    temperature is looked for from 0.1 to 10; offsets of labels with few entities stay near 0. What the model
    finds does not change, unless you ask with --threshold. Both are kept in the model; training fits first
    ones, on the texts that it holds out.

    Printed are ECE and Brier on DATA before and after, and the reliability table: `nerture evaluate --help`
    says how to read them. To learn how far to trust the new probabilities, evaluate on texts other than DATA.

    \b
    Examples:
      nerture calibrate model drugs_dev.jsonl
      nerture calibrate model drugs_dev.jsonl -o models/calibrated
      nerture calibrate model dev.conll --json | jq .temperature
    """
    from nerture.hosting.services import HostServices
    from nerture.models.model import load

    manager = options.manager_for(local)
    loaded = load(model, manager)
    services = HostServices(manager.registry, loaded.labels, Path.cwd(), loaded.tokenizer)
    done = loaded.calibrate(Annotations(**given).targets(manager, services))
    folder = output or model
    loaded.save(folder)
    if as_json:
        print_json(done.as_dict())
    else:
        from nerture.cli.common.report_table import print_reliability

        print_reliability(done.after)
    _tell(done, folder)


def _tell(done: Calibrated, folder: str) -> None:
    from nerture.evaluation.calibration import COOLEST, HOTTEST

    before, after = done.before, done.after
    old, new, right = done.old, done.new, int(after.right.sum())
    say(
        f"Temperature {old.temperature:.3g} -> {new.temperature:.3g}, fitted on "
        f"{plural(done.texts, 'text')} with {plural(len(after), 'found entity')} ({right:,} right)."
    )
    offsets = ", ".join(f"{label} {offset:+.2f}" for label, offset in new.offsets.items())
    say(f"Offset{'s' if len(new.offsets) > 1 else ''}: {offsets}")
    say(f"ECE {percent(before.ece)} -> {percent(after.ece)}, Brier {before.brier:.3f} -> {after.brier:.3f}")
    if right in {0, len(after)}:
        say(
            f"Note: all of them are {'right' if right else 'wrong'}, which says little of how sure the model "
            "may be; texts on which it is both right and wrong tell more."
        )
    elif len(after) < FEW:
        say(f"Note: {len(after)} entities give a rough estimate; from {FEW} on it is firm.")
    if new.temperature in {COOLEST, HOTTEST}:
        say(f"Note: this is the end of the range of temperatures, {COOLEST} to {HOTTEST}.")
    say(f"Model:  {folder}")
