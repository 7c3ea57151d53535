"""Single keys of a real (pseudo) terminal."""

from __future__ import annotations

import io
import os
import pty
import signal
import termios
import threading

import pytest

from nerture.terminal.keys import TerminalKeys, find_action, open_keys

# Keys of a terminal.


@pytest.fixture
def terminal():
    """A pseudo terminal: where a person types, and where the program reads."""
    person, program = pty.openpty()
    with open(program, "r+b", buffering=0) as stream:
        yield person, io.TextIOWrapper(stream, write_through=True)
    os.close(person)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (b"a", "accept"), (b"A", "accept"), (b"x", "reject"), (b" ", "ignore"), (b"\x7f", "undo"),
        (b"\r", "enter"), (b"3", "3"), (b"\x1b[A", ""), ("é".encode(), ""), (b"z", ""), (b"\x04", "end"),
    ],
)  # fmt: skip
def test_keys_of_a_terminal_are_read_at_once_without_echo(terminal, typed, name):
    person, stream = terminal
    with open_keys(stream, lambda words: None) as keys:
        assert isinstance(keys, TerminalKeys)
        os.write(person, typed)
        assert keys.next() == name
        os.set_blocking(person, False)
        with pytest.raises(BlockingIOError):
            os.read(person, 10)


def test_the_terminal_is_restored_even_after_ctrl_c(terminal):
    _, stream = terminal
    before = termios.tcgetattr(stream.fileno())
    timer = threading.Timer(0.3, signal.pthread_kill, [threading.get_ident(), signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        read_one_key(stream, before)
    timer.join()
    assert termios.tcgetattr(stream.fileno()) == before


def read_one_key(stream, before):
    with open_keys(stream, lambda words: None) as keys:
        assert termios.tcgetattr(stream.fileno()) != before
        keys.next()


def test_names_of_keys():
    assert [find_action(key) for key in "aXi9 0\r"] == [
        "accept",
        "reject",
        "ignore",
        "9",
        "ignore",
        "",
        "enter",
    ]
