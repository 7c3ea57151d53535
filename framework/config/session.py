"""The section ``session`` of the pipeline file: a teaching session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nerture.config.keys import SessionKeys
from nerture.config.parts import Part
from nerture.core.suggest_name import suggest_name
from nerture.interfaces import Ask, Format, Mode
from nerture.registry.validation import Issue

DATASET = "dataset:"
"""The prefix of sources that are datasets of the store, not files."""
PRIOR_SOURCES: Mapping[str, str] = MappingProxyType({"gold": "answers", "review": "gold", "retype": "gold"})
"""The modes that continue from earlier annotations, and the label source that reads these."""


@dataclass(frozen=True, slots=True)
class SessionPart:
    """A checked session. Its files and folders are absolute; ``source`` may be a dataset.

    ``stated`` are the keys in the file. ``where`` is file, line and key, for messages.
    """

    where: str
    stated: frozenset[str]
    dataset: str
    source: str
    format: Format
    mode: Mode
    labels: tuple[str, ...]
    subtypes: tuple[str, ...]
    ask: Ask
    sorter: Part
    annotators_per_question: int
    probe_share: float
    pattern_share: float
    surface_cap: int
    update_every: int
    segment: bool | None
    seed: int
    output: Path
    suggested_patterns: Path

    @property
    def source_options(self) -> dict[str, object]:
        """The options of the label source that reads earlier annotations."""
        return make_source_options(self.source, self.format)


def make_source_options(source: str, format: Format) -> dict[str, object]:
    """Return the options of a label source that reads the texts of a session."""
    if source.startswith(DATASET):
        return {"dataset": source.removeprefix(DATASET)}
    return {"path": source} if format is None else {"path": source, "format": format}


@dataclass(frozen=True, slots=True)
class SessionContext:
    """The place of the section, and the pipeline's labels, folder and start model."""

    where: str
    labels: tuple[str, ...]
    folder: Path
    start: Path | None


def make_session(keys: SessionKeys, sorter: Part, context: SessionContext) -> SessionPart:
    """Make the section.

    By default the model is saved as ``DATASET-model`` next to the file, or under another name if that is the
    start model, and new patterns are added to ``DATASET-patterns.jsonl``.
    """
    output = context.folder / Path(keys.output or f"{keys.dataset}-model").expanduser()
    if keys.output is None and _is_same(output, context.start):
        output = output.with_name(f"{output.name}-next")
    values = keys.model_dump(
        exclude={"source", "output", "suggested_patterns", "labels", "subtypes", "sorter"}
    )
    is_dataset = keys.source.startswith(DATASET)
    return SessionPart(
        **values,
        where=context.where,
        stated=frozenset(keys.model_fields_set),
        source=keys.source if is_dataset else str(context.folder / Path(keys.source).expanduser()),
        labels=context.labels if keys.labels is None else tuple(keys.labels),
        subtypes=tuple(keys.subtypes or ()),
        sorter=sorter,
        output=output,
        suggested_patterns=context.folder
        / Path(keys.suggested_patterns or f"{keys.dataset}-patterns.jsonl").expanduser(),
    )


def find_session_issues(keys: SessionKeys, context: SessionContext) -> Iterator[Issue]:
    """Yield what is wrong with a section whose keys are valid one by one."""
    for index, label in enumerate(keys.labels or ()) if keys.mode != "retype" else ():
        if label not in context.labels:
            near = suggest_name(label, context.labels)
            hint = f'; did you mean "{near}"?' if near else ""
            labels = ", ".join(context.labels)
            yield Issue(
                ("session", "labels", index),
                f'expected a label of the pipeline, one of {labels}, got "{label}"{hint}',
            )
    if keys.mode == "retype" and keys.subtypes is None:
        yield Issue(("session", "subtypes"), "missing; retype needs the labels to choose from")
    if keys.subtypes is not None and keys.mode != "retype" and "mode" in keys.model_fields_set:
        yield Issue(
            ("session", "subtypes"), f"expected only with `mode: retype`, but the mode is {keys.mode}"
        )
    if keys.source == DATASET + keys.dataset and keys.mode in PRIOR_SOURCES:
        yield Issue(
            ("session", "dataset"),
            f"expected another dataset than the one that {keys.mode} reads, got {keys.dataset}",
        )
    if keys.source == DATASET:
        yield Issue(("session", "source"), "expected dataset:NAME, got a dataset without a name")
    if keys.format is not None and keys.source.startswith(DATASET):
        yield Issue(("session", "format"), "goes with a file; a dataset has a format of its own")
    if keys.output is not None and _is_same(context.folder / Path(keys.output).expanduser(), context.start):
        yield Issue(
            ("session", "output"), "expected another folder than the model that the session starts from"
        )


def _is_same(folder: Path, start: Path | None) -> bool:
    return start is not None and folder.resolve() == start.resolve()
