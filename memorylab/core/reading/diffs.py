"""What a change of the code does: typed edits, and a fingerprint that is the same for every diff that does the same.

The fingerprint is made of the changed statements, before and after, as `ast` writes them: formatting, comments,
docstrings, names of local variables and code that both versions share leave it as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from memorylab.core.reading import blocks, literals, naming
from memorylab.core.reading.blocks import MARK, Block, Line
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.effort import MAX_SOURCE, Effort, opcodes
from memorylab.core.reading.literals import Literal, Read
from memorylab.tuples import NamedTuple

_LOCAL = re.compile(f"{MARK}\\w+")
_ABSENT = object()
_BEGINS = re.compile(r"(?:async )?(?:class|def) (\w+)")


class Change(NamedTuple):
    """What a diff does. Without a fingerprint nothing changed that a run could notice."""

    edits: tuple[Edit, ...] = ()
    fingerprint: str = ""
    touched: tuple[str, ...] = ()
    """Constants, functions and classes that differ."""


class _Part(NamedTuple):
    """One block's share of a change."""

    name: str
    edits: list[Edit]
    prints: list[str]
    opaque: Edit | None


class _Delta(NamedTuple):
    """Two lists of lines held against each other."""

    pairs: list[tuple[Literal | None, Literal | None]]
    structural: bool
    prints: list[str]


def change(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Change | None:
    """What turns the old files into the new ones, by name; None where that is too large to tell."""
    parts: list[_Part] = []
    effort = Effort()
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if max(len(before or ""), len(after or "")) > MAX_SOURCE:
            return None
        if before != after:
            parts += _file(name, before, after, effort)
    return _joined(parts)


def fragments(hunks: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> Change:
    """The same from pieces of files: (what git says they are in, the old lines, the new lines)."""
    parts: list[_Part] = []
    effort = Effort()
    for section, old, new in hunks:
        before, after = _by_name(section, old, effort), _by_name(section, new, effort)
        for name in dict.fromkeys((*before, *after)):
            part = _part(name, before.get(name, []), after.get(name, []), effort)
            parts += [part] if part.prints else []
    return _joined(parts)


def _by_name(section: str, lines: Sequence[str], effort: Effort) -> dict[str, list[Line]]:
    """The statements of a piece by block: constants of the file under their names, others under what they are in."""
    found = re.search(r"(?:class|def)\s+(\w+)", section)
    home = found.group(1) if found else ""
    out: dict[str, list[Line]] = {}
    for line in blocks.read_fragment(lines, effort):
        name = blocks.assigned(line.node) if line.depth == 0 and line.node is not None else ""
        if line.depth == 0 and not name:
            begins = _BEGINS.match(line.text)
            home = begins.group(1) if begins else home if line.text == section.partition("#")[0].strip() else ""
        if not line.text.startswith(("import ", "from ")):
            out.setdefault(name or home, []).append(line)
    return out


def _file(name: str, before: str | None, after: str | None, effort: Effort) -> list[_Part]:
    if before is None or after is None:
        text, op = (after, "add") if before is None else (before, "remove")
        print_ = _digest(text or "")
        return [_Part(name, [], [f"{op} {print_}"], Edit(name, op, *_ends(op, print_)))]
    if name.endswith(".py"):
        try:
            old, new = blocks.changed(before, after)
            return list(_python(old, new, effort))
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            pass  # told line by line below
    return _lines(name, before, after, effort)


def _python(old: Mapping[str, Block], new: Mapping[str, Block], effort: Effort) -> Iterator[_Part]:
    whole = {name for name in (*old, *new) if (name in old) != (name in new)}
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name), new.get(name)
        kind = (after or before or Block("", "", [], "")).kind
        if kind == "import" and name in whole:
            continue  # what is imported shows where it is used
        if before and after and before.source == after.source and kind not in ("class", "import"):
            continue
        part = _part(name, before.lines() if before else [], after.lines() if after else [], effort)
        if not part.prints:
            continue
        inside = name.rpartition(".")[0]
        yield part._replace(edits=[], opaque=None) if inside and inside in whole else part


def _part(name: str, before: Sequence[Line], after: Sequence[Line], effort: Effort) -> _Part:
    """What happened to one block."""
    delta = _compare(before, after, effort)
    named = [pair for pair in delta.pairs if effort.name()]
    edits = [edit for pair in named for edit in naming.edits_of(*pair, name)]
    first = {(edit.target, edit.scope): edit for edit in reversed(edits)}
    edits = list(dict.fromkeys(first[edit.target, edit.scope] for edit in edits))
    opaque = None
    target = name or "module"
    if (delta.structural or len(named) < len(delta.pairs)) and (target, None) not in first:
        op = "add" if not before else "remove" if not after else "replace"
        opaque = Edit(target, op, _block_print(before), _block_print(after))
    return _Part(name, edits, [f"{name}\n{text}" for text in delta.prints], opaque)


def _compare(before: Sequence[Line], after: Sequence[Line], effort: Effort) -> _Delta:
    old, new = [_key(line) for line in before], [_key(line) for line in after]
    renamed = _renamed(old, new, effort)
    if renamed:
        old = [(depth, _rename(text, renamed)) for depth, text in old]
    pairs: list[tuple[Literal | None, Literal | None]] = []
    prints: list[str] = []
    structural = False
    for a, b, c, d in _differences(old, new, effort):
        matched, rest = _by_shape(before[a:b], after[c:d], renamed, effort)
        for one, other in matched:
            pairs += _changed_literals(one, other)
        structural = structural or rest
        anchor = [] if a < b and c < d else [old[a - 1]] if a else []
        prints.append(_numbered([("=", *anchor[0])] if anchor else [], old[a:b], new[c:d]))
    return _Delta(pairs, structural, prints)


def _key(line: Line) -> tuple[int, str]:
    return line.depth, line.text


def _differences(old: Sequence[object], new: Sequence[object], effort: Effort) -> Iterator[tuple[int, int, int, int]]:
    """Where two lists differ, as (from, to, from, to)."""
    return ((a, b, c, d) for tag, a, b, c, d in opcodes(old, new, effort) if tag != "equal")


def _renamed(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]], effort: Effort) -> dict[str, str]:
    """Local names of the old lines that the new ones write otherwise, wherever lines are alike but for their names."""
    olds = {name for _, text in old for name in _LOCAL.findall(text)}
    news = {name for _, text in new for name in _LOCAL.findall(text)}
    gone, come = olds - news, news - olds
    if not gone or not come:
        return {}
    found: dict[str, str] = {}
    taken: set[str] = set()
    blind, other_blind = ([(depth, _LOCAL.sub(MARK, text)) for depth, text in lines] for lines in (old, new))
    for tag, a, b, c, d in opcodes(blind, other_blind, effort):
        for (_, one), (_, other) in zip(old[a:b], new[c:d], strict=True) if tag == "equal" else ():
            for before, after in zip(_LOCAL.findall(one), _LOCAL.findall(other), strict=True):
                if before in gone and after in come and after not in taken and before not in found:
                    found[before] = after
                    taken.add(after)
    return found


