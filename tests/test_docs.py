"""What the pages say is run: commands in console blocks are executed, in order, and the generated page is compared."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from memorylab.cli import COMMANDS, build_parser
from tests.conftest import REPOSITORY, Shell

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "program.md"]
NOT_RUN = ("git clone", "cd ", "make ", "pip install", "export ")
"""Lines that set up a machine; the two make targets are run by continuous integration itself."""


def console_lines(page: Path) -> list[str]:
    blocks = re.findall(r"^ *```console\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
    text = "\n".join(blocks).replace("\\\n", " ")
    return [line.strip()[2:] for line in text.splitlines() if line.strip().startswith("$ ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_documented_command_works(page: Path, lab: Shell) -> None:
    """In a workspace with a stand-in for train.py that writes the summary of a run of a second."""
    (lab.root / "train.py").write_text(
        "import json, os\n"
        "MATRIX_LR = 0.04\n"
        "path = os.environ.get('AUTORESEARCH_SUMMARY_PATH')\n"
        "metrics = {'val_bpb': 0.9979, 'total_seconds': 1.0, 'peak_vram_mb': 512.0}\n"
        "if path: open(path, 'w').write(json.dumps(metrics))\n"
        "print('---\\nval_bpb:          0.997900')\n"
    )
    lab.git("commit", "-qam", "stand-in")
    done = []
    for line in console_lines(page):
        if line.startswith(NOT_RUN) or line.startswith("python prepare.py"):
            continue
        command = line.replace("python memorylab.py", shlex.join([sys.executable, str(REPOSITORY / "memorylab.py")]))
        command = re.sub(r"(?<![\w/.-])python(?= )", shlex.quote(sys.executable), command)
        ran = subprocess.run(
            ["bash", "-c", command], cwd=lab.root, env=lab.environment, capture_output=True, text=True, check=False
        )
        expected = (0, 2) if "check" in line or " run " in line else (0,)
        assert ran.returncode in expected, f"{line}\n{ran.stdout}{ran.stderr}"
        assert "Traceback" not in ran.stderr
        done.append(line)
    if page.name == "README.md":
        assert len(done) >= 5


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse words its help differently in other versions")
def test_the_command_reference_is_what_help_says() -> None:
    page = runpy.run_path(str(REPOSITORY / "tools" / "cli_reference.py"))["reference"]()
    assert (REPOSITORY / "docs" / "cli.md").read_text() == page, "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command_is_explained(name: str) -> None:
    parser = build_parser([name])
    choices = next(a for a in parser._actions if a.dest == "command_name").choices
    assert choices
    for action in choices[name]._actions:  # type: ignore[index]
        assert action.help, f"{name} {action.option_strings or action.dest} has no help"


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_no_page_has_the_marks_of_a_merge_that_nobody_finished() -> None:
    for page in (*PAGES, REPOSITORY / "CHANGELOG.md"):
        assert not re.search(r"^(<{7}|={7}|>{7})( |$)", page.read_text(), re.MULTILINE), page.name


def test_the_version_is_the_same_everywhere() -> None:
    import tomllib

    import memorylab

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    changes = re.search(r"^## (\d+\.\d+\.\d+)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert memorylab.__version__ == project == (changes and changes[1])


def test_the_packages_that_are_shipped_are_all_there_are() -> None:
    import tomllib

    listed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {".".join(p.parent.relative_to(REPOSITORY).parts) for p in (REPOSITORY / "memorylab").rglob("__init__.py")}
    assert set(listed) == found
