"""The learner and the data it learns from.

Packages, from the bottom up; each imports only those before it:

- ``text``: texts, tokens, tokenizers, lexical attributes of words
- ``targets``: what is known about a text, and how several statements about it are merged
- ``kernels``: matrix products and loops for the instruction set of this machine
- ``lattice``: the transition system and exact dynamic programming over all derivations of a text
- ``network``: from word attributes to transition scores, forward and backward
- ``learner``: labels, settings and weights; training steps, prediction, model files
- ``annotations``: rows of files as records, spans, tags and targets

``errors``, ``content_hash``, ``format_json`` and ``suggest_name`` are used by all of them. The core imports
numpy and safetensors, and nothing of nerture above it.
"""
