"""Changes that are told by how much, not to what: "by 50 %", "by half", "+= 2", "two more layers".

A factor is one whatever the words: "cut by 20 %" is x0.8. An amount that needs the value it starts from is told as
a way alone, with the amount behind it as an `a` token, so that nobody takes it for the value reached.
"""

from __future__ import annotations

import re

from memorylab.core.lazily import pattern
from memorylab.core.reading import wording
from memorylab.core.reading.tokens import AMOUNT, FRACTIONS, NUMBER_WORDS, stem

_NUMBER = rf"\d[\d.,]*(?:e[-+]?\d+)?|{'|'.join(NUMBER_WORDS)}"
_PART = "|".join(FRACTIONS)
_BY = pattern(
    rf"""\bby\s+(?:about\s+|roughly\s+|some\s+|around\s+|~\s*)?(?:
      a\s+factor\s+(?:of\s+)?(?P<factor>{_NUMBER})x?
    | (?P<times>\d[\d.]*)\s*[x×](?![\w.])
    | [x×](?P<into>\d[\d.]*)
    | (?P<percent>\d[\d.]*)\s*(?:%|percent\b|pct\b)
    | (?:an?\s+|one\s+)?(?P<part>{_PART}|third)\b
    | (?P<amount>{_NUMBER})(?=[\s,.;:)]|$)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ASSIGNED = pattern(rf"\s*(?P<op>[-+*/]=|\*\*=)\s*(?P<number>{_NUMBER})", re.IGNORECASE)
_ADDING = ("add ", "insert ", "append ", "stack ", "remove ", "drop ", "delete ")
_SIGNS = ("+=", "-=", "*=", "/=")
_COUNTING = ("more", "fewer", "extra", "additional", "less")
_WORDS = {"+=": "up by", "-=": "down by"}
_COUNT = pattern(
    rf"""(?<!\bto\ )(?<!\bthan\ )(?<![\w.>])(?P<number>{_NUMBER})\s+(?:
      (?P<turn>more|fewer|extra|additional|less)\b(?!\s+than\b)
    | (?P<noun>[a-z_-]+(?:\s[a-z_-]+){{0,2}})\s+(?P<after>fewer|less|more)\b(?!\s+than\b))""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDED = pattern(
    rf"\b(?P<verb>add|insert|append|stack|remove|drop|delete)\s+(?P<number>[1-9]\d?|{'|'.join(NUMBER_WORDS)})\s+"
    r"(?P<noun>(?:[a-z-]+\s){0,2}[a-z]+s)\b",
    re.IGNORECASE,
)
"""How many things come or go: "add two heads", "drop 3 layers"."""
_BETWEEN = pattern(r"(?<=[\d%])\s*[↑↓⬆⬇↗↘⇑⇓]\s*(?=[-+.\d])")
_ARROWS = {"↑": " up ", "⬆": " up ", "↗": " up ", "⇑": " up ", "↓": " down ", "⬇": " down ", "↘": " down ",
           "⇓": " down "}  # fmt: skip
_FROM_TO = (" auf ", " a ", " à ", " para ")
_ELSEWHERE = pattern(rf"\b(?:von|de|da)\s+((?:{_NUMBER})\S*)\s+(?:auf|a|à|para)\s+(?=\d)", re.IGNORECASE)
_TURN = pattern(r"[A-Za-z]+")


def absolute(text: str) -> str:
    """The text with factors spelled as factors and amounts marked as amounts.

    >>> absolute("reduce lr by 50 %"), absolute("dropout by half"), absolute("DEPTH += 2")
    ('reduce lr x0.5', 'dropout x0.5', 'DEPTH up amount__ 2')
    """
    lower = text.lower()
    if any(word in lower for word in _FROM_TO):
        text = _ELSEWHERE.sub(r"from \1 to ", text)
    if not text.isascii():
        text = _BETWEEN.sub(" -> ", text)
        for arrow, word in _ARROWS.items():
            text = text.replace(arrow, word)
    if any(sign in text for sign in _SIGNS):
        text = _ASSIGNED.sub(_assigned, text)
    if "by " in lower:
        text = _BY.sub(_by, text)
    if any(word in lower for word in _COUNTING):
        text = _COUNT.sub(_counted, text)
    return _ADDED.sub(_added, text) if any(verb in lower for verb in _ADDING) else text


def _assigned(found: re.Match[str]) -> str:
    op, number = found["op"], found["number"]
    if op in _WORDS:
        return f" {_WORDS[op].removesuffix(' by')} {AMOUNT} {number}"
    value = _value(number)
    if not value or op == "**=":
        return f" {AMOUNT} {number}"
    return f" x{1 / value if op == '/=' else value:.6g}"


def _by(found: re.Match[str]) -> str:
    way = _way(found.string[: found.start()])
    if found["amount"]:
        return f"{AMOUNT} {found['amount']}"
    if found["percent"]:
        share = float(found["percent"].rstrip(".")) / 100
        if not way or (way == "down" and share >= 1):
            return f"{AMOUNT} {found['percent']}%"
        return f"x{1 + share if way == 'up' else 1 - share:.6g}"
    if found["part"]:
        share = 1 / (FRACTIONS.get(found["part"].lower()) or 3)
        return f"x{1 + share if way == 'up' else share if share == 0.5 and not way else 1 - share:.6g}"
    value = _value(found["factor"] or found["times"] or found["into"])
    if not value:
        return found[0]
    if not way:
        return f"{value:g}"  # "unroll by a factor of 4" sets 4
    return f"x{1 / value if way == 'down' and value > 1 else value:.6g}"


def _counted(found: re.Match[str]) -> str:
    """ "two more layers", "one step fewer": a way with an amount; "2 more" of a measure is the same."""
    turn = (found["turn"] or found["after"]).lower()
    way = "down" if turn in ("fewer", "less") else "up"
    return f"{way} {AMOUNT} {found['number']} {found['noun'] or ''}".rstrip()


def _added(found: re.Match[str]) -> str:
    way = "down" if found["verb"].lower() in ("remove", "drop", "delete") else "up"
    return f"{way} {AMOUNT} {found['number']} {found['noun']}"


def _way(before: str) -> str:
    """Which way the words before turn, the last that does."""
    for word in reversed(_TURN.findall(before.lower())[-12:]):
        form = stem(word)
        if form in wording.UP or form in ("multiply", "multiplied", "scale", "scaled", "scaling", "time"):
            return "up"
        if form in wording.DOWN or form in ("divide", "divided"):
            return "down"
    return ""


def _value(number: str) -> float:
    number = number.lower().rstrip(".,")
    try:
        return NUMBER_WORDS.get(number) or float(number.replace(",", ""))
    except ValueError:
        return 0.0
