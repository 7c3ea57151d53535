"""Which question is asked next: one strategy a mode.

``base`` says what a strategy is; ``sequential`` goes through the texts in order (correct, manual, gold,
match), ``active`` asks what teaches most (teach) by the ``acquisition`` function, ``retype`` and ``review``
have their own.

Imports ``sessions.estimates`` and the rooms below it.
"""
