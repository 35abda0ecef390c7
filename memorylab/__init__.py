"""MemoryLab: the research memory around an autonomous training loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memorylab.lab import Lab, open_lab

__version__ = "0.1.0"
__all__ = ["Lab", "__version__", "open_lab"]


def __getattr__(name: str) -> Any:
    """Import the lab when it is first asked for: `import memorylab` alone stays instant."""
    if name in ("Lab", "open_lab"):
        from memorylab import lab

        return getattr(lab, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
