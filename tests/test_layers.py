from __future__ import annotations

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "memorylab"


def floors(lowest: str = "errors") -> dict[str, int]:
    """Room → floor, as docs/architecture.md draws them."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text()
    line = re.search(rf"^{lowest} < .*$", page, re.MULTILINE)
    assert line, "docs/architecture.md lost its list of floors"
    found = {}
    for number, floor in enumerate(line.group().split(" < ")):
        for room in floor.strip("{}").split(", "):
            found[room.strip()] = number
    return found


def room_of(module: str, depth: int = 1) -> str:
    parts = module.split(".")
    return parts[depth] if len(parts) > depth else ""


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
    assert imports_that_go_up(PACKAGE, floors()) == []


def test_imports_within_core_go_down_only() -> None:
    assert imports_that_go_up(PACKAGE / "core", floors("numerals")) == []


def imports_that_go_up(house: Path, level: dict[str, int]) -> list[str]:
    """The imports among the rooms of a house that don't go down."""
    depth, prefix = len(house.relative_to(REPOSITORY).parts), ".".join(house.relative_to(REPOSITORY).parts)
    wrong = []
    for path in house.rglob("*.py"):
        home = path.relative_to(house).with_suffix("").parts[0]
        if home in ("__init__", "__main__"):
            continue
        assert home in level, f"{path} is in no room of docs/architecture.md"
        for name in imports(path):
            room = room_of(name, depth) if f"{name}.".startswith(f"{prefix}.") else ""
            if room not in ("", home, "__version__") and level[room] >= level[home]:
                wrong.append(f"{path.relative_to(REPOSITORY)} imports {name}")
    return wrong


def test_every_room_on_the_page_exists() -> None:
    for house, lowest in ((PACKAGE, "errors"), (PACKAGE / "core", "numerals")):
        there = {path.stem for path in house.iterdir() if path.is_dir() or path.suffix == ".py"}
        assert set(floors(lowest)) <= there


def test_the_training_files_import_nothing_of_ours() -> None:
    for name in ("train.py", "prepare.py"):
        assert imports(REPOSITORY / name) == set()


def test_core_takes_clock_environment_and_randomness_as_arguments() -> None:
    forbidden = {"time", "os", "random", "secrets", "subprocess", "pathlib", "datetime", "socket", "sqlite3"}
    for path in (PACKAGE / "core").rglob("*.py"):
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
    named = {
        f"{room.replace('.', '/')}/{module}.py"
        for room, module in re.findall(r"`(core\.[a-z]+|lab|index)\.([a-z_]+)`", page)
    }
    named |= set(re.findall(r"`((?:core/[a-z]+|lab|index|adapters|render|cli|ledger)/[a-z_]+\.py)`", page))
    decision = next(line for line in page.split("\n- **") if line.startswith("The decision"))
    named |= {f"core/decisions/{module}.py" for module in re.findall(r"`([a-z_]+)`", decision)}
    assert {"core/decisions/decision.py", "core/decisions/belief.py", "lab/outlook.py"} <= named
    assert [name for name in sorted(named) if not (PACKAGE / name).is_file()] == []
