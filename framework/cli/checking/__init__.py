"""``nerture check``.

``check`` is the command, ``examination`` what it looks at, ``findings`` how it is printed.

Imports ``cli.common``.
"""
