"""Texts and their tokens.

Read ``doc`` (a text with its tokens) and ``alignment`` (characters to tokens) first; then the tokenizers:
``rule_tokenizer`` with ``token_rules`` and the English rules in ``english`` and ``english_exceptions``,
``unicode_tokenizer`` with ``word_break``, ``whitespace_tokenizer``. ``lexical`` gives the attributes of a
word form that the patterns and the network share, ``segmentation`` finds sentence boundaries.

Imports ``core.errors`` only.
"""
