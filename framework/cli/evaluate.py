"""``nerture evaluate``: how good a model, or a file of patterns, is on annotations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.annotations import Annotations, annotation_options
from nerture.cli.common.output import print_json
from nerture.cli.common.prediction_options import PredictionOptions, confidence_options
from nerture.errors import ModelFileError

if TYPE_CHECKING:
    from nerture.evaluation.scorer import Report
    from nerture.hosting.manager import PluginManager


@click.command("evaluate", short_help="Compare a model, or patterns, with annotations.")
@click.argument("model", metavar="MODEL|PATTERNS")
@click.argument("data", metavar="DATA")
@annotation_options
@confidence_options
@options.plugins
@options.as_json
def command(
    model: str,
    thresholds: dict[str, float],
    require: tuple[str, ...],
    forbid: tuple[str, ...],
    local: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Compare what a model or a file of patterns finds in DATA with its annotations.

    MODEL is a model folder, PATTERNS a pattern file or a list that comes with nerture (starter:NAME). An
    entity is right when its bounds and its label are. Where DATA brings its own tokens, they are used. DATA
    may be - for standard input.

    Of a model it also says how far its probabilities can be believed. For the entities that were found with a
    probability from 0.6 to 0.7, and so on, the table has the mean probability and the share that is right;
    ECE is the mean distance between these two; Brier is the mean squared distance of a probability from 1
    (right) or 0 (wrong). The smaller, the better. --threshold, --require and --forbid are those of
    `nerture apply`.

    With --json, shares are between 0 and 1, and "support" is the number of annotated entities; "ece", "brier"
    and "reliability" are null where nothing was found, and for patterns, which have no probabilities.

    \b
    Examples:
      nerture evaluate model drugs_eval.jsonl
      nerture evaluate drugs_patterns.jsonl drugs_eval.jsonl
      nerture evaluate model test.conll --map PRODUCT=DRUG --map EVENT=
      nerture evaluate model drugs_eval.jsonl --json | jq .per_label.DRUG.f1
      nerture evaluate model drugs_eval.jsonl --threshold DRUG=0.8
    """
    manager = options.manager_for(local)
    annotations = Annotations(**given)
    asked = PredictionOptions(thresholds, require, forbid)
    if Path(model).is_dir():
        report = _of_model(model, manager, annotations, asked)
    else:
        asked.refuse("patterns have no probabilities; this is for models")
        report = _of_patterns(model, manager, annotations)
    if as_json:
        print_json(report.as_dict())
    else:
        from nerture.cli.common.report_table import print_reliability, print_report

        print_report(report)
        if report.reliability:
            print_reliability(report.reliability)


def _of_model(
    path: str, manager: PluginManager, annotations: Annotations, asked: PredictionOptions
) -> Report:
    from nerture.hosting.services import HostServices
    from nerture.interfaces import Evaluation
    from nerture.models.model import load

    model = load(path, manager)
    limits = asked.limits(model.labels)
    model.constraints = asked.rules(model, manager)
    services = HostServices(manager.registry, model.labels, Path.cwd(), model.tokenizer)
    report = model.evaluate(annotations.targets(manager, services), limits)
    steps = model.meta.get("steps", 0)
    manager.evaluated(Evaluation(steps if isinstance(steps, int) else 0, report))
    return report


def _of_patterns(path: str, manager: PluginManager, annotations: Annotations) -> Report:
    """Evaluate patterns; they have no list of labels, so every label of the data counts."""
    from time import perf_counter

    from nerture.evaluation.scorer import score
    from nerture.hosting.services import HostServices
    from nerture.interfaces import Evaluation

    if not path.startswith("starter:") and not Path(path).exists():
        raise ModelFileError(f"{path}: neither a model folder nor a pattern file is there")
    services = HostServices(manager.registry, (), Path.cwd())
    matcher = manager.registry.create("matcher", "patterns", {"path": path}, services)
    targets = annotations.targets(manager, services)
    started = perf_counter()
    hits = [matcher(target.doc) for target in targets]
    seconds = perf_counter() - started
    predictions = [
        [target.doc.span(start, end, label) for start, end, label, _ in found]
        for target, found in zip(targets, hits, strict=True)
    ]
    report = score(targets, predictions, matcher.labels, seconds)
    manager.evaluated(Evaluation(0, report))
    return report
