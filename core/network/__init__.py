"""The network: word attributes in, transition scores out, with gradients.

Read ``settings`` (hyperparameters), ``features`` and ``feature_extractor`` (a token's hashed attributes),
then ``network`` with ``layers`` (forward and backward passes in pairs), ``matmul``, ``padding`` and
``layer_loops`` (the loops between matrix products). ``parameters`` holds the weights, ``adam`` updates them,
``vocabulary`` knows which words training has met. Prediction takes another way: ``inference_encoder`` with
its ``form_cache``.

Imports ``core.text`` and ``core.kernels``.
"""
