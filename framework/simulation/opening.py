"""A simulation made from a pipeline and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nerture.core.records import Record
from nerture.core.target import Target
from nerture.errors import CorpusError, Origin
from nerture.files.corpus import collect
from nerture.pipeline import Pipeline
from nerture.sessions.opening import open_session
from nerture.sessions.plan import SessionPlan
from nerture.simulation.annotator import GoldAnnotator
from nerture.simulation.run import Simulation

HELD_OUT = 0.2
"""Share of the gold texts, the last ones, that is evaluated on where nothing else is named."""


@dataclass(frozen=True, slots=True)
class Files:
    """What a simulation reads.

    ``gold`` is what the annotator knows, complete annotations of every text that is asked about; ``evaluate``
    what the model is compared with (None: the pipeline's ``evaluate``, else the last fifth of the gold texts,
    which are then not asked about).
    """

    gold: str
    evaluate: str | None = None


def open_simulation(
    pipeline: Pipeline, plan: SessionPlan, files: Files, *, sorter: str, segment: bool = True
) -> Simulation:
    """Read the files and make the simulation; raises ``CorpusError`` that lists what is wrong with them."""
    gold = _targets(pipeline, files.gold)
    if files.evaluate is not None:
        held_out: Sequence[Target] = _targets(pipeline, files.evaluate)
    elif (evaluation := pipeline.evaluation()) is not None:
        held_out = evaluation.items
    else:
        count = max(1, round(HELD_OUT * len(gold)))
        gold, held_out = gold[:-count], gold[-count:]
        if not gold:
            raise CorpusError(f"{files.gold}: a single text; name others to evaluate on")
    records = [
        Record(target.doc.text, target.origin or Origin(files.gold), target.doc.offsets) for target in gold
    ]
    opened = open_session(pipeline, plan, records, sorter=sorter, segment=segment)
    return Simulation(opened, GoldAnnotator(gold), held_out)


def _targets(pipeline: Pipeline, path: str) -> list[Target]:
    options = {"path": path}
    source = pipeline.manager.registry.create("source", "gold", options, pipeline.services, path)
    return list(collect(source.targets(), path).items)
