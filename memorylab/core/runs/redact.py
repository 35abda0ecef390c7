"""Takes secrets out of what comes from agents and programs, before it is kept or shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from memorylab.core.runs.plain_text import plain as plain

REDACTED = "[redacted]"

_NAMES = ("target", "name", "knob", "slot", "variable", "header", "field", "param", "constant", "flag")
"""Keys under which one object says which name it is about."""
_VALUES = (
    "from",
    "to",
    "value",
    "values",
    "default",
    "old",
    "new",
    "now",
    "before",
    "after",
    "text",
    "tried",
    "present",
)
"""Keys under which it says what that is set to."""


_PASSES = 4
"""What was taken out may uncover what stood behind it: "--user=me:x,password: |" is one value until it is gone."""


def secrets(text: str) -> str:
    """The text without what looks like a credential: provider tokens, keys, passwords in addresses and assignments.

    >>> secrets("HF_TOKEN=hf_abcdefghijklmnop0123 step 1")
    'HF_TOKEN=[redacted] step 1'
    """
    from memorylab.core.runs.secret_spans import spans

    for _ in range(_PASSES if len(text) > 5 else 0):
        found = spans(text)
        if not found:
            break
        text, before = _without(text, found), text
        if text == before:
            break
    return text


def line(text: str) -> str:
    """A text from an agent as it is judged and kept: on one line, without escapes, hidden signs and secrets."""
    return secrets(plain(text))


def _without(text: str, found: list[tuple[int, int]], after: int = 0, until: int | None = None) -> str:
    """The text between two places, with a mark for each span that reaches into it."""
    until = len(text) if until is None else until
    parts = []
    for begin, end in found:
        if end > after and begin < until:
            parts += [text[after : max(begin, after)], REDACTED]
            after = end
    return "".join([*parts, text[after:until]])


def everywhere(value: Any, said: str = "") -> Any:
    """A JSON value without secrets in any text or key, those included that only their name tells: `{"password": "x1"}`.

    `said` is what the name of the value says of it (`memorylab.core.runs.secret_names.kind`). What is no text stays.
    """
    from memorylab.core.runs.secret_names import is_secret

    if isinstance(value, str):
        return REDACTED if said and is_secret(said, value, quoted=True) else secrets(value)
    if isinstance(value, Mapping):
        return _object(value, said)
    if isinstance(value, list | tuple):
        return _items(value, said)
    return value


def _object(value: Mapping[Any, Any], said: str) -> dict[Any, Any]:
    from memorylab.core.runs.secret_names import STRONG, kind

    about = next((kind(name) for key in _NAMES if isinstance(name := value.get(key), str) and kind(name)), "")
    if "username" in value and isinstance(value.get("key"), str) and len(value["key"]) == 32:  # kaggle.json
        value = {**value, "key": REDACTED}
    clean: dict[Any, Any] = {}
    for key, item in value.items():
        name = secrets(key) if isinstance(key, str) else key
        while name in clean:
            name += "'"
        own = said or (kind(key) if isinstance(key, str) else "") or (about if key in _VALUES else "")
        if own and isinstance(item, str) and key in ("authorization", "Authorization"):
            own = STRONG
        clean[name] = everywhere(item, own)
    return clean


def _items(value: list[Any] | tuple[Any, ...], said: str) -> list[Any]:
    """A list; of a command line, what follows a flag such as `--api-key` is its value."""
    from memorylab.core.runs.secret_names import kind

    flag, clean = "", []
    for item in value:
        clean.append(everywhere(item, said or flag))
        is_flag = isinstance(item, str) and item.startswith("-") and "=" not in item and len(item) < 80
        flag = kind(item.lstrip("-")) if is_flag else ""
    return clean


def may_hold(line: bytes) -> bool:
    """Whether a stored row can hold a secret at all: cheap, and when in doubt true."""
    from memorylab.core.runs.secret_spans import anything

    return b"\\u00" in line or b"\\/" in line or anything(line.decode("latin-1"))


def name(text: str) -> str:
    """A name that something is found again by, such as a key: one with a secret in it becomes a checksum."""
    if secrets(text) == text:
        return text
    import hashlib

    return f"redacted-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:20]}"


def ending(text: str, cut: bool) -> str:
    """The end of a text that may have been cut anywhere, a token or key included, without secrets.

    Of one that was, the first line goes, or its first word where it is the only one, and with it the lines that look
    like the body of a key.
    """
    if cut:
        first, newline, rest = text.partition("\n")
        text = rest if newline else first.partition(" ")[2]
        while (line := text.partition("\n"))[0].strip().isascii() and _is_body(line[0].strip()):
            text = line[2]
    return secrets(text)


def _is_body(line: str) -> bool:
    return len(line) >= 40 and not line.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def stream(pieces: Iterable[str], *, ahead: str = "", behind: str = "") -> Iterator[str]:
    """A long text without secrets, piece by piece, in bounded memory: none slips through where two pieces meet.

    `ahead` and `behind` are what stands before and after the text, as far as a secret reaches; they aren't given back.
    """
    from memorylab.core.runs.secret_spans import REACH, spans

    text, done, torn = ahead, len(ahead), False
    source = iter(pieces)
    piece = next(source, None)
    while piece is not None:
        following = next(source, None)
        text += piece
        until = len(text) - REACH if following is not None else len(text)
        window = text if following is not None else text + behind
        if torn:  # the window begins within a secret that is longer than its reach
            done = max(done, _end_of_torn(window, done))
        if until > done or following is None:
            found = [(max(begin, done), end) for begin, end in spans(window) if end > done]
            yield _without(window, found, done, until)
            last = max((end for begin, end in found if begin < until), default=0)
            torn = last == len(window) and following is not None
            done = max(until, last)
            keep = max(min(done, len(text)) - REACH, 0)
            text, done = text[keep:], done - keep
        piece = following


def _end_of_torn(text: str, start: int) -> int:
    for place in range(start, len(text)):
        if not (text[place].isalnum() or text[place] in "+/=_-.%~\r\n\\"):
            return place
    return len(text)
