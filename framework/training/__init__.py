"""Training: data, batches, updates, evaluations, checkpoints."""
