"""``nerture data``: ``group`` lists its commands; ``views``, ``transfer`` and ``changes`` define them.

Imports ``cli.common``.
"""