def _rename(text: str, names: Mapping[str, str]) -> str:
    return _LOCAL.sub(lambda match: names.get(match.group(), match.group()), text) if names else text


def _by_shape(
    before: Sequence[Line], after: Sequence[Line], renamed: Mapping[str, str], effort: Effort
) -> tuple[list[tuple[Read | None, Read | None]], bool]:
    """Statements that differ in literals alone, in pairs, and whether any other is left over."""
    olds = [literals.read(line.node, line.text) for line in before]
    news = [literals.read(line.node, line.text) for line in after]
    old_shapes = [(line.depth, _rename(read.shape, renamed)) for line, read in zip(before, olds, strict=True)]
    new_shapes = [(line.depth, read.shape) for line, read in zip(after, news, strict=True)]
    pairs: list[tuple[Read | None, Read | None]] = []
    rest = False
    for tag, a, b, c, d in opcodes(old_shapes, new_shapes, effort):
        if tag == "equal":
            pairs += zip(olds[a:b], news[c:d], strict=True)
            continue
        gone, come = ([one for one in reads if _is_setting(one)] for reads in (olds[a:b], news[c:d]))
        rest = rest or len(gone) + len(come) < b - a + d - c
        pairs += [(one, None) for one in gone] + [(None, one) for one in come]
    return pairs, rest


def _is_setting(read: Read) -> bool:
    """Whether a statement does nothing but give one name a literal value; such a one can come and go as an edit."""
    if len(read.literals) != 1:
        return False
    (only,) = read.literals.values()
    return only.exact and only.label.isupper() and re.fullmatch(r"\w+ = _", read.shape) is not None


def _changed_literals(one: Read | None, other: Read | None) -> Iterator[tuple[Literal | None, Literal | None]]:
    before, after = one.literals if one else {}, other.literals if other else {}
    for path in dict.fromkeys((*before, *after)):
        a, b = before.get(path), after.get(path)
        if a is None or b is None or a.value != b.value or isinstance(a.value, bool) != isinstance(b.value, bool):
            yield a, b


