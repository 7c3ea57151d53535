"""What is known about a text: the common format of all label sources.

Read ``target`` first, then ``consistency`` (contradictions within one target), ``merging`` (several
statements about one text) and ``retokenization`` (statements with different tokens). ``span_probabilities``
holds a teacher's probabilities, ``span_mixtures`` and ``projection`` compute with them, ``splitting`` splits
long texts for training.

Imports ``core.text``.
"""
