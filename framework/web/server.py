"""``serve``: runs the page until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote

import uvicorn

from nerture.errors import ConfigError
from nerture.sessions.live.protocol import Session
from nerture.web.access import AccessPolicy, is_loopback, own_names
from nerture.web.access_token import check_token, make_token
from nerture.web.app import make_app

SHUTDOWN_SECONDS = 5
"""Time for running requests to finish when the server stops."""


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

    ``port`` 0 picks a free one. A token is required if ``host`` is not a loopback address; it is random
    unless ``token`` is given. ``ready`` is called with the page's address, token included, once the port is
    bound. Raises ``ConfigError`` if it cannot be bound, and for a token that could be guessed.
    """
    if token is not None:
        check_token(token)
    elif not is_loopback(host):
        token = make_token()
    listening = listen(host, port)
    try:
        bound_port = listening.getsockname()[1]
        policy = AccessPolicy(own_names(host), not is_loopback(host), token, f"nerture_{bound_port}")
        app = make_app(session, policy=policy, annotator=annotator, others=others)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            server_header=False,
        )
        ready(make_address(host, bound_port, token))
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """Bind a port; requests that come before the server is ready wait."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, OverflowError) as error:
        raise ConfigError(f"--host: expected an address of this machine, got {host}: {error}") from None
    family, *_, sockaddr = addresses[0]
    # asyncio disables Nagle's algorithm only if the socket's protocol is TCP; otherwise each reply waits
    # 40 ms for the browser to acknowledge its first part
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(sockaddr)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; use another --port, "
            "or --port 0 for a free one"
        ) from None
    return listening


def make_address(host: str, port: int, token: str | None) -> str:
    """Return the address to open; for a server on all addresses, the one that others can reach."""
    if host in {"0.0.0.0", "::", ""}:
        host = find_network_address() or socket.gethostname()
    elif ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}/" + ("" if token is None else f"?token={quote(token, safe='')}")


def find_network_address() -> str | None:
    """Return this machine's address in its network, for a phone say; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # a reserved address: nothing is sent, only a route chosen
        return str(probe.getsockname()[0])
    return None
