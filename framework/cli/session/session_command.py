"""Makes the commands of teaching sessions: one a mode, all with the same options."""

from __future__ import annotations

import gc
from typing import Any

import click

from nerture.cli.common.gc_control import uncollected
from nerture.cli.session.arguments import session_options

ALONE = """A PIPELINE (.yaml) with a section `session` may stand alone and says the rest, unless it states
another mode: that session is started by `nerture teach PIPELINE`. Options given here win over the section.

"""
"""What the help of every mode but ``teach`` says of pipelines."""


def session_command(mode: str, short: str, long: str) -> click.Command:
    """Return the command of a mode; ``long`` is its help, with its own examples."""
    about, examples, rest = long.partition("\b\n")

    @click.command(mode, short_help=short, help=f"{about}{'' if mode == 'teach' else ALONE}{examples}{rest}")
    @session_options
    def command(names: tuple[str, ...], format_name: str | None, local: str | None, **given: Any) -> None:
        with uncollected():
            from nerture.cli.session.resolve import make_order
            from nerture.cli.session.run import run

            order = make_order(mode, names, format_name, {**given, "plugins": local})
        try:
            run(order)
        finally:
            gc.unfreeze()

    return command
