"""The session in a terminal: ``dialogue`` asks, ``keys`` reads keys, ``show`` writes questions."""
