"""The command an agent types: `python memorylab.py check|log|run|report …`. The package beside it does the work."""

if __name__ != "__main__":
    raise ImportError("the memorylab package is not beside memorylab.py: clone the whole repository")

from memorylab.cli import main

raise SystemExit(main())
