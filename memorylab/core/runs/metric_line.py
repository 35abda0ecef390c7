"""A metric in the shapes that loops print it: `name: 0.99`, `name=91.37%`, JSON, a table's cell, several on a line."""

from __future__ import annotations

import json
import math
import re

from memorylab.core.lazily import pattern
from memorylab.core.runs.lines import bare
from memorylab.records import finite
from memorylab.tuples import NamedTuple

MOST_CHARS = 2_000
"""Of a line that is looked at."""

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:_\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)"
_POWER = r"(?:[eEdD][-+\u2212]?\d{1,3}|\s?(?:[x\u00d7*]|\u00b7)\s?10(?:\^|\*\*)\s?[({]?[-+\u2212]?\d{1,3}[)}]?)"
NUMBER = rf"[-+\u2212]?(?:{_DIGITS}){_POWER}?"
"""A number in any notation: 1,234.5, 1_000, 7.5e-05, 7.5E+003, 1.5D-03, 1.5×10^-3, a real minus sign."""
NOT_FINITE = r"[-+]?(?:[nN][aA][nN]|[iI][nN][fF](?:inity|INITY)?|1\.#(?:IND|INF|QNAN)|\u221e)(?:\.0)?(?![\w.])"

_TYPE = r"(?:\w{1,16}\.){0,3}[A-Za-z]\w{0,15}"
_WRAPPED = pattern(  # np.float64(0.9), tensor(0.9, device='cuda:0'), Decimal('0.9'), [0.9]
    rf"(?:<tf\.Tensor:[^>]{{0,80}}?numpy=|{_TYPE}\(|[(\[]{{1,2}})\s*['\"]?({NUMBER}|{NOT_FINITE})['\"]?"
    r"(?:,\s*(?:device|dtype|grad_fn|weak_type|requires_grad)=[^()]{0,60}(?:\([^()]{0,40}\))?){0,3}\s*[)\]>]{1,2}"
)
_UNIT = r"(?:[%\u2030]|(?:[a-zA-Z\u00b5\u00b0]{1,8}\.?)(?:[/^]\w{1,8})?(?![\w:=.(]))"
_SPREAD = rf"\s*(?:\u00b1|\+/?-|\+-|\\pm)\s*{NUMBER}\s?%?"
_BEHIND = pattern(
    rf"(?P<unit>\s?{_UNIT})?(?:{_SPREAD})?(?:\s?%)?"
    r"(?=\s*(?:$|[,;|)\]}\u2502<]|\(|\[|\.\s|\.$|\*\*|`|['\"]|[-\u2014\u2013#]{1,2}\s"
    r"|\w[\w ]{0,40}[:=]|\s[A-Za-z_]|\s{2,}|[!*\u2713\u2714\u2191\u2193]))"
)
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6}
_COUNTED = r"[kKM](?=\s*(?:$|[,;|)\]}(]))"  # 12M/s or 5 MB are units of something else

_BETWEEN = (
    r"(?:\s*[:=]{1,2}>?\s*|\s*[-=]>\s*|\s*[|\u2502]\s*|\s+(?:is|of|was)\s+|\s*\t\s*|\s{1,60}(?=[-+.\d(]|[a-z]+\."
    rf"|[A-Za-z]\w{{0,15}}\((?:{NUMBER}|{NOT_FINITE})|{NOT_FINITE}\s?%?\s*(?:$|[,;|)\]])))"
)
_OTHER = pattern(  # whose value it is, where it isn't this run's
    r"(?:^|[\s(\[,;|/_-])(?:best|old|prev(?:ious)?|last|target|baseline|initial|lowest|highest|min(?:imum)?|max(?:imum)?"
    r"|expected|goal|threshold|champion|reference|required|patience|delta|diff(?:erence)?|improve\w*|std(?:dev)?"
    r"|before|without|no|not|var(?:iance)?|random|init|train(?:ing)?)[\s:=_-]*['\"`*]{0,2}$",
    re.IGNORECASE,
)


class Value(NamedTuple):
    """What stands behind a name: a number, or one that left the numbers (`number` None, `lost`), or neither."""

    number: float | None
    lost: bool = False
    decimals: int = 0
    """The place of the last digit, by which a sidecar's number is held against it."""
    text: str = ""

    @property
    def told(self) -> bool:
        """Whether it says what was measured, be it that nothing finite was."""
        return self.number is not None or self.lost


