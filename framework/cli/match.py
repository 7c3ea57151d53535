"""``nerture match``: what patterns find in texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli import options
from nerture.cli.job import Job, job_options

if TYPE_CHECKING:
    from nerture.core.doc import Doc


@click.command("match", short_help="Find what patterns describe in texts.")
@click.argument("patterns", metavar="PATTERNS")
@click.argument("input", metavar="INPUT")
@click.option(
    "--overlap",
    metavar="POLICY",
    default="longest",
    show_default=True,
    help="Which of several overlapping hits are kept: longest, first, priority or all.",
)
@click.option(
    "--tokenizer",
    metavar="NAME",
    default="english",
    show_default=True,
    help="What cuts the texts into tokens.",
)
@job_options
@options.plugins
def command(
    patterns: str, overlap: str, tokenizer: str, local: str | None, format_name: str | None, **given: Any
) -> None:
    """Find what the pattern file PATTERNS describes in every text of INPUT.

    PATTERNS is a pattern file, or starter:NAME for a list that comes with nerture (starter:countries). Input
    and output are those of `nerture apply`; each span also has the id of its "pattern" (the row's id, else
    its line number).

    \b
    Examples:
      nerture match drugs_patterns.jsonl texts.txt
      nerture match starter:currencies news.jsonl -o hits.jsonl
      nerture match drugs_patterns.jsonl texts.jsonl --overlap all --json | jq .spans
    """
    from nerture.cli.sink import Found
    from nerture.cli.tagging import tag
    from nerture.hosting.services import HostServices

    manager = options.manager_for(local)
    registry = manager.registry
    plain = HostServices(registry, (), Path.cwd())
    cut = registry.create("tokenizer", tokenizer, {}, plain, "--tokenizer")
    services = HostServices(registry, (), Path.cwd(), cut)
    matcher = registry.create("matcher", "patterns", {"path": patterns, "overlap": overlap}, services)

    def analyse(docs: Sequence[Doc]) -> Iterable[Found]:
        return (Found(matcher(doc)) for doc in docs)

    tag(Job(format=format_name, **given), manager, services, matcher.labels, analyse)
