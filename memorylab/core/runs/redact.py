"""Takes secrets and terminal escapes out of text that comes from agents and programs, before it is kept or shown."""

from __future__ import annotations

import re

REDACTED = "[redacted]"

# Patterns stay text until they are used (re keeps what it compiled): most commands never look for a secret.
_SECRETS = r"""
      (?P<block>-----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z))
    | \b(?:sk-(?:ant-|proj-)?[\w-]{16,} | hf_\w{16,} | gh[pousr]_\w{20,} | github_pat_\w{20,} | glpat-[\w-]{16,}
         | AKIA[0-9A-Z]{16} | xox[abprs]-[\w-]{10,} | AIza[\w-]{30,} | npm_\w{30,} | pypi-[\w-]{30,}
         | eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})
    | (?P<scheme>\b\w+://[^\s/:@]{1,200}:)[^\s/@]{1,200}(?=@)
    | (?P<name>(?:\bauthorization\s*[:=]\s*(?:bearer|basic)|\bbearer)\s+)[\w.~+/=-]{8,}
    | (?P<field>\b[\w.-]{0,40}?(?:password|passwd|secret|token|api_?key|access_?key|private_?key)\b["']?\s*[:=]\s*["']?)
      (?=[^\s"',;]*[A-Za-z])(?=[^\s"',;]*\d)[^\s"',;]{8,}
    """
_MAY_HOLD_ONE = r"(?i)sk-|hf_|gh[pousr]_|github_pat|glpat|AKIA|xox|AIza|npm_|pypi-|eyJ|://|bearer|authorization|passw|secret|token|key"
_CONTROL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
_INVISIBLE = "[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"


def secrets(text: str) -> str:
    """The text without what looks like a credential: provider tokens, keys, passwords in addresses and assignments.

    >>> secrets("HF_TOKEN=hf_abcdefghijklmnop0123 step 1")
    'HF_TOKEN=[redacted] step 1'
    """
    if not re.search(_MAY_HOLD_ONE, text):
        return text

    def replace(match: re.Match[str]) -> str:
        return (match["scheme"] or match["name"] or match["field"] or "") + REDACTED

    return re.sub(_SECRETS, replace, text, flags=re.VERBOSE | re.IGNORECASE | re.DOTALL)


def plain(text: str, newlines: bool = False) -> str:
    """The text as data for a person's screen: no escape sequences, no control or direction characters, one line.

    >>> plain("a\\x1b[31mred\\x1b[0m\\nb")
    'ared b'
    """
    if text.isascii() and text.isprintable():  # nearly always, and compiling the patterns takes a millisecond
        return text if newlines else " ".join(text.split())
    text = text.replace("\r\n", "\n")
    text = re.sub(_INVISIBLE, "", re.sub(_CONTROL, "", text.replace("\r", "\n")))
    return text if newlines else " ".join(text.split())
