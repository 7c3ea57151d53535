"""The transition system, and exact dynamic programming over all derivations of a text.

Read ``transitions.pxd`` first (the truth table of the BILUO actions), then ``scores`` and
``forward_backward`` (log-masses, marginals, expected action counts), ``constraint_masks`` (a target as
allowed steps) and ``derivations`` (all of it for one text). ``viterbi`` finds the best and k best derivations
and draws samples; ``greedy_decoder``, ``beam_search`` and ``span_decoder`` decode; ``dynamic_oracle`` with
``span_costs`` teaches by imitation, ``distillation`` and ``expectation`` are further objectives,
``conditioning`` turns beliefs into probabilities given a target, ``score_calibration`` scales scores where
probabilities are reported.

Imports ``core.text``, ``core.targets`` and ``core.kernels``.
"""
