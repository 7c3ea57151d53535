"""``Job``: the input and output of ``apply`` and ``match``, and their common options."""

from __future__ import annotations

from dataclasses import dataclass

import click

from nerture.cli.common import options

MAX_THREADS = 64


@dataclass(frozen=True, slots=True)
class Job:
    """The options of a job: input, output, formats, and how to handle bad rows."""

    input: str
    output: str | None
    format: str | None
    writer: str | None
    strict: bool
    batch_size: int
    threads: int
    quiet: bool
    as_json: bool


job_options = options.group(
    click.option(
        "-o",
        "--output",
        metavar="OUT",
        help="The output file, gzipped if it ends in .gz; - is standard output.",
    ),
    options.input_format,
    click.option(
        "--writer",
        metavar="NAME",
        help="The output format: jsonl, conll or a plugin's [default: by OUT's ending].",
    ),
    click.option("--strict", is_flag=True, help="Stop at the first bad row, and write nothing."),
    click.option(
        "--batch-size",
        type=click.IntRange(1),
        default=256,
        show_default=True,
        help="Texts per batch.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1, MAX_THREADS),
        default=1,
        show_default=True,
        help="Process batches in this many threads.",
    ),
    click.option(
        "-q", "--quiet", is_flag=True, help="Show no progress and no summary; still report bad rows."
    ),
    click.option(
        "--json", "as_json", is_flag=True, help="Write JSON lines to standard output, even in a terminal."
    ),
)
"""Adds the options of a ``Job`` to a command; its argument ``input`` is the command's own."""
