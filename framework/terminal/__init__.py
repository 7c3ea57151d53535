"""Sessions in a terminal: ``dialogue`` asks, ``keys`` reads keys, ``show`` formats questions."""
