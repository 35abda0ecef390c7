"""Sweeps of faults: a kill or an error at every call to the file system, full disks, and hostile inputs."""
