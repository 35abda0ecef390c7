"""Text from agents is data: this is where it is made safe for a terminal line, a Markdown cell and an HTML page."""

from __future__ import annotations

import re

from memorylab.core.runs.redact import plain

TAIL_LINES = 40
TAIL_CHARS = 6000
FENCE_LINE = 400
"""Characters shown of one line of a log: progress bars and dumped tensors go on for megabytes."""

# What opens something in CommonMark or GitHub's dialect inside a line. An underscore between letters does not, and is
# left alone because knobs are full of them; a colon and a dot only where they would make a bare address a link.
_INLINE = r"(?i)([\\`*\[\]<>|~$]|(?<![a-z0-9])_|_(?![a-z0-9])|&(?=#?\w{1,32};)|:(?=//)|(?<=www)\.)"
"""Compiled by `re` when it is first used: half a millisecond that a terminal command need not spend."""


def one_line(value: object, limit: int = 0) -> str:
    """The value as one line that can be printed and encoded; longer than `limit` characters ends in an ellipsis.

    >>> one_line("a\\x1b[31mred\\x1b[0m\\nb"), one_line("warm-up", 5), one_line(None)
    ('ared b', 'warm…', '')
    """
    if value is None:
        return ""
    text = str(value)
    # What is cut off anyway is not worth cleaning; an escape sequence adds little, four times the limit is ample.
    text = _encodable(plain(text[: 4 * limit + 200] if limit else text))
    return shorten(text, limit) if limit else text


def shorten(text: str, limit: int) -> str:
    """The text in at most `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def shorten_middle(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut in the middle: a sentence ends in what it is about.

    >>> shorten_middle("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= limit:
        return text
    half = (limit - 1) // 2
    return f"{text[: limit - 1 - half]}…{text[len(text) - half :]}"


def block(value: object) -> str:
    """The end of a text of many lines, without escape sequences, in bounded size."""
    text = value if isinstance(value, str) else ""
    lines = _encodable(plain(text[-4 * TAIL_CHARS :], newlines=True)).expandtabs(4).rstrip().split("\n")[-TAIL_LINES:]
    return "\n".join(shorten(line.rstrip(), FENCE_LINE) for line in lines)[-TAIL_CHARS:].strip("\n")


def opening(value: object, most: int, width: int) -> tuple[list[str], int]:
    """The first lines of a text with their indentation, without escape sequences, and how many more there are."""
    text = value if isinstance(value, str) else ""
    lines = _encodable(plain(text[: most * 4 * width], newlines=True)).expandtabs(4).rstrip().split("\n")
    more = max(len(lines), text.rstrip().count("\n") + 1) - most
    return [shorten(line.rstrip(), width) for line in lines[:most]], max(more, 0)


def html(value: object, limit: int = 0) -> str:
    """The value as one line for an HTML or SVG text or a quoted attribute.

    >>> html('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return html_raw(one_line(value, limit))


def html_raw(text: str) -> str:
    """Clean text, of one line or many, for HTML and SVG."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(sign, entity)
    return text


def markdown(value: object, limit: int = 0) -> str:
    """The value as one line of Markdown that shows as what it is: no markup, link, image, cell border or block.

    >>> markdown("[x](http://y) | <b>"), markdown("# MATRIX_LR 0.04"), markdown("1. item")
    ('\\\\[x\\\\](http\\\\://y) \\\\| \\\\<b\\\\>', '\\\\# MATRIX_LR 0.04', '1\\\\. item')
    """
    text = re.sub(_INLINE, r"\\\1", one_line(value, limit))
    digits = text[:10].lstrip("0123456789")
    number = len(text[:10]) - len(digits)
    if text[:1] in ("#", "+", "-", "="):
        return "\\" + text
    if 0 < number < 10 and text[number : number + 1] in (".", ")") and text[number + 1 : number + 2] in ("", " "):
        return f"{text[:number]}\\{text[number:]}"
    return text


def code(value: object, limit: int = 80) -> str:
    """A name, such as a run id or commit, as a Markdown code span; anything stranger as escaped text."""
    text = one_line(value, limit)
    return f"`{text}`" if re.fullmatch(r"[\w.:/+@-]+", text) else markdown(text)


def fence(value: object, info: str = "text") -> str:
    """A text of many lines as a Markdown code block that its contents can't close."""
    text = block(value)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{info}\n{text}\n{marks}"


def link_target(path: str) -> str:
    """A relative file name as the target of a Markdown link or image.

    >>> link_target("night 1).svg")
    'night%201%29.svg'
    """
    safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/"
    return "".join(c if c in safe else "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "replace")) for c in path)


def _encodable(text: str) -> str:
    """Without lone surrogates, which no file or terminal takes, and the noncharacters that XML forbids."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\ufffe", "").replace("\uffff", "")
