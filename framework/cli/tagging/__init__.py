"""``nerture apply`` and ``nerture match``.

A ``job`` has the input and output, ``run`` takes texts through it, ``output_sink`` writes rows, ``rejected``
bad lines, ``tally`` counts. ``alternatives`` holds the k best
analyses. Imports ``cli.common``, and ``cli.session`` for sessions about matches.
"""
