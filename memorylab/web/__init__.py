"""The dashboard: the memory in a browser. Reads through `memorylab.lab.window` and writes nothing."""
