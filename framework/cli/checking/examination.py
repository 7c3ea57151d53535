"""What ``nerture check`` looks at, a pipeline or one file: every fault becomes a finding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nerture.check import CheckReport, Finding, check_data, check_pipeline, check_session
from nerture.cli.common.options import manager_for
from nerture.config import load_config
from nerture.core.annotations.record import Problem
from nerture.errors import DataError, NertureError, Origin, PatternError
from nerture.files.byte_source import open_bytes
from nerture.hosting.services import HostServices
from nerture.models.rules import FORBID, REQUIRE, check_labels
from nerture.patterns import CompiledPatterns, is_compiled, lint_patterns, open_patterns

if TYPE_CHECKING:
    from nerture.config.pipeline_config import PipelineConfig
    from nerture.interfaces import Format, Matcher
    from nerture.registry import Registry

PLACED = re.compile(r"(.+?):(\d+): (.+)", re.DOTALL)
HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Examination:
    """The report, the files of annotations that were looked at, and what is needed to mend them."""

    report: CheckReport
    registry: Registry
    services: HostServices
    files: tuple[tuple[Path, Format], ...] = ()


def examine_pipeline(
    path: str, overrides: tuple[str, ...], local: str | None, store: str | None = None
) -> Examination:
    """Examine a pipeline file, its patterns and all its data."""
    manager = manager_for(local or str(Path(path).parent))
    registry = manager.registry
    services = HostServices(registry, (), Path.cwd())
    try:
        config = load_config(path, overrides, registry=registry)
        part = config.tokenizer
        services = HostServices(registry, config.labels, config.base_dir)
        tokenizer = registry.create("tokenizer", part.use, part.options, services, part.where)
    except NertureError as error:
        return Examination(CheckReport(tuple(_findings_of(error, path, "pipeline"))), registry, services)
    services = HostServices(registry, config.labels, config.base_dir, tokenizer)
    findings: list[Finding] = []
    matchers = _matchers(config, registry, services, findings)
    services = HostServices(
        registry, config.labels, config.base_dir, tokenizer, matchers, manager=manager, store=store
    )
    try:
        findings += check_pipeline(config, registry, services).findings
        session = config.session
        if session is not None:
            labels = tuple(dict.fromkeys((*config.labels, *session.labels, *session.subtypes)))
            asking = HostServices(registry, labels, config.base_dir, tokenizer, manager=manager, store=store)
            findings += check_session(config, registry, asking)
    except NertureError as error:
        findings += _findings_of(error, path, "pipeline")
    return Examination(CheckReport(tuple(findings)), registry, services, tuple(_files(config, services)))


def examine_file(path: str, format_name: str | None, local: str | None) -> Examination:
    """Examine a file of annotations, or of patterns."""
    registry = manager_for(local).registry
    services = HostServices(registry, (), Path.cwd())
    if _holds_patterns(path):
        return Examination(CheckReport(tuple(_patterns(path))), registry, services)
    try:
        report = check_data(path, registry, services, format_name)
    except DataError as error:
        return Examination(CheckReport(tuple(_findings_of(error, path, "unreadable"))), registry, services)
    return Examination(report, registry, services, ((Path(path), format_name),))


def _matchers(
    config: PipelineConfig, registry: Registry, services: HostServices, findings: list[Finding]
) -> dict[str, list[Matcher]]:
    """Return the matchers by their role; what is wrong with them goes to ``findings``."""
    by_role: dict[str, list[Matcher]] = {}
    for part in config.matchers:
        try:
            matcher = registry.create("matcher", part.use, part.options, services, part.where)
            if {REQUIRE, FORBID} & set(part.roles):
                check_labels(matcher, config.labels, part.where)
        except NertureError as error:
            findings.extend(_findings_of(error, str(config.path), "matcher"))
        else:
            for role in part.roles:
                by_role.setdefault(role, []).append(matcher)
    return by_role


def _files(config: PipelineConfig, services: HostServices) -> Iterator[tuple[Path, Format]]:
    """Yield each file of annotations once, with its format."""
    parts = [*config.sources, *([config.evaluate] if config.evaluate else [])]
    seen: set[Path] = set()
    for part in parts:
        name = getattr(part.options, "path", None)
        if part.use == "gold" and isinstance(name, str) and services.resolve(name) not in seen:
            seen.add(services.resolve(name))
            yield services.resolve(name), getattr(part.options, "format", None)


def _patterns(path: str) -> Iterator[Finding]:
    try:
        patterns = open_patterns(path)
    except NertureError as error:
        yield from _findings_of(error, path, "pattern")
        return
    if isinstance(patterns, CompiledPatterns):  # what was compiled was read without a fault
        return
    for problem in lint_patterns(patterns):
        place = problem.origin
        yield Finding(place.file, place.line, problem.code, problem.message, "warning")


def _holds_patterns(path: str) -> bool:
    """Say whether a file holds compiled patterns, or the first row of a file of JSON lines is a pattern."""
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


def _findings_of(error: NertureError, path: str, code: str) -> Iterator[Finding]:
    """Yield what an error lists, each with its place if it names one; else the place is the file ``path``."""
    if isinstance(error, PatternError) and error.problems:
        yield from (Finding.of(problem) for problem in error.problems if isinstance(problem, Problem))
        return
    for line in _statements(str(error)):
        placed = PLACED.fullmatch(line)
        place = Origin(placed[1], int(placed[2])) if placed else Origin(path)
        message = placed[3] if placed else line.removeprefix(f"{path}: ")
        yield Finding(place.file, place.line, code, message)


def _statements(text: str) -> list[str]:
    """Return the lines of a message; one that is indented belongs to the line before it."""
    found: list[str] = []
    for line in text.splitlines():
        if found and line.startswith(" "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found
