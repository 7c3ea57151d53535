"""Checks all the data that a pipeline names, as the pipeline reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nerture.check.finding import CheckReport, Finding, make_warning, warn_left_out
from nerture.check.labels import LabelCounts
from nerture.check.texts import SeenTexts
from nerture.core.errors import Origin
from nerture.errors import DataError
from nerture.interfaces import Services, Target

if TYPE_CHECKING:
    from nerture.config.parts import Part
    from nerture.config.pipeline_config import PipelineConfig
    from nerture.config.session import SessionPart
    from nerture.registry import Registry


def check_pipeline(config: PipelineConfig, registry: Registry, services: Services) -> CheckReport:
    """Check every source of the pipeline, and its evaluation data against them.

    Errors are what training would refuse. A source whose file cannot be read is one error (``unreadable``),
    and the others are still checked.
    """
    findings: list[Finding] = []
    training, seen = LabelCounts(), SeenTexts()
    for part in config.sources:
        for item in _targets(part, registry, services, findings, config.session):
            training.add(label for _, _, label in item.likely_spans())
            if item.rules_out:  # a text without annotations may occur elsewhere with annotations
                findings.extend(_remember(item, _origin(item, part), seen))
    file = Origin(str(config.path) if config.path else "<pipeline>")
    if config.sources or config.session is None:
        findings.extend(training.findings(file, config.labels, "to train on"))
    if config.evaluate is not None:
        evaluation, seen_in_evaluation = LabelCounts(), SeenTexts()
        for item in _targets(config.evaluate, registry, services, findings):
            origin = _origin(item, config.evaluate)
            evaluation.add(span.label for span in item.spans)
            findings.extend(_remember(item, origin, seen_in_evaluation))
            findings.extend(seen.find_leak(item.doc.text, origin))
        findings.extend(evaluation.findings(file, config.labels, "to evaluate on"))
    return CheckReport(tuple(findings))


def _targets(
    part: Part,
    registry: Registry,
    services: Services,
    findings: list[Finding],
    session: SessionPart | None = None,
) -> Iterator[Target]:
    """Yield the targets of a source; append what is wrong to ``findings``.

    A missing dataset is not an error if the answers of the pipeline's own ``session`` will go to it.
    """
    counts: dict[str, int] = {}
    good = bad = 0
    try:
        source = registry.create("source", part.use, part.options, services, part.where)
        for item in source.targets():
            if isinstance(item, Target):
                good += 1
                yield item
            elif item.code == "left-out":
                counts[item.origin.file] = counts.get(item.origin.file, 0) + 1
            elif item.severity == "note":
                findings.append(make_warning(item.origin, item.code, item.message))
            else:
                bad += 1
                findings.append(Finding.from_problem(item))
    except DataError as error:
        origin = error.origin or Origin(part.where)
        if session is not None and getattr(part.options, "dataset", None) == session.dataset and not bad:
            message = f"{error}; the pipeline's session will add answers"
            findings.append(make_warning(origin, "no-answers-yet", message))
            return
        findings.append(Finding(origin.file, origin.line, "unreadable", str(error)))
        return
    findings.extend(warn_left_out(Origin(file), count) for file, count in counts.items())
    if not good and not bad:
        findings.append(Finding(part.where, 0, "no-texts", f"the source {part.use} has no text to use"))


def _origin(target: Target, part: Part) -> Origin:
    return target.origin or Origin(part.where)


def _remember(target: Target, origin: Origin, seen: SeenTexts) -> Iterator[Finding]:
    """Remember a target's text, with its annotation if it is complete; partial ones cannot be compared."""
    if target.complete:
        return seen.add(target.doc.text, origin, _annotation(target))
    return seen.remember(target.doc.text, origin)


def _annotation(target: Target) -> tuple[frozenset[tuple[int, int, str]], bool | frozenset[str]]:
    bounds = frozenset((span.start_char, span.end_char, span.label) for span in target.spans)
    return bounds, target.complete
