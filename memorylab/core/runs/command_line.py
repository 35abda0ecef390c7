"""Takes a line apart into the commands that it runs: each with its script, what starts that, and its arguments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from memorylab.core.lazily import pattern
from memorylab.core.reading.leaves import scalar
from memorylab.core.reading.slots import digest
from memorylab.tuples import NamedTuple

_ENV = pattern(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_OPTION = pattern(r"-{1,2}([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_PAIR = pattern(r"\+{0,2}([A-Za-z][\w./-]*)=(.*)", re.DOTALL)
_SCRIPT = pattern(r"[^-].*\.(?:py|ipynb|sh|bash|jl|r|lua|js|mjs|ts|rb|pl|exe|out|bin|jar)", re.IGNORECASE)
_PYTHON = pattern(r"(?:python|pypy)(?:\d(?:\.\d+)*t?)?(?:\.exe)?|py")
_SHELLS = frozenset(("sh", "bash", "zsh", "dash", "ksh"))
_STARTS = frozenset(
    ("uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "mamba", "run", "exec", "env", "time",
     "nice", "nohup", "stdbuf", "unbuffer", "caffeinate", "sudo", "command", "ionice", "taskset", "chrt", "timeout",
     "torchrun", "srun", "mpirun", "mpiexec", "accelerate", "deepspeed", "launch", "xvfb-run", "coverage", "ipython",
     "julia", "Rscript", "node", "ruby", "perl", "lua", "java", "numactl", "jupyter", "papermill", "horovodrun")
)  # fmt: skip
"""Programs that start others; what they are told doesn't change what the script does, but for how often it runs."""
_VALUED = frozenset(("-W", "-X", "-n", "-np", "-N", "-p", "-c", "-w", "--with", "--project", "--python", "--directory"))
"""Options of those that take a word more."""
_FILTERS = frozenset(("tee", "grep", "egrep", "tail", "head", "cat", "awk", "sed", "sort", "less", "ts", "cut", "tr"))
_ASIDE = frozenset(("cd", "set", "export", "source", ".", "echo", "true", "mkdir", "sleep", "ulimit", "wait", "rm"))
_REDIRECT = pattern(r"(\d*(?:>>?|<|&>>?))(.*)|\d*>&\d*")
_CUTS = frozenset(("&&", "||", ";", ";;", "|", "|&", "&", "\n"))


class Part(NamedTuple):
    """One of the commands that a line runs: what starts its script, the script, and what that is given."""

    starter: tuple[str, ...]
    script: str
    words: tuple[str, ...]
    variables: Mapping[str, str]


def split(text: str) -> tuple[str, ...]:
    """A command's words; none where it can't be read."""
    import shlex  # a run that is logged by hand has no command to be read

    try:
        return tuple(shlex.split(text))
    except ValueError:
        return ()


def without_program(words: Sequence[str]) -> list[str]:
    """The words with a fingerprint in place of a program for Python that stands among them."""
    out = list(words)
    for at, word in enumerate(out[:-1]):
        if re.fullmatch(r"-[a-zA-Z]?c", word) and _last(out[:at]) == "python":
            out[at + 1] = _program(out[at + 1])
            break
    return out


def _program(text: str) -> str:
    """The fingerprint of a program; that of a fingerprint is itself."""
    return text if re.fullmatch(r"#[0-9a-f]{16}", text) else f"#{digest(text)}"


def owns(files: Collection[str], script: str) -> bool:
    """Whether a script is one of some files, each a path or a pattern from the root of the code."""
    path = script.removeprefix("./")
    return bool(path) and any(fnmatchcase(path, name.removeprefix("./").replace("**/", "*")) for name in files)


def parts(words: list[str], files: Collection[str]) -> list[Part]:
    """The commands of a line; of a shell's `-c` those in it."""
    found: list[Part] = []
    for command in _cut(words):
        part = _part(command, files)
        inner = _inside(part.words[0]) if part.script == "-c" and _last(part.starter) == "sh" and part.words else None
        if inner is not None:
            found += [one._replace(variables={**part.variables, **one.variables}) for one in parts(inner, files)]
        elif part.script:
            found.append(part)
    return found


