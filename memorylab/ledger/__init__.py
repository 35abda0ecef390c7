"""Where runs are kept: the protocol, its implementations, and the suite that all of them pass."""
