"""Makes the commands of teaching sessions: one a mode, all with the same options."""

from __future__ import annotations

from typing import Any

import click

from nerture.cli.session_order import Order, named, session_options


def session_command(mode: str, short: str, long: str) -> click.Command:
    """Return the command of a mode; ``long`` is its help, with its own examples."""

    @click.command(mode, short_help=short, help=long)
    @session_options
    def command(
        names: tuple[str, ...], format_name: str | None, local: str | None, browser: bool, **given: Any
    ) -> None:
        dataset, model, source = named(names)
        order = Order(
            mode=mode, dataset=dataset, model=model, source=source,
            format=format_name, plugins=local, browser=browser, **given,
        )  # fmt: skip
        from nerture.cli.session_faces import run

        run(order)

    return command