def _inside(text: str) -> list[str] | None:
    """The words of a line for a shell; None where it can't be read."""
    import shlex

    lexer = shlex.shlex(text.replace("\n", " ; "), posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return None


def _cut(words: Sequence[str]) -> Iterator[list[str]]:
    """The commands between a line's signs, without where they read and write, and without what only filters."""
    out: list[str] = []
    skip = False
    for word in (*words, ";"):
        if word in _CUTS:
            name = _base(out[0]) if out else ""
            if out and name not in _ASIDE and name not in _FILTERS:
                yield out
            out, skip = [], False
        elif skip:
            skip = False
        elif redirect := _REDIRECT.fullmatch(word):
            skip = bool(redirect[1]) and not redirect[2]
        else:
            out.append(word)


def _part(words: Sequence[str], files: Collection[str]) -> Part:
    """One command: variables before it, what starts it, the script, and what that is given."""
    at = 0
    variables: dict[str, str] = {}
    while at < len(words) and (words[at] == "env" or _ENV.fullmatch(words[at])):
        name, sep, value = words[at].partition("=")
        variables |= {name: value} if sep else {}
        at += 1
    words = words[at:]
    found = _script(words, files)
    if found is None:
        return Part((), "", (), variables)
    at, script, behind = found
    return Part(_tidy(words[:at]), script.removeprefix("./"), tuple(words[behind:]), variables)


def _script(words: Sequence[str], files: Collection[str]) -> tuple[int, str, int] | None:
    """Where the script stands, what it is, and where its arguments begin."""
    known = next((at for at, word in enumerate(words) if owns(files, word)), None)
    modules = [at for at, word in enumerate(words[:-1]) if word == "-m" and _last(words[:at]) == "python"]
    for at in modules:
        module = f"{words[at + 1].replace('.', '/')}.py"
        if owns(files, module) or (known is None and not _later_script(words, at + 2)):
            return at, module, at + 2
    if known is not None:
        return known, words[known], known + 1
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        if re.fullmatch(r"-[a-zA-Z]?c", word) and _last(words[:at]) in ("python", "sh"):
            return at, "-c", at + 1
        if word.startswith("-") or before in _VALUED or re.fullmatch(r"[\d.]+[smh]?", word):
            continue
        if _SCRIPT.fullmatch(word) or not (_starts(word) or _later_script(words, at + 1)):
            return at, word, at + 1
    return None


def _last(words: Sequence[str]) -> str:
    """The last of what starts a script, without its options."""
    return next((word for word in reversed(_tidy(words)) if not word.startswith("-")), "")


def _base(word: str) -> str:
    return word.rpartition("/")[2]


def _starts(word: str) -> bool:
    name = _base(word)
    return name in _STARTS or name in _SHELLS or _PYTHON.fullmatch(name) is not None


def _later_script(words: Sequence[str], at: int) -> bool:
    """Whether a script is still to come, so that this is what launches it."""
    return any(_SCRIPT.fullmatch(word) for word in words[at:])


def _tidy(words: Sequence[str]) -> tuple[str, ...]:
    """What starts a script, with one name for each Python and each shell."""
    names = [_base(word) for word in words if not (word.startswith("-") and word in ("-u", "-B"))]
    return tuple("python" if _PYTHON.fullmatch(name) else "sh" if name in _SHELLS else name for name in names)


def launches(starter: Sequence[str]) -> bool:
    """Whether what starts a script may start it more than once."""
    return any(word in _STARTS for word in starter) and starter[:1] not in (("nice",), ("ionice",), ("timeout",))


def arguments(part: Part) -> Iterator[tuple[str, Any]]:
    """The arguments by name, in the last of their values; those without a name by their place."""
    found: dict[str, Any] = {}
    words = list(part.words)
    if part.script == "-c" and words:
        found["-c"] = _program(words.pop(0))
    place = 0
    at = 0
    options = True
    while at < len(words):
        word = words[at]
        option = _OPTION.fullmatch(word) if options else None
        pair = _PAIR.fullmatch(word) if option is None else None
        at += 1
        if word == "--":
            options = False
        elif option is not None:
            name, value = f"--{option[1].replace('_', '-')}", option[2]
            if value is None and at < len(words) and _value(words[at]):
                value = words[at]
                at += 1
            found[name] = True if value is None else scalar(value)
        elif pair is not None:
            found[f"--{pair[1].replace('_', '-')}"] = scalar(pair[2])
        else:
            place += 1
            found[f"argument {place}"] = scalar(word)
    yield from found.items()


def _value(word: str) -> bool:
    """Whether a word behind an option is its value."""
    return (not word.startswith("-") and _PAIR.fullmatch(word) is None) or re.fullmatch(r"-\.?\d.*", word) is not None
