"""``nerture simulate``: runs a session with an annotator simulated from gold annotations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.output import make_console, print_json, say
from nerture.cli.session.arguments import ASKS, split_labels
from nerture.terminal.text_format import percent

MODES = ("teach", "correct", "manual", "match", "retype", "gold", "review")
UNTRAINED = frozenset({"manual", "match", "review"})
EVERY = 10

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nerture.config.session import SessionPart
    from nerture.pipeline import Pipeline
    from nerture.sessions.plan import SessionPlan
    from nerture.simulation.run import Point


@click.command("simulate", short_help="Simulate a session from gold annotations.")
@click.argument("pipeline", metavar="PIPELINE")
@click.option(
    "--gold",
    required=True,
    metavar="FILE",
    help="Complete annotations, which the simulated annotator answers from.",
)
@click.option("--answers", type=click.IntRange(1), metavar="N", help="Stop after N answers.")
@click.option(
    "--seconds", type=click.FloatRange(min=1), metavar="T", help="Stop after T seconds of annotation time."
)
@click.option("--mode", type=click.Choice(MODES), help="The mode [default: teach].")
@click.option("--ask", type=click.Choice(ASKS), help="The kinds of questions [default: both].")
@click.option("--sorter", metavar="NAME", help="The query strategy [default: uncertain].")
@click.option(
    "--source", metavar="FILE|dataset:NAME",
    help="With --mode gold, review or retype: the earlier annotations.",
)  # fmt: skip
@click.option("--label", "labels", metavar="A,B", multiple=True, callback=split_labels,
              help="The labels to ask about, or in retype, to split [default: the pipeline's].")  # fmt: skip
@click.option("--subtypes", metavar="A,B", multiple=True, callback=split_labels,
              help="In retype: the labels that --label is split into.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), metavar="N", help="The random seed [default: 0].")
@click.option(
    "--evaluate", metavar="FILE",
    help="Annotations to evaluate on [default: the pipeline's `evaluate`, else the last fifth of --gold].",
)  # fmt: skip
@click.option("--segment/--no-segment", default=None,
              help="Split long texts into passages, or show them whole [default: --segment; "
              "with --ask text, --no-segment].")  # fmt: skip
@click.option(
    "--every", type=click.IntRange(1), metavar="N",
    help=f"Train after every N answers [default: the section's `update_every`, else {EVERY}].",
)  # fmt: skip
@click.option("--svg", metavar="FILE", help="Draw the learning curve to this file.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline, as in --set model.width=64. Repeatable.",
)
@options.store
@options.block
@options.as_json
def command(
    pipeline: str, gold: str, answers: int | None, seconds: float | None, evaluate: str | None,
    svg: str | None, overrides: tuple[str, ...], store: str | None, blocked: tuple[str, ...], as_json: bool,
    **values: Any,
) -> None:  # fmt: skip
    """Simulate a session of PIPELINE with an annotator who answers from the annotations of --gold.

    PIPELINE needs no `sources`; its matchers with the role `question` suggest what to ask about. A section
    `session` sets mode, labels, ask, sorter, update_every and so on; options override it. There is always one
    annotator. The questions are about the texts of --gold; in the modes gold, review and retype, about those
    of --source or of the section's `source`. Without --answers and --seconds, the simulation runs until there
    are no more questions.

    The model is trained during the session; each row of the table is an evaluation of the model at that
    point, the last row at the end. In the modes manual, match and review, no model is trained during the
    session: each row is the model that would be trained from the answers so far. In retype there is no model:
    F1, precision and recall compare the relabelled annotations with --gold on the texts of --source.

    A span question, in retype too, takes 2.5 s of annotation time; a text question 1.5 s, 0.17 s per word,
    and 3 s for each span to add, remove or change. Training takes no annotation time. "accepted" is the share
    of answers that accepted the suggestion unchanged; in retype, of those that gave a wording one new label.

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
    from nerture.sessions.pool.passages import should_segment
    from nerture.simulation.opening import Files, open_simulation
    from nerture.simulation.plot import plot

    opened = open_pipeline(pipeline, overrides, blocked, store)
    section = opened.config.session
    plan = _make_plan(opened, section, values)
    if plan.mode == "retype" and evaluate is not None:
        raise click.UsageError("--evaluate cannot be used with retype, which trains no model")
    files = Files(
        str(Path(gold).resolve()), evaluate and str(Path(evaluate).resolve()),
        _find_prior_options(section, plan, values["source"]), store,
    )  # fmt: skip
    sorter, sorter_options = values["sorter"] or "uncertain", None
    if section is not None and values["sorter"] is None:
        sorter, sorter_options = section.sorter.use, section.sorter.options
    segment_option = values["segment"]
    if section is not None and segment_option is None:
        segment_option = section.segment
    segment = should_segment(plan.mode, plan.ask, segment_option)
    simulation = open_simulation(opened, plan, files, sorter=sorter, options=sorter_options, segment=segment)
    if plan.mode in UNTRAINED:
        say(f"{plan.mode} trains no model meanwhile: each F1 is that of one trained on the answers so far.")
    if plan.mode == "retype":
        say("retype trains no model: each F1 compares the annotations themselves with --gold.")
    curve = simulation.run(answers, seconds, (lambda point: None) if as_json else _print_point)
    if as_json:
        print_json({"curve": [point.as_dict() for point in curve], "f1_of": simulation.evaluated})
    else:
        _print(curve)
    if svg is not None:
        title = f"{Path(pipeline).name}: {plan.mode}, {sorter}"
        if plan.mode == "retype":
            title = f"{Path(pipeline).name}: retype, the annotations"
        Path(svg).write_text(plot(curve, title), encoding="utf-8")
        say(f"Drawing: {svg}")


