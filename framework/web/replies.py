"""Replies of the server: results and errors as JSON."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response


class JSONReply(Response):
    """A JSON object in ASCII, so that all texts can be sent, even with lone surrogates."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the bytes; raises ``ValueError`` for numbers that are not finite."""
        return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def make_error(status: int, message: str) -> JSONReply:
    """Return an error reply, ``{"error": message}``."""
    return JSONReply({"error": message}, status)


def describe_errors(error: ValidationError) -> str:
    """Return the errors of a message by key, without echoing its content."""
    parts = [
        f"{'.'.join(str(key) for key in problem['loc']) or 'the message'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)[:5]
    ]
    return "; ".join(parts)
