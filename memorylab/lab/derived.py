"""Writes what follows from the ledger after each log: the registry and the compatibility table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memorylab import files
from memorylab.adapters import archive, results_tsv
from memorylab.core.decisions import noise, registry
from memorylab.core.decisions.belief import Track
from memorylab.core.decisions.registry import Board, FailureCluster, Led, Lineage
from memorylab.index import ArenaView, Views
from memorylab.index.views import Cluster
from memorylab.lab import nexts
from memorylab.lab.context import Context
from memorylab.lab.outlook import WINDOW, outlook
from memorylab.lab.standing import standing
from memorylab.records import Arena, RunView

LOCK = ".derived.lock"
"""Held, beside the ledger, by who writes what is derived."""
PACKETS = 50
"""Newest runs whose packet files are looked for when it isn't known which were written."""
_ARENAS = 8
"""Arenas that the registry names, the one used last first. Only that one's board is made: a board costs some ms."""
_PATH_STEPS = 8
"""Steps shown of a lineage; a line may be a thousand kept runs long."""


def refresh(context: Context) -> None:
    """Bring registry, `results.tsv` and packets up to the ledger. A failure is told and mended by the next command.

    One process at a time, each after reading the ledger's end: a slow one can't put back an older registry.
    """
    try:
        files.refuse_links(context.place.home, context.place.memory)
        context.place.home.mkdir(parents=True, exist_ok=True)
        with files.exclusive(context.place.memory / LOCK):
            if context.index.in_memory:  # the first log made the directory that the index can now live in
                context.index.close()
            context.catch_up()
            failed = []
            for write in (write_registry, write_results, write_packets):
                try:
                    write(context)
                except Exception as error:  # one that can't be written must not keep the others back
                    failed.append(error)
            if failed:
                raise failed[0]
    except (Exception, KeyboardInterrupt) as error:
        # The run is acknowledged: whatever goes wrong from here on, the command must not look failed and be repeated.
        context.warn(f"{_why(error)}; the ledger is complete, the next command brings the rest up to it")


def _why(error: BaseException) -> str:
    if isinstance(error, OSError):
        return files.explain(error, "update the derived files").message  # its hint is for what failed; this has not
    return "interrupted" if isinstance(error, KeyboardInterrupt) else repr(error)


def write_packets(context: Context) -> None:
    """Write the packet files of runs that have an archive and lack them, looking at the newest runs only."""
    views = context.views()
    last = views.size()
    # Only up to `last`: what another process indexes meanwhile is that process's to write.
    for run in views.after(max(views.derived("packets_seq"), last - PACKETS), last):
        directory = context.place.archive_of(run.run_id)
        if directory is None or not directory.is_dir() or (directory / "decision_packet.json").exists():
            continue
        if files.linked(directory, context.place.memory):
            continue  # elsewhere is not ours to write to; `verify` names it
        row = next(iter(context.ledger.read(run.after))).row or {}
        if has_archive(row):
            store_packet(directory, row)
    views.set_derived(packets_seq=last)


def has_archive(row: Mapping[str, Any]) -> bool:
    """Whether the run says that it has one: a directory of its name may belong to a log that isn't finished yet."""
    return bool((row.get("artifacts") or {}).get("directory"))


def store_packet(directory: Path, row: dict[str, Any]) -> None:
    """Write the packet files of one run from its ledger row."""
    from memorylab.render import markdown

    packet = row.get("decision_packet") or {}
    archive.store_packet(directory, packet, markdown.packet(packet))


def write_registry(context: Context) -> None:
    """Rewrite `champion_challenger.json` in one step."""
    views = context.views()
    accepted, last = views.derived("accepted"), views.size()  # another process may index more while this one writes
    files.write_atomic(context.place.registry, registry_text(context))
    views.set_derived(registry_accepted=accepted, registry_seq=last)


def registry_text(context: Context) -> str:
    """The registry as it should stand."""
    views = context.views()
    known = views.arenas(_ARENAS)
    first = board(views, known[0], context.config.false_wins) if known else None
    found = registry.registry(first, [led(views, arena) for arena in known])
    return json.dumps(found | {"updated_utc": context.stamp()}, indent=2, ensure_ascii=False) + "\n"


