"""What commands print: messages to standard error, results to standard output, no terminal control."""

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
    except UnicodeEncodeError:  # standard error with an encoding and strict errors of its own
        print(text.encode("ascii", "backslashreplace").decode("ascii"), file=sys.stderr)


def print_text(text: str) -> None:
    """Print text for a person to standard output, with escapes for what its encoding does not know."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def print_json(value: Any) -> None:
    """Print one JSON value to standard output, with escapes for what its encoding does not know."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    print(text)


def coloured(stream: TextIO) -> bool:
    """Say whether colours may go to ``stream``: a terminal that knows them, and NO_COLOR is not set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def console(stderr: bool = False) -> Console:
    """Return rich's console for tables and progress; text is never read as markup."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False)
