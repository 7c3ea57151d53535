"""The data doctor's look at a pipeline's section ``session``: could it be started, and on which texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nerture.check.finding import Finding, warning
from nerture.config.session import DATASET, TOLD, SessionPart
from nerture.core.errors import Origin
from nerture.errors import DataError, NertureError
from nerture.interfaces import Problem, Record, Services, Target

if TYPE_CHECKING:
    from nerture.config.pipeline_config import PipelineConfig
    from nerture.registry import Registry

HITS = frozenset({"question", "weak"})


def check_session(config: PipelineConfig, registry: Registry, services: Services) -> Iterator[Finding]:
    """Yield what keeps the session from being started (errors), and rows that it would leave out (warnings).

    ``services`` have the labels to split and to choose from, too, where the mode is ``retype``.
    """
    part = config.session
    if part is None:
        return
    try:
        registry.create("sorter", part.sorter.use, part.sorter.options, services, part.sorter.where)
    except NertureError as error:
        yield _say(part, "sorter", str(error))
    if part.mode == "match" and not any(HITS & set(matcher.roles) for matcher in config.matchers):
        yield _say(part, "no-patterns", "mode match asks about hits, and no matcher has the role question")
    found = bad = 0
    try:
        for item in _items(part, registry, services):
            if not isinstance(item, Problem):
                found += 1
            elif item.severity == "error" and part.mode in TOLD:
                bad += 1
                yield Finding.of(item)
            elif item.severity == "error":
                yield warning(item.origin, item.code, f"left out of the session: {item.message}")
    except DataError as error:
        origin = error.origin or Origin(part.where)
        yield Finding(origin.file, origin.line, "unreadable", str(error))
        return
    if not found and not bad:
        yield _say(part, "no-texts", f"{part.source} has no text to ask about")


def _items(part: SessionPart, registry: Registry, services: Services) -> Iterator[Record | Target | Problem]:
    """Yield the texts, or what was annotated before in the modes that go on from it."""
    if part.mode in TOLD:
        where = f"{part.where}.source"
        yield from registry.create("source", TOLD[part.mode], part.told_options, services, where).targets()
    elif part.source.startswith(DATASET):
        yield from services.dataset(part.source.removeprefix(DATASET))
    else:
        yield from services.read(part.source, part.format)


def _say(part: SessionPart, code: str, message: str) -> Finding:
    return Finding(part.where, 0, code, message)
