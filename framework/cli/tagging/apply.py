"""``nerture apply``: finds entities in texts with a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.prediction_options import PredictionOptions, confidence_options
from nerture.cli.tagging.job import Job, job_options

if TYPE_CHECKING:
    from nerture.core.text.doc import Doc, Span

MAX_ALTERNATIVES = 100


@click.command("apply", short_help="Find entities in texts with a model.")
@click.argument("model", metavar="MODEL")
@click.argument("input", metavar="INPUT")
@click.option("--scores", is_flag=True, help="Add the probability of each entity.")
@confidence_options
@click.option(
    "-k",
    "--alternatives",
    "best",
    type=click.IntRange(1, MAX_ALTERNATIVES),
    metavar="K",
    help=f"Add the K most probable analyses of each text, from 1 to {MAX_ALTERNATIVES}.",
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
    **values: Any,
) -> None:
    """Find the entities in all texts of INPUT with the model folder MODEL.

    INPUT is JSON lines with a "text", CoNLL columns, plain text with one text per line, or a plugin's format,
    gzipped or not; - is standard input. A terminal shows the texts with their entities marked; otherwise, or
    with -o, a row is written for each text, in order:

    \b
      {"text": "...", "spans": [{"start", "end", "label", "token_start", "token_end"}]}

    with the row's other fields. start and end count characters; end is exclusive, token_end inclusive. Rows
    that cannot be read are skipped, counted, and written next to the output: for OUT.jsonl, to
    OUT.rejected.jsonl. An existing OUT is replaced when everything is done.

    --scores adds the "score" of each span, its probability; -k adds "alternatives" to each row, the most
    probable analyses of the whole text: [{"probability", "spans"}]. The entities are the disjoint spans
    with the greatest sum of probability - threshold. --require and --forbid take pattern files or
    starter:NAME; the entities are then the best choice that satisfies these rules, and probabilities are
    conditional on them. Texts whose rules contradict each other are skipped like bad rows.

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
    from nerture.cli.tagging.output_sink import TaggedText
    from nerture.cli.tagging.run import tag
    from nerture.hosting.services import HostServices
    from nerture.models.constrained_learner import check_length
    from nerture.models.model import load

    manager = options.load_plugins(local)
    loaded = load(model, manager)
    prediction = PredictionOptions(thresholds, require, forbid)
    limits = prediction.make_limits(loaded.labels)
    loaded.constraints = prediction.make_rules(loaded, manager)
    services = HostServices.for_model(loaded)

    def check(doc: Doc) -> None:
        loaded.constrained.known(doc)
        if best:
            check_length(doc)

    def analyse(docs: Sequence[Doc]) -> Iterator[TaggedText]:
        for doc in loaded.pipe(docs, max(1, len(docs)), limits):
            spans = doc.spans if scores else [_without_score(span) for span in doc.spans]
            yield TaggedText(spans, loaded.k_best(doc, best) if best else None)

    json_only = [name for name, value in (("--scores", scores), ("-k", best)) if value]
    tag(Job(format=format_name, **values), manager, services, loaded.labels, analyse, check, json_only)


def _without_score(span: Span) -> Span:
    """Return the span without its score."""
    from nerture.core.text.doc import Span

    return Span(span.start, span.end, span.label, doc=span.doc)