def value(text: str) -> Value:
    """What a text that follows a name says, if it begins with something that is clearly a number.

    >>> value("91.37%").number, value("0.52 ± 0.03").number, value("np.float64(0.9)").number, value("1.5×10^-3").number
    (91.37, 0.52, 0.9, 0.0015)
    >>> value("nan").lost, value("0.91/1.0").told, value("pending").told, value("true").told
    (True, False, False, False)
    """
    text = text.strip().lstrip("*`$\u20ac\u00a3~\u2248 ")
    wrapped = _WRAPPED.match(text)
    if wrapped is not None:
        return _read(wrapped[1])
    if lost := re.match(NOT_FINITE, text):
        return Value(None, True, text=lost[0])
    number = re.match(NUMBER, text)
    if number is None:
        return Value(None, text=text[:80])
    counted = re.match(_COUNTED, text[number.end() :])
    if counted is not None:
        found = _read(number[0])
        times = _TIMES[counted[0]]
        return found._replace(number=(found.number or 0.0) * times, decimals=found.decimals - round(math.log10(times)))
    if _BEHIND.match(text, number.end()) is None:
        return Value(None, text=text[:80])
    return _read(number[0])


def _read(told: str) -> Value:
    if re.fullmatch(NOT_FINITE, told):
        return Value(None, True, text=told)
    plain = re.sub(r"[,_\s({})]", "", told.replace("\u2212", "-"))
    plain = re.sub(r"(?:[x\u00d7*\u00b7])10(?:\^|\*\*)", "e", plain)
    plain = re.sub(r"[dD]", "e", plain)
    number = finite(plain)
    digits, _, power = plain.lower().partition("e")
    decimals = len(digits.partition(".")[2]) - int(power or 0)
    if number is None:  # beyond what a float holds
        return Value(None, True, text=told)
    whole = plain.lstrip("+-").isdigit() and abs(number) < 2**53
    return Value(int(number) if whole else number, False, decimals, told)


def find(line: str, metric: str) -> Value | None:
    """What a cleaned line says of a metric; None where it says nothing of this run's.

    Of several the last counts. The best so far, a target or another run's value is not this run's.

    >>> find("final_roundtrip val_loss:2.28 val_bpb:1.3509 eval_time:1405ms", "val_bpb").number
    1.3509
    >>> find("best val_bpb: 0.9", "val_bpb"), find("old_val_bpb: 0.8", "val_bpb"), find("val_bpb: pending", "val_bpb")
    (None, None, None)
    """
    if metric not in line:
        return None
    line = line[:MOST_CHARS].strip()
    found = _find(bare(line), metric)
    # A metric may be called what a logger begins its lines with: `error: 0.013`.
    return found if found is not None or not line.startswith(metric) else _find(line, metric)


def _find(line: str, metric: str) -> Value | None:
    table = _object(line)
    if table is not None:
        return _entry(table, metric)
    found = None
    for match in re.finditer(named(metric), line):
        if _OTHER.search(line[: match.start()]):
            continue
        read = value(line[match.end() :])
        found = read if read.told else found
    return found


def named(metric: str) -> str:
    """The name and what may stand between it and its value. A directory before it (`eval/`) makes it another's."""
    return rf"(?<![A-Za-z_.\-/@])(?<!\d/)['\"`*]{{0,2}}{re.escape(metric)}['\"`*]{{0,2}}{_BETWEEN}"


def _object(line: str) -> dict[str, object] | None:
    """The line as the object that it is, in JSON or as Python prints a dictionary."""
    if not line.startswith("{") or not line.endswith("}"):
        return None
    try:
        table = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None


def _entry(table: dict[str, object], metric: str) -> Value | None:
    told = table.get(metric)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    number = finite(told)
    return Value(number, number is None, len(repr(told).partition(".")[2]) if number is not None else 0, repr(told))


def by_pattern(line: str, pattern: re.Pattern[str]) -> Value | None:
    """What the user's own pattern finds in a line: its group `value`, else its first, else all of it."""
    found = None
    for match in pattern.finditer(bare(line[:MOST_CHARS])):
        group = "value" if "value" in pattern.groupindex else 1 if pattern.groups else 0
        read = value(match[group] or "")
        found = read if read.told else found
    return found
