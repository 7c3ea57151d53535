"""Settings of the whole process that only save time or memory; each says what it gains.

The command line and sessions use them; a program that imports nerture decides for itself.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STARTUP_OBJECTS = 100_000
"""Objects after which start-up is over: more than all that a command imports."""
SWITCH_SECONDS = 0.0005
"""How long a thread may run before others get a turn; Python's own default is ten times that."""


def use_one_blas_thread() -> None:
    """Give numpy's BLAS one thread, unless the user asks for more; call it before numpy is imported.

    The network's products are nerture's own; the little that is left to BLAS does not pay for a second
    thread.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def delay_first_collection() -> None:
    """Run no garbage collection during start-up; the first one restores the usual threshold.

    Imported modules stay, so scanning them repeatedly is wasted: 5 % of the time to a first answer.
    """
    usual = gc.get_threshold()

    def restore(phase: str, info: dict[str, int]) -> None:
        gc.set_threshold(*usual)
        gc.callbacks.remove(restore)

    gc.set_threshold(STARTUP_OBJECTS, *usual[1:])
    gc.callbacks.append(restore)


def skip_final_collection() -> None:
    """Spare Python a last garbage collection as it exits: the objects go with the process anyway."""
    gc.freeze()


@contextmanager
def exclude_from_collections() -> Iterator[None]:
    """Exclude what the block creates from garbage collections, until ``include_in_collections``.

    The modules and texts of a session are hundreds of thousands of objects. Scanning them takes a third of
    the time in which they are made, and later 100 ms at each full collection, while an annotator waits.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def include_in_collections() -> None:
    """Undo ``exclude_from_collections``."""
    gc.unfreeze()


@contextmanager
def switch_threads_often() -> Iterator[None]:
    """Let threads take turns every half millisecond instead of every 5 ms during the block.

    Each step of saving an answer waits for the thread that trains: an answer that takes 8 ms on its own takes
    16 ms next to it, and 8 ms again with this.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def trim_malloc() -> None:
    """Return free heap memory to the system, after work that needed much of it for a while.

    Otherwise glibc keeps it in pieces that the next such work does not quite fit into, and a process that
    trains again and again grows by a quarter over a few thousand answers. Takes about 10 ms, without the GIL.
    Does nothing where the C library has no ``malloc_trim``.
    """
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
