"""Questions and answers.

Read ``question`` first, then ``validation`` (allowed field values), ``answer_targets`` (an answer as a
target) and ``prodigy_rows`` (an answer as a row of a dataset). ``agreement`` computes kappa and alpha,
``dataset_agreement`` applies them to stored rows.

Imports ``core`` and ``store``.
"""
