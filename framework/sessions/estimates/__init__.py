"""What the answers so far tell about the model and its annotators.

``online_calibration`` and ``answer_statistics`` (how true probabilities were, how long answers take:
``answer_speed``), ``prequential`` (found and missed in whole texts), ``probes`` (an unbiased estimate of
precision, an ``interval``), ``expected_f1`` and ``learning_curve``. ``snapshot`` is what a version learns
from, with the estimates of that moment.

Imports ``sessions.log`` and the rooms below it.
"""
