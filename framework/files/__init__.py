"""Reads corpora, and writes files and folders atomically."""
