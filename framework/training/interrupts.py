"""Ctrl-C at the right moment: between two steps, never within one."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let a Ctrl-C that comes within the block wait for its end.

    Outside the main thread, where no Ctrl-C arrives, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if waiting:
        signal.raise_signal(signal.SIGINT)
