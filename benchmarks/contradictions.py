"""Simulated nights: how often a packet says something else than the registry that was written with it.

    python benchmarks/contradictions.py                     20 nights of 50 runs, sigma 5e-4
    python benchmarks/contradictions.py --nights 100 --runs 100 --json figures.json

Each run of a night is checked and logged as an agent would; then its packet is held against `champion_challenger.json`
(which `best` and the report are made of as well). Nothing is judged here: two outputs of one moment either agree or
they don't.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.night.ours import Ours
from benchmarks.night.play import Said, Trial, play
from benchmarks.night.world import World

SURE = 0.95
"""Who is better with this probability must not stand behind."""


class Witness(Ours):
    """The policy of a night that holds each packet against the registry."""

    def __init__(self) -> None:
        super().__init__()
        self.packets = self.wrong = 0
        self.kinds: Counter[str] = Counter()
        self.candidates: dict[str, str] = {}
        """Candidate of each run, by the run's id."""
        self.examples: dict[str, str] = {}

    def _follow(self, trial: Trial, row: Any) -> Said:
        self.candidates[row["run_id"]] = row["candidate"]
        path = self.root / "results" / "memorylab" / "champion_challenger.json"
        found = sorted(set(contradictions(row, json.loads(path.read_text()), self.candidates)))
        self.packets += 1
        self.wrong += bool(found)
        self.kinds.update(found)
        for kind in found:
            packet = row["decision_packet"]
            self.examples.setdefault(kind, f"{packet['next_action']}: {' '.join(packet['rationale'])}")
        return super()._follow(trial, row)


def contradictions(row: Any, registry: Mapping[str, Any], candidates: Mapping[str, str]) -> Iterator[str]:
    """What a run's packet and the registry of the same moment say against each other, by kind."""
    packet, champion = row["decision_packet"], registry["champion"]
    compared, action = packet["comparison"], packet["next_action"]
    leader = candidates[champion["run_id"]] if champion else None
    leads = leader == row["candidate"]
    if compared["is_champion"] != leads:
        yield "is_champion is not what the registry says"
    said = compared["current_champion"]
    if (candidates[said["run_id"]] if said else None) != leader:
        yield "another current champion than the registry's"
    if action == "promote" and packet["target"] == row["run_id"] and not leads:
        yield "promote, and it doesn't lead"
    sure = compared["probability_better_than_champion"]
    if sure is not None and sure >= SURE and not leads and row["status"] != "crash":
        yield "better than the champion with 95 %, and behind it"
    if any(one["probability_better"] >= SURE for one in registry["challengers"]):
        yield "a challenger is better with 95 %, and behind"


def main(words: Sequence[str] | None = None) -> None:
    """Play and print."""
    options = _options(words)
    started, kinds, examples, packets, wrong = time.perf_counter(), Counter[str](), dict[str, str](), 0, 0
    for night in range(options.nights):
        witness = Witness()
        play(World(options.seed, night, options.sigma, options.drift), witness, options.runs)
        packets, wrong = packets + witness.packets, wrong + witness.wrong
        kinds += witness.kinds
        examples = witness.examples | examples
    print(f"{wrong} of {packets} packets contradict the registry ({time.perf_counter() - started:.0f} s)")
    for kind, count in kinds.most_common():
        print(f"{count:6}  {kind}\n        {examples[kind]}")
    if options.json:
        figures = {"packets": packets, "wrong": wrong, "kinds": dict(kinds)}
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=20, metavar="N")
    parser.add_argument("--runs", type=int, default=50, metavar="N", help="runs of a night, reruns included")
    parser.add_argument("--sigma", type=float, default=5e-4, metavar="SIGMA", help="standard deviation of one run")
    parser.add_argument(
        "--drift", type=float, default=0.0, metavar="P", help="chance of a run that the machine changes"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
