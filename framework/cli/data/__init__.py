"""``nerture data``: ``group`` lists its commands; ``views``, ``transfer`` and ``changes`` hold them.

Imports ``cli.common``.
"""
