"""``nerture evaluate``: how good a model, or a file of patterns, is on annotations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli import options
from nerture.cli.output import plural, print_json, say
from nerture.errors import ModelFileError

if TYPE_CHECKING:
    from nerture.core.target import Target
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Services
    from nerture.scorer import Report


@click.command("evaluate", short_help="Compare a model, or patterns, with annotations.")
@click.argument("model", metavar="MODEL|PATTERNS")
@click.argument("data", metavar="DATA")
@options.input_format
@click.option(
    "--align",
    type=click.Choice(["error", "expand", "split"]),
    default="error",
    show_default=True,
    help="What becomes of an annotated span that begins or ends inside a token.",
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="LABEL=OTHER",
    help="Count the data's LABEL as OTHER; with nothing after the =, leave it out. Repeatable.",
)
@click.option("--skip-bad", is_flag=True, help="Go on without the rows that cannot be used, and count them.")
@options.plugins
@options.as_json
def command(
    model: str,
    data: str,
    format_name: str | None,
    align: str,
    mapped: tuple[str, ...],
    skip_bad: bool,
    local: str | None,
    as_json: bool,
) -> None:
    """Compare what a model or a file of patterns finds in DATA with its annotations.

    MODEL is a model folder, PATTERNS a pattern file or a list that comes with nerture (starter:NAME). An
    entity is right when its bounds and its label are. Where DATA brings its own tokens, they are used. DATA
    may be - for standard input.

    With --json, shares are between 0 and 1, and "support" is the number of annotated entities.

    \b
    Examples:
      nerture evaluate model drugs_eval.jsonl
      nerture evaluate drugs_patterns.jsonl drugs_eval.jsonl
      nerture evaluate model test.conll --map PRODUCT=DRUG --map EVENT=
      nerture evaluate model drugs_eval.jsonl --json | jq .per_label.DRUG.f1
    """
    names = {label: other or None for label, other in options.pairs(mapped, "--map").items()}
    gold = {"path": data, "format": format_name, "align": align, "map": names}
    manager = options.manager_for(local)
    report = (_of_model if Path(model).is_dir() else _of_patterns)(model, manager, gold, skip_bad)
    if as_json:
        print_json(report.as_dict())
    else:
        from nerture.cli.report_table import print_report

        print_report(report)


def _of_model(path: str, manager: PluginManager, gold: dict[str, Any], skip_bad: bool) -> Report:
    from nerture.hosting.services import HostServices
    from nerture.interfaces import Evaluation
    from nerture.model import load

    model = load(path, manager)
    services = HostServices(manager.registry, model.labels, Path.cwd(), model.tokenizer)
    report = model.evaluate(_gold(manager, services, gold, skip_bad))
    steps = model.meta.get("steps", 0)
    manager.evaluated(Evaluation(steps if isinstance(steps, int) else 0, report))
    return report


def _of_patterns(path: str, manager: PluginManager, gold: dict[str, Any], skip_bad: bool) -> Report:
    """Evaluate patterns; they have no list of labels, so every label of the data counts."""
    from nerture.hosting.services import HostServices
    from nerture.interfaces import Evaluation
    from nerture.scorer import score
    from nerture.timing import Stopwatch

    if not path.startswith("starter:") and not Path(path).exists():
        raise ModelFileError(f"{path}: neither a model folder nor a pattern file is there")
    services = HostServices(manager.registry, (), Path.cwd())
    matcher = manager.registry.create("matcher", "patterns", {"path": path}, services)
    targets = _gold(manager, services, gold, skip_bad)
    watch = Stopwatch()
    hits = [matcher(target.doc) for target in targets]
    seconds = watch.seconds
    predictions = [
        [target.doc.span(start, end, label) for start, end, label, _ in found]
        for target, found in zip(targets, hits, strict=True)
    ]
    report = score(targets, predictions, matcher.labels, seconds)
    manager.evaluated(Evaluation(0, report))
    return report


def _gold(
    manager: PluginManager, services: Services, gold: dict[str, Any], skip_bad: bool
) -> Sequence[Target]:
    """Read the annotations as the source ``gold`` does."""
    from nerture.files.corpus import collect

    source = manager.registry.create("source", "gold", gold, services)
    gathered = collect(source.targets(), gold["path"], skip_bad)
    if gathered.problems:
        rows = len({problem.origin for problem in gathered.problems})
        say(f"Skipped {plural(rows, 'bad row')}, the first: {gathered.problems[0]}")
    return gathered.items
