"""``SessionArgs``: what the command line says of a session, and the options that say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options

if TYPE_CHECKING:
    from nerture.interfaces import Format, Options

BLANK = "blank:"
ASKS = ("both", "span", "text")
NAMES = "DATASET [MODEL] SOURCE"
PIPELINE_ENDINGS = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class SessionArgs:
    """A session as it was ordered; ``model`` None is a blank one.

    ``asking`` are the values of the ``SessionPlan`` that were given; ``sorter_options`` None: the sorter's
    own. ``overrides`` change keys of the pipeline that ``model`` is.
    """

    mode: str
    dataset: str
    model: str | None
    source: str
    labels: tuple[str, ...]
    subtypes: tuple[str, ...]
    patterns: tuple[str, ...]
    asking: Mapping[str, Any]
    sorter: str
    sorter_options: Options | None
    segment: bool | None
    format: Format
    output: str | None
    overrides: tuple[str, ...]
    suggested_patterns: str | None
    store: str | None
    plugins: str | None
    annotator: str | None
    terminal: bool
    host: str
    port: int
    token: str | None
    browser: bool

    @property
    def by_pipeline(self) -> bool:
        """Whether the session is one of a pipeline file."""
        return is_pipeline(self.model)

    @property
    def folder(self) -> Path:
        """Where the model goes: unless told so, not in the place of the one that the session starts with."""
        if self.output is not None:
            return Path(self.output)
        folder = Path(f"{self.dataset}-model")
        same = self.model is not None and folder.resolve() == Path(self.model).resolve()
        return Path(f"{folder}-next") if same else folder

    @property
    def new_patterns(self) -> Path:
        """The file that suggested patterns are added to when they are accepted."""
        return Path(
            self.suggested_patterns
            if self.suggested_patterns is not None
            else f"{self.dataset}-patterns.jsonl"
        )


def is_pipeline(name: str | None) -> bool:
    """Say whether a name is that of a pipeline file."""
    return name is not None and Path(name).suffix.lower() in PIPELINE_ENDINGS


def listed(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Take ``A,B`` and repeated options apart; the same label twice counts once."""
    labels = [label.strip() for text in given for label in text.split(",")]
    return tuple(dict.fromkeys(label for label in labels if label))


def named(names: tuple[str, ...]) -> tuple[str | None, str | None, str | None]:
    """Return dataset, model and source; a blank model is None.

    Of a pipeline alone, dataset and source are None: its section says them. Raises ``click.UsageError``.
    """
    if len(names) == 1 and is_pipeline(names[0]):
        return None, names[0], None
    if len(names) not in {2, 3}:
        raise click.UsageError(
            f"expected {NAMES}, or a PIPELINE with a section `session`, got {len(names)} names"
        )
    if len(names) == 2 and any(map(is_pipeline, names)):
        raise click.UsageError(
            "a pipeline file goes alone, and its section `session` says the rest; "
            "or between the two others, DATASET PIPELINE SOURCE"
        )
    dataset, *model, source = names
    chosen = model[0] if model else None
    return dataset, None if chosen is not None and chosen.startswith(BLANK) else chosen, source


def session_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of an ``SessionArgs``."""
    for option in reversed(
        (
            click.argument("names", metavar=f"PIPELINE | {NAMES}", nargs=-1),
            click.option(
                "--label", "labels", metavar="A,B", multiple=True, callback=listed,
                help="The labels to ask about.",
            ),
            click.option(
                "--patterns", multiple=True, metavar="FILE",
                help="Patterns whose hits are asked about; starter:NAME for a list that comes along.",
            ),
            click.option("--terminal", is_flag=True, help="Ask here, by single keys."),
            click.option("--annotator", metavar="NAME", help="Who answers [default: the user's name]."),
            click.option(
                "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
                help="The address to serve the page on; any but this machine's own asks for a token.",
            ),
            click.option(
                "--port", type=click.IntRange(0, 65535), default=8080, show_default=True,
                help="The port; 0 takes any free one.",
            ),
            click.option("--token", metavar="TEXT", help="The token to ask for [default: a new one]."),
            click.option("--browser/--no-browser", default=True, help="Open the page by itself."),
            click.option(
                "--ask", type=click.Choice(ASKS),
                help="In teach: ask about single spans, about whole texts, or both [default: both].",
            ),
            click.option(
                "--sorter", metavar="NAME",
                help="In teach: what is asked first: uncertain, probability, high, low, random, "
                "moving_average or a plugin's [default: uncertain].",
            ),
            click.option(
                "--subtypes", metavar="A,B", multiple=True, callback=listed,
                help="In retype: the labels that --label is split into.",
            ),
            click.option(
                "--annotators-per-question", type=click.IntRange(1), metavar="N",
                help="How many annotators answer each question [default: 1].",
            ),
            click.option(
                "--segment/--no-segment", default=None,
                help="In teach: ask about long texts passage by passage, or as a whole [default: --segment; "
                "with --ask text, --no-segment].",
            ),
            click.option(
                "--seed", type=click.IntRange(0), metavar="N", help="Seed of every draw [default: 0]."
            ),
            click.option(
                "-o", "--output", metavar="FOLDER", help="Where the model goes [default: DATASET-model]."
            ),
            click.option(
                "--set", "overrides", multiple=True, metavar="KEY.PATH=VALUE",
                help="Set a key of the pipeline: --set session.update_every=3. May be given several times.",
            ),
            click.option(
                "--suggested-patterns", metavar="FILE",
                help="Where suggested patterns that you accept are added [default: DATASET-patterns.jsonl].",
            ),
            options.input_format,
            options.store,
            options.plugins,
        )
    ):  # fmt: skip
        command = option(command)
    return command
