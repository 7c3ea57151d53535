"""Annotations to compare a model with: the options for reading them, and their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from nerture.cli.common import options
from nerture.cli.common.output import say
from nerture.terminal.text_format import plural

if TYPE_CHECKING:
    from nerture.core.targets.target import Target
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Services


annotation_options = options.group(
    options.input_format,
    click.option(
        "--align",
        type=click.Choice(["error", "expand", "split"]),
        default="error",
        show_default=True,
        help="For annotated spans that start or end inside a token: report an error, expand the span to "
        "whole tokens, or split the token.",
    ),
    click.option(
        "--map",
        "mapped",
        multiple=True,
        callback=lambda context, parameter, values: options.parse_pairs(values, "--map"),
        metavar="LABEL=OTHER",
        help="Count the data's LABEL as OTHER; LABEL= ignores it. Repeatable.",
    ),
    options.skip_bad,
)
"""Adds the options of ``Annotations`` to a command; its argument ``data`` is the command's own."""


@dataclass(frozen=True, slots=True)
class Annotations:
    """A file of annotations, and how to read it."""

    data: str
    format_name: str | None
    align: str
    mapped: Mapping[str, str]
    skip_bad: bool

    def targets(self, manager: PluginManager, services: Services) -> Sequence[Target]:
        """Return the targets, read like the source ``gold``; raises ``CorpusError`` with all problems."""
        from nerture.files.corpus import collect

        names = {label: other or None for label, other in self.mapped.items()}
        values = {"path": self.data, "format": self.format_name, "align": self.align, "map": names}
        source = manager.registry.create("source", "gold", values, services)
        gathered = collect(source.targets(), self.data, self.skip_bad)
        if gathered.problems:
            rows = len({problem.origin for problem in gathered.problems})
            say(f"Skipped {plural(rows, 'bad row')}, the first: {gathered.problems[0]}")
        return gathered.items
