"""Sessions in memory."""

from ...support.plants import play, small_learner

__all__ = ["play", "small_learner"]
