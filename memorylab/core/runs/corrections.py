"""What a later row says of a run: its status or value amended, or the run taken out of evidence; both rows stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.core.numerals import number
from memorylab.core.runs.crash_kinds import RETRACTED
from memorylab.core.runs.integrity import BARRED, SUSPECT, UNKNOWN
from memorylab.records import STATUSES, finite, text

AMEND, RETRACT = "amend", "retract"
KINDS = (AMEND, RETRACT)
AMENDED = "amended_value"
_FIELDS = ("status", "value", "note", "owner", "timestamp_utc")


def folded(before: Mapping[str, Any] | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """A run's correction with one more row: what that doesn't say stays as it was said before.

    >>> folded({"status": "keep", "value": 0.9}, {"kind": "amend", "value": 0.8, "note": "misread"})["value"]
    0.8
    """
    told = {name: row[name] for name in _FIELDS if row.get(name) is not None}
    if told.get("status") not in STATUSES:
        told.pop("status", None)
    if row.get("kind") == RETRACT:
        told["retracted"] = True
    return {**(before or {}), **told}


def corrected(row: dict[str, Any], told: Mapping[str, Any] | None, metric: str) -> dict[str, Any]:
    """The row as it counts now; `corrected` in it says what was changed, by whom and why.

    A value that the run itself didn't tell is somebody's word: it can't lead until a person accepts it.
    """
    if not told:
        return row
    done: dict[str, Any] = {**row, "corrected": dict(told)}
    if told.get("retracted"):
        summary = f"taken out of evidence: {text(told.get('note')) or 'no reason was given'}"
        done |= {"status": "crash", "error": {"summary": summary, "tail": "", "source": "given", "kind": RETRACTED}}
        return {**done, "promoted": False}
    value, metrics = finite(told.get("value")), dict(row.get("metrics") or {})
    arena = row.get("arena")
    name = (text(arena.get("metric")) if isinstance(arena, Mapping) else "") or metric
    if value is not None and finite(metrics.get(name)) != value:
        reason = {
            "kind": AMENDED,
            "text": f"Its {name} of {number(value)} was amended by hand; the run itself tells another.",
        }
        done["integrity_reasons"] = [*(row.get("integrity_reasons") or ()), reason]
        done["integrity"] = row["integrity"] if row.get("integrity") in (*BARRED, UNKNOWN) else SUSPECT
        done["metrics"] = {**metrics, name: value}
    status = text(told.get("status"))
    if status:
        done["status"] = status
        done["promoted"] = status == "keep"
        done["error"] = _error(row, told) if status == "crash" else None
    return done


def _error(row: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    known = row.get("error")
    if isinstance(known, Mapping):
        return dict(known)
    said = text(told.get("note")) or "amended to a crash by hand"
    return {"summary": said, "tail": "", "source": "given", "kind": "unknown"}
