"""The runs that a report names, each with its packet, the end of its log and its diff, read from the archive."""

from __future__ import annotations

from collections.abc import Iterator

from memorylab.core.report.morning import Morning
from memorylab.index import corrections
from memorylab.lab.archived import archived
from memorylab.lab.context import Context
from memorylab.records import text
from memorylab.render.appendix import Appendix, Detail
from memorylab.render.words import mapping, mappings

MOST = 80
"""Runs that are told in full; the page stays below a megabyte."""
_LOG_BYTES = 16 << 10
_PATCH_CHARS = 12_000


def appendix(context: Context, m: Morning) -> Appendix:
    """The runs named in a report, in the order in which it names them."""
    views = context.views()
    found: Appendix = {}
    for run_id in dict.fromkeys(_named(m)):
        run = next((run for run in views.find(run_id) if run.run_id == run_id), None)
        row = next(iter(context.ledger.read(run.after))).row if run else None
        if run is None or row is None:
            continue
        row = corrections.applied(context.index.db, row, context.config.metric)
        kept = archived(context, row, _LOG_BYTES)
        log = kept.log or text(mapping(row.get("error")).get("tail"))
        packet = mapping(row.get("decision_packet"))
        found[run_id] = Detail(run, packet, log, kept.patch[:_PATCH_CHARS], tuple(kept.sizes))
        if len(found) == MOST:
            break
    return found


def _named(m: Morning) -> Iterator[str]:
    groups = [[m.champion or {}], m.queue, m.challengers, m.near_misses, m.integrity, m.slow, m.recent, m.tree]
    groups += [mappings(row.get("examples")) for row in m.failures]
    for group in groups:
        for row in group:
            if row.get("run_id"):
                yield text(row["run_id"])
    for row in m.blocked:
        yield from (text(run_id) for run_id in row["evidence"])
