"""What is said of the chance that an idea is kept: one number, or none where nothing is known of it.

The model of `odds` was fitted on runs that had others before them. Before the first one there is nothing that it could
rest on but what became of such edits elsewhere, and where the field has no such tries either nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping

from memorylab.core.guard import odds
from memorylab.core.guard.odds import Session, Traits
from memorylab.core.guard.policy import Verdict
from memorylab.core.guard.priors import Prior
from memorylab.core.reading.ideas import Idea


def p_keep(
    seen: Traits,
    verdict: Verdict,
    likely: float,
    *,
    judged: bool,
    prior: Prior | None,
    idea: Idea,
    base: Mapping[str, float],
    metric: str,
) -> float | None:
    """The probability that an idea is kept, None where nothing is known of it.

    Args:
        seen: what history says.
        verdict: the guard's; where it closes a line, the chance is no better than that of the line.
        likely: how often runs like the idea are kept.
        judged: whether any run was judged that this may rest on.
        prior: what the field's counts are.
        idea: what is planned.
        base: the present values of what it changes.
        metric: what decides here, which tells whether this is the field that was counted.

    """
    if not judged:
        return None if verdict.control else from_field(prior, idea, base, metric)
    whole = odds.p_keep(seen._replace(first=0.0))
    return round(min(whole, likely) if verdict.hopeless else whole, 4)


def judged(session: Session, found: bool) -> bool:
    """Whether any run was judged here, or elsewhere one that is like the idea."""
    return session.runs > 0 or found


def from_field(prior: Prior | None, idea: Idea, base: Mapping[str, float], metric: str) -> float | None:
    """The share of such tries that was kept in the field, where this is that field and it knows the target."""
    if prior is None or not idea.edits:
        return None
    edit = idea.edits[0]
    field, now = prior.in_domain(metric), base.get(edit.target)
    return round(field.rate(edit, idea.family, now), 4) if field.knows(edit) else None
