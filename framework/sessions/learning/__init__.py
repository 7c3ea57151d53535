"""Versions of the model.

``incremental_trainer`` makes the next version, ``refit_schedule`` says when one begins from scratch,
``checkpoints`` keeps versions on disk.

Imports ``sessions.estimates`` and the rooms below it.
"""
