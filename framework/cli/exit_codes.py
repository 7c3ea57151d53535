"""Runs the command line; turns every exception into one message on standard error and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import click

from nerture.cli.command_group import cli
from nerture.cli.common.output import say
from nerture.errors import NertureError

OK, BAD_INPUT, USAGE = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
CLOSED_PIPE = 1  # click's own code; the reader of the output is gone, so there is nobody to report to


def run(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one per kind of error
    """Run the command line with ``arguments``, by default those of the process; return the exit code."""
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments), prog_name="nerture", standalone_mode=False
        )
        sys.stdout.flush()  # raises here, while it can still be reported, for a full disk or a closed pipe
        return code if isinstance(code, int) else OK
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        say(f"nerture: {error.format_message()}")
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        _drop_output()
        say("nerture: interrupted by Ctrl-C")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return CLOSED_PIPE
    except NertureError as error:
        return _fail(str(error))
    except OSError as error:
        _drop_output()
        place = f"{error.filename}: " if error.filename else "cannot read or write: "
        return _fail(f"{place}{error.strerror or error}")
    except MemoryError:
        return _fail("out of memory")
    except Exception as error:
        return _fail(
            f"this is a bug: {type(error).__name__}: {error} ({_find_place(error)}); please report it "
            "(NERTURE_DEBUG=1 prints the traceback)"
        )


def _fail(message: str) -> int:
    if os.environ.get("NERTURE_DEBUG", "0") not in {"", "0"}:
        traceback.print_exc()
    say(f"nerture: {message}")
    return BAD_INPUT


def _drop_output() -> None:
    """Discard further output to a broken standard output, so that Python does not complain as it exits."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _find_place(error: Exception) -> str:
    """Return ``file:line`` of the deepest frame."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
