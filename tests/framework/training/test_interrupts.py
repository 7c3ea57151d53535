from __future__ import annotations

import signal
import threading

import pytest

from nerture.training.interrupts import delay_interrupts


def test_ctrl_c_waits_for_the_end_of_the_block():
    done = []

    def work():
        with delay_interrupts():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_without_ctrl_c_nothing_happens():
    before = signal.getsignal(signal.SIGINT)
    with delay_interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_an_exception_comes_through():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="stop"), delay_interrupts():
        raise ValueError("stop")
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_signals_are_left_alone():
    seen = []

    def work():
        with delay_interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
