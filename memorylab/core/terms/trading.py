"""Trading strategies and backtests."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
TAKE_PROFIT: tp, profit target, take profit pct, take profit exit
STOP_LOSS: sl
TRAILING_STOP: atr stop, atr stop mult, atr trailing stop
COOLDOWN_BARS: re entry delay
MIN_VOTES: minimum vote
PYRAMID: pyramiding, add to open position, scale into position
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
rsi: rsi
macd: macd
"""