def board(views: Views, arena: ArenaView, false_wins: float, window: int = WINDOW) -> Board:
    """All that the registry and the report say of one arena; `window` is how many runs the beliefs look back on."""
    where = standing(views, arena)
    seen = outlook(views, where, window)
    kept = views.contenders(arena.id, 2, kept=True)
    return Board(
        arena=arena.arena,
        noise=where.noise,
        champion=where.champion,
        contenders=views.contenders(arena.id, registry.CHALLENGERS + 1),
        rival=next((c for c in kept if where.champion and c.run.candidate != where.champion.run.candidate), None),
        lineages=_lineages(views, arena),
        failures=[
            _failure(views, cluster)
            for kind in ("crash", "discard")
            for cluster in views.clusters(arena.id, kind, registry.CLUSTERS // 2)
        ],
        status_counts=_counts(views, arena),
        track=seen.track,
        promotions=seen.promotions._replace(share=false_wins),
        due=seen.due,
        options=nexts.options(views, where, seen),
    )


def _failure(views: Views, cluster: Cluster) -> FailureCluster:
    """A group under the name that its runs have: what the ledger alone says is the same whatever the code is now."""
    found = FailureCluster(cluster.kind, cluster.label, cluster.size, views.run(cluster.last))
    return found._replace(name=views.name(found.target))


def led(views: Views, arena: ArenaView) -> Led:
    """An arena in short."""
    return Led(arena.arena, views.run(arena.champion), _counts(views, arena))


def _counts(views: Views, arena: ArenaView) -> dict[str, int]:
    return dict.fromkeys(("keep", "discard", "crash"), 0) | views.counts(arena.id, "status")


def empty_board(arena: Arena) -> Board:
    """The board of a workspace without runs."""
    unknown = noise.estimate(0.0, ())
    counts = {"keep": 0, "discard": 0, "crash": 0}
    return Board(arena, unknown, None, [], None, [], [], counts, Track(unknown))


def _lineages(views: Views, arena: ArenaView) -> list[Lineage]:
    """The best lines; reruns of one tip are one line."""
    tips = {tip.candidate: tip for tip in reversed(views.tips(arena.id, 4 * registry.LINEAGES))}
    return [lineage(views, tip) for tip in list(tips.values())[::-1][: registry.LINEAGES]]


def lineage(views: Views, tip: RunView) -> Lineage:
    """The last steps of the line that ends in `tip`."""
    path = [tip]
    while len(path) < _PATH_STEPS and (parent := views.run(path[-1].ancestor)):
        path.append(parent)
    return Lineage(tip, path, views.run(tip.root))


def write_results(context: Context) -> None:
    """Append to `results.tsv` the runs that it lacks; write it anew where it is gone."""
    path, views = table(context), context.views()
    metric = context.config.metric
    files.refuse_links(path, context.place.memory_root)
    done, size, last = views.derived("results_seq"), views.derived("results_size"), views.size()
    present = path.stat().st_size if path.exists() else None
    if done == last and present == size:
        return
    if present is None:
        size = results_tsv.rewrite(path, metric, table_rows(context, 0, last, rebuilding=True))
    elif present == size:
        size = results_tsv.append(path, table_rows(context, done, last))
    else:
        size = results_tsv.append(path, results_tsv.missing(path, table_rows(context, 0, last)))
    views.set_derived(results_seq=last, results_size=size)


def table(context: Context) -> Path:
    """Where our table is: beside a `results.tsv` with other columns, which its owner goes on writing, in the store."""
    place = context.place
    return place.results_tsv if results_tsv.is_ours(place.results_tsv) else place.home / place.results_tsv.name


def table_rows(context: Context, after: int, last: int | None = None, rebuilding: bool = False) -> Iterator[RunView]:
    """Runs behind `after` that belong into the table: not those that were imported from another one.

    What was imported from `results.tsv` itself stands there already, unless the table is written anew.
    """
    own = context.place.results_tsv.name
    for run in context.views().after(after, last):
        if run.source is None or (rebuilding and run.source == own):
            yield run
