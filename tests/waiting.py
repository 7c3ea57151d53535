"""Waiting for what happens in another thread or process."""

import time


def wait_for(condition, seconds=60.0):
    """Wait until something has come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
