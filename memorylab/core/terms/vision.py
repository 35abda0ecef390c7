"""Vision, detection and diffusion."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
IMGSZ: image size, input resolution
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = ""
