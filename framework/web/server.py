"""``serve``: runs the page until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote

import uvicorn

from nerture.errors import ConfigError
from nerture.sessions.live.protocol import Session
from nerture.web.access import AccessPolicy, is_loopback, own_names
from nerture.web.app import make_app

GRACE = 5
"""Seconds that a running request gets once the server is to end."""


def serve(
    session: Session,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    token: str | None = None,
    annotator: str | None = None,
    others: Mapping[str, Callable[[], Session]] | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve the page of ``session`` until Ctrl-C or SIGTERM.

    ``port`` 0 takes any free one. Bound to anything but this machine's loopback, a token is asked for;
    it is made here unless ``token`` gives one. ``ready`` is told the page's address, token and all, once the
    port is taken. Raises ``ConfigError`` when it cannot be.
    """
    if token is None and not is_loopback(host):
        token = secrets.token_urlsafe(16)
    listening = listen(host, port)
    try:
        taken = listening.getsockname()[1]
        door = AccessPolicy(own_names(host), not is_loopback(host), token, f"nerture_{taken}")
        app = make_app(session, door=door, annotator=annotator, others=others)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE, server_header=False
        )
        ready(address(host, taken, token))
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """Take a port, so that questions of the page that come at once wait for the server to be ready."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, OverflowError) as error:
        raise ConfigError(f"--host {host}: no such address: {error}") from None
    family, *_, place = found[0]
    # asyncio sends what is written at once only where the socket says that it is TCP's; else each reply
    # waits 40 ms for the browser to acknowledge its first part
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; give another --port, "
            "or --port 0 for any free one"
        ) from None
    return listening


def address(host: str, port: int, token: str | None) -> str:
    """Return the address to open; a server on all addresses is named by the one others reach."""
    if host in {"0.0.0.0", "::", ""}:
        host = outward() or socket.gethostname()
    elif ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}/" + (f"?token={quote(token, safe='')}" if token else "")


def outward() -> str | None:
    """Return this machine's address in its network, as a phone would open it; None: there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect(("192.0.2.1", 9))  # an address for documentation: nothing is sent, a route is chosen
        return str(asking.getsockname()[0])
    return None
