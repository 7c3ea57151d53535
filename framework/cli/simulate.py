"""``nerture simulate``: a session whose annotator is played from gold annotations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.output import console, print_json, say
from nerture.cli.session.arguments import ASKS, listed
from nerture.terminal.text_format import percent

MODES = ("teach", "correct", "manual", "match", "retype", "gold", "review")
LEARNS_LATER = frozenset({"manual", "match", "review"})
EVERY = 10

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nerture.config.session import SessionPart
    from nerture.pipeline import Pipeline
    from nerture.sessions.plan import SessionPlan
    from nerture.simulation.run import Point


@click.command("simulate", short_help="Play a session with gold annotations as the annotator.")
@click.argument("pipeline", metavar="PIPELINE")
@click.option("--gold", required=True, metavar="FILE", help="Complete annotations: what the annotator knows.")
@click.option("--answers", type=click.IntRange(1), metavar="N", help="Stop after so many answers.")
@click.option("--seconds", type=click.FloatRange(min=1), metavar="T", help="Stop after so many seconds.")
@click.option("--mode", type=click.Choice(MODES), help="The mode [default: teach].")
@click.option("--ask", type=click.Choice(ASKS), help="The kinds of questions [default: both].")
@click.option("--sorter", metavar="NAME", help="What is asked first [default: uncertain].")
@click.option(
    "--source", metavar="FILE|dataset:NAME",
    help="With --mode gold, review or retype: what was annotated before.",
)  # fmt: skip
@click.option("--label", "labels", metavar="A,B", multiple=True, callback=listed,
              help="The labels to ask about [default: the pipeline's]; in retype: to split.")  # fmt: skip
@click.option("--subtypes", metavar="A,B", multiple=True, callback=listed,
              help="In retype: the labels to choose from.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Seed of every draw [default: 0].")
@click.option(
    "--evaluate", metavar="FILE",
    help="Annotations to evaluate on [default: the pipeline's `evaluate`, else the last fifth of --gold].",
)  # fmt: skip
@click.option("--segment/--no-segment", default=None,
              help="Ask about long texts passage by passage, or as a whole [default: --segment; "
              "with --ask text, --no-segment].")  # fmt: skip
@click.option(
    "--every", type=click.IntRange(1), metavar="N",
    help=f"Learn after every N answers [default: the section's `update_every`, else {EVERY}].",
)  # fmt: skip
@click.option("--svg", metavar="FILE", help="Draw the learning curve.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline: --set model.width=64. May be given several times.",
)
@options.store
@options.block
@options.as_json
def command(
    pipeline: str, gold: str, answers: int | None, seconds: float | None, evaluate: str | None,
    svg: str | None, overrides: tuple[str, ...], store: str | None, blocked: tuple[str, ...], as_json: bool,
    **given: Any,
) -> None:  # fmt: skip
    """Play a session of PIPELINE with an annotator who knows the annotations of --gold.

    PIPELINE needs no `sources`. Its matchers with the role `question` bring what is asked about. A section
    `session` says how it asks (mode, labels, ask, sorter, update_every and so on); options win over it. There
    is one annotator, however many the section asks for. The texts that are asked about are those of --gold;
    in the modes gold, review and retype, those of --source or of the section's `source`.

    The model learns while questions are answered; each line of the table is the model at that moment,
    evaluated, the last one as the session leaves it. In the modes manual, match and review none learns
    meanwhile: the line is the model that would be trained from all that is known then. In retype there is no
    model: F1, precision and recall are those of the annotations as they then stand under the new labels,
    compared with --gold on the texts of --source.

    A span question takes the annotator 2.5 seconds, in retype as well; a text question 1.5, 0.17 a word, and
    3 for each span that is added, removed or changed. Learning takes no time of the annotator's.

    "accepted" is the share of the answers that left what was offered as it was; in retype, of those that gave
    a wording its one new label. Without --answers and --seconds it goes on until nothing is left to ask.

    \b
    Examples:
      nerture simulate pipeline.yaml --gold training.jsonl --seconds 1000
      nerture simulate pipeline.yaml --gold training.jsonl --ask span --answers 500 --svg curve.svg
      nerture simulate pipeline.yaml --gold training.jsonl --sorter random --seed 3 --json
      nerture simulate pipeline.yaml --gold training.jsonl --mode gold --source clicks.jsonl
      nerture simulate pipeline.yaml --gold towns.jsonl --mode retype --source places.jsonl \\
        --label PLACE --subtypes CITY,RIVER
    """
    from nerture.pipeline import open_pipeline
    from nerture.sessions.pool.passages import in_passages
    from nerture.simulation.opening import Files, open_simulation
    from nerture.simulation.plot import plot

    opened = open_pipeline(pipeline, overrides, blocked, store)
    section = opened.config.session
    plan = _plan(opened, section, given)
    if plan.mode == "retype" and evaluate is not None:
        raise click.UsageError("--evaluate judges a model, and retype teaches none")
    files = Files(
        str(Path(gold).resolve()), evaluate and str(Path(evaluate).resolve()),
        _told(section, plan, given["source"]), store,
    )  # fmt: skip
    sorter, sorter_options = given["sorter"] or "uncertain", None
    if section is not None and given["sorter"] is None:
        sorter, sorter_options = section.sorter.use, section.sorter.options
    segment_option = section.segment if given["segment"] is None and section is not None else given["segment"]
    segment = in_passages(plan.mode, plan.ask, segment_option)
    simulation = open_simulation(opened, plan, files, sorter=sorter, options=sorter_options, segment=segment)
    if plan.mode in LEARNS_LATER:
        say(f"{plan.mode} teaches no model meanwhile: each F1 is that of one trained from all that is known.")
    if plan.mode == "retype":
        say("retype teaches no model: each F1 is that of the annotations themselves, compared with --gold.")
    curve = simulation.run(answers, seconds, (lambda point: None) if as_json else _said)
    if as_json:
        print_json({"curve": [point.as_dict() for point in curve], "f1_of": simulation.judged})
    else:
        _print(curve)
    if svg is not None:
        title = f"{Path(pipeline).name}: {plan.mode}, {sorter}"
        if plan.mode == "retype":
            title = f"{Path(pipeline).name}: retype, the annotations"
        Path(svg).write_text(plot(curve, title), encoding="utf-8")
        say(f"Drawing: {svg}")


def _plan(pipeline: Pipeline, section: SessionPart | None, given: Mapping[str, Any]) -> SessionPlan:
    """Return the plan: what the options say, else the section, else the defaults of a simulation."""
    from nerture.cli.session.resolve import asked_about, asking_of
    from nerture.sessions.plan import SessionPlan

    mode = given["mode"] or (section.mode if section is not None else "teach")
    wanted = given["labels"] or (section.labels if section is not None else ())
    asking = {**asking_of(section), "annotators_per_question": 1}
    if section is None or "update_every" not in section.stated:
        asking["update_every"] = EVERY  # to learn as often as a session would, from each answer, takes long
    for option, name in (("ask", "ask"), ("seed", "seed"), ("every", "update_every")):
        if given[option] is not None:
            asking[name] = given[option]
    return SessionPlan(
        mode,
        asked_about(wanted, pipeline.config.labels, mode),
        blank=pipeline.config.start is None,
        subtypes=given["subtypes"] or (section.subtypes if section is not None else ()),
        **asking,
    )


def _told(section: SessionPart | None, plan: SessionPlan, source: str | None) -> dict[str, object] | None:
    """Return the options of the label source that tells what was annotated before."""
    from nerture.config.session import DATASET, TOLD, told_options

    if source is None:
        return section.told_options if section is not None else None
    if plan.mode not in TOLD:
        raise click.UsageError(
            f"--source goes with the modes {', '.join(TOLD)}; {plan.mode} asks about --gold"
        )
    return told_options(source if source.startswith(DATASET) else str(Path(source).resolve()), None)


COLUMNS = ("answers", "seconds", "F1", "precision", "recall", "accepted")


def _row(point: Point) -> list[str]:
    shares = (point.f1, point.precision, point.recall, point.accept_rate)
    return [f"{point.answers:,}", f"{point.seconds:,.0f}", *(percent(share) for share in shares)]


def _said(point: Point) -> None:
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
