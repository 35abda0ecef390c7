"""Reinforcement learning."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
ENTROPY_BONUS: entropy coefficient, entropy coef, entropy regularization
TAU: target smoothing, polyak tau
GAMMA: discount, discount factor
BUFFER_SIZE: buffer, replay buffer, replay buffer size, replay size
EXPLORATION: anneal, epsilon anneal, eps end, eps anneal, exploration anneal
TARGET_SYNC: sync target net, target update, target network sync
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = ""
