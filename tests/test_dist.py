"""Installing: from a clone or from the wheel that `make dist` builds, and from no package index."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from memorylab.errors import EXTRAS
from tests.conftest import REPOSITORY

INDEXED = re.compile(
    r"""(pip3?|pipx|uv|uvx|conda|poetry)\b[^\n`]*\b(install|add|run|tool)\b[^\n`]*?[ \t"'\\]memorylab(?![\w./])"""
)
"""An install line with our name, which an index gives to whoever was first."""


def tracked(*, under: str = "") -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *([under] if under else [])],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in names.split("\0") if name and (path := REPOSITORY / name).is_file()]


@pytest.mark.parametrize(
    "line",
    [
        "pip install memorylab",
        'pip install "memorylab[web]"',
        "python -m pip install -U 'memorylab[plots]'",
        "uv tool install memorylab",
        "uv add memorylab",
        'pip install \\"memorylab[notebook]\\"',
        "pipx install memorylab==0.1",
        "pip install memorylab[web]",
    ],
)
def test_an_install_line_with_our_name_is_recognised(line: str) -> None:
    assert INDEXED.search(line)


@pytest.mark.parametrize(
    "line", ['pip install ".[web]"', "pip install dist/memorylab-0.1.0-py3-none-any.whl", "pip install starlette"]
)
def test_what_comes_from_here_or_from_its_owner_is_none(line: str) -> None:
    assert not INDEXED.search(line)


def test_no_text_names_an_install_of_our_name_from_an_index() -> None:
    found = []
    for path in tracked():
        if path != Path(__file__):
            text = path.read_bytes().decode("utf-8", "ignore")
            found += [f"{path.relative_to(REPOSITORY)}: {hit.group()}" for hit in INDEXED.finditer(text)]
    assert found == []


def test_the_hints_name_what_the_extras_install() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra, packages in EXTRAS.items():
        assert sorted(packages.split()) == sorted(re.match(r"[\w-]+", one)[0] for one in extras[extra])  # type: ignore[index]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with wheel and source archive, built in a copy of the repository."""
    pytest.importorskip("setuptools", minversion="70.1")
    copy = tmp_path_factory.mktemp("dist") / "copy"
    for path in tracked():
        if path.relative_to(REPOSITORY).parts[0] in ("memorylab", "tools", "pyproject.toml", "README.md", "LICENSE"):
            place = copy / path.relative_to(REPOSITORY)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    done = subprocess.run(
        [sys.executable, "tools/dist.py"], cwd=copy, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "dist"


def test_wheel_and_source_archive_have_every_file_of_the_package(built: Path) -> None:
    wanted = {path.relative_to(REPOSITORY).as_posix() for path in tracked(under="memorylab")}
    wheel = set(zipfile.ZipFile(next(built.glob("*.whl"))).namelist())
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        source = {name.partition("/")[2] for name in archive.getnames()}
    assert wanted - {"memorylab.py"} - wheel == set()
    assert wanted - {"memorylab.py"} - source == set()
    assert not [name for name in wheel if not name.startswith(("memorylab/", "memorylab-"))]


def test_the_wheel_works_in_an_empty_environment_without_an_index(built: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, capture_output=True)
    program = tmp_path / "venv" / "bin"
    install = [str(program / "python"), "-m", "pip", "install", "-q", "--no-index", str(next(built.glob("*.whl")))]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    work = tmp_path / "work"
    work.mkdir()
    (work / "s.json").write_text('{"val_bpb": 0.99}')

    def lab(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program / "memorylab"), *words],
            cwd=work, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    for words in (
        ("init",),
        ("log", "--description", "raise MATRIX_LR to 0.05", "--status", "keep", "--summary", "s.json"),
        ("check", "--description", "halve DEPTH", "--json"),
        ("report", "--output", "report.html", "--format", "html"),
        ("verify",),
    ):
        done = lab(*words)
        told = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]  # of what isn't there
        assert (done.returncode, told) == (0, []), (words, done.stderr)
    assert "raise MATRIX_LR" in (work / "report.html").read_text()
    served = lab("serve")
    assert (served.returncode, served.stderr) == (
        1, f"error: serve needs {served.stderr.split()[3].rstrip(';')}; hint: pip install {EXTRAS['web']}\n"
    )  # fmt: skip
