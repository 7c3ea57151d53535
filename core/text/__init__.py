"""Texts and their tokens.

Read ``doc`` (a text with its tokens) and ``alignment`` (characters to tokens) first; then the tokenizers:
``rule_tokenizer`` with ``token_rules`` and the English rules in ``english`` and ``english_exceptions``,
``unicode_tokenizer`` with ``word_break``, ``whitespace_tokenizer``. ``lexical`` computes the attributes of
word forms that the patterns and the network share, ``segmentation`` splits a text into passages.

Imports ``core.errors`` only.
"""
