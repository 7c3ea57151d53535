"""``nerture train``: a pipeline to a model folder."""

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


@click.command("train", short_help="Train a pipeline, and write a model folder.")
@click.argument("pipeline", metavar="PIPELINE")
@click.option(
    "-o", "--output", metavar="DIR", help="The model folder [default: model, beside the pipeline file]."
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline: --set train.seed=1. May be given several times.",
)
@click.option("--resume", is_flag=True, help="Go on where a training of this pipeline was stopped.")
@click.option("--skip-bad", is_flag=True, help="Go on without the rows that cannot be used, and count them.")
@options.store
@options.block
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
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
    """Train the pipeline file PIPELINE and write a model folder.

    Every row of the data is read and checked first: bad ones are listed with file and line, and nothing is
    trained. Training ends when the loss on the held-out texts no longer gets better (train.patience), or
    after train.max_steps. A model that is in DIR already is replaced by a finished one only, in one step.
    While it goes on, two losses are shown: that of the last batch, and that of the held-out texts. Texts that
    were set aside because the pipeline names none to evaluate on are learned from in the end: the model is
    trained anew on all texts, for as many epochs as were best (train.refit). With --set train.folds=5, five
    more models follow, each of which does not see a fifth of the texts and is judged by these: the scores,
    the threshold and the calibration are then those of all texts.

    Ctrl-C stops early: the best model so far is written (to DIR.interrupted where DIR holds a finished one),
    and --resume goes on from there later. The time left that is shown is that to the end if the evaluation
    gets no better.

    With --json, the object on standard output is that of `nerture evaluate`, with "steps", "words_trained",
    "seconds", "train_words_per_second", "best_step", "refit_steps" (on all texts) and "fold_f1" (of each part
    in cross-validation). A pipeline with `start` adds "before": the F1 of each label that the model knew,
    before the first update. A label that fell by more than chance explains is warned of.

    \b
    Examples:
      nerture train drugs.yaml
      nerture train drugs.yaml -o models/wide --set model.width=128 --set train.seed=1
      nerture train drugs.yaml -o models/wide --resume
      nerture train drugs.yaml --set train.folds=5
      nerture train drugs.yaml --json 2>progress.log | jq .f1
    """
    folder = Path(output) if output else Path(pipeline).parent / DEFAULT_OUTPUT
    _refuse(folder)
    from nerture.cli.train_progress import display
    from nerture.training.train import train

    with display(quiet) as shown:
        trained = train(
            pipeline,
            folder,
            overrides=overrides,
            blocked=blocked,
            store=store,
            resume=resume,
            skip_bad=skip_bad,
            begin=shown.begin,
            listen=shown.listen,
        )
    if as_json:
        print_json(trained.as_dict())
    else:
        from nerture.cli.common.report_table import print_report

        print_report(trained.report, trained.old_f1)
    _tell(trained, pipeline, folder)
    if trained.interrupted:
        raise KeyboardInterrupt


def _refuse(folder: Path) -> None:
    """Raise ``ConfigError`` if the model could not be written, or would replace what is no model."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: is a file; a folder is wanted there")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "meta.json").is_file():
        raise ConfigError(f"{folder}: holds files but no nerture model; name another folder with -o")
    above = folder.absolute().parent
    while not above.exists():
        above = above.parent
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder}: cannot be written: {above} does not allow it")


def _tell(trained: Trained, pipeline: str, folder: Path) -> None:
    """Say where the model is and, after Ctrl-C, how to go on."""
    f1, each = percent(trained.report.f1), trained.fold_f1
    best = f"best at step {trained.best_step:,}" + ("" if each else f", F1 {f1}")
    if trained.refit_steps:
        best += f"; then {plural(trained.refit_steps, 'step')} on all texts"
    if each:
        best += (
            f"; F1 {f1} in cross-validation ({len(each)} parts: {percent(min(each))} to {percent(max(each))})"
        )
    _print_f1_drops(trained)
    if trained.interrupted:
        say(f"Stopped at step {trained.steps:,}; the best model so far ({best}) is in {trained.folder}.")
        say(f"To go on:  nerture train {pipeline} -o {folder} --resume  (with the same options)")
        return
    rate = trained.words / trained.update_seconds if trained.update_seconds else 0.0
    say(f"Trained {plural(trained.words, 'word')} in {trained.seconds:.1f} s ({rate:,.0f} words/s); {best}.")
    say(f"Model:   {folder}{os.sep}")
    say(f"Try it:  nerture apply {folder} TEXTS")


def _print_f1_drops(trained: Trained) -> None:
    """Warn of each label that the model knew better before."""
    for drop in trained.f1_drops:
        say(f"Warning: {drop.label} fell from F1 {percent(drop.before)} to {percent(drop.after)}")
    if trained.f1_drops:
        say(
            "To keep what was known, rehearse on more texts (start.rehearse_texts) or more strongly "
            "(start.rehearse_weight)"
        )
    unjudged = [label for label in trained.kept if not trained.report.per_label[label].known]
    if unjudged:
        say(f"Whether {' or '.join(unjudged)} fell is not known: the texts to evaluate on have none")
