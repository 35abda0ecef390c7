"""Text of an idea to tokens with their numbers worked out, so that 524K, 2**19 and 524288 are one value.

A token is `(kind, value)`: `"w"` a lower-case word in its stem, `"n"` a number, `"x"` a factor ("3x"), `"a"` an amount
by which something changes, `"o"` an ordinal, `"v"` a layout such as SSSL, `"k"` an identifier with underscores in its
own spelling and with its index ("SCORES[4]"), `"p"` punctuation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

from memorylab.core.lazily import pattern

Token = tuple[str, str | float]

AMOUNT = "amount__"
"""How `relative` spells that the number behind it is an amount."""

_TOKEN = re.compile(
    r"([-=]+>|>>|--+)"  # 1 arrow or dash
    r"|(\d+(?:\.\d+)?)(?:\*\*|\^)(\d+)(?![\w.]*\()"  # 2, 3 power
    r"|((?<![\w\])])-(?=\.?\d))?"  # 4 sign
    r"((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)(%|[A-Za-z]*(?![0-9]))"  # 5, 6 number, unit
    r"|\bx(\d*\.\d+|[1-9]\d*)\b"  # 7 factor in front: x0.7
    r"|([A-Za-z]{2,}(?=\d+(?:\.\d|e-\d))|[A-Za-z_]\w*_\w*\[\w+\]|[A-Za-z_]\w*)"  # 8 word or identifier
    r"|([=:,;()\[\]{}/+*&~%]|\.(?=\s|$))"  # 9 punctuation
    r"|((?-i:[\u0370-\u1fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+))",  # 10 in other letters; folding takes 5 ms
    re.ASCII | re.IGNORECASE,
)
_RATE = re.compile(
    r"(?:->|→|=|:)?\s*~?[\d.,]+\s*k?\s*(?:\w+\s+)?(?:tok|token|it|iter|req|sample|step|flop|img)s?/s(?:ec)?\b", re.I
)
"""A measured rate ("2973 output tok/s") is an outcome; no edit sets one."""
_ASCII_SIGNS = pattern(r"[$@\\]|(?<!\w)!|(?<![-=<>])[<>]=?(?![->])")
_UNREAD = pattern(r"[^\W\d_]+|[^\w\s'\"?!,.;:()\[\]{}|•…·«»„‚‘+*/~=<>#&%@^$\\-]")
_NOT = pattern(r"n['’]t\b", re.IGNORECASE)
_MARKS = pattern("([A-Za-z])[\u0300-\u036f]+")
_SPELLED = str.maketrans(
    {
        "→": " -> ", "⟶": " -> ", "➜": " -> ", "⇒": " -> ", "×": "x", "²": "2", "³": "3", "−": "-", "–": " -- ",
        "—": " -- ", "‑": "-", "µ": "u", "β": " beta", "λ": " lambda", "ε": " eps", "θ": " theta", "γ": " gamma",
        "τ": " tau", "σ": " sigma", "½": "0.5", "¼": "0.25", "¾": "0.75", "√": " sqrt ", "’": "'", "`": " ", '"': " ",
        "“": " ", "”": " ", "≈": "~", "∼": "~", "\u00a0": " ",
    }
)  # fmt: skip
_JOINED = (("Q/K/V", "QKV"), ("q/k/v", "qkv"), ("Q/K", "QK"), ("q/k", "qk"), ("K/V", "KV"), ("k/v", "kv"))
_THOUSANDS = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "mi": 2.0**20, "ki": 2.0**10}
_BYTES = {
    "kb": 2.0**10,
    "mb": 2.0**20,
    "gb": 2.0**30,
    "tb": 2.0**40,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
    "tib": 2.0**40,
}
# Batches, contexts and vocabularies are powers of two that people round: 524K is 2**19.
_ROUNDED = {524: 19, 525: 19, 262: 18, 131: 17, 65: 16, 66: 16, 64: 16, 33: 15, 32: 15, 16: 14, 8: 13, 4: 12, 2: 11,
            128: 17, 256: 18, 512: 19}  # fmt: skip
NUMBER_WORDS = {
    "zero": 0.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "sixteen": 16.0, "twenty": 20.0, "hundred": 100.0,
    "single": 1.0, "tenth": 0.1, "hundredth": 0.01, "million": 2.0**20,
}  # fmt: skip
FRACTIONS = {
    "half": 2, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "twelfth": 12,
    "sixteenth": 16, "twentieth": 20, "hundredth": 100,
}  # fmt: skip
"""Parts of a whole; "third" is a place in the network more often. Each is one only after a number, or before "of"."""
_SWITCH = {"true": "enabled", "false": "off"}
_STATES = (("w", "enabled"), ("w", "off"))
_SET = (("p", "="), ("p", "->"), ("w", "to"), ("p", ":"))
_CAMEL = pattern(r"(?<![\w.])[a-z]{2,}(?:[A-Z][a-z]+)+(?![\w(])")
_HUMP = pattern(r"([A-Z])")
"""An identifier in humps is one with underscores: "efSearch" is ef_search; names such as ReLU begin with a capital."""
_FLAG = pattern(r"(?<![\w-])--?([a-z]+(?:-[a-z]+)+)(?![\w-])")
"""So is an option of a command: "--img-size"."""
_HYPHENED = pattern(
    r"\b(zero|one|two|three|four|five|six|seven|eight|nine|ten|single)-"
    r"(?!(?:layer|head|block|step|epoch|dim|group|tensor|token|expert)s?\b)([a-z])",
    re.IGNORECASE,
)
"""Number words that make a name and count nothing that is set: "two-phase", "one-hot", "three-way"."""
_UNITS = {"l": "layer", "d": "dim", "w": "width", "h": "hour", "s": "second"}
_ORDINALS = frozenset(("st", "nd", "rd", "th"))


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """The word in lower case without its plural ending ("matrices" stays, "layers" is "layer")."""
    word = word.lower()
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=32768)
def root(word: str) -> str:
    """A harder stem for words that no table knows: "sorted", "sorting" and "sorts" are one."""
    word = stem(word)
    for ending in ("ization", "isation", "ation", "ingly", "ing", "ied", "ed", "ly", "er"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsae":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


_NONE: Mapping[str, str] = {}


def tokens(text: str, own: Mapping[str, str] = _NONE) -> list[Token]:
    """All tokens of `text` in order; anything that is neither word, number nor known punctuation is dropped.

    `own` holds names of one word by their stems; in capitals such a word is an identifier.
    """
    out: list[Token] = []
    if "/s" in text:
        text = _RATE.sub(" ", text)
    if "'" in text or "’" in text:
        text = _NOT.sub(" not", text)
    if not text.islower():
        text = _CAMEL.sub(lambda found: _HUMP.sub(r"_\1", found[0]), text)
    if "-" in text:
        text = _FLAG.sub(lambda found: found[1].replace("-", "_"), text)
        text = _HYPHENED.sub(r"\1\2", text)
    for old, new in _JOINED:
        if old in text:
            text = text.replace(old, new)
    for arrow, power_of, power, sign, number, glued, factor, word, mark, foreign in _TOKEN.findall(plain_letters(text)):
        if word:
            if own and own.get(stem(word)) == word:
                out.append(("k", word))
            else:
                _word(word, out)
        elif number:
            _number(number, sign, glued, out)
        elif factor:
            out.append(("x", float(factor)))
        elif arrow:
            out.append(("p", "->" if arrow[-1] == ">" else "--"))
        elif mark:
            _mark(mark, out)
        elif foreign:
            out.append(("w", foreign.lower()))
        elif power_of:
            out.append(("n", _bounded_power(float(power_of), int(power))))
    out = _switched(_shares(out))
    return _fractions(out) if ("p", "/") in out or ("p", ":") in out else out


def _shares(found: list[Token]) -> list[Token]:
    """Join "four fifths" and "a sixth of" to numbers; "the fifth layer" stays."""
    if not any(kind == "w" and value in FRACTIONS for kind, value in found):
        return found
    out: list[Token] = []
    for i, (kind, value) in enumerate(found):
        part = FRACTIONS.get(str(value)) if kind == "w" else None
        before = out[-1] if out else ("", "")
        if part and before[0] == "n" and float(before[1]) in (1.0, 2.0, 3.0, 4.0, 5.0) and float(before[1]) < part:
            out[-1] = ("n", round(float(before[1]) / part, 6))
        elif part and part > 4 and (before in (("w", "final"), ("w", "last")) or found[i + 1 : i + 2] == [("w", "of")]):
            out.append(("n", round(1 / part, 6)))
        else:
            out.append((kind, value))
    return out


def unread(text: str) -> set[str]:
    """What `tokens` drops and may still mean something: signs, and words in letters that it doesn't know.

    >>> sorted(unread("lr 3e-4 → 1e-4, 学习率 ⊕"))
    ['⊕']
    """
    if text.isascii():
        return set(_ASCII_SIGNS.findall(text))
    return set(_UNREAD.findall(_TOKEN.sub(" ", plain_letters(text)))) | set(_ASCII_SIGNS.findall(text))


def plain_letters(text: str) -> str:
    """The text with signs spelled out and Latin letters without their marks: "verlängern" is one word.

    >>> plain_letters("β 0.9 → 0.95, verlängern")
    ' beta 0.9  ->  0.95, verlangern'
    """
    if text.isascii():
        return text.translate(_SPELLED)
    import unicodedata  # most texts need none, and it takes 0.3 ms to load

    marked = unicodedata.normalize("NFD", text.translate(_SPELLED))
    return unicodedata.normalize("NFC", _MARKS.sub(r"\1", marked))


def _switched(found: list[Token]) -> list[Token]:
    """ "fused=True" as "fused enabled", "True -> False" behind a name as "off": a switch has two values, not words."""
    if not any(kind == "w" and value in _SWITCH for kind, value in found):
        return found
    out: list[Token] = []
    for token in found:
        state = _SWITCH.get(str(token[1])) if token[0] == "w" else None
        if state and len(out) > 1 and out[-1] in _SET:
            del out[-1]
            if out[-1] in _STATES:
                del out[-1]
            if out[-1:] == [("w", "from")]:
                del out[-1]
            out.append(("w", state))
        else:
            bare = state and out and (out[-1][0] == "k" or out[-1] == ("w", "from"))
            out.append(("w", str(state)) if bare else token)
    return out


def _bounded_power(base: float, exponent: int) -> float:
    return float(base**exponent) if exponent <= 64 and base <= 1000 else base


def _word(word: str, out: list[Token]) -> None:
    if word == AMOUNT:
        out.append(("a", 0.0))
        return
    if "_" in word.strip("_"):
        out.append(("k", word.strip("_")))
        return
    layout = word.upper()
    if 2 <= len(word) <= 12 and word == layout and not layout.strip("SL"):
        out.append(("v", _period(layout)))
        return
    lower = stem(word)
    if lower in _BYTES and out and out[-1][0] == "n":
        out[-1] = ("n", float(out[-1][1]) * _BYTES[lower])
    elif lower == "million" and out and out[-1][0] == "n":
        out[-1] = ("n", float(out[-1][1]) * 2**20)
    elif lower in NUMBER_WORDS:
        if out and out[-1] == ("a", 0.0):
            out[-1] = ("a", NUMBER_WORDS[lower])
        else:
            out.append(("n", NUMBER_WORDS[lower]))
    elif lower in ("percent", "pct") and out and out[-1][0] == "n":
        out[-1] = ("n", _percent(out[-1][1]))
    elif lower == "x" and out and out[-1][0] == "n":
        out[-1] = ("x", out[-1][1])
    else:
        out.append(("w", lower))


def _period(layout: str) -> str:
    """A layout's shortest period, since a pattern is repeated over the layers: "LLLL" is "L", "SSSLSSSL" is "SSSL"."""
    size = next(n for n in range(1, len(layout) + 1) if layout[:n] * (len(layout) // n) == layout)
    return layout[:size]


def _percent(value: str | float) -> float:
    return round(float(value) / 100, 9)


def _number(number: str, sign: str, glued: str, out: list[Token]) -> None:
    value = float(number.replace(",", "")) * (-1 if sign else 1)
    if not math.isfinite(value):
        return
    unit = glued.lower()
    if out and out[-1] == ("a", 0.0):
        out[-1] = ("a", value)
    elif out and out[-1] == ("p", "*") and not glued:
        out[-1] = ("x", value)
    elif unit in ("%", "pct", "percent"):
        out.append(("n", _percent(value)))
    elif unit == "x":
        out.append(("x", value))
    elif unit in _ORDINALS:
        out.append(("o", value))
    elif unit in _THOUSANDS:
        out.append(("n", _thousands(value, glued)))
    elif unit in _BYTES:
        out.append(("n", value * _BYTES[unit]))
    elif unit == "d" and not (value >= 64 and value % 2 == 0):
        out.extend((("n", value), ("w", "day")))
    else:
        out.append(("n", value))
        word = _UNITS.get(unit, stem(glued)) if unit else ""
        if word:
            out.append(("w", word))


def _thousands(value: float, glued: str) -> float:
    exponent = _ROUNDED.get(int(value)) if value == int(value) else None
    if exponent is not None and glued.lower() == "k" and (glued == "K" or value in (524, 262, 131, 65, 33)):
        return float(2**exponent)
    if glued == "K" and (value == 1 or (value % 16 == 0 and value % 100)):
        return value * 1024  # 48K tokens are 49152
    if glued.lower() == "m" and value in (1, 1.05, 2, 2.1):
        return float(round(value) * 2**20)
    return value * _THOUSANDS[glued.lower()]


def _mark(mark: str, out: list[Token]) -> None:
    if mark != "%":
        out.append(("p", mark))
    elif out and out[-1][0] == "n":
        out[-1] = ("n", _percent(out[-1][1]))


def _fractions(found: list[Token]) -> list[Token]:
    """Join "1/8" and "5:1" to one number; two settings side by side ("0.8/0.95", "64/128") stay two."""
    out: list[Token] = []
    i = 0
    while i < len(found):
        if i + 2 < len(found) and found[i][0] == "n" == found[i + 2][0] and found[i + 1] in (("p", "/"), ("p", ":")):
            a, b = float(found[i][1]), float(found[i + 2][1])
            whole = a == int(a) and b == int(b) and b
            if whole and (a < b or found[i + 1][1] == ":") and a <= 64 and not (a < b and found[i + 1][1] == ":"):
                out.append(("n", round(a / b, 6)))
                i += 3
                continue
        out.append(found[i])
        i += 1
    return out
