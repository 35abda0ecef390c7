"""The command that says where the code stands among the runs, and brings back that of one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memorylab.cli.console import Console
from memorylab.cli.options import open_workspace
from memorylab.errors import EXIT_OK
from memorylab.render import text
from memorylab.render.escape import one_line
from memorylab.render.table import wrap

if TYPE_CHECKING:
    from memorylab.lab.checkout import Whereabouts
    from memorylab.records import RunView


def add_checkout(parser: argparse.ArgumentParser) -> None:
    """Define the options of checkout."""
    parser.add_argument(
        "run",
        nargs="?",
        metavar="RUN",
        help="champion, or a run id, a commit, or the start of either; without one, say what the code here is",
    )


def checkout(args: argparse.Namespace, console: Console) -> int:
    """Bring the files under trial back to a run's, or say which run's they are."""
    lab = open_workspace(args, console)
    if args.run is None:
        found = lab.whereabouts()
        if args.json:
            console.show_json(_record(found))
        else:
            console.show("\n".join(wrap(text.whereabouts(found._asdict()), console.width)))
        return EXIT_OK
    done = lab.checkout(args.run)
    if args.json:
        console.show_json({"run_id": done.run.run_id, "commit": done.commit, "files": list(done.files)})
        return EXIT_OK
    name = f"{one_line(done.run.run_id, 80)} ({one_line(done.run.description, 100)})"
    if done.files:
        console.show(f"{one_line(', '.join(done.files), 300)} as in {name}; HEAD stays where it is")
    else:
        console.show(f"the code here is that of {name} already")
    return EXIT_OK


def _record(found: Whereabouts) -> dict[str, object]:
    def name(run: RunView | None) -> str | None:
        return None if run is None else run.run_id

    return {
        "commit": found.commit,
        "uncommitted": list(found.uncommitted),
        "run_id": name(found.run),
        "champion": name(found.champion),
        "is_champion": found.leads,
        "beside_champion": found.beside,
    }
