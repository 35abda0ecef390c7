from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Shell

SERVE = [sys.executable, str(REPOSITORY / "memorylab.py"), "serve", "--port", "0"]


@pytest.mark.parametrize("name", ["starlette", "jinja2", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(lab: Shell, name: str) -> None:
    code = f"import sys; sys.modules[{name!r}] = None; from memorylab.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {code}"],
        cwd=lab.root, env=lab.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == f"error: serve needs {name}; hint: pip install starlette uvicorn jinja2\n"


def test_no_other_command_needs_the_extra(lab: Shell) -> None:
    code = "import sys; sys.modules.update(dict.fromkeys(('starlette', 'jinja2', 'uvicorn', 'anyio'))); "
    code += "from memorylab.cli import main; sys.exit(main(['history']) or main(['serve', '--help']))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {code}"],
        cwd=lab.root, env=lab.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_its_address_serves_and_ends_when_asked(lab: Shell, number: signal.Signals) -> None:
    process = subprocess.Popen(
        SERVE, cwd=lab.root, env=lab.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert b"Champion" in answer.read()
    events = urllib.request.urlopen(f"{address}api/events", timeout=20)
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    events.close()
    assert process.returncode in (0, -number) and told == ""
    assert address.startswith("http://127.0.0.1:")


def test_the_token_is_printed_with_the_address(lab: Shell) -> None:
    process = subprocess.Popen([*SERVE, "--json", "--host", "0.0.0.0"], cwd=lab.root, env=lab.environment,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["address"]
    process.terminate()
    process.communicate(timeout=20)
    assert len(address.partition("?token=")[2]) >= 24


def test_what_can_not_be_served_is_refused(lab: Shell, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = lab.refused("serve", "--port", str(taken.getsockname()[1]))
    assert ": address already in use; hint: choose another with --port" in told.lower()
    assert "attempting" not in told
    lab.refused("serve", "--host", "no.such.host.invalid")
    lab.refused("serve", "--port", "99999", code=64)
    lab.refused("serve", "--port", "0", "--token", "short", code=64)
    lab.refused("serve", "--root", str(tmp_path / "nowhere"))
    (lab.root / "memorylab.toml").write_text("metric = [")
    lab.refused("serve", "--port", "0")
