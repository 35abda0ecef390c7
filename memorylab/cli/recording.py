"""Commands that write to the ledger: init, log, run."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.adapters.workspace import CAMPAIGN
from memorylab.cli.console import Console, progress_line
from memorylab.cli.options import (
    add_claim,
    add_idea,
    add_mode,
    add_owner,
    check_lease,
    hours,
    idea_of,
    open_to_append,
    open_workspace,
    path,
    seconds,
)
from memorylab.errors import EXIT_BLOCKED, EXIT_OK, LabError
from memorylab.lab import Lab
from memorylab.lab.finding import Finding
from memorylab.lab.record import Logged
from memorylab.records import STATUSES
from memorylab.render import text as render
from memorylab.render.escape import one_line

if TYPE_CHECKING:
    from memorylab.adapters.training_log import Progress


def add_init(parser: argparse.ArgumentParser) -> None:
    """Define the options of init."""
    parser.add_argument("--metric", metavar="NAME", help="the measurement that decides (val_bpb)")
    parser.add_argument("--direction", choices=("min", "max"), help="which way is better (min)")
    parser.add_argument("--command", metavar="TEXT", help="what `run` executes (python train.py)")
    parser.add_argument("--store", metavar="URL", help="where the ledger is (results/memorylab/experiments.jsonl)")
    parser.add_argument(
        "--mutable",
        metavar="GLOB",
        action="append",
        default=[],
        help="files that experiments may change; may be repeated (default: told from the command)",
    )
    parser.add_argument(
        "--protected",
        metavar="GLOB",
        action="append",
        default=[],
        help="files, or functions such as train.py:evaluate, that judge them; may be repeated (default: told from "
        "the imports)",
    )


def init(args: argparse.Namespace, console: Console) -> int:
    """Create the store, or say that it is there."""
    wanted, args.campaign = args.campaign, None  # it need not be there yet
    lab = open_workspace(args, console)
    before = lab.context.place.campaign
    created = lab.init(
        campaign=wanted,
        metric=args.metric,
        direction=args.direction,
        command=args.command,
        store=args.store,
        mutable=args.mutable,
        protected=args.protected,
    )
    place, settings = lab.context.place, lab.context.config
    names = [path.relative_to(place.memory_root).as_posix() for path in created]
    pinned = sorted(lab.pinned())
    if args.json:
        told = {"mutable": settings.mutable, "protected": (*settings.protected, *settings.guarded), "pinned": pinned}
        whose = {"campaign": lab.campaign} if place.has_others() else {}
        console.show_json({"root": str(place.memory_root), "created": names, **whose, **told})
        return EXIT_OK
    if args.root is None and place.code_root == place.memory_root != Path.cwd():
        console.note("that is the repository's top; `memorylab --root . init` makes a memory for this folder alone")
    if names:
        console.show(f"MemoryLab is ready in {place.memory_root}\n" + "".join(f"  created {name}\n" for name in names))
    else:
        console.show(f"MemoryLab was ready in {place.memory_root}; nothing changed")
    if wanted:
        console.show("\n".join(_begun(lab, before)))
    console.show(one_line(f"experiments may change: {', '.join(settings.mutable) or 'nothing known'}"))
    console.show(one_line(f"they are judged by: {', '.join(pinned) or 'nothing known'}" + " (pinned)" * bool(pinned)))
    return EXIT_OK


def _begun(lab: Lab, before: str) -> list[str]:
    """What a campaign is about and whether it is in use, for whoever named it; `before` is the one that was."""
    from memorylab.adapters.campaigns import called, chosen

    place, settings = lab.context.place, lab.context.config
    name, other = lab.campaign, called(before)
    better = "higher" if settings.direction == "max" else "lower"
    told = [one_line(f"campaign {name}: {settings.metric} ({better} is better), set in {place.config.name}")]
    if place.campaign == before:
        return told
    if variable := os.environ.get(CAMPAIGN):
        return [*told, one_line(f"{CAMPAIGN} is set to {variable}: commands here are about that")]
    if chosen(place, None, os.environ).campaign == place.campaign:
        return [*told, f"it is in use from now on; `memorylab campaign use {other}` goes back to {other}"]
    return [*told, f"{other} is in use; `memorylab campaign use {name}` changes that"]


def add_log(parser: argparse.ArgumentParser) -> None:
    """Define the options of log."""
    add_idea(parser)
    parser.add_argument(
        "--status",
        choices=(*STATUSES, "auto"),
        required=True,
        help="how it ended; auto decides from metric, base and noise",
    )
    parser.add_argument("--notes", default="", metavar="TEXT", help="anything worth keeping")
    parser.add_argument(
        "--summary",
        type=path,
        metavar="PATH",
        help="the training sidecar (default: $AUTORESEARCH_SUMMARY_PATH if it exists)",
    )
    parser.add_argument("--log", type=path, metavar="PATH", help="the run's output, parsed and archived")
    add_mode(parser)
    parser.add_argument("--command", metavar="TEXT", help="how it was called, with its arguments")
    parser.add_argument("--error", metavar="TEXT", help="why it crashed, if you know better than the log")
    parser.add_argument("--key", metavar="K", help="a second call with the same key records nothing")
    parser.add_argument("--skip-archive", action="store_true", help="record without copying log, summary and patch")
    add_owner(parser)
    _add_accept(parser)
    _add_report(parser)


def _add_accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept", action="store_true", help="let it lead, whatever speaks against its integrity; asks a person"
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", action="store_true", help="refresh the morning report too")
    parser.add_argument("--since-hours", type=hours, metavar="N", help="the hours that the report covers (all)")


def log(args: argparse.Namespace, console: Console) -> int:
    """Record a finished run and print its decision packet."""
    lab = open_to_append(args, console)
    summary = args.summary
    if summary is None and (named := os.environ.get("AUTORESEARCH_SUMMARY_PATH")) and path(named).is_file():
        summary = path(named)
    if args.accept:
        lab.vouch(console.ask)
    logged = lab.log(
        Finding(
            idea=idea_of(args, lab),
            status=args.status,
            notes=args.notes,
            summary=summary,
            log=args.log,
            mode=args.mode,
            error=args.error,
            command=args.command,
            key=args.key,
            archive=not args.skip_archive,
            owner=args.owner,
            accept=args.accept,
        )
    )
    _show(args, console, lab, logged)
    return EXIT_OK


def add_run(parser: argparse.ArgumentParser) -> None:
    """Define the options of run."""
    add_idea(parser)
    add_mode(parser)
    parser.add_argument(
        "--status",
        choices=("keep", "discard", "auto"),
        default="auto",
        help="how to record a run that measured something (auto); without a measurement it is a crash",
    )
    parser.add_argument("--notes", default="", metavar="TEXT", help="anything worth keeping")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="stop after this many seconds (two time budgets)")
    parser.add_argument("--commit", action="store_true", help="commit the mutable files first, under the description")
    parser.add_argument("--no-check", action="store_true", help="run it even if the guard would block it")
    parser.add_argument("--no-wait", action="store_true", help="refuse where another run trains on the device")
    parser.add_argument("--key", metavar="K", help="record nothing if a run with this key is known")
    parser.add_argument("--skip-archive", action="store_true", help="record without copying log, summary and patch")
    add_claim(parser)
    _add_accept(parser)
    _add_report(parser)
    parser.add_argument(
        "words", nargs="*", metavar="COMMAND", help="what to execute, after -- (default: memorylab.toml)"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Check, execute and log one idea; print the verdict and the packet."""
    check_lease(args)
    lab = open_to_append(args, console)
    if args.accept:
        lab.vouch(console.ask)
    finding = Finding(
        idea=idea_of(args, lab),
        status=args.status,
        notes=args.notes,
        mode=args.mode,
        key=args.key,
        archive=not args.skip_archive,
        owner=args.owner,
        accept=args.accept,
    )

    def on_progress(p: Progress) -> None:
        console.live(progress_line(p))

    outcome = lab.run(
        finding,
        args.words,
        timeout_s=args.timeout,
        check=not args.no_check,
        commit=args.commit,
        claim=args.claim,
        lease_s=args.lease,
        on_progress=on_progress,
        wait=not args.no_wait,
    )
    console.end_live()
    if outcome.logged is None:
        console.outcome = EXIT_BLOCKED
        if args.json:
            console.show_json({"blocked": True, "novelty_guard": outcome.guard})
        else:
            console.show(render.guard(outcome.guard, console.width, console.color))
            instead = "take what stands there instead, or " if outcome.guard.get("suggestion") else ""
            console.warn(f"not run; hint: {instead}--no-check to run it all the same")
        return EXIT_BLOCKED
    _show(args, console, lab, outcome.logged)
    return EXIT_OK


def _show(args: argparse.Namespace, console: Console, lab: Lab, logged: Logged) -> None:
    for note in logged.notes:
        console.warn(note)
    row: dict[str, Any] = dict(logged.row)
    if logged.existing:
        console.warn(f"recorded before as {row.get('run_id')}; nothing was added")
    paths = _reported(args, console, lab) if args.report else {}
    if args.json:
        console.show_json(row)
        return
    packet = row.get("decision_packet") or {}
    console.show(render.packet(packet, console.width, console.color))
    if back := render.way_back(packet):
        console.show(back)
    if paths:
        console.show(f"report: {paths['md']}")


def _reported(args: argparse.Namespace, console: Console, lab: Lab) -> Mapping[str, Path]:
    """The files of the morning report; what keeps it from being written is told: the run itself is recorded."""
    try:
        return lab.report(args.since_hours).paths
    except LabError as error:
        console.warn(f"the report is not refreshed: {error.message}; `memorylab report` does that alone")
        return {}
