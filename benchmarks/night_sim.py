"""Simulated nights with a known truth: where does each policy's champion really end, and were its keeps real?

    python benchmarks/night_sim.py                        500 nights of 100 runs, sigma 5e-4
    python benchmarks/night_sim.py --sigma real --drift 0.01
    python benchmarks/night_sim.py --check-world          simulated figures beside those of public ledgers

An agent turns knobs and tries structural ideas whose effects on val_bpb are hidden: response curves, interactions,
no-ops, crashes. It repeats itself as agents do. All policies see the same night: proposal number k is drawn from the
same seed, and so is the noise of the n-th run of a configuration. Each has the same number of runs, reruns included.

keep-if-lower is upstream's rule; reference puts the text guard of `core.guard.rivals` before it; mad-session is the
published MAD confidence, mad-gain asks the same of the single gain; ours is MemoryLab itself (check, log --status auto,
packet), ours-unguarded the same without check; oracle keeps by the truth.

A keep is false if it isn't truly better than its base. "standing" counts the edits that are in the final champion,
"ever" every decision. Wasted: what had been measured, unless asked for, and edits tried before that are no gain.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.night import figures
from benchmarks.night.figures import Estimate
from benchmarks.night.jobs import OURS, POLICIES, Job, outcomes
from benchmarks.night.likeness import likeness, likeness_of_one
from benchmarks.night.play import Outcome, Stated
from memorylab.render.table import Column, table

TENTHS = [tenth / 10 for tenth in range(11)]
WIDTH = 130


def main(words: Sequence[str] | None = None) -> None:
    """Play and print."""
    options = _options(words)
    if options.check_world:
        _check_world(options)
        return
    started = time.perf_counter()
    nights = _played(options, options.policies)
    found = summary(nights)
    _print(found, options)
    print(f"\n{time.perf_counter() - started:.0f} s with {options.jobs} jobs")
    if options.json:
        settings = {name: value for name, value in vars(options).items() if name not in ("json", "check_world", "jobs")}
        options.json.write_text(json.dumps({"settings": settings} | found, indent=2) + "\n")


def summary(nights: Mapping[str, Sequence[Outcome]]) -> dict[str, Any]:
    """Figures of each policy, of ours against each other one, and how well stated probabilities came true."""
    found: dict[str, Any] = {"policies": {name: _figures(outcomes) for name, outcomes in nights.items()}}
    if OURS in nights:
        found["ours_minus"] = {
            name: _paired(nights[OURS], outcomes) for name, outcomes in nights.items() if name != OURS
        }
    stated = {name: [s for outcome in outcomes for s in outcome.stated] for name, outcomes in nights.items()}
    found["calibration"] = {name: _calibration(said) for name, said in stated.items() if said}
    return found


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    shares = {
        "false_standing": ("false_standing", "standing"),
        "false_ever": ("false_keeps", "keeps"),
        "refusals_of_gains": ("refused_gains", "refused"),
    }
    counts = ("final", "false_keeps", "keeps", "standing", "reruns", "wasted", "refused", "crashes")
    return {
        **{name: figures.mean([getattr(each, name) for each in outcomes])._asdict() for name in counts},
        "false_standing_count": figures.mean([each.false_standing for each in outcomes])._asdict(),
        **{
            name: figures.ratio([getattr(o, part) for o in outcomes], [getattr(o, whole) for o in outcomes])._asdict()
            for name, (part, whole) in shares.items()
        },
    }


def _paired(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> dict[str, Any]:
    differences = [round(a.final - b.final, 9) for a, b in zip(ours, theirs, strict=True)]
    apart = [difference for difference in differences if difference]
    return {
        "final": figures.mean(differences)._asdict(),
        "median": statistics.median(differences),
        "nights_better": figures.wilson(sum(difference < 0 for difference in apart), len(apart))._asdict(),
    }


def _calibration(stated: Sequence[Stated]) -> dict[str, Any]:
    bins = figures.reliability(stated, TENTHS)
    return {
        "statements": len(stated),
        "error": figures.calibration_error(bins),
        "sure_90": figures.sure(stated)._asdict(),
        "better_90": figures.reliability(stated, (0.85, 0.95))[0].true._asdict(),
        "bins": [each._asdict() | {"true": each.true._asdict()} for each in bins],
    }


def _played(options: argparse.Namespace, policies: Sequence[str], trials: bool = False) -> dict[str, list[Outcome]]:
    jobs = [
        Job(options.seed, night, policy, options.runs, options.sigma, options.drift, trials)
        for night in range(options.nights)
        for policy in policies
    ]
    found = defaultdict[str, list[Outcome]](list)
    for job, outcome in zip(jobs, outcomes(jobs, options.jobs), strict=True):
        found[job.policy].append(outcome)
        if (job.night + 1) % 10 == 0 and job.policy == policies[-1]:
            print(f"\r{job.night + 1} of {options.nights} nights ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return dict(found)


def _print(found: Mapping[str, Any], options: argparse.Namespace) -> None:
    size = f"{options.nights} nights of {options.runs} runs"
    print(f"{size}, {_noise(options.sigma)}, drift {options.drift:g}, seed {options.seed}")
    header = (
        "policy",
        "true val_bpb",
        "false, standing",
        "false, ever",
        "stand",
        "false",
        "reruns",
        "wasted",
        "refused",
        "gains refused",
    )
    rows = []
    for name, its in found["policies"].items():
        plain = [
            f"{its[key]['value']:.1f}" for key in ("standing", "false_standing_count", "reruns", "wasted", "refused")
        ]
        shares = [_share(its[key]) for key in ("false_standing", "false_ever", "refusals_of_gains")]
        rows.append((name, _number(its["final"]), *shares[:2], *plain, shares[2]))
    _table(header, rows)
    if "ours_minus" in found:
        print("\ntrue val_bpb of ours minus theirs, paired by night (below zero: ours is better)")
        pairs = [
            (name, _number(its["final"]), f"{its['median']:.5f}", _share(its["nights_better"]))
            for name, its in found["ours_minus"].items()
        ]
        _table(("policy", "mean difference", "median", "nights that ours ends better"), pairs)
    for name, its in found["calibration"].items():
        print(f"\nprobability that a run is truly better, as {name} states it: {its['statements']} statements,")
        print(
            f"calibration error {its['error']:.3f}; right where it said 85 to 95 %: {_share(its['sure_90'])},", end=" "
        )
        print(f"of those for better: {_share(its['better_90'])}")
        rows = [
            (f"{b['start']:.1f} to {b['end']:.1f}", str(b["runs"]), f"{100 * b['said']:.1f} %", _share(b["true"]))
            for b in its["bins"]
        ]
        _table(("said", "runs", "mean", "came true"), rows)


def _check_world(options: argparse.Namespace) -> None:
    """Under keep-if-lower, which most public loops follow."""
    rule = "keep-if-lower"
    for options.sigma, options.runs, compare in ((None, 100, likeness), (5e-4, 125, likeness_of_one)):
        nights = _played(options, [rule], trials=True)[rule]
        print(f"{options.nights} nights of {options.runs} runs under {rule}, {_noise(options.sigma)}")
        rows = [(f.what, f"{f.simulated:.2f}", f"{f.real:.2f}") for f in compare([night.trials for night in nights])]
        _table(("figure", "simulated", "public"), rows)


def _noise(sigma: float | None) -> str:
    return "sigma as it varies between machines" if sigma is None else f"sigma {sigma:g}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    columns = [Column(name, right=number > 0) for number, name in enumerate(names)]
    print("\n".join(table(columns, rows, WIDTH)))


def _number(its: Mapping[str, float | None]) -> str:
    e = Estimate(**its)
    interval = "" if e.low is None or e.high is None else f" [{e.low:.5f}, {e.high:.5f}]"
    return "-" if e.value is None else f"{e.value:.5f}{interval}"


def _share(its: Mapping[str, float | None]) -> str:
    e = Estimate(**its)
    interval = "" if e.low is None or e.high is None else f" [{100 * e.low:.0f}, {100 * e.high:.0f}]"
    return "-" if e.value is None else f"{100 * e.value:.1f} %{interval}"


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=500, metavar="N")
    parser.add_argument("--runs", type=int, default=100, metavar="N", help="runs of a night, reruns included")
    parser.add_argument("--policies", nargs="+", choices=list(POLICIES), default=list(POLICIES), metavar="NAME")
    parser.add_argument(
        "--sigma",
        type=lambda word: None if word == "real" else float(word),
        default=5e-4,
        metavar="SIGMA",
        help="standard deviation of one run, or 'real': drawn each night as it varies between machines",
    )
    parser.add_argument(
        "--drift", type=float, default=0.0, metavar="P", help="chance of a run that the machine changes for good"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--check-world", action="store_true", help="compare simulated nights with public ledgers")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
