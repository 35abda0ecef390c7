"""MemoryLab: the research memory around an autonomous training loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memorylab.lab import Lab, open_lab
    from memorylab.notebook import open as open

__version__ = "0.1.0"
__all__ = ["Lab", "__version__", "open_lab"]


def __getattr__(name: str) -> Any:
    """Import the lab when it is first asked for: `import memorylab` alone stays instant."""
    if name in ("Lab", "open_lab"):
        from memorylab import lab

        return getattr(lab, name)
    if name == "open":  # not in __all__: `from memorylab import *` must not take the built-in one away
        from memorylab import notebook

        return notebook.open
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
