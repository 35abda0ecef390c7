"""From a text or a diff to typed edits: what an idea changes."""
