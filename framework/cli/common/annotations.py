"""Annotations that a model is compared with: the options that say how to read them, and their targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def annotation_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of ``Annotations``; the command's argument ``data`` is its own."""
    for option in reversed(
        (
            options.input_format,
            click.option(
                "--align",
                type=click.Choice(["error", "expand", "split"]),
                default="error",
                show_default=True,
                help="What becomes of an annotated span that begins or ends inside a token.",
            ),
            click.option(
                "--map",
                "mapped",
                multiple=True,
                callback=lambda context, parameter, given: options.pairs(given, "--map"),
                metavar="LABEL=OTHER",
                help="Count the data's LABEL as OTHER; with nothing after the =, leave it out. Repeatable.",
            ),
            click.option(
                "--skip-bad",
                is_flag=True,
                help="Go on without the rows that cannot be used, and count them.",
            ),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Annotations:
    """A file of annotations, and how it is read."""

    data: str
    format_name: str | None
    align: str
    mapped: Mapping[str, str]
    skip_bad: bool

    def targets(self, manager: PluginManager, services: Services) -> Sequence[Target]:
        """Read the file as the source ``gold`` does; raises ``CorpusError`` that lists its problems."""
        from nerture.files.corpus import collect

        names = {label: other or None for label, other in self.mapped.items()}
        given = {"path": self.data, "format": self.format_name, "align": self.align, "map": names}
        source = manager.registry.create("source", "gold", given, services)
        gathered = collect(source.targets(), self.data, self.skip_bad)
        if gathered.problems:
            rows = len({problem.origin for problem in gathered.problems})
            say(f"Skipped {plural(rows, 'bad row')}, the first: {gathered.problems[0]}")
        return gathered.items
