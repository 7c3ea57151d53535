"""Writes the accepted pattern suggestions to a pattern file when the session ends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from nerture.cli.common.output import say
from nerture.cli.session.arguments import SessionArgs
from nerture.errors import DataError
from nerture.files.pattern_lines import add_lines, count_present
from nerture.sessions.live.protocol import Session
from nerture.terminal.text_format import plural


def write_patterns(args: SessionArgs, sessions: Sequence[Session]) -> None:
    """Add the patterns accepted in any of the sessions to the file, and report it.

    The newest verdict on a pattern counts. If the file cannot be written, the sessions' logs keep the
    verdicts, and the patterns are written when one of the sessions ends the next time.
    """
    judged = [pair for session in sessions for pair in session.judged_patterns()]
    judged.sort(key=lambda pair: pair[1].time)
    verdicts = {pattern.row(): verdict.verdict for pattern, verdict in judged}
    path = args.new_patterns
    try:
        written = add_lines(path, [row for row, verdict in verdicts.items() if verdict == "accept"])
    except DataError as error:
        say(f"The new patterns were not written: {error}\nRun the same command again to write them.")
        return
    if written:
        say(f"\n{plural(written, 'pattern')} written to {path}; {_describe_use(args, path, written)}")
    rejected = count_present(path, [row for row, verdict in verdicts.items() if verdict == "reject"])
    if rejected:
        verb = "was" if rejected == 1 else "were"
        say(f"\n{plural(rejected, 'pattern')} in {path} {verb} rejected since; remove what you do not want")


def _describe_use(args: SessionArgs, path: Path, count: int) -> str:
    them = "it" if count == 1 else "them"
    if any(Path(name).resolve() == path.resolve() for name in args.patterns):
        return f"the same command uses {them} from now on"
    if args.model is not None and Path(args.model).suffix in {".yaml", ".yml"}:
        return f"to use {them}, add {path} to the matchers of {args.model}"
    return f"use {them} with --patterns {shlex.quote(str(path))} next time"
