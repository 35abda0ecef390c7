"""The command campaign: which campaigns a workspace has, and which one commands are about."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memorylab.adapters import workspace
from memorylab.adapters.campaigns import called
from memorylab.cli import add_common
from memorylab.cli.console import Console
from memorylab.errors import EXIT_OK
from memorylab.lab import campaigns
from memorylab.render.escape import one_line
from memorylab.render.table import Column, table
from memorylab.render.words import NONE, number

if TYPE_CHECKING:
    from memorylab.lab.campaigns import Campaign


def add_campaign(parser: argparse.ArgumentParser) -> None:
    """Define what follows campaign: nothing, or one of its own commands."""
    actions = parser.add_subparsers(dest="campaign_action", metavar="ACTION", help="without one: list them")
    listing = actions.add_parser("list", help="list them", description="List the campaigns of this workspace.")
    add_common(listing)
    listing.set_defaults(campaign_act=_list)
    using = actions.add_parser(
        "use", help="say which is in use", description="Say which campaign commands are about that name none."
    )
    add_common(using)
    using.add_argument("name", metavar="NAME", help="a campaign; `default` is the one that began without a name")
    using.set_defaults(campaign_act=_use)
    parser.set_defaults(campaign_act=_list)


def campaign(args: argparse.Namespace, console: Console) -> int:
    """Do what follows campaign."""
    args.campaign_act(args, console)
    return EXIT_OK


def _list(args: argparse.Namespace, console: Console) -> None:
    place = workspace.find(args.root, os.environ)
    found = campaigns.listed(place, os.environ, console.warn)
    if args.json:
        console.show_json([_record(one) for one in found])
        return
    console.show(_table(found, console))
    for one in found:
        if one.problem:
            console.warn(f"campaign {one.name}: {one.problem}")


def _use(args: argparse.Namespace, console: Console) -> None:
    place = campaigns.use(workspace.find(args.root, os.environ), args.name, os.environ)
    name = called(place.campaign)
    if args.json:
        console.show_json({"campaign": name, "settings": place.config.name})
    else:
        console.show(f"{name} is in use; its settings are in {place.config.name}")
    other = os.environ.get(workspace.CAMPAIGN)
    if other and other != name:
        console.warn(f"{workspace.CAMPAIGN} is set to {other}, which goes before it")


def _record(one: Campaign) -> dict[str, Any]:
    leader = one.champion
    champion = leader and {
        "run_id": leader.run.run_id,
        "mean": leader.mean,
        "runs": leader.runs,
        "description": leader.run.description,
    }
    return {**one._asdict(), "settings": str(one.settings), "champion": champion, "problem": one.problem or None}


def _table(found: Sequence[Campaign], console: Console) -> str:
    columns = (
        Column("campaign"),
        Column("in use"),
        Column("metric"),
        Column("better", priority=2),
        Column("runs", right=True),
        Column("best", right=True),
        Column("champion", flex=True, priority=1),
    )
    rows = [
        (
            one_line(one.name, 64),
            "yes" if one.active else "",
            one_line(one.metric or NONE, 24),
            {"max": "higher", "min": "lower"}.get(one.direction or "", NONE),
            NONE if one.runs is None else f"{one.runs:,}",
            number(one.champion.mean) if one.champion else NONE,
            one_line(one.champion.run.description, 200) if one.champion else NONE,
        )
        for one in found
    ]
    return "\n".join(table(columns, rows, console.width, console.color, indent=""))
