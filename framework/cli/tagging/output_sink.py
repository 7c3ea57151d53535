"""Where ``apply`` and ``match`` put what they find: a writer's rows, or marked texts in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from nerture.cli.common.outfile import STDOUT, opened
from nerture.cli.common.output import coloured, print_text
from nerture.cli.tagging.alternatives import told, with_alternatives
from nerture.core.annotations.record import Record
from nerture.core.text.doc import Doc, Span
from nerture.core.text.match import Match

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Services, Writer
    from nerture.models.constrained_learner import Analysis

DEFAULT_WRITER = "jsonl"
JSON_LINES = ".jsonl"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a text: entities or hits, and the most probable analyses if they were asked for."""

    items: Sequence[Span | Match]
    alternatives: Sequence[Analysis] | None = None


Put: TypeAlias = Callable[[Record, Doc, Found], None]
"""Takes the next text with what was found in it."""


@contextmanager
def sink(
    output: str | None,
    writer_name: str | None,
    as_json: bool,
    manager: PluginManager,
    services: Services,
    labels: Sequence[str],
    rich: Sequence[str] = (),
) -> Iterator[Put]:
    """Give the function that takes each text; ``output`` None is the terminal, or standard output.

    ``rich`` are options of which the result has a place in JSON lines only: another writer is then refused
    by a ``click.UsageError``.
    """
    terminal = sys.stdout.isatty() and output in (None, STDOUT)
    if terminal and output is None and writer_name is None and not as_json:
        from nerture.terminal.highlight import Highlighter

        highlight = Highlighter(labels, coloured(sys.stdout))
        yield lambda record, doc, found: print_text(
            "\n".join([highlight(doc, found.items), *map(told, found.alternatives or ())])
        )
        return
    writer = choose_writer(manager, services, writer_name, output or STDOUT)
    if rich and JSON_LINES not in writer.suffixes:
        endings = ", ".join(writer.suffixes) or "no ending of its own"
        raise click.UsageError(
            f"{rich[0]}: found an output that is no JSON lines ({writer_name or endings}), "
            "allowed is -o OUT.jsonl or --writer jsonl"
        )
    with opened(output or STDOUT) as stream:

        def put(record: Record, doc: Doc, found: Found) -> None:
            writer.write(stream, with_alternatives(record, found.alternatives), doc, found.items)
            if terminal:
                stream.flush()

        yield put


def choose_writer(manager: PluginManager, services: Services, name: str | None, output: str) -> Writer:
    """Return the writer of that name, or the one that the output's ending calls for."""
    registry = manager.registry
    if name is not None:
        return registry.create("writer", name, {}, services, "--writer")
    ending = Path(output.removesuffix(".gz")).suffix.lower()
    for candidate in registry.names("writer") if ending else ():
        writer = registry.create("writer", candidate, {}, services)
        if ending in writer.suffixes:
            return writer
    return registry.create("writer", DEFAULT_WRITER, {}, services)
