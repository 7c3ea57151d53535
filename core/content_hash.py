"""The identity of content: equal content has an equal hash, on every machine and in every process."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def content_hash(content: Any) -> str:
    """Return 32 hexadecimal digits that stand for plain data: the order of an object's keys says nothing."""
    data = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.blake2b(data.encode(), digest_size=16).hexdigest()
