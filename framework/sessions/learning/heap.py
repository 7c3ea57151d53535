"""What has been freed goes back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Let the C library return memory that is free, at the end of work that took much of it for a while.

    glibc keeps it otherwise, in pieces that the next such work does not quite fit into, so that a process
    which learns again and again grows by a quarter in a few thousand answers. It takes some 10 ms, without
    the GIL. Other libraries do so by themselves, or cannot: there, nothing happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
