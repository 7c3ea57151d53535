"""The learner: labels, settings and weights; it predicts, and training steps teach it.

Read ``learner`` first, then ``updater`` (training steps), ``prediction`` and ``constrained_prediction`` (the
second, where something is known of the text). ``batching`` groups texts, ``resize_labels`` adds and removes
labels, ``quantization`` stores weights in fewer bits, ``serialization`` reads and writes model files.

Imports ``core.network``, ``core.lattice``, ``core.targets`` and ``core.text``.
"""
