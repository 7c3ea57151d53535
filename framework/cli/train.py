"""``nerture train``: trains a model from a pipeline file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nerture.cli.common import options
from nerture.cli.common.output import print_json, say
from nerture.errors import ConfigError
from nerture.terminal.text_format import percent, plural

if TYPE_CHECKING:
    from nerture.training.results import Trained

DEFAULT_OUTPUT = "model"


@click.command("train", short_help="Train a model from a pipeline file.")
@click.argument("pipeline", metavar="PIPELINE")
@click.option(
    "-o", "--output", metavar="DIR", help="The model folder [default: model, next to the pipeline file]."
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline, as in --set train.seed=1. Repeatable.",
)
@click.option("--resume", is_flag=True, help="Resume an interrupted training of this pipeline.")
@options.skip_bad
@options.store
@options.block
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@options.as_json
def command(
    pipeline: str,
    output: str | None,
    overrides: tuple[str, ...],
    resume: bool,
    skip_bad: bool,
    store: str | None,
    blocked: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a model from the pipeline file PIPELINE, and save it in the folder DIR.

    All data is read and checked first: if there are bad rows, they are listed with file and line, and nothing
    is trained. Training stops when the loss on the held-out texts no longer improves (train.patience), or
    after train.max_steps. The progress line shows two losses, of the last batch and of the held-out texts,
    and the time left if the evaluation does not improve. An existing model in DIR is replaced only by a
    finished one, in one step.

    If the pipeline has no texts to evaluate on, some are held out; at the end, the model is retrained from
    scratch on all texts, for the best number of epochs (train.refit). With --set train.folds=5, five more
    models are trained, each without a fifth of the texts: the scores, the threshold and the calibration then
    come from cross-validation over all texts.

    Ctrl-C stops early: the best model so far is saved (in DIR.interrupted if DIR has a finished one), and
    --resume continues from there.

    With --json, the object is that of `nerture evaluate` plus "steps", "words_trained", "seconds",
    "train_words_per_second", "best_step", "refit_steps" (on all texts) and "fold_f1" (of each fold). A
    pipeline with `start` adds "before": the F1 of each label of the start model before training. You are
    warned of labels whose F1 fell by more than chance.

    \b
    Examples:
      nerture train drugs.yaml
      nerture train drugs.yaml -o models/wide --set model.width=128 --set train.seed=1
      nerture train drugs.yaml -o models/wide --resume
      nerture train drugs.yaml --set train.folds=5
      nerture train drugs.yaml --json 2>progress.log | jq .f1
    """
    folder = Path(output) if output else Path(pipeline).parent / DEFAULT_OUTPUT
    _check_output(folder)
    from nerture.cli.train_progress import open_display
    from nerture.training.train import train

    with open_display(quiet) as progress:
        trained = train(
            pipeline,
            folder,
            overrides=overrides,
            blocked=blocked,
            store=store,
            resume=resume,
            skip_bad=skip_bad,
            begin=progress.begin,
            listen=progress.listen,
        )
    if as_json:
        print_json(trained.as_dict())
    else:
        from nerture.cli.common.report_table import print_report

        print_report(trained.report, trained.old_f1)
    _print_summary(trained, pipeline, folder)
    if trained.interrupted:
        raise KeyboardInterrupt


def _check_output(folder: Path) -> None:
    """Raise ``ConfigError`` if the model cannot be written, or would replace something else."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: expected a folder, got a file")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "meta.json").is_file():
        raise ConfigError(
            f"{folder}: expected a model folder or an empty one, got other files; choose another with -o"
        )
    above = folder.absolute().parent
    while not above.exists():
        above = above.parent
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder}: cannot be written: no permission for {above}")


def _print_summary(trained: Trained, pipeline: str, folder: Path) -> None:
    """Print where the model is and, after Ctrl-C, how to resume."""
    f1, folds = percent(trained.report.f1), trained.fold_f1
    best = f"best at step {trained.best_step:,}" + ("" if folds else f", F1 {f1}")
    if trained.refit_steps:
        best += f"; then {plural(trained.refit_steps, 'step')} on all texts"
    if folds:
        low, high = percent(min(folds)), percent(max(folds))
        best += f"; F1 {f1} in cross-validation ({len(folds)} folds: {low} to {high})"
    _print_f1_drops(trained)
    if trained.interrupted:
        say(f"Stopped at step {trained.steps:,}; the best model so far ({best}) is in {trained.folder}.")
        say(f"Resume:  nerture train {pipeline} -o {folder} --resume  (with the same options)")
        return
    rate = trained.words / trained.update_seconds if trained.update_seconds else 0.0
    say(f"Trained {plural(trained.words, 'word')} in {trained.seconds:.1f} s ({rate:,.0f} words/s); {best}.")
    say(f"Model:   {folder}{os.sep}")
    say(f"Try it:  nerture apply {folder} TEXTS")


def _print_f1_drops(trained: Trained) -> None:
    """Warn of each label whose F1 fell."""
    for drop in trained.f1_drops:
        say(f"Warning: {drop.label} fell from F1 {percent(drop.before)} to {percent(drop.after)}")
    if trained.f1_drops:
        say(
            "To forget less, rehearse on more texts (start.rehearse_texts) or with a higher weight "
            "(start.rehearse_weight)"
        )
    unknown = [label for label in trained.kept if not trained.report.per_label[label].known]
    if unknown:
        say(f"Whether {' or '.join(unknown)} fell is unknown: the evaluation texts have none")
