"""``nerture check``: ``check`` is the command, ``examination`` does the checks, ``findings`` prints them.

Imports ``cli.common``.
"""
