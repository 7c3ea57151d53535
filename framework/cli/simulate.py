"""``nerture simulate``: a session whose annotator is played from gold annotations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from nerture.cli import options
from nerture.cli.output import console, percent, print_json, say
from nerture.sessions.plan import ASKS, Ask, Mode

PLAYED = ("teach", "correct", "manual", "match")
"""The modes that need nothing but texts; the others go on from what was annotated before."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nerture.simulation.run import Point


@click.command("simulate", short_help="Play a session with gold annotations as the annotator.")
@click.argument("pipeline", metavar="PIPELINE")
@click.option("--gold", required=True, metavar="FILE", help="Complete annotations: what the annotator knows.")
@click.option("--answers", type=click.IntRange(1), metavar="N", help="Stop after so many answers.")
@click.option("--seconds", type=click.FloatRange(min=1), metavar="T", help="Stop after so many seconds.")
@click.option("--sorter", default="uncertain", show_default=True, metavar="NAME", help="What is asked first.")
@click.option("--mode", type=click.Choice(PLAYED), default="teach", show_default=True, help="The mode.")
@click.option(
    "--ask", type=click.Choice(ASKS), default="both", show_default=True, help="The kinds of questions."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of every draw.")
@click.option(
    "--evaluate", metavar="FILE",
    help="Annotations to evaluate on [default: the pipeline's `evaluate`, else the last fifth of --gold].",
)  # fmt: skip
@click.option("--whole", is_flag=True, help="Ask about long texts as a whole, not passage by passage.")
@click.option("--every", type=click.IntRange(1), default=10, show_default=True, metavar="N",
              help="Learn after every N answers.")  # fmt: skip
@click.option("--svg", metavar="FILE", help="Draw the learning curve.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline: --set model.width=64. May be given several times.",
)
@options.block
@options.as_json
def command(
    pipeline: str, gold: str, answers: int | None, seconds: float | None, sorter: str, mode: str, ask: str,
    seed: int, evaluate: str | None, whole: bool, every: int, svg: str | None,
    overrides: tuple[str, ...],
    blocked: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Play a session of PIPELINE with an annotator who knows the annotations of --gold.

    PIPELINE needs no `sources`. Its matchers with the role `question` bring what is asked about. The model
    learns while questions are answered; each line of the table is the model at that moment, evaluated. A span
    question takes the annotator 2.5 seconds; a text question 1.5, 0.17 a word, and 3 for each span that is
    added, removed or changed. Learning takes no time of the annotator's.

    "accepted" is the share of the answers that left what was offered as it was. Without --answers and
    --seconds it goes on until nothing is left to ask.

    \b
    Examples:
      nerture simulate pipeline.yaml --gold training.jsonl --seconds 1000
      nerture simulate pipeline.yaml --gold training.jsonl --ask span --answers 500 --svg curve.svg
      nerture simulate pipeline.yaml --gold training.jsonl --sorter random --seed 3 --json
    """
    from nerture.pipeline import open_pipeline
    from nerture.sessions.plan import SessionPlan
    from nerture.simulation.opening import Files, open_simulation
    from nerture.simulation.plot import plot

    opened = open_pipeline(pipeline, overrides, blocked)
    start = opened.config.start
    labels = opened.config.labels
    plan = SessionPlan(cast(Mode, mode), labels, cast(Ask, ask), seed, learn_every=every, blank=start is None)
    files = Files(str(Path(gold).resolve()), evaluate and str(Path(evaluate).resolve()))
    simulation = open_simulation(opened, plan, files, sorter=sorter, segment=not whole)
    curve = simulation.run(answers, seconds, (lambda point: None) if as_json else _told)
    if as_json:
        print_json({"curve": [point.as_dict() for point in curve]})
    else:
        _print(curve)
    if svg is not None:
        Path(svg).write_text(plot(curve, f"{Path(pipeline).name}: {mode}, {sorter}"), encoding="utf-8")
        say(f"Drawing: {svg}")


COLUMNS = ("answers", "seconds", "F1", "precision", "recall", "accepted")


def _row(point: Point) -> list[str]:
    shares = (point.f1, point.precision, point.recall, point.accept_rate)
    return [f"{point.answers:,}", f"{point.seconds:,.0f}", *(percent(share) for share in shares)]


def _told(point: Point) -> None:
    say(f"{point.answers:,} answers, {point.seconds:,.0f} s: F1 {percent(point.f1)}")


def _print(curve: Sequence[Point]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for point in curve:
        table.add_row(*_row(point))
    console().print(table)
