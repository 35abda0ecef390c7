"""What a name is set to in a text, in the forms of code, settings, command lines, addresses and JSON within JSON."""

from __future__ import annotations

import re
from functools import cache

from memorylab.core.runs.secret_names import PASSWORD, WEAK, is_mixed, is_secret, kind

Span = tuple[int, int]

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_LONGEST_NAME = 64
_LONGEST_VALUE = 4096
_QUOTES = r"\\{0,4}(?:\"\"\"|'''|[\"'`])|%2[27]|&quot;"
_AFTER = (
    r"(?P<rest>\w{0,40}+(?:[.-]\w{1,40}+){0,3}+)"
    rf"(?P<close>(?:{_QUOTES})?\]?\)?)"
    r"(?:(?P<is>[ \t]{0,9}(?::[ \t]{0,3}[A-Za-z][\w.\[\]| ]{0,30}?[ \t]{0,3}=(?!=)|=>|:=|={1,3}|::?|%3[ad]|->|→|>)"
    r"(?:[ \t]{0,9}[|>][+-]?[ \t]{0,9}\r?\n[ \t]{1,20}|[ \t]{0,20})"
    r"|[ \t]{0,9},[ \t]{0,9}(?:[^\n\"'`]{0,80}?\bdefault[ ]?=[ ]?)?"
    r"(?=[bruf]{0,2}[\"'`])|(?P<prose>[ \t]{1,4}(?:to|from|is|was|as)[ \t]{1,4}))|(?P<gap>[ \t]{1,9}))"
    rf"[bruf]{{0,2}}(?P<open>{_QUOTES})?"
)
_UNQUOTED = r"[^\s\"'`,;&<>|(){}\[\]\\]"
_ENV_VALUE = r"[^\s\"'`\\]"
_ENCODED = r"(?:[^\s\"'`&%]|%(?!2[267cC]))"


@cache
def compiled(pattern: str, small: bool = False) -> re.Pattern[str]:
    """The pattern, compiled once."""
    return re.compile(pattern, re.ASCII | (re.IGNORECASE if small else 0))


def assigned(text: str, position: int, behind: int) -> Span | None:
    """What a name is set to, where the name announces a secret and the value can be one."""
    after = compiled(_AFTER, small=True).match(text, behind)
    if after is None:
        return None
    begin, name = named(text, position, after.end("rest"))
    said = kind(name.strip("-."))
    if not said or not _sets(text, begin, name, after):
        return None
    value = _value(text, after, begin, said)
    if value is None:
        return None
    what = text[slice(*value)]
    if said == WEAK and not is_mixed(what):  # nearly always, of a bare `token`
        return None
    if after["open"] is None and _passed_on(text, begin, value, after["is"] or ""):
        return None
    if (name.upper() in ("PWD", "OLDPWD") and what.startswith("/")) or (after["prose"] and not is_mixed(what)):
        return None
    argument = after["gap"] is not None or " " in what
    return value if is_secret(said, what, quoted=after["open"] is not None or (said == PASSWORD and argument)) else None


def named(text: str, position: int, end: int) -> tuple[int, str]:
    """Where the name begins that stands around a place and goes to `end`, and the name, which may go on there."""
    left = text[max(position - _LONGEST_NAME, 0) : position]
    before = left[len(left.rstrip(_NAME)) :]
    begin = position - len(before)
    while end < len(text) and end - position < _LONGEST_NAME and text[end] in _NAME:
        end += 1
    return begin, _unescaped(before, text[max(begin - 1, 0) : begin]) + text[position:end]


def _unescaped(name: str, sign: str) -> str:
    """A name without the rest of an escape before it: the `n` of `\\n`, the `22` of `%22`."""
    return name[1:] if sign == "\\" and name else name[2:] if sign == "%" and len(name) > 2 else name


def _sets(text: str, begin: int, name: str, after: re.Match[str]) -> bool:
    """Whether what follows the name sets it: only a flag does so with a gap, only a tag with a bracket."""
    how, sign = (after["is"] or "").strip(), text[begin - 1 : begin]
    if after["gap"] is not None:
        return name.startswith("-")
    if how == ">":
        return sign == "<"
    if how.startswith(","):  # an argument behind the name: `setdefault("X_TOKEN", "…")`
        return bool(after["close"]) and (
            "default" in how or (text[begin - 2 : begin - 1] == "(" and text[begin - 3 : begin - 2].isalnum())
        )
    return not (after["open"] and after["open"] == sign and not after["close"])  # `'Password: '` only asks for one


def _passed_on(text: str, begin: int, value: Span, how: str) -> bool:
    """Whether a value without quotes is code that takes the secret from elsewhere: `token=api_token`."""
    what = text[slice(*value)].rstrip(",")
    if kind(what) or text[value[1] : value[1] + 1] in ("(", "["):
        return True
    if not what.isidentifier() or re.search("[0-9]", what):
        return False
    return how != how.strip() or text[max(begin - 2, 0) : begin].endswith(("(", ", ")) or text[value[1] - 1] == ","


def _value(text: str, after: re.Match[str], begin: int, said: str) -> Span | None:
    """From where to where the value goes: to its closing quote, or as far as its form lets it."""
    start, opened = after.end(), after["open"]
    if text.startswith(("-----BEGIN", "[redacted"), start):
        return None
    if opened:
        return start, _closing(text, start, opened)
    alone = begin == 0 or text[max(begin - 8, 0) : begin].rpartition("\n")[2].strip() in (
        "",
        "export",
        "set",
        "-",
        "+",
        "ENV",
    )
    if alone and said == PASSWORD and (after["is"] or "").startswith(":"):  # YAML: to the line's end
        end = text.find("\n", start)
        return start, end if end >= 0 else len(text)
    encoded = (after["is"] or "").strip().lower() in ("%3a", "%3d")
    form = _ENCODED if encoded else _ENV_VALUE if alone and said != WEAK else _UNQUOTED
    found = compiled(form + "{1,64}").match(text, start)
    if found is not None and found.end() - start == 64 and is_secret(said, found.group(), quoted=False):
        found = compiled(form + "+").match(text, start)  # only what is taken out is read to its end
    return found.span() if found else None


def _closing(text: str, start: int, opened: str) -> int:
    """Where a quoted value ends; at the line's end where its quote was cut off."""
    limit = start + _LONGEST_VALUE
    if opened in ('"', "'", "`"):
        form = rf"(?:[^{opened}\\\n]|\\.){{0,{_LONGEST_VALUE}}}"
        found = compiled(form).match(text, start)
        return found.end() if found else start
    end = text.find(opened, start, limit)
    if end < 0 or ("\n" in text[start:end] and len(opened.lstrip("\\")) < 3):
        end = text.find("\n", start, limit)
    return end if end >= 0 else min(len(text), limit)


def _path(name: str, value: str) -> bool:
    """`PWD=/home/me` is a directory."""
    return name.upper() in ("PWD", "OLDPWD") and value.startswith("/")
