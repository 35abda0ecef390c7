"""The command priors: what became of such ideas in other ledgers; show it, make a pack of one's own, load one."""

from __future__ import annotations

import argparse

from memorylab.cli import add_common
from memorylab.cli.console import Console
from memorylab.cli.options import open_workspace, path, save
from memorylab.core.guard import standings
from memorylab.errors import EXIT_OK, InputError


def add_priors(parser: argparse.ArgumentParser) -> None:
    """Define what follows priors: nothing, or one of its own commands."""
    actions = parser.add_subparsers(
        dest="priors_action", metavar="ACTION", help="without one: the packs in force, and what they say in short"
    )
    for name, about, options, act in (
        ("show", "show all counts of one target", _add_show, _show),
        ("build", "make a pack that can be shared from finished ledgers", _add_build, _build),
        ("load", "judge with a pack in this workspace too", _add_load, _load),
    ):
        child = actions.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
        add_common(child)
        options(child)
        child.set_defaults(priors_act=act)
    parser.set_defaults(priors_act=_overview)


def priors(args: argparse.Namespace, console: Console) -> int:
    """Do what follows priors."""
    args.priors_act(args, console)
    return EXIT_OK


def _overview(args: argparse.Namespace, console: Console) -> None:
    found = standings.overview(open_workspace(args, console).priors())
    if args.json:
        console.show_json(found)
        return
    from memorylab.render import field as render

    console.show(render.overview(found, console.width, console.color))


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", nargs="+", metavar="TARGET", help="a knob or part, or words that name it")


def _show(args: argparse.Namespace, console: Console) -> None:
    words = " ".join(args.target)
    lab = open_workspace(args, console)
    prior = lab.priors()
    if prior is None:
        file = lab.context.place.config.name
        raise InputError("the counts are switched off", f"take `priors = false` out of {file}")
    found = standings.of_target(prior, words)
    if not found:
        raise InputError(f"no pack in force has counts of {words!r}", "`memorylab priors` lists what was tried most")
    if args.json:
        console.show_json(found)
        return
    from memorylab.render import field as render

    console.show("\n".join(render.cells(found, console.width, console.color, source=True)))


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "ledger", nargs="+", type=path, metavar="LEDGER", help="an experiments.jsonl or any results table"
    )
    parser.add_argument("--output", type=path, required=True, metavar="FILE", help="where the pack goes")
    parser.add_argument("--name", default="own", metavar="NAME", help="what it is called where it is shown (own)")
    parser.add_argument(
        "--own-knobs", action="store_true", help="count identifiers that only your code has by their names too"
    )
    parser.add_argument("--metric", metavar="NAME", help="the column that decides (default: found by its name)")
    parser.add_argument("--direction", choices=("min", "max"), help="which way is better (default: by the name)")


def _build(args: argparse.Namespace, console: Console) -> None:
    from memorylab.core.guard import packs
    from memorylab.lab import field

    pack = field.build(
        args.ledger,
        args.name,
        metric=args.metric,
        direction=args.direction,
        own_knobs=args.own_knobs,
        campaign=args.campaign,
    )
    save(args, args.output, [packs.dump(pack)], "the pack")
    if args.json:
        console.show_json({**standings.summary(pack), "cells": len(pack.cells), "file": str(args.output)})
        return
    told = f"{pack.runs} tries of {pack.ledgers} ledger{'s' * (pack.ledgers != 1)} in {len(pack.cells)} cells"
    console.show(f"{args.output}: {told}, no texts and no values")


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=path, metavar="FILE", help="a pack, as `priors build` writes it")


def _load(args: argparse.Namespace, console: Console) -> None:
    pack, place = open_workspace(args, console).load_priors(args.file)
    if args.json:
        console.show_json({**standings.summary(pack), "file": str(place)})
    else:
        console.show(f"{pack.name} is in force from now on ({pack.runs} tries); to unload it delete {place}")
