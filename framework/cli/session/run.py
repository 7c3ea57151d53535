"""The faces of a session that the command line shows: the page, or the terminal."""

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

from nerture.cli.common.gc_control import uncollected
from nerture.cli.common.output import console, say
from nerture.cli.session.arguments import SessionArgs
from nerture.cli.session.finish import end
from nerture.cli.session.open import RunningSession, begin, make_pipeline
from nerture.cli.session.saved_patterns import write_patterns
from nerture.files.pattern_lines import check_place
from nerture.pipeline import Pipeline
from nerture.sessions.live.answer_notifier import AnswerNotifier
from nerture.sessions.live.factory import QUESTION, WEAK
from nerture.sessions.live.protocol import Session
from nerture.store.store import Store

SWITCHED = ("teach", "correct", "manual", "match")
"""The modes that the page can switch between."""
SWITCH_SECONDS = 0.0005


def run(order: SessionArgs) -> None:
    """Open the session, ask until the annotator ends it, save what was learned."""
    if order.suggested_patterns is not None:
        check_place(order.new_patterns, "--suggested-patterns")
    with Store.open(order.store) as store:
        pipeline = make_pipeline(order)
        with _told(pipeline) as notifier:
            sessions: list[Session] = []

            def opened(mode: str) -> RunningSession:
                begun = begin(replace(order, mode=mode), store, pipeline, notifier)
                sessions.append(begun.session)
                return begun

            with uncollected():
                begun = opened(order.mode)
            try:
                with _prompt(), _ended_softly():
                    _ask(order, begun, opened)
            finally:
                try:
                    if begun.session.unfinished:
                        say("Learning from all answers; this takes a moment.")
                    begun.session.close()
                finally:
                    write_patterns(order, sessions)
        end(order, begun, store)


def _told(pipeline: Pipeline) -> AbstractContextManager[AnswerNotifier | None]:
    """Return what tells plugins of answers, one for all modes; None: no plugin wants to be told."""
    manager = pipeline.manager
    return AnswerNotifier(manager.answer_saved, say) if manager.hears_answers else nullcontext()


def _ask(order: SessionArgs, begun: RunningSession, opened: Callable[[str], RunningSession]) -> None:
    """Show a face until the annotator ends it; ``opened`` opens the session's texts in another mode."""
    if order.terminal:
        _in_terminal(order, begun.session)
    else:

        def opening(mode: str) -> Callable[[], Session]:
            return lambda: opened(mode).session

        _in_browser(order, begun, {mode: opening(mode) for mode in _others(order, begun.pipeline)})


def _in_terminal(order: SessionArgs, session: Session) -> None:
    from nerture.terminal.dialogue import Dialogue
    from nerture.terminal.keys import keys_of

    shown = console()
    with keys_of(sys.stdin, lambda words: shown.print(words, end="")) as keys:
        Dialogue(session, order.annotator or _user(), keys, shown).run()


def _in_browser(
    order: SessionArgs, begun: RunningSession, others: Mapping[str, Callable[[], Session]]
) -> None:
    from nerture.web.access import is_loopback
    from nerture.web.server import serve

    local = is_loopback(order.host)
    serve(
        begun.session,
        host=order.host,
        port=order.port,
        token=order.token,
        annotator=order.annotator or (_user() if local else None),
        others=others,
        ready=lambda address: _ready(address, order.browser and local),
    )


def _others(order: SessionArgs, pipeline: Pipeline) -> list[str]:
    """Return the other modes in which the page may open the session's texts."""
    if order.mode not in SWITCHED:
        return []
    hits = any({QUESTION, WEAK} & set(part.roles) for part in pipeline.config.matchers)
    return [mode for mode in SWITCHED if mode != order.mode and (mode != "match" or hits)]


def _ready(address: str, browse: bool) -> None:
    say(f"Answer at  {address}\nCtrl-C ends the session; everything answered is kept.")
    if browse and (
        sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        import webbrowser

        with suppress(webbrowser.Error):
            webbrowser.open(address)


@contextmanager
def _prompt() -> Iterator[None]:
    """Let an answer break into the learning ten times as often as Python would.

    Each step of saving it waits until the thread that learns lets go: an answer that takes 8 ms by itself
    takes 16 beside a busy thread, and 8 again with this.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _ended_softly() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block, and no more than the block."""

    def stop(number: int, frame: FrameType | None) -> Any:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "me"
