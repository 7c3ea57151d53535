"""What has been freed goes back to the system."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import numpy as np
import pytest

from nerture.sessions.learning import heap

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident():
    """Bytes of memory that the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not the GNU C library")
def test_memory_below_what_is_still_in_use_is_given_back():
    blocks = [np.ones(60_000, dtype=np.uint8) for _ in range(1000)]  # too small for pages of their own
    last = blocks[-1]
    del blocks
    full = resident()
    heap.give_back()
    assert full - resident() > 30_000_000
    assert last.sum() == 60_000


def test_nothing_happens_where_the_c_library_cannot(monkeypatch):
    monkeypatch.setattr(heap.ctypes, "CDLL", lambda name: object())
    heap.give_back()
