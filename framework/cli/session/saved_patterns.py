"""The suggested patterns that were accepted, written to a pattern file when the session ends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from nerture.cli.common.output import say
from nerture.cli.session.arguments import SessionArgs
from nerture.errors import DataError
from nerture.files.pattern_lines import add_lines, has_lines
from nerture.sessions.live.protocol import Session
from nerture.terminal.text_format import plural


def write_patterns(order: SessionArgs, sessions: Sequence[Session]) -> None:
    """Add what was accepted in any of the sessions to the file, and say so.

    Where the same pattern was judged in several, the newest judgement counts. What cannot be written now is
    written when one of the sessions ends the next time: their logs keep it.
    """
    judged = [one for session in sessions for one in session.judged()]
    judged.sort(key=lambda one: one[1].time)
    verdicts = {pattern.row(): judgement.verdict for pattern, judgement in judged}
    path = order.new_patterns
    try:
        written = add_lines(path, [row for row, verdict in verdicts.items() if verdict == "accept"])
    except DataError as error:
        say(f"The new patterns were not written: {error}\nThe same command once more writes them.")
        return
    if written:
        say(f"\n{plural(written, 'pattern')} written to {path}; {_use(order, path, written)}")
    gone = has_lines(path, [row for row, verdict in verdicts.items() if verdict == "reject"])
    if gone:
        say(f"\n{plural(gone, 'pattern')} in {path} {_was(gone)} rejected since; remove what you do not want")


def _use(order: SessionArgs, path: Path, count: int) -> str:
    them = "it" if count == 1 else "them"
    if any(Path(name).resolve() == path.resolve() for name in order.patterns):
        return f"the same command finds {them} from now on"
    if order.model is not None and Path(order.model).suffix in {".yaml", ".yml"}:
        return f"to use {them}, add {path} to the matchers of {order.model}"
    return f"use {them} with --patterns {shlex.quote(str(path))} next time"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
