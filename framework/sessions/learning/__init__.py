"""Versions of the model.

``incremental_trainer`` makes the next version, ``refit_schedule`` says when one begins from scratch,
``checkpoints`` keeps versions on disk, ``heap`` gives memory back to the system between versions.

Imports ``sessions.estimates`` and the rooms below it.
"""
