"""Hashes of content: equal content has equal hashes, on every machine and in every process."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def content_hash(content: Any) -> str:
    """Return the hash of plain data, 32 hexadecimal digits; the order of an object's keys does not matter."""
    data = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.blake2b(data.encode(), digest_size=16).hexdigest()
