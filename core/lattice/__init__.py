"""The transition system, and exact dynamic programming over all derivations of a text.

Read ``transitions.pxd`` first (the truth table of the BILUO actions), then ``scores`` and
``forward_backward`` (log-masses, marginals, expected action counts), ``constraint_masks`` (a target as
allowed steps) and ``derivations`` (all of this for one text). ``k_best`` finds the best and k best
derivations and draws samples; ``greedy_decoder``, ``beam_search`` and ``span_decoder`` decode;
``dynamic_oracle`` with ``span_costs`` is imitation learning, ``distillation`` and ``expectation`` are further
objectives, ``conditioning`` turns independent probabilities into a distribution over derivations,
``score_calibration`` scales scores where probabilities are reported.

Imports ``core.text``, ``core.targets`` and ``core.kernels``.
"""
