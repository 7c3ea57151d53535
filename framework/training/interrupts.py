"""Ctrl-C at the right moment: between two steps, never within one."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def delay_interrupts() -> Iterator[None]:
    """Delay a Ctrl-C that comes within the block until its end.

    Does nothing outside the main thread, where no Ctrl-C arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    delayed = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: delayed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if delayed:
        signal.raise_signal(signal.SIGINT)
