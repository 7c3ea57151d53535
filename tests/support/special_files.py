"""What a model folder can have in place of a file, to reveal a secret or to make its reader wait forever."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import contextmanager
from pathlib import Path

SECRET = "TOP SECRET 12345"


def absolute_link(path: Path) -> None:
    """Make a link to a file outside of the folder."""
    secret = path.parent.with_name("secret.txt")
    secret.write_text(SECRET)
    path.symlink_to(secret)


def relative_link(path: Path) -> None:
    """Make a link to a file outside of the folder, relative to the folder."""
    path.parent.with_name("secret.txt").write_text(SECRET)
    path.symlink_to("../secret.txt")


def device(path: Path) -> None:
    """Make a link to a device."""
    path.symlink_to("/dev/null")


def named_pipe(path: Path) -> None:
    """Make a named pipe that nobody writes to."""
    os.mkfifo(path)


def linked_pipe(path: Path) -> None:
    """Make a link to a named pipe within the folder."""
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


def unix_socket(path: Path) -> None:
    """Make a socket."""
    working_folder = os.getcwd()
    os.chdir(path.parent)  # the whole path may be too long for a socket
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(working_folder)


def folder(path: Path) -> None:
    """Make a folder."""
    path.mkdir()


def link_to_itself(path: Path) -> None:
    """Make a link to itself."""
    path.symlink_to(path.name)


SPECIAL_FILES = {
    absolute_link: "which is /",
    relative_link: "which is /",
    device: "which is /dev/null",
    named_pipe: "which is a named pipe",
    linked_pipe: "which is a named pipe",
    unix_socket: "which is a socket",
    folder: "which is a folder",
    link_to_itself: "symbolic links",
}
"""The functions that make them, and what the message calls them."""


@contextmanager
def within_seconds(seconds: int):
    """Raise ``TimeoutError`` in a block that takes longer, as when it waits for a pipe."""

    def stop(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
