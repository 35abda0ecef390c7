"""Holds `gpus`: which GPUs a command is given, and what is known of others on them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from memorylab.adapters import gpus

ONE, TWO = "GPU-11111111-aaaa", "GPU-22222222-bbbb"


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two GPUs, as the driver's files tell of them."""
    for card, uuid in (("0000:1a:00.0", ONE), ("0000:3b:00.0", TWO)):
        (tmp_path / "gpus" / card).mkdir(parents=True)
        text = f"Model: \t\t NVIDIA H200\nIRQ:   \t\t 181\nGPU UUID: \t {uuid}\nDevice Minor: \t 0\n"
        (tmp_path / "gpus" / card / "information").write_text(text)
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path / "gpus")
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "ids"),
    [
        ({}, [ONE, TWO]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, [TWO]),
        ({"CUDA_VISIBLE_DEVICES": " 1 ,0"}, [ONE, TWO]),
        ({"CUDA_VISIBLE_DEVICES": TWO}, [TWO]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-2222"}, [TWO]),
        ({"CUDA_VISIBLE_DEVICES": "0,7,1"}, [ONE]),  # CUDA looks no further than the first that isn't there
        ({"CUDA_VISIBLE_DEVICES": ""}, []),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, []),
        ({"CUDA_VISIBLE_DEVICES": "MIG-3c"}, ["MIG-3c"]),
    ],
)
def test_a_device_has_one_name_however_it_is_chosen(
    driver: Path, environment: Mapping[str, str], ids: list[str]
) -> None:
    assert gpus.visible(environment) == ids


def test_a_machine_without_a_driver_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path / "nothing")
    assert gpus.visible({"CUDA_VISIBLE_DEVICES": "0"}) == []
    assert gpus.utilization([]) is None and gpus.others([], None) == {}


def tool(place: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `nvidia-smi` a program that runs `script`."""
    (place / "bin").mkdir(exist_ok=True)
    path = place / "bin" / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_who_else_uses_a_gpu(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "_FADED_S", 0.01)
    told = (
        f"case $1 in *compute*) echo '{ONE}, 1200'; echo '{TWO}, [N/A]';; *) echo '{ONE}, 3'; echo '{TWO}, 88';; esac"
    )
    tool(driver, told, monkeypatch)
    assert gpus.utilization([ONE]) == 3
    assert gpus.others([ONE], 3) == {
        "devices": 1, "utilization_before": 3, "utilization_after": 3, "processes": 1, "memory_mb": 1200
    }  # fmt: skip
    assert gpus.others([TWO], None) == {"devices": 1, "utilization_after": 88, "processes": 1}


@pytest.mark.parametrize("script", ["exit 9", "echo 'Failed to initialize NVML'", "sleep 30", "echo 'GPU-0, '"])
def test_a_tool_that_fails_or_hangs_says_nothing(driver: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(gpus, "_LIMIT_S", 0.3)
    tool(driver, script, monkeypatch)
    assert gpus.utilization([ONE]) is None
    assert gpus.others([ONE], None) == {}
