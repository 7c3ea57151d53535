"""``nerture init``: creates a new project."""

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


@click.command("init", short_help="Create an example project, or a pipeline for your data.")
@click.argument("folder", metavar="[DIR]", default="nerture-project")
@click.option(
    "--data", metavar="FILE", help="Write only a pipeline for these annotations, no example project."
)
@click.option(
    "--labels",
    metavar="A,B,...",
    help="With --data: the labels, in order [default: those of the annotations].",
)
@click.option(
    "--patterns", metavar="FILE", help="With --data: patterns whose matches the model gets as features."
)
@click.option(
    "--evaluate",
    metavar="FILE",
    help="With --data: annotations to evaluate on [default: a tenth of --data is held out].",
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
    """Create a project in the new folder DIR.

    Without options, it is an example: the log book of a community garden, with annotated texts, patterns, a
    pipeline and sentences to try. With --data, it is just a pipeline file for your own annotations.

    \b
    Examples:
      nerture init garden
      nerture init drugs --data drugs_training.jsonl --evaluate drugs_eval.jsonl
      nerture init drugs --data drugs.conll --labels DRUG,DOSE --patterns drugs_patterns.jsonl
    """
    if data is None and (labels or patterns or evaluate):
        raise click.UsageError("--labels, --patterns and --evaluate require --data FILE")
    target = Path(folder)
    if data is None:
        with _create_folder(target) as new, as_file(files("nerture") / "starter") as starter:
            for source in sorted(starter.iterdir()):
                if source.is_file():
                    shutil.copyfile(source, new / source.name)
    else:
        names = labels.split(",") if labels else _find_labels(data, format_name)
        text = _make_pipeline(target, [name.strip() for name in names], data, patterns, evaluate, format_name)
        with _create_folder(target) as new:
            (new / PIPELINE).write_text(text, encoding="utf-8")
    say(f"Created: {target}{os.sep}")
    say(f"Next:    nerture train {target / PIPELINE}")


@contextmanager
def _create_folder(target: Path) -> Iterator[Path]:
    """Yield a folder that becomes ``target`` when the block ends; raises ``ConfigError`` if that exists."""
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise ConfigError(
            f"{target}: expected a new or empty folder, got one that exists; nothing was written"
        )
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".nerture-init-", dir=target.absolute().parent) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            yield new
            os.replace(new, target)  # replaces an empty folder, too
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror or error}") from error


def _find_labels(data: str, format_name: str | None) -> list[str]:
    """Return the labels of the annotations, most frequent first."""
    from collections import Counter

    from nerture.files.corpus import collect, read_records
    from nerture.hosting.manager import make_manager
    from nerture.hosting.services import HostServices

    registry = make_manager(Path.cwd()).registry
    services = HostServices.bare(registry)
    counts: Counter[str] = Counter()
    for record in collect(read_records(data, registry, services, format_name), data).items:
        counts.update(span.label for span in record.spans or ())
    if not counts:
        raise ConfigError(f"{data}: expected annotated entities, got none; set the labels with --labels")
    return [label for label, _ in counts.most_common()]


def _make_pipeline(
    target: Path,
    labels: Sequence[str],
    data: str,
    patterns: str | None,
    evaluate: str | None,
    format_name: str | None,
) -> str:
    """Return the text of the pipeline file; its paths are relative to it."""
    from nerture.files.yaml_writing import dump

    def make_gold(path: str) -> dict[str, str]:
        return {"use": "gold", "path": make_relative(path)} | ({"format": format_name} if format_name else {})

    def make_relative(path: str) -> str:
        if path.startswith("starter:"):
            return path
        if not Path(path).is_file():
            raise ConfigError(f"{path}: no such file; nothing was written")
        return os.path.relpath(path, target)

    config: dict[str, object] = {"nerture": 1, "labels": list(labels), "tokenizer": {"use": "english"}}
    if patterns:
        config["matchers"] = [{"use": "patterns", "path": make_relative(patterns), "as": "feature"}]
    config["sources"] = [make_gold(data)]
    config["train"] = {"seed": 0}
    if evaluate:
        config["evaluate"] = make_gold(evaluate)
    return dump(config, short=True)
