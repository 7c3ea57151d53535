"""Sessions answered from gold annotations, to compare modes and query strategies."""
