from __future__ import annotations
KINDS = {}
def attempt(stage, trial): return []
