"""``Job``: the input and output of ``apply`` and ``match``, as their common options say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from nerture.cli.common import options

MAX_THREADS = 64


@dataclass(frozen=True, slots=True)
class Job:
    """What the command line said: input, output, formats, and how to go about bad rows."""

    input: str
    output: str | None
    format: str | None
    writer: str | None
    strict: bool
    batch_size: int
    threads: int
    quiet: bool
    as_json: bool


def job_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a ``Job``; the command's argument ``input`` is its own."""
    for option in reversed(
        (
            click.option(
                "-o",
                "--output",
                metavar="OUT",
                help="The output file; .gz compresses it; - is standard output.",
            ),
            options.input_format,
            click.option(
                "--writer",
                metavar="NAME",
                help="The output's format: jsonl, conll or a plugin's [default: by OUT's ending].",
            ),
            click.option("--strict", is_flag=True, help="Stop at the first bad row, and write nothing."),
            click.option(
                "--batch-size",
                type=click.IntRange(1),
                default=256,
                show_default=True,
                help="Texts that are looked at together.",
            ),
            click.option(
                "--threads",
                type=click.IntRange(1, MAX_THREADS),
                default=1,
                show_default=True,
                help="Look at batches in so many threads, while others are read and written.",
            ),
            click.option(
                "-q", "--quiet", is_flag=True, help="No progress and no summary; bad rows are still told."
            ),
            click.option(
                "--json", "as_json", is_flag=True, help="JSON lines to standard output, in a terminal too."
            ),
        )
    ):
        command = option(command)
    return command
