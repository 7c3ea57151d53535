"""An annotator's page, as far as a teaching session's server can tell."""

from __future__ import annotations

import http.client
import json
import re
import socket
from pathlib import Path
from typing import Any

READY = re.compile(rb"http://127\.0\.0\.1:(\d+)")
"""What a server prints once it can be asked: its address."""


def resolved(path: str) -> str:
    """Return a path, or ``blank:``, as it is understood in every folder."""
    return path if path.startswith("blank:") else str(Path(path).resolve())


class Client:
    """One annotator's page."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.connection.connect()  # its messages go out in two parts: do not hold back the second
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, what: str, **message: Any) -> dict[str, Any]:
        body = json.dumps({"annotator": "ann", **message})
        self.connection.request("POST", f"/api/teach/{what}", body, {"Content-Type": "application/json"})
        reply = self.connection.getresponse()
        told = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{what}: {reply.status} {told!r}")
        return dict(json.loads(told))
