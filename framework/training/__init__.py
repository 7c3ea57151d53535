"""Training: data, batches, updates, evaluations, checkpoints.

``train`` is what others call. It reads ``training_data`` and runs a ``Trainer``, which trains (``runs``),
evaluates on texts that are held out (``held_out``, ``threshold``, ``cross_validation``), and writes a
``checkpoint``.
"""
