"""``nerture match``: what patterns find in texts, and the session that asks about every hit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.session.arguments import is_pipeline
from nerture.cli.session.session_command import session_command
from nerture.cli.tagging.job import Job, job_options

if TYPE_CHECKING:
    from nerture.core.text.doc import Doc


class MatchCommand(click.Command):
    """With ``--patterns`` or a pipeline file, the command is a session in the mode ``match``."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of the one command or the other."""
        alone, between = args[:1], args[1:2] if args[2:] else []
        if any(map(is_pipeline, (*alone, *between))) or any(
            word.partition("=")[0] == "--patterns" for word in args
        ):
            return session.make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


session = session_command(
    "match",
    "Ask about every hit of patterns.",
    """Ask about every hit of --patterns in the texts of SOURCE, in order; keep the answers in DATASET.

""",
)


@click.command("match", cls=MatchCommand, short_help="Find what patterns describe in texts.")
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

    With --patterns, or with a pipeline file, it is a session that asks about every hit, with the options of
    `nerture teach`:

    \b
      nerture match DATASET [MODEL] SOURCE --patterns FILE
      nerture match drugs texts.txt --patterns drugs_patterns.jsonl
      nerture match pipeline.yaml
    """
    from nerture.cli.tagging.output_sink import Found
    from nerture.cli.tagging.run import tag
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
