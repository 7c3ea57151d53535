"""A small session, and a client of its page."""

from ...support.memory_session import client, session

__all__ = ["client", "session"]
