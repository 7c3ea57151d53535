"""``nerture evaluate``: scores a model or a pattern file on annotations."""

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


@click.command("evaluate", short_help="Score a model or patterns on annotations.")
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
    **values: Any,
) -> None:
    """Compare the entities that a model or a pattern file finds in DATA with its annotations.

    MODEL is a model folder, PATTERNS a pattern file or a list that comes with nerture (starter:NAME). An
    entity is right if its start, end and label are. If DATA has tokens, they are used. DATA can be - for
    standard input.

    For a model, it also shows how reliable the probabilities are. Each row of the second table has the
    entities found with a probability from 0.6 to 0.7, say: their mean probability, and the share that is
    right. ECE is the mean difference between the two; Brier is the mean squared difference between a
    probability and 1 (right) or 0 (wrong). Lower is better. --threshold, --require and --forbid work as in
    `nerture apply`.

    With --json, shares are from 0 to 1, and "support" is the number of annotated entities; "ece", "brier" and
    "reliability" are null if nothing was found, and for patterns, which have no probabilities.

    \b
    Examples:
      nerture evaluate model drugs_eval.jsonl
      nerture evaluate drugs_patterns.jsonl drugs_eval.jsonl
      nerture evaluate model test.conll --map PRODUCT=DRUG --map EVENT=
      nerture evaluate model drugs_eval.jsonl --json | jq .per_label.DRUG.f1
      nerture evaluate model drugs_eval.jsonl --threshold DRUG=0.8
    """
    manager = options.load_plugins(local)
    annotations = Annotations(**values)
    prediction = PredictionOptions(thresholds, require, forbid)
    if Path(model).is_dir():
        report = _evaluate_model(model, manager, annotations, prediction)
    else:
        prediction.refuse("expected a model folder, got patterns, which have no probabilities")
        report = _evaluate_patterns(model, manager, annotations)
    if as_json:
        print_json(report.as_dict())
    else:
        from nerture.cli.common.report_table import print_reliability, print_report

        print_report(report)
        if report.reliability:
            print_reliability(report.reliability)


def _evaluate_model(
    path: str, manager: PluginManager, annotations: Annotations, prediction: PredictionOptions
) -> Report:
    from nerture.hosting.services import HostServices
    from nerture.interfaces import Evaluation
    from nerture.models.model import load

    model = load(path, manager)
    limits = prediction.make_limits(model.labels)
    model.constraints = prediction.make_rules(model, manager)
    services = HostServices.for_model(model)
    report = model.evaluate(annotations.targets(manager, services), limits)
    steps = model.meta.get("steps", 0)
    manager.report_evaluation(Evaluation(steps if isinstance(steps, int) else 0, report))
    return report


def _evaluate_patterns(path: str, manager: PluginManager, annotations: Annotations) -> Report:
    """Evaluate patterns; they have no list of labels, so all labels of the data count."""
    from time import perf_counter

    from nerture.evaluation.scorer import score
    from nerture.hosting.services import HostServices
    from nerture.interfaces import Evaluation

    if not path.startswith("starter:") and not Path(path).exists():
        raise ModelFileError(f"{path}: expected a model folder or a pattern file, got no such file")
    services = HostServices.bare(manager.registry)
    matcher = manager.registry.create("matcher", "patterns", {"path": path}, services)
    targets = annotations.targets(manager, services)
    started = perf_counter()
    hits = [matcher(target.doc) for target in targets]
    seconds = perf_counter() - started
    predictions = [
        [target.doc.span(start, end, label) for start, end, label, _ in matches]
        for target, matches in zip(targets, hits, strict=True)
    ]
    report = score(targets, predictions, matcher.labels, seconds)
    manager.report_evaluation(Evaluation(0, report))
    return report