def _make_plan(pipeline: Pipeline, section: SessionPart | None, values: Mapping[str, Any]) -> SessionPlan:
    """Return the plan from the options, else the section, else the defaults of a simulation."""
    from nerture.cli.session.resolve import choose_labels, read_plan_values
    from nerture.sessions.plan import SessionPlan

    mode = values["mode"] or (section.mode if section is not None else "teach")
    labels = values["labels"] or (section.labels if section is not None else ())
    asking = {**read_plan_values(section), "annotators_per_question": 1}
    if section is None or "update_every" not in section.stated:
        asking["update_every"] = EVERY  # training after each answer, as a session does, takes long
    for option, name in (("ask", "ask"), ("seed", "seed"), ("every", "update_every")):
        if values[option] is not None:
            asking[name] = values[option]
    return SessionPlan(
        mode,
        choose_labels(labels, pipeline.config.labels, mode),
        blank=pipeline.config.start is None,
        subtypes=values["subtypes"] or (section.subtypes if section is not None else ()),
        **asking,
    )


def _find_prior_options(
    section: SessionPart | None, plan: SessionPlan, source: str | None
) -> dict[str, object] | None:
    """Return the options of the label source with the earlier annotations, None if there is none."""
    from nerture.config.session import DATASET, PRIOR_SOURCES, make_source_options

    if source is None:
        return section.source_options if section is not None else None
    if plan.mode not in PRIOR_SOURCES:
        raise click.UsageError(
            f"--source: expected one of the modes {', '.join(PRIOR_SOURCES)}, got {plan.mode}, "
            "which asks about --gold"
        )
    return make_source_options(source if source.startswith(DATASET) else str(Path(source).resolve()), None)


COLUMNS = ("answers", "seconds", "F1", "precision", "recall", "accepted")


def _make_row(point: Point) -> list[str]:
    shares = (point.f1, point.precision, point.recall, point.accept_rate)
    return [f"{point.answers:,}", f"{point.seconds:,.0f}", *(percent(share) for share in shares)]


def _print_point(point: Point) -> None:
    say(f"{point.answers:,} answers, {point.seconds:,.0f} s: F1 {percent(point.f1)}")


def _print(curve: Sequence[Point]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for point in curve:
        table.add_row(*_make_row(point))
    make_console().print(table)
