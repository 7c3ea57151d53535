"""The guard before the app: who may ask, from which page, and how much; what a browser may do with the reply.

A page of a stranger, open in the same browser, must not reach a session. Its name could be made to point here
(DNS rebinding), so the Host header has to name this machine; it could send requests as it stands (CSRF), so
Origin and Sec-Fetch-Site have to be this page's own.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nerture.web.replies import refusal

MAX_BODY_BYTES = 1_000_000
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def is_loopback(host: str) -> bool:
    """Say whether an address to bind to is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_names(host: str) -> frozenset[str]:
    """Return the names by which a server bound to ``host`` is called, beside plain addresses."""
    if is_loopback(host):
        return LOCAL_NAMES
    return LOCAL_NAMES | {host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Who is let in: the names that Host may have, any plain address or not, and the token or None.

    No name can be rebound to a Host that is a plain address, so ``addresses`` is safe wherever there is a
    token against those who may connect directly.
    """

    names: Collection[str] = LOCAL_NAMES
    addresses: bool = False
    token: str | None = None
    cookie: str = "nerture"

    def knows(self, host: str) -> bool:
        """Say whether a Host header names this server."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self.names:
            return True
        if not self.addresses:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def admits(self, given: str) -> bool:
        """Say whether ``given`` is the token, in a time that tells nothing of it."""
        return self.token is None or hmac.compare_digest(given.encode(), self.token.encode())

    def trusts(self, headers: Headers) -> bool:
        """Say whether a request brings the token, in its cookie or as ``Authorization: Bearer``."""
        if self.token is None:
            return True
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.admits(value.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return cookie is not None and self.admits(cookie.value)


class AccessMiddleware:
    """ASGI middleware: refuses what must not pass, limits bodies, and adds the headers for the browser."""

    def __init__(self, app: ASGIApp, door: AccessPolicy) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused is None:
            await self.app(scope, _limited(receive), _with_headers(send))
        else:
            await refusal(*refused)(scope, receive, _with_headers(send))

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return the status and the message for a request that must not pass, else None."""
        host = headers.get("host", "")
        if not self.door.knows(host):
            return 403, f"this server is not called {host!r}: open it by the address that it printed"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
            return 403, "this request comes from another page"
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and scope["path"] != "/":
            return 403, "this request comes from another page"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return 413, f"a message has at most {MAX_BODY_BYTES:,} bytes"
        if scope["path"] != "/" and not self.door.trusts(headers):
            return 401, "this session asks for its token: open the whole address that it printed"
        return None


class TooLargeError(Exception):
    """A body grew beyond its limit while it was read."""


def _limited(receive: Receive) -> Receive:
    """Stop a body that is longer than it said, or said nothing."""
    seen = 0

    async def take() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise TooLargeError
        return message

    return take


def _with_headers(send: Send) -> Send:
    async def give(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return give
