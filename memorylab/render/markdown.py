"""The decision packet as Markdown, for agents that read files, and what every page of Markdown is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.records import text, texts
from memorylab.render import words
from memorylab.render.escape import code, fence, markdown

LONGEST = 600
"""Characters shown of a sentence; what an agent calls its run may have any length."""


def packet(packet: Mapping[str, Any]) -> str:
    """A decision packet: what to do and what happened, why, the comparison, how new the idea was, the error."""
    run = words.mapping(packet.get("run"))
    action, priority = text(packet.get("next_action")), text(packet.get("priority"))
    parts = [f"# {markdown(action, 40) or 'No decision'}{f' ({markdown(priority, 20)} priority)' if priority else ''}"]
    parts += [f"**{markdown(packet.get('summary'), LONGEST)}**"] if packet.get("summary") else []
    parts += [f"Next: {words.ACTIONS[action]}."] if action in words.ACTIONS else []
    parts += bullets("Why", [markdown(reason, LONGEST) for reason in texts(packet.get("rationale"))])
    metric = markdown(words.mapping(packet.get("comparison")).get("metric"), 40)
    compared = [
        [name, value, more, chance, code(other) if other != "this run" else other]
        for name, value, more, chance, other in words.comparison(packet)
    ]
    parts += table("Comparison", ["against", f">{metric}", ">gain", ">truly better", "run"], compared)
    status = text(packet.get("hypothesis_status"))
    said = status.replace("_", " ")
    about = f": {markdown(run.get('hypothesis'), LONGEST)}" if run.get("hypothesis") else ""
    novelty = words.mapping(packet.get("novelty"))
    closest = f" (closest run {code(novelty['closest_run'])})" if novelty.get("closest_run") else ""
    parts += bullets("The idea", [
        f"{markdown(run.get('description'), LONGEST)} ({code(run.get('run_id'))})" if run else "",
        f"Hypothesis {markdown(said, 40)}{about}" if status else "",
        f"Novelty {markdown(words.novelty(novelty), LONGEST)}{closest}" if novelty.get("classification") else "",
    ])  # fmt: skip
    return "\n\n".join([*parts, *_error(words.mapping(packet.get("error")))]) + "\n"


def _error(error: Mapping[str, Any]) -> list[str]:
    if not error:
        return []
    kind, source = markdown(error.get("kind"), 40), markdown(error.get("source"), 100)
    told = markdown(error.get("summary"), LONGEST) + (f" ({kind})" if kind else "")
    parts = ["## Error", told + (f", from {source}" if source else "")]
    return [*parts, fence(error.get("tail"))] if text(error.get("tail")).strip() else parts


def bullets(title: str, items: Sequence[str]) -> list[str]:
    """A list under a heading; nothing without items."""
    shown = [f"- {item}" for item in items if item]
    return [*([f"## {title}"] if title else []), "\n".join(shown)] if shown else []


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table under a heading; a column whose heading starts with `>` holds numbers. Nothing without rows."""
    if not rows:
        return []
    names = [head.removeprefix(">") for head in heads]
    rule = ["---:" if head.startswith(">") else "---" for head in heads]
    lines = ["| " + " | ".join(cells) + " |" for cells in (names, rule, *rows)]
    return [f"## {title}", "\n".join(lines)]
