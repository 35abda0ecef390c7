from __future__ import annotations

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "memorylab"


def floors() -> dict[str, int]:
    """Room → floor, as docs/architecture.md draws them."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text()
    line = re.search(r"^errors < .*$", page, re.MULTILINE)
    assert line, "docs/architecture.md lost its list of floors"
    found = {}
    for number, floor in enumerate(line.group().split(" < ")):
        for room in floor.strip("{}").split(", "):
            found[room.strip()] = number
    return found


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    found = set()
    package = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base]).rstrip(".")
            found |= {f"{base}.{alias.name}" for alias in node.names} if base == "memorylab" else {base}
    return {name for name in found if name.split(".")[0] == "memorylab"}


def test_imports_go_down_only() -> None:
    level = floors()
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        home = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if home in ("__init__", "__main__"):
            continue
        assert home in level, f"{path} is in no room of docs/architecture.md"
        for name in imports(path):
            room = room_of(name)
            if room in ("", home, "__version__"):
                continue
            if level[room] >= level[home]:
                wrong.append(f"{path.relative_to(REPOSITORY)} imports {name}")
    assert wrong == []


def test_every_room_on_the_page_exists() -> None:
    assert {
        room for room in floors() if not (PACKAGE / room).is_dir() and not (PACKAGE / f"{room}.py").is_file()
    } == set()


def test_the_training_files_import_nothing_of_ours() -> None:
    for name in ("train.py", "prepare.py"):
        assert imports(REPOSITORY / name) == set()


def test_core_takes_clock_environment_and_randomness_as_arguments() -> None:
    forbidden = {"time", "os", "random", "secrets", "subprocess", "pathlib", "datetime", "socket", "sqlite3"}
    for path in (PACKAGE / "core").glob("*.py"):
        tree = ast.parse(path.read_text())
        names = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not names & forbidden, path.name


def test_only_the_command_line_prints() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.is_relative_to(PACKAGE / "cli"):
            continue
        calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
        assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"], path


def test_every_module_that_the_page_names_exists() -> None:
    page = (REPOSITORY / "docs" / "architecture.md").read_text()
    named = {f"{room}/{module}.py" for room, module in re.findall(r"`(core|lab|index)\.([a-z_]+)`", page)}
    named |= set(re.findall(r"`((?:core|lab|index|adapters|render|cli|ledger)/[a-z_]+\.py)`", page))
    decision = next(line for line in page.split("\n- **") if line.startswith("The decision"))
    named |= {f"core/{module}.py" for module in re.findall(r"`([a-z_]+)`", decision)}
    assert {"core/decision.py", "core/belief.py", "lab/outlook.py"} <= named
    assert [name for name in sorted(named) if not (PACKAGE / name).is_file()] == []
