"""Tokenizers: texts to token offsets."""
