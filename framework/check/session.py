"""Checks a pipeline's section ``session``: whether it can start, and with which texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nerture.check.finding import Finding, make_warning
from nerture.config.session import DATASET, PRIOR_SOURCES, SessionPart
from nerture.core.errors import Origin
from nerture.errors import DataError, NertureError
from nerture.interfaces import Problem, Record, Services, Target

if TYPE_CHECKING:
    from nerture.config.pipeline_config import PipelineConfig
    from nerture.registry import Registry

HITS = frozenset({"question", "weak"})


def check_session(config: PipelineConfig, registry: Registry, services: Services) -> Iterator[Finding]:
    """Yield what prevents the session from starting (errors), and the rows that it would skip (warnings).

    In mode ``retype``, the labels of ``services`` include those to split and to choose from.
    """
    part = config.session
    if part is None:
        return
    try:
        registry.create("sorter", part.sorter.use, part.sorter.options, services, part.sorter.where)
    except NertureError as error:
        yield _make_error(part, "sorter", str(error))
    if part.mode == "match" and not any(HITS & set(matcher.roles) for matcher in config.matchers):
        yield _make_error(
            part, "no-patterns", "mode match asks about hits, but no matcher has the role question"
        )
    good = bad = 0
    try:
        for item in _items(part, registry, services):
            if not isinstance(item, Problem):
                good += 1
            elif item.severity == "error" and part.mode in PRIOR_SOURCES:
                bad += 1
                yield Finding.from_problem(item)
            elif item.severity == "error":
                yield make_warning(item.origin, item.code, f"skipped in the session: {item.message}")
    except DataError as error:
        origin = error.origin or Origin(part.where)
        yield Finding(origin.file, origin.line, "unreadable", str(error))
        return
    if not good and not bad:
        yield _make_error(part, "no-texts", f"{part.source} has no text to ask about")


def _items(part: SessionPart, registry: Registry, services: Services) -> Iterator[Record | Target | Problem]:
    """Yield the texts, or the earlier annotations in the modes that continue from them."""
    if part.mode in PRIOR_SOURCES:
        where = f"{part.where}.source"
        yield from registry.create(
            "source", PRIOR_SOURCES[part.mode], part.source_options, services, where
        ).targets()
    elif part.source.startswith(DATASET):
        yield from services.dataset(part.source.removeprefix(DATASET))
    else:
        yield from services.read(part.source, part.format)


def _make_error(part: SessionPart, code: str, message: str) -> Finding:
    return Finding(part.where, 0, code, message)
