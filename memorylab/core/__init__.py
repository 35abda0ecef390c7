"""Judgement without clock, environment, files or randomness: what an idea changes, what a run means, what is next."""
