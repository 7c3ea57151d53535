"""``nerture apply``: a model's entities in texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli import options
from nerture.cli.job import Job, job_options

if TYPE_CHECKING:
    from nerture.cli.sink import Found
    from nerture.core.doc import Doc


@click.command("apply", short_help="Find a model's entities in texts.")
@click.argument("model", metavar="MODEL")
@click.argument("input", metavar="INPUT")
@job_options
@options.plugins
def command(model: str, local: str | None, format_name: str | None, **given: Any) -> None:
    """Find the entities of every text of INPUT with the model folder MODEL.

    INPUT is JSON lines with a "text", columns, plain text with one text a line, or what a plugin reads,
    gzipped or not; - is standard input. In a terminal, the texts are shown with their entities marked;
    otherwise, or with -o, a row is written for each text, in order:

    \b
      {"text": "...", "spans": [{"start", "end", "label", "token_start", "token_end"}]}

    with the row's other fields; start and end count characters, end is exclusive, token_end inclusive. A row
    that cannot be read is left out, counted, and written beside the output, to OUT.rejected.jsonl without
    OUT's own ending. An existing OUT is replaced once all is done.

    \b
    Examples:
      nerture apply model texts.txt
      nerture apply model texts.jsonl.gz -o entities.jsonl.gz
      echo "Took two aspirin." | nerture apply model - --format text
      nerture apply model news.conll -o tagged.conll --strict
    """
    from nerture.cli.tagging import tag
    from nerture.hosting.services import HostServices
    from nerture.model import load

    manager = options.manager_for(local)
    loaded = load(model, manager)
    services = HostServices(manager.registry, loaded.labels, Path.cwd(), loaded.tokenizer)

    def analyse(docs: Sequence[Doc]) -> Iterable[Found]:
        return (doc.spans for doc in loaded.pipe(docs, batch_size=max(1, len(docs))))

    tag(Job(format=format_name, **given), manager, services, loaded.labels, analyse)
