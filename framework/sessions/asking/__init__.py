"""What is asked next, mode by mode."""
