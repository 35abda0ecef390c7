"""The field's terms as tables by topic, because what an edit changes hides behind a hundred spellings of one thing.

Data only: `lexicon` compiles it, `phrases` reads text with it. A table line is `NAME: alias, alias`; an indented line
goes on with the one before. Aliases are lower case, without underscores or hyphens (both are read as spaces) and
without "a", "the", "its", which fall away before the text is read. A name is an alias of itself. Where two knobs, two
concepts or two parts claim an alias, the first keeps it; so the topics of language-model training come first.

An alias must mean its term in nearly any text and say neither direction nor value: a missing one hides a repeat, a
wrong one invents it.
"""

from __future__ import annotations

from memorylab.core.reading.terms import (
    attention,
    boosting,
    data,
    embedding,
    model,
    optimizer,
    parts,
    quantization,
    reinforcement,
    schedule,
    systems,
    trading,
    training,
    vision,
)

COMPOSABLE = parts.COMPOSABLE
PARTS = parts.PARTS
_TOPICS = (
    schedule,
    optimizer,
    training,
    embedding,
    model,
    attention,
    data,
    quantization,
    systems,
    reinforcement,
    boosting,
    trading,
    vision,
)
KNOBS = "".join([topic.KNOBS for topic in _TOPICS])
CONCEPTS = "".join([topic.CONCEPTS for topic in _TOPICS])