def _numbered(*groups: Sequence[tuple[object, ...]]) -> str:
    """Lines as text in which local names are numbers in the order of their appearance."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(), f"${len(numbers)}")

    marks = ("=", "-", "+")
    lines = [f"{mark}{line[-2]} {line[-1]}" for mark, group in zip(marks, groups, strict=True) for line in group]
    return _LOCAL.sub(number, "\n".join(lines))


def _block_print(lines: Sequence[Line]) -> str | None:
    return f"#{_digest(_numbered([], [], [_key(line) for line in lines]))[:8]}" if lines else None


def _ends(op: str, print_: str) -> tuple[str | None, str | None]:
    return (None, f"#{print_[:8]}") if op == "add" else (f"#{print_[:8]}", None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _lines(file: str, before: str, after: str, effort: Effort) -> list[_Part]:
    """A file that is no Python: its settings by name, everything else by line."""
    from memorylab.core.reading.plain_lines import settings  # a Python file needs none of it

    old, new = settings(before), settings(after)
    parts = []
    differ = [name for name in dict.fromkeys((*old, *new)) if name and old.get(name) != new.get(name)]
    homes = _homes(file, before if len(before) > len(after) else after) if differ else {}
    for name in differ:
        a, b = old.get(name), new.get(name)
        pair = [None if value is None else Literal("", name, True, "", "", value[0]) for value in (a, b)]
        edits = naming.edits_of(pair[0], pair[1], homes.get(name, "")) if effort.name() else []
        parts.append(_Part(name, edits, [f"{name}\n-{a}\n+{b}"], None))
    gone, come = old.get("", []), new.get("", [])
    prints = [f"\n-{gone[a:b]}\n+{come[c:d]}" for a, b, c, d in _differences(gone, come, effort)]
    if prints:
        parts.append(
            _Part("", [], prints, Edit("module", "replace", f"#{_digest(str(gone))[:8]}", f"#{_digest(str(come))[:8]}"))
        )
    once = {name for name in (*old, *new) if name and max(len(old.get(name, ())), len(new.get(name, ()))) < 2}
    return parts if all(part.name in once for part in parts) else _by_path(file, before, after, parts, once, effort)


def _homes(file: str, text: str) -> dict[str, str]:
    """Under what each setting of a configuration stands, by its name."""
    from memorylab.core.reading import leaves

    paths = [path.rpartition(".") for path in leaves.leaves(file, text) or ()]
    return {label: home for home, _, label in paths}


def _by_path(
    file: str, before: str, after: str, parts: list[_Part], once: Collection[str], effort: Effort
) -> list[_Part]:
    """The parts of a configuration, with what its lines don't tell by the path of each setting; their prints stay."""
    from memorylab.core.reading import leaves

    old, new = leaves.leaves(file, before), leaves.leaves(file, after)
    if old is None or new is None:
        return parts
    edits: list[Edit] = []
    for path in dict.fromkeys((*old, *new)):
        home, _, label = path.rpartition(".")
        differs = old.get(path, _ABSENT) != new.get(path, _ABSENT)
        if differs and (label not in once or label not in {part.name for part in parts}) and effort.name():
            pair = [_literal(label, values.get(path)) for values in (old, new)]
            edits += naming.edits_of(pair[0], pair[1], home)
    told = [part if part.name in once else part._replace(edits=[], opaque=None) for part in parts]
    return [*told[:-1], told[-1]._replace(edits=[*told[-1].edits, *edits])]


def _literal(label: str, value: Any) -> Literal | None:
    """A leaf of a configuration as a literal; None where there is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = float(value)
    elif isinstance(value, list):
        value = tuple(float(item) if type(item) in (int, float) else str(item) for item in value)
    return None if value is None else Literal("", label, True, "", "", value)


def _joined(parts: Sequence[_Part]) -> Change:
    prints = sorted(text for part in parts for text in part.prints)
    if not prints:
        return Change()
    edits = [edit for part in parts for edit in part.edits]
    edits.sort(key=lambda edit: not edit.target.isupper())
    edits += [part.opaque for part in parts if part.opaque is not None]
    first = {(edit.target, edit.scope): edit for edit in reversed(edits)}  # pieces of a patch may meet one block twice
    touched = tuple(dict.fromkeys(part.name or "module" for part in parts))
    return Change(
        tuple(first[name] for name in dict.fromkeys((edit.target, edit.scope) for edit in edits)),
        _digest("\n\n".join(prints)),
        touched,
    )
