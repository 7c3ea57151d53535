"""How good a model is: ``scorer``, ``reliability`` (are its probabilities true?), ``calibration``.

Imports ``core``.
"""
