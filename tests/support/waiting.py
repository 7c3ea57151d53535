"""Waiting for other threads and processes."""

import time


def wait_for(condition, seconds=60.0):
    """Wait until ``condition`` is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.02)


def rest(session):
    """Wait until no update and no refit is due."""
    assert session.settle(120)
    wait_for(lambda: not session._event_log.state.is_refit_due(), 120)
    assert session.settle(120)
