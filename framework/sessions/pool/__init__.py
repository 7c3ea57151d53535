"""The texts that a session may ask about.

Read ``text`` and ``pool`` first, then ``passages`` (long texts in parts), ``surface_index`` (where words
occur), ``prior_targets`` (what was known before the session) and ``pool_predictions`` (what a model version
predicts on the pool).

Imports ``core``.
"""
