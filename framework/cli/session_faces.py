"""The faces of a session that the command line shows: the page, or the terminal."""

from __future__ import annotations

import gc
import getpass
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

from nerture.cli.output import console, say
from nerture.cli.session_ending import end
from nerture.cli.session_opening import Begun, begin
from nerture.cli.session_order import Order
from nerture.cli.session_patterns import write_patterns
from nerture.files.pattern_lines import check_place
from nerture.sessions.protocol import Session
from nerture.store.store import Store

SWITCHED = ("teach", "correct", "manual", "match")
"""The modes that the page can switch between."""
SWITCH_SECONDS = 0.0005


def run(order: Order) -> None:
    """Open the session, ask until the annotator ends it, save what was learned."""
    if order.suggested is not None:
        check_place(order.new_patterns, "--suggested")
    with Store.open(order.store) as store:
        with _unswept():
            begun = begin(order, store)
        sessions: list[Session] = [begun.session]
        try:
            with _prompt(), _ended_softly():
                if order.terminal:
                    _in_terminal(order, begun.session)
                else:
                    _in_browser(order, begun, store, sessions)
        finally:
            try:
                begun.session.close()
            finally:
                write_patterns(order, sessions)
        end(order, begun, store)


def _in_terminal(order: Order, session: Session) -> None:
    from nerture.terminal.dialogue import Dialogue
    from nerture.terminal.keys import keys_of

    shown = console()
    with keys_of(sys.stdin, lambda words: shown.print(words, end="")) as keys:
        Dialogue(session, order.annotator or _user(), keys, shown).run()


def _in_browser(order: Order, begun: Begun, store: Store, sessions: list[Session]) -> None:
    from nerture.web.guard import is_loopback
    from nerture.web.server import serve

    local = is_loopback(order.host)
    serve(
        begun.session,
        host=order.host,
        port=order.port,
        token=order.token,
        annotator=order.annotator or (_user() if local else None),
        others=_others(order, store, sessions),
        ready=lambda address: _ready(address, order.browser and local),
    )


def _others(order: Order, store: Store, sessions: list[Session]) -> dict[str, Callable[[], Session]]:
    """Return what opens the session's texts in the other modes, and adds the session to ``sessions``."""
    if order.mode not in SWITCHED:
        return {}
    modes = [mode for mode in SWITCHED if mode != order.mode and (mode != "match" or order.patterns)]

    def opening(mode: str) -> Session:
        sessions.append(begin(replace(order, mode=mode), store).session)
        return sessions[-1]

    return {mode: partial(opening, mode) for mode in modes}


def _ready(address: str, browse: bool) -> None:
    say(f"Answer at  {address}\nCtrl-C ends the session; everything answered is kept.")
    if browse and (
        sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        with suppress(webbrowser.Error):
            webbrowser.open(address)


@contextmanager
def _unswept() -> Iterator[None]:
    """Keep Python's cyclic garbage collector from what is made in the block, until ``_prompt`` ends.

    The texts of a session are hundreds of thousands of objects that live as long as it does. To go through
    all of them takes 100 ms each time, and an annotator would wait for it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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
        gc.unfreeze()


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
