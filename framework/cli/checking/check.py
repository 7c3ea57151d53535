"""``nerture check``: the data doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nerture.cli.checking.findings import print_findings
from nerture.cli.common import options
from nerture.cli.common.output import coloured, print_json, print_text, say
from nerture.terminal.text_format import harmless, plural

if TYPE_CHECKING:
    from nerture.cli.checking.examination import Examination

PIPELINE_ENDINGS = {".yaml", ".yml"}
STDIN = "-"


@click.command("check", short_help="Examine a pipeline or a file of annotations (data doctor).")
@click.argument("path", metavar="PIPELINE|DATA")
@options.input_format
@click.option("--fix", is_flag=True, help="Write a repaired copy beside each faulty file, and show the diff.")
@click.option(
    "--all", "everything", is_flag=True, help="Show every finding, not only the first twenty of a kind."
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY.PATH=VALUE",
    help="Set a key of the pipeline: --set tokenizer.use=unicode.",
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
    """Examine a pipeline file (.yaml) with all its data and patterns, or one file of annotations or patterns.

    Errors keep the data from being trained on: what is no JSON, spans that leave the text, overlap, or begin
    or end inside a token, labels that the pipeline does not have. Warnings are worth a look: texts that stand
    twice or in training and evaluation data alike, labels with few examples. The exit code is 1 if there are
    errors. Of a section `session` it says whether the session could be started, and which rows it would leave
    out.

    With --fix, spans are trimmed, grown to whole tokens and freed of doubles and overlaps in a copy,
    FILE.fixed.jsonl; rows that cannot be mended go to FILE.aside.jsonl. The file itself stays as it is.

    With --json: {"errors": [{"file", "line", "code", "message"}], "warnings": [...]}.

    \b
    Examples:
      nerture check pipeline.yaml
      nerture check drugs_training.jsonl --fix
      nerture check drugs_training.jsonl --json | jq '.errors | length'
    """
    is_pipeline = Path(path).suffix.lower() in PIPELINE_ENDINGS
    if fix and path == STDIN:
        raise click.UsageError("--fix takes a file, not standard input")
    if overrides and not is_pipeline:
        raise click.UsageError("--set goes with a pipeline file")
    if format_name and is_pipeline:
        raise click.UsageError("--format goes with a file of annotations; a pipeline says format: itself")
    from nerture.cli.checking.examination import examine_file, examine_pipeline

    if is_pipeline:
        examination = examine_pipeline(path, overrides, local, store)
    else:
        examination = examine_file(path, format_name, local)
    report = examination.report
    if as_json:
        print_json(report.as_dict())
    else:
        print_findings(report, path, everything)
    if fix:
        _fix(examination, shows=not as_json)
    if report.errors:
        raise click.exceptions.Exit(1)


def _fix(examination: Examination, shows: bool) -> None:
    """Write the repaired copies; ``shows``: print the diffs to standard output."""
    from nerture.check import fix_data

    for file, format in examination.files:
        if not file.is_file():
            continue
        repair = fix_data(file, examination.registry, examination.services, format)
        if shows and repair.diff:
            print_text("\n".join(map(_diff_line, repair.diff.splitlines())))
        if repair.output is None:
            say(f"{file}: nothing to mend, no copy written")
        else:
            aside = f"; rows that cannot be used: {repair.put_aside}" if repair.put_aside else ""
            say(f"{file}: {plural(len(repair.changes), 'change')}; repaired copy: {repair.output}{aside}")


def _diff_line(line: str) -> str:
    line = harmless(line)
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return click.style(line, fg=colour) if colour and coloured(sys.stdout) else line
