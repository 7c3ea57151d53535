"""The network: from word attributes to transition scores, with gradients.

Read ``settings`` (hyperparameters), ``features`` and ``feature_extractor`` (a token's hashed attributes),
then ``network`` with ``layers`` (forward and backward passes in pairs), ``matmul``, ``padding`` and
``layer_loops`` (the loops between matrix products). ``parameters`` holds the weights, ``adam`` updates them,
``vocabulary`` holds the words seen in training. Prediction has its own implementation,
``inference_encoder`` with its ``form_cache``.

Imports ``core.text`` and ``core.kernels``.
"""
