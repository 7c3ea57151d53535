"""Live sessions on a store."""

from ....support.live_sessions import kind, learning, opened, pool, quick, reopening

__all__ = ["kind", "learning", "opened", "pool", "quick", "reopening"]
