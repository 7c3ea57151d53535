"""The learner: labels, settings and weights, with prediction and training steps.

Read ``learner`` first, then ``updater`` (training steps), ``prediction`` and ``constrained_prediction``
(prediction given a target). ``batching`` groups texts, ``resize_labels`` adds and removes labels,
``quantization`` stores weights in fewer bits, ``serialization`` reads and writes model files.

Imports ``core.network``, ``core.lattice``, ``core.targets`` and ``core.text``.
"""
