"""Opens a simulation from a pipeline and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from nerture.config.session import PRIOR_SOURCES
from nerture.core.annotations.record import Record
from nerture.core.targets.target import Target
from nerture.errors import ConfigError, CorpusError, Origin
from nerture.files.corpus import collect
from nerture.hosting.services import HostServices
from nerture.interfaces import Options
from nerture.pipeline import Pipeline
from nerture.sessions.live.factory import make_session_parts
from nerture.sessions.plan import SessionPlan
from nerture.simulation.annotator import GoldAnnotator
from nerture.simulation.run import Simulation

HELD_OUT = 0.2
"""Share of the gold texts (the last ones) to evaluate on if no evaluation texts are named."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a simulation.

    ``gold`` is what the annotator knows: complete annotations of every text that is asked about. ``evaluate``
    has the texts to evaluate on (None: the pipeline's ``evaluate``, else the last fifth of the gold texts,
    which are then not asked about). ``prior`` has the options of the label source with earlier annotations,
    for the modes that continue from them; ``store`` is the store of its dataset.
    """

    gold: str
    evaluate: str | None = None
    prior: Mapping[str, object] | None = None
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

    Raises ``CorpusError`` that lists the problems of the files, and ``ConfigError`` for a mode that needs
    earlier annotations without any.
    """
    reader = _TargetReader(pipeline, plan, files)
    gold = reader.read("gold", {"path": files.gold}, files.gold)
    if plan.mode == "retype":
        held_out: Sequence[Target] = ()
    elif files.evaluate is not None:
        held_out = reader.read("gold", {"path": files.evaluate}, files.evaluate)
    elif (evaluation := pipeline.read_evaluation()) is not None:
        held_out = evaluation.items
    else:
        count = max(1, round(HELD_OUT * len(gold)))
        gold, held_out = gold[:-count], gold[-count:]
        if not gold:
            raise CorpusError(
                f"{files.gold}: expected 2 texts or more, got 1; or name evaluation texts by --evaluate"
            )
    prior = reader.read_prior({target.doc.text for target in gold}, {target.doc.text for target in held_out})
    records = [
        Record(target.doc.text, target.origin or Origin(files.gold), target.doc.offsets)
        for target in (prior if plan.mode in PRIOR_SOURCES else gold)
    ]
    parts = make_session_parts(
        pipeline, plan, records, sorter=sorter, options=options, segment=segment, prior_targets=prior
    )
    entities = (span for target in prior for span in target.spans if span.label in plan.labels)
    return Simulation(parts, GoldAnnotator(gold, entities if plan.mode == "retype" else ()), held_out)


class _TargetReader:
    """Reads annotations with the labels of the pipeline and the session."""

    def __init__(self, pipeline: Pipeline, plan: SessionPlan, files: Files) -> None:
        config, self.registry, self.plan, self.files = pipeline.config, pipeline.manager.registry, plan, files
        labels = (*config.labels, *plan.labels, *plan.subtypes)
        self.services = HostServices.for_pipeline(pipeline, labels, config.base_dir, files.store)

    def read(self, use: str, options: Mapping[str, object], place: str) -> list[Target]:
        """Read all targets of a source."""
        source = self.registry.create("source", use, options, self.services, place)
        return list(collect(source.targets(), place).items)

    def read_prior(self, gold: Set[str], held_out: Set[str]) -> list[Target]:
        """Return the earlier annotations, without the evaluation texts; nothing in modes that need none."""
        if self.plan.mode not in PRIOR_SOURCES:
            return []
        if self.files.prior is None:
            raise ConfigError(
                f"--source: expected the annotations that {self.plan.mode} continues from, "
                "a file or dataset:NAME, got none"
            )
        place = str(self.files.prior.get("path") or f"dataset {self.files.prior.get('dataset')}")
        annotated = self.read(PRIOR_SOURCES[self.plan.mode], self.files.prior, place)
        prior = [target for target in annotated if target.doc.text not in held_out]
        unknown = [target for target in prior if target.doc.text not in gold]
        if unknown:
            first = unknown[0]
            raise CorpusError(
                f"{place}: expected texts of {self.files.gold} only, got {len(unknown):,} others, the first: "
                f"{first.origin or place}: {first.doc.text[:60]!r}"
            )
        if not prior:
            raise CorpusError(f"{place}: expected texts besides the evaluation texts, got none")
        return prior
