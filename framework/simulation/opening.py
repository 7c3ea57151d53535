"""A simulation made from a pipeline and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from nerture.config.session import TOLD
from nerture.core.annotations.record import Record
from nerture.core.targets.target import Target
from nerture.errors import ConfigError, CorpusError, Origin
from nerture.files.corpus import collect
from nerture.hosting.services import HostServices
from nerture.interfaces import Options
from nerture.pipeline import Pipeline
from nerture.sessions.live.factory import open_session
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
    which are then not asked about). ``told`` are the options of the label source that says what was annotated
    before, for the modes that go on from it; ``store`` is where its dataset is.
    """

    gold: str
    evaluate: str | None = None
    told: Mapping[str, object] | None = None
    store: str | None = None


def open_simulation(
    pipeline: Pipeline,
    plan: SessionPlan,
    files: Files,
    *,
    sorter: str,
    options: Mapping[str, object] | Options | None = None,
    segment: bool = True,
) -> Simulation:
    """Read the files and make the simulation.

    Raises ``CorpusError`` that lists what is wrong with them, and ``ConfigError`` where a mode goes on from
    annotations and there are none.
    """
    reading = _Reading(pipeline, plan, files)
    gold = reading.targets("gold", {"path": files.gold}, files.gold)
    if plan.mode == "retype":
        held_out: Sequence[Target] = ()
    elif files.evaluate is not None:
        held_out = reading.targets("gold", {"path": files.evaluate}, files.evaluate)
    elif (evaluation := pipeline.evaluation()) is not None:
        held_out = evaluation.items
    else:
        count = max(1, round(HELD_OUT * len(gold)))
        gold, held_out = gold[:-count], gold[-count:]
        if not gold:
            raise CorpusError(f"{files.gold}: a single text; name others to evaluate on")
    told = reading.told({target.doc.text for target in gold}, {target.doc.text for target in held_out})
    records = [
        Record(target.doc.text, target.origin or Origin(files.gold), target.doc.offsets)
        for target in (told if plan.mode in TOLD else gold)
    ]
    opened = open_session(pipeline, plan, records, sorter=sorter, options=options, segment=segment, told=told)
    entities = (span for target in told for span in target.spans if span.label in plan.labels)
    return Simulation(opened, GoldAnnotator(gold, entities if plan.mode == "retype" else ()), held_out)


class _Reading:
    """Reads annotations with the labels of the pipeline and of the session."""

    def __init__(self, pipeline: Pipeline, plan: SessionPlan, files: Files) -> None:
        config, self.registry, self.plan, self.files = pipeline.config, pipeline.manager.registry, plan, files
        labels = tuple(dict.fromkeys((*config.labels, *plan.labels, *plan.subtypes)))
        self.services = HostServices(
            self.registry, labels, config.base_dir, pipeline.tokenizer,
            manager=pipeline.manager, store=files.store,
        )  # fmt: skip

    def targets(self, use: str, options: Mapping[str, object], place: str) -> list[Target]:
        """Read all that a source knows."""
        source = self.registry.create("source", use, options, self.services, place)
        return list(collect(source.targets(), place).items)

    def told(self, gold: Set[str], held_out: Set[str]) -> list[Target]:
        """Return what was annotated before, but for the texts to evaluate on; nothing in other modes."""
        if self.plan.mode not in TOLD:
            return []
        if self.files.told is None:
            raise ConfigError(
                f"--source: missing; {self.plan.mode} goes on from what was annotated before: a file, "
                "or dataset:NAME"
            )
        place = str(self.files.told.get("path") or f"dataset {self.files.told.get('dataset')}")
        known = self.targets(TOLD[self.plan.mode], self.files.told, place)
        found = [target for target in known if target.doc.text not in held_out]
        unknown = [target for target in found if target.doc.text not in gold]
        if unknown:
            first = unknown[0]
            raise CorpusError(
                f"{place}: {len(unknown):,} of its texts are not in {self.files.gold}, the first: "
                f"{first.origin or place}: {first.doc.text[:60]!r}"
            )
        if not found:
            raise CorpusError(f"{place}: no text to ask about that is not among those to evaluate on")
        return found
