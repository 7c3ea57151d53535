"""Questions and answers.

Read ``question`` first, then ``validation`` (what fields may hold), ``answer_targets`` (an answer as a
target) and ``prodigy_rows`` (an answer as a row of a dataset). ``agreement`` computes kappa and alpha,
``dataset_agreement`` applies them to stored rows.

Imports ``core`` and ``store``.
"""
