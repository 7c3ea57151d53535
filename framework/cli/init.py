"""``nerture init``: a project to begin with."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import click

from nerture.cli.common import options
from nerture.cli.common.output import say
from nerture.errors import ConfigError

PIPELINE = "pipeline.yaml"


@click.command("init", short_help="Write an example project, or a pipeline for your data.")
@click.argument("folder", metavar="[DIR]", default="nerture-project")
@click.option(
    "--data", metavar="FILE", help="Write only a pipeline for these annotations, not the example project."
)
@click.option(
    "--labels",
    metavar="A,B,...",
    help="The labels of that pipeline, in order [default: those of the annotations].",
)
@click.option("--patterns", metavar="FILE", help="Patterns whose hits that pipeline's model is to look at.")
@click.option(
    "--evaluate",
    metavar="FILE",
    help="Annotations to evaluate on [default: a tenth of the others is set aside].",
)
@options.input_format
def command(
    folder: str,
    data: str | None,
    labels: str | None,
    patterns: str | None,
    evaluate: str | None,
    format_name: str | None,
) -> None:
    """Write a project to begin with into the new folder DIR.

    Without options it is an example: the log book of a community garden, with annotated texts, patterns, a
    pipeline and sentences to try. With --data, only a pipeline file for your own annotations is written.

    \b
    Examples:
      nerture init garden
      nerture init drugs --data drugs_training.jsonl --evaluate drugs_eval.jsonl
      nerture init drugs --data drugs.conll --labels DRUG,DOSE --patterns drugs_patterns.jsonl
    """
    if data is None and (labels or patterns or evaluate):
        raise click.UsageError("--labels, --patterns and --evaluate describe a pipeline for --data FILE")
    target = Path(folder)
    if data is None:
        with _new_folder(target) as new, as_file(files("nerture") / "starter") as starter:
            for source in sorted(starter.iterdir()):
                if source.is_file():
                    shutil.copyfile(source, new / source.name)
    else:
        names = labels.split(",") if labels else _labels_of(data, format_name)
        text = _pipeline(target, [name.strip() for name in names], data, patterns, evaluate, format_name)
        with _new_folder(target) as new:
            (new / PIPELINE).write_text(text, encoding="utf-8")
    say(f"Written: {target}{os.sep}")
    say(f"Next:    nerture train {target / PIPELINE}")


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Give a folder that appears as ``target`` once it is filled; ``ConfigError`` if something is there."""
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise ConfigError(f"{target}: is there already; nothing was written")
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".nerture-init-", dir=target.absolute().parent) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            yield new
            os.replace(new, target)  # takes the place of an empty folder too
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror or error}") from error


def _labels_of(data: str, format_name: str | None) -> list[str]:
    """Return the labels of the annotations, the most frequent first."""
    from collections import Counter

    from nerture.files.corpus import collect, read_records
    from nerture.hosting.manager import make_manager
    from nerture.hosting.services import HostServices

    registry = make_manager(Path.cwd()).registry
    services = HostServices(registry, (), Path.cwd())
    counts: Counter[str] = Counter()
    for record in collect(read_records(data, registry, services, format_name), data).items:
        counts.update(span.label for span in record.spans or ())
    if not counts:
        raise ConfigError(f"{data}: holds no annotated entity; name the labels with --labels")
    return [label for label, _ in counts.most_common()]


def _pipeline(
    target: Path,
    labels: Sequence[str],
    data: str,
    patterns: str | None,
    evaluate: str | None,
    format_name: str | None,
) -> str:
    """Return the pipeline file; the paths in it are relative to it."""
    import yaml

    def gold(path: str) -> dict[str, str]:
        return {"use": "gold", "path": relative(path)} | ({"format": format_name} if format_name else {})

    def relative(path: str) -> str:
        if path.startswith("starter:"):
            return path
        if not Path(path).is_file():
            raise ConfigError(f"{path}: no such file; nothing was written")
        return os.path.relpath(path, target)

    config: dict[str, object] = {"nerture": 1, "labels": list(labels), "tokenizer": {"use": "english"}}
    if patterns:
        config["matchers"] = [{"use": "patterns", "path": relative(patterns), "as": "feature"}]
    config["sources"] = [gold(data)]
    config["train"] = {"seed": 0}
    if evaluate:
        config["evaluate"] = gold(evaluate)
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True, default_flow_style=None)
