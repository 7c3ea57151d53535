"""What is known of a text: the one form in which every label source speaks.

Read ``target`` first, then ``consistency`` (contradictions within one target), ``merging`` (several
statements about one text) and ``retokenization`` (statements on different tokens). ``span_probabilities``
holds a teacher's beliefs, ``span_mixtures`` and ``projection`` compute with them, ``splitting`` cuts long
texts for training.

Imports ``core.text``.
"""
