"""How far the precision that a session shows can be trusted: simulated sessions, beside the truth.

In each session an annotator answers as the gold annotations say; every 100 answers the estimate that is shown
is put beside the precision that the same version has over all texts of the pool, and over those set aside.
Over all sessions: how often the interval of nominally 95 % holds the truth, how wide it is, and how far off
the estimate is. ``--first`` and ``--count`` do a part of the seeds; ``--json`` prints each row.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nerture.core.annotations.record import Record
from nerture.core.targets.target import Target
from nerture.errors import Origin
from nerture.files.corpus import collect
from nerture.pipeline import Pipeline, open_pipeline
from nerture.sessions.estimates.interval import Interval
from nerture.sessions.live.factory import make_session_parts
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.text import Text
from nerture.simulation.annotator import GoldAnnotator
from nerture.simulation.run import Simulation

STEP = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A session after so many answers, where it shows a precision.

    ``probes`` were asked; they settle ``judged`` of the ``aside`` spans that the present version predicts in
    the texts set aside. ``truth`` is its precision over all texts, ``truth_aside`` over those.
    """

    seed: int
    answers: int
    probes: int
    judged: int
    aside: int
    estimate: float
    low: float
    high: float
    truth: float
    truth_aside: float

    @property
    def covered(self) -> bool:
        return self.low <= self.truth <= self.high

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2

    @property
    def error(self) -> float:
        return self.estimate - self.truth


def session(pipeline: Pipeline, gold: list[Target], plan: SessionPlan, answers: int) -> Iterator[Row]:
    """Play one session; yield a row for every 100 answers."""
    records = [
        Record(target.doc.text, target.origin or Origin("gold"), target.doc.offsets) for target in gold
    ]
    annotator = GoldAnnotator(gold)
    simulation = Simulation(make_session_parts(pipeline, plan, records), annotator, gold[:1])
    for count in range(STEP, answers + 1, STEP):
        simulation.run(count, None)
        shown = simulation.state.progress(pool_predictions=simulation.pool_predictions).precision
        if shown is not None:
            yield look(simulation, annotator, shown)


def look(simulation: Simulation, annotator: GoldAnnotator, shown: Interval) -> Row:
    """Put what the session shows beside the truth."""
    state, pool_predictions = simulation.state, simulation.pool_predictions
    assert pool_predictions is not None
    predicted = state.probes.held_out_predictions(pool_predictions)
    unanswered = state.probes.find_unanswered(pool_predictions, state.text_targets.find)
    judged = len(predicted) - sum(1 for _ in unanswered)
    probes = sum(question.reason == "probe" for question in state.answer_index.questions.values())
    texts = state.pool.texts
    right = list(rightness(texts, simulation, annotator))
    aside = [found for text, found in zip(texts, right, strict=True) if state.probes.is_held_out(text)]
    return Row(
        state.plan.seed, simulation.answers, probes, judged, len(predicted),
        shown.estimate, shown.low, shown.high, share(right), share(aside),
    )  # fmt: skip


def rightness(
    texts: Sequence[Text], simulation: Simulation, annotator: GoldAnnotator
) -> Iterator[list[bool]]:
    """Yield for each text which of the predicted spans are right."""
    assert simulation.learner is not None
    for text, spans in zip(texts, simulation.learner.predict([text.doc for text in texts]), strict=True):
        marks = annotator.marks(text.record.text, text.record.fields)
        yield [(span.start_char, span.end_char, span.label) in marks for span in spans]


def share(found: Iterable[list[bool]]) -> float:
    right = [one for some in found for one in some]
    return statistics.fmean(right) if right else float("nan")


def tell(rows: list[Row]) -> None:
    """Print what all sessions say together, after each number of answers."""
    for answers in sorted({row.answers for row in rows}):
        some = [row for row in rows if row.answers == answers]
        covered = statistics.fmean(row.covered for row in some)
        half = statistics.fmean(row.half_width for row in some)
        error = statistics.fmean(row.error for row in some)
        judged = statistics.fmean(row.judged for row in some)
        probes = statistics.fmean(row.probes for row in some)
        print(
            f"{answers} answers, {len(some)} sessions: covered {covered:.0%}, half-width {half:.3f}, "
            f"error {error:+.3f}, judged {judged:.1f} of {probes:.1f} probes"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pipeline", help="a pipeline file with labels and matchers")
    parser.add_argument("--gold", required=True, help="complete annotations of the texts")
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    parser.add_argument("--count", type=int, default=50, metavar="N")
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--every", type=int, default=10, metavar="N", help="learn after every N answers")
    parser.add_argument("--ask", choices=("both", "span", "text"), default="both")
    parser.add_argument("--json", action="store_true", help="print a JSON object for each row, and no more")
    arguments = parser.parse_args()
    pipeline = open_pipeline(arguments.pipeline)
    source = pipeline.manager.registry.create(
        "source", "gold", {"path": str(Path(arguments.gold).resolve())}, pipeline.services, arguments.gold
    )
    gold = list(collect(source.targets(), arguments.gold).items)
    rows = []
    for seed in range(arguments.first, arguments.first + arguments.count):
        blank = pipeline.config.start is None
        plan = SessionPlan(
            "teach", pipeline.config.labels, arguments.ask, seed, update_every=arguments.every, blank=blank
        )
        for row in session(pipeline, gold, plan, arguments.answers):
            rows.append(row)
            shown = f"{row.estimate:.3f} ({row.low:.3f} to {row.high:.3f})"
            print(
                json.dumps(asdict(row)) if arguments.json
                else f"seed {seed}, {row.answers} answers: shown {shown}, true {row.truth:.3f}; "
                f"set aside {row.truth_aside:.3f}; judged {row.judged} of {row.probes} probes, "
                f"{row.aside} spans set aside",
                flush=True,
            )  # fmt: skip
    if not arguments.json:
        tell(rows)


if __name__ == "__main__":
    main()
