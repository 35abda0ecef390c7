"""What a run was: its arena, how it crashed, whether it was measured as agreed, what it did in its time."""
