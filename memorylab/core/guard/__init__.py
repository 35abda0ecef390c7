"""Whether an idea is new: what speaks against it, what it may bring, what to try instead."""
