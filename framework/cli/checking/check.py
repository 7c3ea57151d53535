"""``nerture check``: checks pipelines and data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nerture.cli.checking.findings import print_findings
from nerture.cli.common import options
from nerture.cli.common.output import has_colours, print_json, print_text, say
from nerture.terminal.text_format import harmless, plural

if TYPE_CHECKING:
    from nerture.cli.checking.examination import Examination

PIPELINE_ENDINGS = {".yaml", ".yml"}
STDIN = "-"


@click.command("check", short_help="Check a pipeline with its data, or a file of annotations.")
@click.argument("path", metavar="PIPELINE|DATA")
@options.input_format
@click.option(
    "--fix", is_flag=True, help="Write a repaired copy next to each faulty file, and show the diff."
)
@click.option(
    "--all", "everything", is_flag=True, help="Show all findings, not just the first twenty of a kind."
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline, as in --set tokenizer.use=unicode. Repeatable.",
)
@options.store
@options.plugins
@options.as_json
def command(
    path: str,
    format_name: str | None,
    fix: bool,
    everything: bool,
    overrides: tuple[str, ...],
    store: str | None,
    local: str | None,
    as_json: bool,
) -> None:
    """Check a pipeline file (.yaml) with all its data and patterns, or one file of annotations or patterns.

    Errors prevent training: invalid JSON, spans outside the text, overlapping spans, spans that start or end
    inside a token, labels that the pipeline does not have. Warnings are worth a look: duplicate texts, texts
    in both training and evaluation data, labels with few examples. The exit code is 1 if there are errors. If
    the pipeline has a section `session`, it checks whether the session can start, and which rows it would
    skip.

    With --fix, a copy is repaired, FILE.fixed.jsonl: spans are trimmed or extended to whole tokens, duplicate
    and overlapping spans are removed; rows that cannot be repaired go to FILE.aside.jsonl. FILE itself does
    not change.

    With --json: {"errors": [{"file", "line", "code", "message"}], "warnings": [...]}.

    \b
    Examples:
      nerture check pipeline.yaml
      nerture check drugs_training.jsonl --fix
      nerture check drugs_training.jsonl --json | jq '.errors | length'
    """
    is_pipeline = Path(path).suffix.lower() in PIPELINE_ENDINGS
    if fix and path == STDIN:
        raise click.UsageError("--fix: expected a file, got standard input")
    if overrides and not is_pipeline:
        raise click.UsageError("--set requires a pipeline file")
    if format_name and is_pipeline:
        raise click.UsageError("--format requires a file of annotations; a pipeline has `format` keys")
    from nerture.cli.checking.examination import check_annotation_file, check_pipeline_file

    if is_pipeline:
        examination = check_pipeline_file(path, overrides, local, store)
    else:
        examination = check_annotation_file(path, format_name, local)
    report = examination.report
    if as_json:
        print_json(report.as_dict())
    else:
        print_findings(report, path, everything)
    if fix:
        _write_repairs(examination, show_diff=not as_json)
    if report.errors:
        raise click.exceptions.Exit(1)


def _write_repairs(examination: Examination, show_diff: bool) -> None:
    """Write the repaired copies; if ``show_diff``, print the diffs to standard output."""
    from nerture.check import fix_data

    for file, format in examination.files:
        if not file.is_file():
            continue
        repair = fix_data(file, examination.registry, examination.services, format)
        if show_diff and repair.diff:
            print_text("\n".join(map(_format_diff_line, repair.diff.splitlines())))
        if repair.output is None:
            say(f"{file}: nothing to repair, no copy written")
        else:
            skipped = f"; rows that cannot be used: {repair.rejected}" if repair.rejected else ""
            say(f"{file}: {plural(len(repair.changes), 'change')}; repaired copy: {repair.output}{skipped}")


def _format_diff_line(line: str) -> str:
    line = harmless(line)
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return click.style(line, fg=colour) if colour and has_colours(sys.stdout) else line
