"""The section ``session``: a teaching session as the pipeline file describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nerture.config.keys import SessionKeys
from nerture.config.parts import Part
from nerture.core.suggest_name import nearest
from nerture.interfaces import Ask, Format, Mode
from nerture.registry.validation import Issue

DATASET = "dataset:"
"""What a source begins with that is a dataset of the store, and no file."""
TOLD: Mapping[str, str] = MappingProxyType({"gold": "answers", "review": "gold", "retype": "gold"})
"""The modes that go on from what was annotated before, and the label source that tells it."""


@dataclass(frozen=True, slots=True)
class SessionPart:
    """A session, checked. Its files and folders are absolute; a source may be a dataset.

    ``stated`` are the keys that the file has. ``where`` is file, line and key, for messages.
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
    def told_options(self) -> dict[str, object]:
        """The options of the label source that tells what was annotated before."""
        return told_options(self.source, self.format)


def told_options(source: str, format: Format) -> dict[str, object]:
    """Return the options of a label source that reads the texts of a session."""
    if source.startswith(DATASET):
        return {"dataset": source.removeprefix(DATASET)}
    return {"path": source} if format is None else {"path": source, "format": format}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a section is read with: where it stands, and the pipeline's labels, folder and start model."""

    where: str
    labels: tuple[str, ...]
    folder: Path
    start: Path | None


def make_session(keys: SessionKeys, sorter: Part, around: Surroundings) -> SessionPart:
    """Make the section.

    Unless it says otherwise, the model goes to ``DATASET-model`` beside the file, not in the place of the one
    that the session starts from; and new patterns go to ``DATASET-patterns.jsonl``.
    """
    output = around.folder / Path(keys.output or f"{keys.dataset}-model").expanduser()
    if keys.output is None and _same(output, around.start):
        output = output.with_name(f"{output.name}-next")
    given = keys.model_dump(
        exclude={"source", "output", "suggested_patterns", "labels", "subtypes", "sorter"}
    )
    inset = keys.source.startswith(DATASET)
    return SessionPart(
        **given,
        where=around.where,
        stated=frozenset(keys.model_fields_set),
        source=keys.source if inset else str(around.folder / Path(keys.source).expanduser()),
        labels=around.labels if keys.labels is None else tuple(keys.labels),
        subtypes=tuple(keys.subtypes or ()),
        sorter=sorter,
        output=output,
        suggested_patterns=around.folder
        / Path(keys.suggested_patterns or f"{keys.dataset}-patterns.jsonl").expanduser(),
    )


def session_issues(keys: SessionKeys, around: Surroundings) -> Iterator[Issue]:
    """Yield what is wrong with a section whose keys are right one by one."""
    for index, label in enumerate(keys.labels or ()) if keys.mode != "retype" else ():
        if label not in around.labels:
            near = nearest(label, around.labels)
            hint = f'did you mean "{near}"? ' if near else ""
            allowed = ", ".join(around.labels)
            yield Issue(
                ("session", "labels", index),
                f'found "{label}", which the pipeline does not have; {hint}allowed: {allowed}',
            )
    if keys.mode == "retype" and keys.subtypes is None:
        yield Issue(("session", "subtypes"), "missing; retype needs the labels to choose from")
    if keys.subtypes is not None and keys.mode != "retype" and "mode" in keys.model_fields_set:
        yield Issue(("session", "subtypes"), f"goes with `mode: retype`, and the mode is {keys.mode}")
    if keys.source == DATASET + keys.dataset and keys.mode in TOLD:
        yield Issue(
            ("session", "dataset"),
            f"{keys.mode} keeps its answers in another dataset than it reads; name one",
        )
    if keys.source == DATASET:
        yield Issue(("session", "source"), "expected dataset:NAME, got a dataset without a name")
    if keys.format is not None and keys.source.startswith(DATASET):
        yield Issue(("session", "format"), "goes with a file; a dataset has its own")
    if keys.output is not None and _same(around.folder / Path(keys.output).expanduser(), around.start):
        yield Issue(
            ("session", "output"), "is the model that the session starts from, which must stay as it is"
        )


def _same(folder: Path, start: Path | None) -> bool:
    return start is not None and folder.resolve() == start.resolve()
