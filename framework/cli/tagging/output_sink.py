"""The output of ``apply`` and ``match``: a writer's rows, or marked texts in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from nerture.cli.common.outfile import STDOUT, open_output
from nerture.cli.common.output import has_colours, print_text
from nerture.cli.tagging.alternatives import format_analysis, with_alternatives
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
class TaggedText:
    """The entities or matches of a text, and its most probable analyses if they were asked for."""

    items: Sequence[Span | Match]
    alternatives: Sequence[Analysis] | None = None


Put: TypeAlias = Callable[[Record, Doc, TaggedText], None]
"""Writes the next text with its result."""


@contextmanager
def open_sink(
    output: str | None,
    writer_name: str | None,
    as_json: bool,
    manager: PluginManager,
    services: Services,
    labels: Sequence[str],
    json_only: Sequence[str] = (),
) -> Iterator[Put]:
    """Yield the function that writes each text; ``output`` is None for the terminal or standard output.

    ``json_only`` are options whose result only JSON lines can hold: raises ``click.UsageError`` for another
    writer.
    """
    terminal = sys.stdout.isatty() and output in (None, STDOUT)
    if terminal and output is None and writer_name is None and not as_json:
        from nerture.terminal.highlight import Highlighter

        highlight = Highlighter(labels, has_colours(sys.stdout))
        yield lambda record, doc, result: print_text(
            "\n".join([highlight(doc, result.items), *map(format_analysis, result.alternatives or ())])
        )
        return
    writer = choose_writer(manager, services, writer_name, output or STDOUT)
    if json_only and JSON_LINES not in writer.suffixes:
        endings = ", ".join(writer.suffixes) or "no ending of its own"
        raise click.UsageError(
            f"{json_only[0]}: expected JSON lines (-o OUT.jsonl or --writer jsonl), "
            f"got another output format ({writer_name or endings})"
        )
    with open_output(output or STDOUT) as stream:

        def put(record: Record, doc: Doc, result: TaggedText) -> None:
            writer.write(stream, with_alternatives(record, result.alternatives), doc, result.items)
            if terminal:
                stream.flush()

        yield put


def choose_writer(manager: PluginManager, services: Services, name: str | None, output: str) -> Writer:
    """Return the writer of that name, else the one for the output's ending."""
    registry = manager.registry
    if name is not None:
        return registry.create("writer", name, {}, services, "--writer")
    ending = Path(output.removesuffix(".gz")).suffix.lower()
    for candidate in registry.names("writer") if ending else ():
        writer = registry.create("writer", candidate, {}, services)
        if ending in writer.suffixes:
            return writer
    return registry.create("writer", DEFAULT_WRITER, {}, services)
