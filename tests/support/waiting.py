"""Waiting for what happens in another thread or process."""

import time


def wait_for(condition, seconds=60.0):
    """Wait until something has come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def rest(session):
    """Wait until there is nothing to learn, and no model to be made afresh."""
    assert session.settle(120)
    wait_for(lambda: not session._event_log.state.refits(), 120)
    assert session.settle(120)
