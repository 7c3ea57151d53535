"""``nerture match``: finds matches of patterns in texts, or opens a session that asks about each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.session.arguments import is_pipeline
from nerture.cli.session.commands import session_command
from nerture.cli.tagging.job import Job, job_options

if TYPE_CHECKING:
    from nerture.core.text.doc import Doc


class MatchCommand(click.Command):
    """With ``--patterns`` or a pipeline file, the command opens a session in the mode ``match``."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of this command or of the session's."""
        pipelines = (*args[:1], *(args[1:2] if args[2:] else ()))  # alone, or DATASET PIPELINE SOURCE
        if any(map(is_pipeline, pipelines)) or any(word.partition("=")[0] == "--patterns" for word in args):
            return session.make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


session = session_command(
    "match",
    "Ask about every match of patterns.",
    """Ask about every match of --patterns in the texts of SOURCE, in order; save the answers in DATASET.

""",
)


@click.command("match", cls=MatchCommand, short_help="Find matches of patterns in texts, or ask about them.")
@click.argument("patterns", metavar="PATTERNS")
@click.argument("input", metavar="INPUT")
@click.option(
    "--overlap",
    metavar="POLICY",
    default="longest",
    show_default=True,
    help="Which overlapping matches to keep: longest, first, priority or all.",
)
@click.option(
    "--tokenizer",
    metavar="NAME",
    default="english",
    show_default=True,
    help="The tokenizer of the texts.",
)
@job_options
@options.plugins
def command(
    patterns: str, overlap: str, tokenizer: str, local: str | None, format_name: str | None, **values: Any
) -> None:
    """Find the matches of the pattern file PATTERNS in all texts of INPUT.

    PATTERNS is a pattern file, or starter:NAME for a list that comes with nerture (starter:countries). Input
    and output are as in `nerture apply`; each span also has the id of its "pattern" (the row's id, else its
    line number).

    \b
    Examples:
      nerture match drugs_patterns.jsonl texts.txt
      nerture match starter:currencies news.jsonl -o hits.jsonl
      nerture match drugs_patterns.jsonl texts.jsonl --overlap all --json | jq .spans

    With --patterns or a pipeline file, it opens a session that asks about every match, with the options of
    `nerture teach`:

    \b
      nerture match DATASET [MODEL] SOURCE --patterns FILE
      nerture match drugs texts.txt --patterns drugs_patterns.jsonl
      nerture match pipeline.yaml
    """
    from nerture.cli.tagging.output_sink import TaggedText
    from nerture.cli.tagging.run import tag
    from nerture.hosting.services import HostServices

    manager = options.load_plugins(local)
    registry = manager.registry
    tokenize = registry.create("tokenizer", tokenizer, {}, HostServices.bare(registry), "--tokenizer")
    services = HostServices.bare(registry, tokenizer=tokenize)
    matcher = registry.create("matcher", "patterns", {"path": patterns, "overlap": overlap}, services)

    def analyse(docs: Sequence[Doc]) -> Iterable[TaggedText]:
        return (TaggedText(matcher(doc)) for doc in docs)

    tag(Job(format=format_name, **values), manager, services, matcher.labels, analyse)
