"""``nerture apply``: a model's entities in texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.prediction_options import PredictionOptions, confidence_options
from nerture.cli.tagging.job import Job, job_options

if TYPE_CHECKING:
    from nerture.core.text.doc import Doc, Span

MAX_ALTERNATIVES = 100


@click.command("apply", short_help="Find a model's entities in texts.")
@click.argument("model", metavar="MODEL")
@click.argument("input", metavar="INPUT")
@click.option("--scores", is_flag=True, help="Say of each entity how probable it is.")
@confidence_options
@click.option(
    "-k",
    "--alternatives",
    "best",
    type=click.IntRange(1, MAX_ALTERNATIVES),
    metavar="K",
    help=f"Tell the K most probable analyses of each text, from 1 to {MAX_ALTERNATIVES}.",
)
@job_options
@options.plugins
def command(
    model: str,
    scores: bool,
    thresholds: dict[str, float],
    require: tuple[str, ...],
    forbid: tuple[str, ...],
    best: int | None,
    local: str | None,
    format_name: str | None,
    **given: Any,
) -> None:
    """Find the entities of every text of INPUT with the model folder MODEL.

    INPUT is JSON lines with a "text", columns, plain text with one text a line, or what a plugin reads,
    gzipped or not; - is standard input. In a terminal, the texts are shown with their entities marked;
    otherwise, or with -o, a row is written for each text, in order:

    \b
      {"text": "...", "spans": [{"start", "end", "label", "token_start", "token_end"}]}

    with the row's other fields; start and end count characters, end is exclusive, token_end inclusive. A row
    that cannot be read is left out, counted, and written beside the output, to OUT.rejected.jsonl without
    OUT's own ending. An existing OUT is replaced once all is done.

    --scores adds each span's "score", its probability; -k adds to each row "alternatives", the most probable
    analyses of the whole text: [{"probability", "spans"}]. Entities are the spans, none overlapping, whose
    sum of probability - threshold is greatest. --require and --forbid take pattern files, or starter:NAME;
    the entities are then the best choice that agrees with them, and probabilities are those given the rules.
    A text on which rules contradict each other is left out like a bad row.

    \b
    Examples:
      nerture apply model texts.txt
      nerture apply model texts.jsonl.gz -o entities.jsonl.gz
      echo "Took two aspirin." | nerture apply model - --format text
      nerture apply model news.conll -o tagged.conll --strict
      nerture apply model texts.txt --scores --threshold 0.8 --threshold DOSE=0.3
      nerture apply model texts.jsonl -k 3 --json | jq .alternatives
      nerture apply model texts.txt --require brands.jsonl --forbid never.jsonl
    """
    from nerture.cli.tagging.output_sink import Found
    from nerture.cli.tagging.run import tag
    from nerture.hosting.services import HostServices
    from nerture.models.constrained_learner import check_length
    from nerture.models.model import load

    manager = options.manager_for(local)
    loaded = load(model, manager)
    asked = PredictionOptions(thresholds, require, forbid)
    limits = asked.limits(loaded.labels)
    loaded.constraints = asked.rules(loaded, manager)
    services = HostServices(manager.registry, loaded.labels, Path.cwd(), loaded.tokenizer)

    def examine(doc: Doc) -> None:
        loaded.constrained.known(doc)
        if best:
            check_length(doc)

    def analyse(docs: Sequence[Doc]) -> Iterator[Found]:
        for doc in loaded.pipe(docs, max(1, len(docs)), limits):
            spans = doc.spans if scores else [_plain(span) for span in doc.spans]
            yield Found(spans, loaded.k_best(doc, best) if best else None)

    rich = [name for name, wanted in (("--scores", scores), ("-k", best)) if wanted]
    tag(Job(format=format_name, **given), manager, services, loaded.labels, analyse, examine, rich)


def _plain(span: Span) -> Span:
    """Return the span without its score."""
    from nerture.core.text.doc import Span

    return Span(span.start, span.end, span.label, doc=span.doc)
