"""Replies of the server: JSON for what was asked, and JSON for what went wrong."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response


class JSONReply(Response):
    """A JSON object in ASCII, so that every text passes, lone surrogates too."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the bytes; raises ``ValueError`` for a number that JSON does not know."""
        return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def refusal(status: int, message: str) -> JSONReply:
    """Return an error: ``{"error": message}``."""
    return JSONReply({"error": message}, status)


def told(error: ValidationError) -> str:
    """Return what is wrong with a message, key by key, without echoing its content."""
    parts = [
        f"{'.'.join(str(key) for key in problem['loc']) or 'the message'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)[:5]
    ]
    return "; ".join(parts)
