"""``SessionArgs``: the session that the command line describes, and the options that describe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.errors import ConfigError

if TYPE_CHECKING:
    from nerture.interfaces import Format, Options

BLANK = "blank:"
ASKS = ("both", "span", "text")
NAMES = "DATASET [MODEL] SOURCE"
PIPELINE_ENDINGS = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class SessionArgs:
    """The arguments of a session; ``model`` is None for a blank one.

    ``asking`` are the values of the ``SessionPlan`` that were given; ``sorter_options`` is None for the
    sorter's own. ``overrides`` change keys of the pipeline if ``model`` is one.
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
        """Whether the session is described by a pipeline file."""
        return is_pipeline(self.model)

    @property
    def folder(self) -> Path:
        """The folder to save the model in; by default never that of the start model."""
        if self.output is not None:
            return Path(self.output)
        folder = Path(f"{self.dataset}-model")
        same = self.model is not None and folder.resolve() == Path(self.model).resolve()
        return Path(f"{folder}-next") if same else folder

    @property
    def new_patterns(self) -> Path:
        """The file to which accepted pattern suggestions are added."""
        return Path(
            self.suggested_patterns
            if self.suggested_patterns is not None
            else f"{self.dataset}-patterns.jsonl"
        )


def is_pipeline(name: str | None) -> bool:
    """Return True if a name is that of a pipeline file."""
    return name is not None and Path(name).suffix.lower() in PIPELINE_ENDINGS


def split_labels(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the labels of a repeatable option ``A,B``, without duplicates."""
    labels = [label.strip() for text in texts for label in text.split(",")]
    return tuple(dict.fromkeys(label for label in labels if label))


def check_token_option(context: click.Context, parameter: click.Parameter, token: str | None) -> str | None:
    """Refuse a token that could be guessed, before anything is opened."""
    from nerture.web.access_token import check_token

    if token is not None:
        try:
            check_token(token)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from None
    return token


def parse_names(names: tuple[str, ...]) -> tuple[str | None, str | None, str | None]:
    """Return dataset, model and source; a blank model is None.

    For a pipeline alone, dataset and source are None: its section sets them. Raises ``click.UsageError``.
    """
    if len(names) == 1 and is_pipeline(names[0]):
        return None, names[0], None
    if len(names) not in {2, 3}:
        raise click.UsageError(
            f"expected {NAMES}, or a PIPELINE with a section `session`, got {len(names)} names"
        )
    if len(names) == 2 and any(map(is_pipeline, names)):
        raise click.UsageError(
            "expected a pipeline file alone (its section `session` sets dataset and source), "
            "or DATASET PIPELINE SOURCE, got 2 names"
        )
    dataset, *models, source = names
    model = models[0] if models else None
    return dataset, None if model is not None and model.startswith(BLANK) else model, source


session_options = options.group(
    click.argument("names", metavar=f"PIPELINE | {NAMES}", nargs=-1),
    click.option(
        "--label", "labels", metavar="A,B", multiple=True, callback=split_labels,
        help="The labels to ask about.",
    ),
    click.option(
        "--patterns", multiple=True, metavar="FILE",
        help="Ask about the matches of these patterns; starter:NAME is a list that comes with nerture. "
        "Repeatable.",
    ),
    click.option("--terminal", is_flag=True, help="Ask in this terminal, answered by single keys."),
    click.option("--annotator", metavar="NAME", help="Who answers [default: your user name]."),
    click.option(
        "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
        help="The address to serve the page on; any other than this machine's own requires a token.",
    ),
    click.option(
        "--port", type=click.IntRange(0, 65535), default=8080, show_default=True,
        help="The port; 0 picks a free one.",
    ),
    click.option(
        "--token", metavar="TEXT", callback=check_token_option,
        help="The token to require, of 16 characters or more [default: a random one].",
    ),
    click.option("--browser/--no-browser", default=True, help="Open the page in the browser, or do not."),
    click.option(
        "--ask", type=click.Choice(ASKS),
        help="In teach: ask about single spans, whole texts, or both [default: both].",
    ),
    click.option(
        "--sorter", metavar="NAME",
        help="In teach: the query strategy: uncertain, probability, high, low, random, "
        "moving_average or a plugin's [default: uncertain].",
    ),
    click.option(
        "--subtypes", metavar="A,B", multiple=True, callback=split_labels,
        help="In retype: the labels that --label is split into.",
    ),
    click.option(
        "--annotators-per-question", type=click.IntRange(1), metavar="N",
        help="How many annotators answer each question [default: 1].",
    ),
    click.option(
        "--segment/--no-segment", default=None,
        help="In teach: split long texts into passages, or show them whole [default: --segment; "
        "with --ask text, --no-segment].",
    ),
    click.option(
        "--seed", type=click.IntRange(0), metavar="N", help="The random seed [default: 0]."
    ),
    click.option(
        "-o", "--output", metavar="FOLDER", help="Where to save the model [default: DATASET-model]."
    ),
    click.option(
        "--set", "overrides", multiple=True, metavar="KEY.PATH=VALUE",
        help="Set a key of the pipeline, as in --set session.update_every=3. Repeatable.",
    ),
    click.option(
        "--suggested-patterns", metavar="FILE",
        help="Add the suggested patterns that you accept to this file [default: DATASET-patterns.jsonl].",
    ),
    options.input_format,
    options.store,
    options.plugins,
)  # fmt: skip
"""Adds the options of a ``SessionArgs`` to a command."""
