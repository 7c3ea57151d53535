"""The checks of ``nerture check`` on a pipeline or one file: every fault becomes a finding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nerture.check import CheckReport, Finding, check_data, check_pipeline, check_session
from nerture.cli.common.options import load_plugins
from nerture.config import load_config
from nerture.core.annotations.record import Problem
from nerture.errors import DataError, NertureError, Origin, PatternError
from nerture.files.byte_source import open_bytes
from nerture.hosting.roles import FORBID, REQUIRE
from nerture.hosting.services import HostServices, PathResolver
from nerture.models.rules import check_labels
from nerture.patterns import CompiledPatterns, is_compiled, lint_patterns, open_patterns

if TYPE_CHECKING:
    from nerture.config.pipeline_config import PipelineConfig
    from nerture.interfaces import Format, Matcher
    from nerture.registry import Registry

PLACED = re.compile(r"(.+?):(\d+): (.+)", re.DOTALL)
HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Examination:
    """The report, the files of annotations that were checked, and what is needed to repair them."""

    report: CheckReport
    registry: Registry
    services: HostServices
    files: tuple[tuple[Path, Format], ...] = ()


def check_pipeline_file(
    path: str, overrides: tuple[str, ...], local: str | None, store: str | None = None
) -> Examination:
    """Check a pipeline file, its patterns and all its data."""
    manager = load_plugins(local or str(Path(path).parent))
    registry = manager.registry
    services = HostServices.bare(registry)
    try:
        config = load_config(path, overrides, registry=registry)
        part = config.tokenizer
        services = HostServices.bare(registry, config.labels, config.base_dir)
        tokenizer = registry.create("tokenizer", part.use, part.options, services, part.where)
    except NertureError as error:
        return Examination(CheckReport(tuple(_make_findings(error, path, "pipeline"))), registry, services)
    services = HostServices.bare(registry, config.labels, config.base_dir, tokenizer)
    findings: list[Finding] = []
    matchers = _make_matchers(config, registry, services, findings)
    paths = PathResolver(config.base_dir)
    services = HostServices(
        registry, config.labels, paths,
        tokenizer=tokenizer, matchers=matchers, manager=manager, store=store,
    )  # fmt: skip
    try:
        findings += check_pipeline(config, registry, services).findings
        session = config.session
        if session is not None:
            labels = tuple(dict.fromkeys((*config.labels, *session.labels, *session.subtypes)))
            asking = HostServices(registry, labels, paths, tokenizer=tokenizer, manager=manager, store=store)
            findings += check_session(config, registry, asking)
    except NertureError as error:
        findings += _make_findings(error, path, "pipeline")
    return Examination(CheckReport(tuple(findings)), registry, services, tuple(_list_files(config, services)))


def check_annotation_file(path: str, format_name: str | None, local: str | None) -> Examination:
    """Check a file of annotations or patterns."""
    registry = load_plugins(local).registry
    services = HostServices.bare(registry)
    if _has_patterns(path):
        return Examination(CheckReport(tuple(_check_patterns(path))), registry, services)
    try:
        report = check_data(path, registry, services, format_name)
    except DataError as error:
        return Examination(CheckReport(tuple(_make_findings(error, path, "unreadable"))), registry, services)
    return Examination(report, registry, services, ((Path(path), format_name),))


def _make_matchers(
    config: PipelineConfig, registry: Registry, services: HostServices, findings: list[Finding]
) -> dict[str, list[Matcher]]:
    """Return the matchers by role; their faults are added to ``findings``."""
    by_role: dict[str, list[Matcher]] = {}
    for part in config.matchers:
        try:
            matcher = registry.create("matcher", part.use, part.options, services, part.where)
            if {REQUIRE, FORBID} & set(part.roles):
                check_labels(matcher, config.labels, part.where)
        except NertureError as error:
            findings.extend(_make_findings(error, str(config.path), "matcher"))
        else:
            for role in part.roles:
                by_role.setdefault(role, []).append(matcher)
    return by_role


def _list_files(config: PipelineConfig, services: HostServices) -> Iterator[tuple[Path, Format]]:
    """Yield each file of annotations once, with its format."""
    parts = [*config.sources, *([config.evaluate] if config.evaluate else [])]
    seen: set[Path] = set()
    for part in parts:
        name = getattr(part.options, "path", None)
        if part.use == "gold" and isinstance(name, str) and services.resolve(name) not in seen:
            seen.add(services.resolve(name))
            yield services.resolve(name), getattr(part.options, "format", None)


def _check_patterns(path: str) -> Iterator[Finding]:
    try:
        patterns = open_patterns(path)
    except NertureError as error:
        yield from _make_findings(error, path, "pattern")
        return
    if isinstance(patterns, CompiledPatterns):  # patterns were checked when they were compiled
        return
    for problem in lint_patterns(patterns):
        place = problem.origin
        yield Finding(place.file, place.line, problem.code, problem.message, "warning")


def _has_patterns(path: str) -> bool:
    """Return True if a file has compiled patterns, or JSON lines whose first row is a pattern."""
    if is_compiled(Path(path)):
        return True
    if not path.endswith((".jsonl", ".ndjson")) or not Path(path).is_file():
        return False
    with open_bytes(path) as stream:
        head = stream.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        row: Any = json.loads(head.split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and "pattern" in row and "text" not in row


def _make_findings(error: NertureError, path: str, code: str) -> Iterator[Finding]:
    """Yield the faults that an error lists; the place of a fault without one is the file ``path``."""
    if isinstance(error, PatternError) and error.problems:
        yield from (
            Finding.from_problem(problem) for problem in error.problems if isinstance(problem, Problem)
        )
        return
    for line in _split_message(str(error)):
        placed = PLACED.fullmatch(line)
        place = Origin(placed[1], int(placed[2])) if placed else Origin(path)
        message = placed[3] if placed else line.removeprefix(f"{path}: ")
        yield Finding(place.file, place.line, code, message)


def _split_message(text: str) -> list[str]:
    """Return the lines of a message; an indented line belongs to the line before it."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and line.startswith(" "):
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
    return lines
