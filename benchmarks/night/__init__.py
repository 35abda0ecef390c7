"""Simulated nights whose truth is known: a world, an agent, policies that decide, and what became of them."""
