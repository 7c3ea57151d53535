"""The learner and the data it learns from; imports numpy, safetensors and nothing of nerture above it."""
