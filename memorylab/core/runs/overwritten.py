"""Whether an edit writes to the files that data are read from."""

from __future__ import annotations

import ast
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs import expressions
from memorylab.core.runs.edits import Edit

_FILES = pattern(r"(?i)([\w-]+)\.(?:arrow|bin|csv|feather|h5|jsonl?|npy|npz|parquet|tsv|txt)$")
_WRITES = frozenset(
    ["copy", "copy2", "copyfile", "move", "open", "rename", "replace", "save", "savetxt", "savez", "symlink",
     "to_csv", "to_feather", "to_json", "to_parquet", "tofile", "write_bytes", "write_text"]
)  # fmt: skip
_COPIES = frozenset(["copy", "copy2", "copyfile", "move", "rename", "replace", "symlink"])


def overwrites(tree: ast.stmt, edit: Edit) -> bool:
    """Whether a file that the training's or the held-out data are read from is written anew, or appended to."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or expressions.last(node.func) not in _WRITES:
            continue
        name = expressions.last(node.func)
        if name == "open" and not any(re.fullmatch(r"[wax]b?\+?t?", one) for one in _texts(node)):
            continue
        places = [*node.args[-1:]] if name in _COPIES else [*node.args]
        if isinstance(node.func, ast.Attribute) and name in ("open", "write_bytes", "write_text"):
            places.append(node.func.value)
        for text in (text for place in places for text in _texts(place)):
            found = _FILES.search(text)
            parts = expressions.tokens(found[1].replace("-", "_")) if found else frozenset()
            if found and parts & (expressions.HELD_OUT | expressions.TRAINED) and edit.reads_file(found[0], found[1]):
                return True
    return False


def _texts(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
