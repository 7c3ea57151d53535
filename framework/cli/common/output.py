"""Prints messages to standard error and results to standard output, without terminal controls."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from nerture.terminal.text_format import harmless

if TYPE_CHECKING:
    from rich.console import Console


def say(message: str) -> None:
    """Print a message for the user to standard error."""
    text = harmless(message)
    try:
        print(text, file=sys.stderr)
    except UnicodeEncodeError:  # standard error with a limited encoding and strict errors
        print(text.encode("ascii", "backslashreplace").decode("ascii"), file=sys.stderr)


def print_text(text: str) -> None:
    """Print text for people to standard output, escaping what its encoding cannot express."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def print_json(value: Any) -> None:
    """Print one JSON value to standard output, escaping what its encoding cannot express."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    print(text)


def has_colours(stream: TextIO) -> bool:
    """Return True if ``stream`` is a terminal with colours, and NO_COLOR is not set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def make_console(stderr: bool = False) -> Console:
    """Return a rich console for tables and progress, which never interprets text as markup."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False)
