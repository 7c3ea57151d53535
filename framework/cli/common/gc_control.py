"""Python's cyclic garbage collector, kept from what lives as long as the command does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave what is made in the block out of garbage collections, now and until ``gc.unfreeze``.

    Modules, and the texts of a session, are hundreds of thousands of objects. To look through them again and
    again takes a third of the time in which they are made, and later 100 ms whenever all are looked through:
    an annotator would wait for it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
