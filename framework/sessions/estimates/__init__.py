"""Estimates from the answers so far, about the model and the annotators.

``online_calibration`` and ``answer_statistics`` (were probabilities right, and how long do answers take:
``answer_speed``), ``prequential`` (entities found and missed in whole texts), ``probes`` (an unbiased
estimate of precision, an ``interval``), ``expected_f1`` and ``learning_curve``. ``snapshot`` is what a
version is trained on, with the estimates at that moment.

Imports ``sessions.log`` and the rooms below it.
"""
