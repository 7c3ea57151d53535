"""Query strategies: which question is asked next, one strategy per mode.

``base`` defines the interface; ``sequential`` goes through the texts in order (correct, manual, gold,
match), ``active`` asks what the model learns most from (teach) by the ``acquisition`` function; ``retype``
and ``review`` are strategies of their own.

Imports ``sessions.estimates`` and the rooms below it.
"""
