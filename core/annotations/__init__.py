"""Annotations in files, read as records, spans, tags and targets.

Read ``record`` first (a row, or a problem with it), then ``line_reader`` and ``literal_reader`` (bytes to
lines and items), ``json_rows``, ``answer_rows`` and ``probability_rows`` (rows, field by field),
``tag_schemes`` (BILUO, BIO and the like). ``span_validation`` and ``span_alignment`` handle spans that do not
fit their tokens; ``label_map``, ``teacher_targets`` and ``pattern_stats`` serve the label sources.

Imports ``core.lattice``, ``core.targets`` and ``core.text``.
"""
