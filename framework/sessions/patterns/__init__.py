"""Patterns that answers suggest.

``pattern_suggestions`` finds them, ``pattern_verdicts`` holds the annotators' verdicts about them,
``pattern_stats`` counts how each pattern's hits were answered, ``live_statistics`` keeps suggestions and
agreement up to date.

Imports ``sessions.answers`` and ``sessions.pool``.
"""
