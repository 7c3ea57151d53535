"""The built-in plugins; they use nothing that a stranger's plugin could not."""
