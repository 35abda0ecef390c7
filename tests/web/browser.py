"""A headless Chromium, where the machine has one, and a server in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import REPOSITORY

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str:
    """Why there can be no tests in a browser; empty where there can."""
    if importlib.util.find_spec("playwright") is None:
        return "no playwright: pip install playwright"
    return "" if CHROMIUM else "no Chromium: apt-get install chromium, or set CHROMIUM=/path/to/it"


@contextmanager
def serving(root: Path, *words: str) -> Iterator[str]:
    """`memorylab serve` on a free port; yields its address."""
    command = [sys.executable, str(REPOSITORY / "memorylab.py"), "serve", "--port", "0", "--json", *words]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())["address"]
        assert re.fullmatch(r"http://[\w.:\[\]-]+/(\?token=.+)?", told)
        yield told
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
