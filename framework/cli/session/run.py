"""Runs a session in a front end: the web page or the terminal."""

from __future__ import annotations

import getpass
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from nerture.cli.common.output import make_console, say
from nerture.cli.session.arguments import SessionArgs
from nerture.cli.session.finish import finish_session
from nerture.cli.session.open import RunningSession, make_pipeline, open_running_session
from nerture.cli.session.saved_patterns import write_patterns
from nerture.files.pattern_lines import check_place
from nerture.pipeline import Pipeline
from nerture.process_tuning import exclude_from_collections, switch_threads_often
from nerture.sessions.live.answer_notifier import AnswerNotifier
from nerture.sessions.live.factory import QUESTION, WEAK
from nerture.sessions.live.protocol import Session
from nerture.store.store import Store

PAGE_MODES = ("teach", "correct", "manual", "match")
"""The modes that the page can switch between."""


def run_session(args: SessionArgs) -> None:
    """Open the session, ask until the annotator ends it, and save the model."""
    if args.suggested_patterns is not None:
        check_place(args.new_patterns, "--suggested-patterns")
    with Store.open(args.store) as store:
        pipeline = make_pipeline(args)
        with _make_notifier(pipeline) as notifier:
            sessions: list[Session] = []

            def open_mode(mode: str) -> RunningSession:
                opened = open_running_session(replace(args, mode=mode), store, pipeline, notifier)
                sessions.append(opened.session)
                return opened

            with exclude_from_collections():
                running = open_mode(args.mode)
            try:
                with switch_threads_often(), _stop_on_signals():
                    _run_front_end(args, running, open_mode)
            finally:
                try:
                    if running.session.unfinished:
                        say("Training on all answers; this takes a moment.")
                    running.session.close()
                finally:
                    write_patterns(args, sessions)
        finish_session(args, running, store)


def _make_notifier(pipeline: Pipeline) -> AbstractContextManager[AnswerNotifier | None]:
    """Return the notifier of plugins about answers, one for all modes; None if no plugin listens."""
    manager = pipeline.manager
    return AnswerNotifier(manager.report_answer, say) if manager.has_answer_listeners else nullcontext()


def _run_front_end(
    args: SessionArgs, running: RunningSession, open_mode: Callable[[str], RunningSession]
) -> None:
    """Ask until the annotator ends it; ``open_mode`` opens the session's texts in another mode."""
    if args.terminal:
        _run_in_terminal(args, running.session)
    else:

        def make_opener(mode: str) -> Callable[[], Session]:
            return lambda: open_mode(mode).session

        other_modes = _find_other_modes(args, running.pipeline)
        _run_in_browser(args, running, {mode: make_opener(mode) for mode in other_modes})


def _run_in_terminal(args: SessionArgs, session: Session) -> None:
    from nerture.terminal.dialogue import Dialogue
    from nerture.terminal.keys import open_keys

    terminal = make_console()
    with open_keys(sys.stdin, lambda words: terminal.print(words, end="")) as keys:
        Dialogue(session, args.annotator or _user_name(), keys, terminal).run()


def _run_in_browser(
    args: SessionArgs, running: RunningSession, others: Mapping[str, Callable[[], Session]]
) -> None:
    from nerture.web.access import is_loopback
    from nerture.web.server import serve

    local = is_loopback(args.host)
    serve(
        running.session,
        host=args.host,
        port=args.port,
        token=args.token,
        annotator=args.annotator or (_user_name() if local else None),
        others=others,
        ready=lambda address: _announce(address, args.browser and local),
    )


def _find_other_modes(args: SessionArgs, pipeline: Pipeline) -> list[str]:
    """Return the other modes in which the page can open the session's texts."""
    if args.mode not in PAGE_MODES:
        return []
    asks_about_matches = any({QUESTION, WEAK} & set(part.roles) for part in pipeline.config.matchers)
    return [mode for mode in PAGE_MODES if mode != args.mode and (mode != "match" or asks_about_matches)]


def _announce(address: str, browse: bool) -> None:
    say(f"Answer at  {address}\nCtrl-C ends the session; all answers are kept.")
    if browse and (
        sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        import webbrowser

        with suppress(webbrowser.Error):
            webbrowser.open(address)


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block, and nothing but the block."""

    def stop(number: int, frame: FrameType | None) -> Any:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "me"
