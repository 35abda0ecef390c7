"""Holds `machine`: what a run is said to have had adds up, and is missing where nobody tells."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from memorylab.adapters import machine, processes

if sys.platform != "linux":
    pytest.skip("counts processors as Linux does", allow_module_level=True)


def burn(seconds: float) -> float:
    """Compute for so long, in processor time; returns what that took."""
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass
    return time.process_time() - began


def test_what_was_had_idle_and_taken_by_others_are_all_processors() -> None:
    meter = machine.Meter({"CUDA_VISIBLE_DEVICES": ""})
    began = time.monotonic()
    cpu = burn(0.6)
    time.sleep(0.3)
    told = meter.read(time.monotonic() - began, cpu)
    assert told["cpu_seconds"] == pytest.approx(cpu, abs=1e-3)
    total = told["cores"] + told["cores_idle"] + told["cores_of_others"]
    assert total == pytest.approx(len(os.sched_getaffinity(0)), rel=0.25)
    assert told["processors"] == len(os.sched_getaffinity(0))


def test_what_nobody_tells_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "_STAT", tmp_path / "stat")
    monkeypatch.setattr(machine, "_PRESSURE", tmp_path / "pressure")
    told = machine.Meter({}).read(2.0, None)
    assert told["wall_seconds"] == 2.0
    assert not {"cpu_seconds", "cores", "cores_idle", "cores_of_others", "pressure"} & set(told)


def test_processor_time_below_a_process_counts_what_lives_and_what_was_waited_for() -> None:
    before = processes.cpu_seconds_below(os.getpid())
    pid = os.fork()
    if pid == 0:
        burn(0.5)
        time.sleep(20)
        os._exit(0)
    try:
        until = time.monotonic() + 15
        while (now := processes.cpu_seconds_below(os.getpid())) is not None and before is not None:
            if now - before >= 0.45:
                break
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
