"""How good a model is: ``scorer``, ``reliability`` (are its probabilities right?), ``calibration``.

Imports ``core``.
"""
