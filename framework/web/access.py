"""Access control: who may send requests, from which page, how large; what a browser may do with replies.

A foreign page, open in the same browser, must not reach a session. Its domain could be made to resolve to
this machine (DNS rebinding), so the Host header must name this machine; it could send requests (CSRF), so
Origin and Sec-Fetch-Site must be this page's own.
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

from nerture.web.access_token import check_token
from nerture.web.replies import make_error

MAX_BODY_BYTES = 1_000_000
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def is_loopback(host: str) -> bool:
    """Return True if an address to bind to can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_names(host: str) -> frozenset[str]:
    """Return the names of a server bound to ``host``, not counting IP addresses."""
    if is_loopback(host):
        return LOCAL_NAMES
    return LOCAL_NAMES | {host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Who has access: the names allowed as Host, whether IP addresses are, and the token or None.

    A Host that is an IP address cannot be rebound, so ``addresses`` is safe if there is a token for those who
    can connect directly. Raises ``ConfigError`` for a token that could be guessed, or is empty: a request
    without a token would match it.
    """

    names: Collection[str] = LOCAL_NAMES
    addresses: bool = False
    token: str | None = None
    cookie: str = "nerture"

    def __post_init__(self) -> None:
        if self.token is not None:
            check_token(self.token)

    def allows_host(self, host: str) -> bool:
        """Return True if a Host header names this server."""
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

    def allows_token(self, token: str) -> bool:
        """Return True if ``token`` is right, in a time that reveals nothing about it."""
        return self.token is None or hmac.compare_digest(token.encode(), self.token.encode())

    def allows_request(self, headers: Headers) -> bool:
        """Return True if a request has the token, in its cookie or as ``Authorization: Bearer``."""
        if self.token is None:
            return True
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.allows_token(value.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return cookie is not None and self.allows_token(cookie.value)


class AccessMiddleware:
    """ASGI middleware: refuses forbidden requests, limits bodies, and adds security headers."""

    def __init__(self, app: ASGIApp, policy: AccessPolicy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._find_refusal(scope, headers)
        if refused is None:
            await self.app(scope, _limit_body(receive), _add_headers(send))
        else:
            await make_error(*refused)(scope, receive, _add_headers(send))

    def _find_refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and message for a forbidden request, else None."""
        host = headers.get("host", "")
        if not self.policy.allows_host(host):
            return 403, f"this server has no name {host!r}: use the address that it printed"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
            return 403, "this request comes from another page"
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and scope["path"] != "/":
            return 403, "this request comes from another page"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return 413, f"expected a message of at most {MAX_BODY_BYTES:,} bytes, got a longer one"
        if scope["path"] != "/" and not self.policy.allows_request(headers):
            return 401, "this session requires its token: open the complete address that it printed"
        return None


class TooLargeError(Exception):
    """A body exceeded the limit while it was read."""


def _limit_body(receive: Receive) -> Receive:
    """Stop a body that exceeds the limit, whatever length its header gives."""
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            raise TooLargeError
        return message

    return receive_limited


def _add_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers
