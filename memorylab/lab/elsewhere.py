"""What the other campaigns of the workspace know of an idea, as prior knowledge for the guard."""

from __future__ import annotations

from collections.abc import Mapping

from memorylab.adapters.campaigns import called
from memorylab.core.guard import elsewhere
from memorylab.core.reading.ideas import Idea
from memorylab.lab import campaigns
from memorylab.lab.context import Context
from memorylab.lab.judge import recalled
from memorylab.records import NoveltyGuard

MOST = 4
"""Campaigns that are told of."""


def heard(context: Context, idea: Idea, guard: NoveltyGuard, base: Mapping[str, float]) -> NoveltyGuard:
    """The verdict of the campaign at hand with what the others tried; the index must have caught up."""
    found = []
    for other in campaigns.others(context):
        past = recalled(other).known(idea)["past"]
        said = elsewhere.known(idea, past, base, guard["effective_threshold"])
        if said is not None:
            where = {"campaign": called(other.place.campaign), **_measured_by(other)}
            found.append({**where, **said})
    settings = context.config
    return elsewhere.told(guard, found[:MOST], settings.metric, settings.direction)


def _measured_by(other: Context) -> dict[str, str]:
    return {"metric": other.config.metric, "direction": other.config.direction}
