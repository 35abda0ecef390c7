"""Makes `python -m memorylab` the same command as `python memorylab.py`."""

from memorylab.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
