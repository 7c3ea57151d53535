"""``nerture apply`` and ``nerture match``.

A ``job`` has the options of input and output, ``run`` takes texts through it, ``output_sink`` writes rows,
``rejected`` bad rows, ``alternatives`` the k best analyses; ``tally`` counts. Imports ``cli.common``, and
``cli.session`` for sessions about matches.
"""
