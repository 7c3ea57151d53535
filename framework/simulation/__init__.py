"""Sessions with an annotator who is played from gold annotations: how ways of asking are compared."""
