"""Teaching sessions: questions out, answers in, a model that learns from them."""
