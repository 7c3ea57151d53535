"""What process tuning does to memory."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from nerture import process_tuning

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident():
    """Return the bytes of memory that the process occupies."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not the GNU C library")
def test_trim_malloc_returns_memory_below_what_is_still_in_use():
    blocks = [np.ones(60_000, dtype=np.uint8) for _ in range(1000)]  # too small for pages of their own
    last = blocks[-1]
    del blocks
    full = resident()
    process_tuning.trim_malloc()
    assert full - resident() > 30_000_000
    assert last.sum() == 60_000


def test_trim_malloc_does_nothing_where_the_c_library_cannot(monkeypatch):
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: asked.append(name) or object())
    process_tuning.trim_malloc()
    assert asked == [None]


def test_objects_can_be_excluded_from_collections_for_a_while():
    before = gc.get_freeze_count()
    with process_tuning.exclude_from_collections():
        assert not gc.isenabled()
        kept = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(kept)
    process_tuning.include_in_collections()
    assert gc.get_freeze_count() == 0


def test_threads_switch_often_during_the_block_alone():
    before = sys.getswitchinterval()
    with process_tuning.switch_threads_often():
        assert sys.getswitchinterval() == pytest.approx(process_tuning.SWITCH_SECONDS)
    assert sys.getswitchinterval() == pytest.approx(before)
