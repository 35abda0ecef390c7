"""Nights of research made up for the rendering tests: runs, boards and reports, tame or hostile."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from memorylab.core.decisions.belief import Track, Trial
from memorylab.core.decisions.noise import Noise, estimate
from memorylab.core.decisions.registry import Board, FailureCluster, Lineage, brief_of
from memorylab.core.decisions.situation import good
from memorylab.core.report import morning
from memorylab.core.report.lineage_tree import Step
from memorylab.core.report.morning import Morning, Point, Seen, Window
from memorylab.records import Arena, Blocked, Contender, Direction, RunView
from memorylab.render.appendix import Appendix, Detail

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "a | b || c \\| d",
    "```\n# heading\n``` `x` ``y``",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202eevil\u202c",
    "A" * 5000,
    "[click](http://evil.example/x) ![i](http://evil.example/i.png) https://evil.example www.evil.example",
    "\ud800 lone surrogate \ufffe",
    "値の埋め込みを増やす 0.04 → 0.05",
    "--> ]]> </style></title></svg><svg onload=alert(1)>",
    "&lt;b&gt; $x$ ~~s~~ *b* _i_",
    "# h1",
    "1. one",
    "- item",
    "$title ${meta} %s {0}",
)


def run(seq: int, status: str, value: float | None, description: str, **more: Any) -> RunView:
    """One run of the index; what isn't given is None."""
    row: dict[str, Any] = dict.fromkeys(RunView._fields)
    commit = f"{seq * 2654435761 % 2**28:07x}"
    stamp = f"2026-01-{5 + seq // 240:02d}T{seq // 10 % 24:02d}:{seq * 6 % 60:02d}:22Z"
    row.update(
        seq=seq, run_id=f"{stamp.replace('-', '').replace(':', '')}-{commit}", timestamp_utc=stamp, branch="night",
        commit=commit, family="optimizer", status=status, description=description, value=value, rank=value,
        integrity="ok", code=commit, candidate=commit, depth=0, root=1, dirty=0, seconds=300.0,
    )  # fmt: skip
    row.update(more)
    return RunView(**{name: row[name] for name in RunView._fields})


def night(count: int = 60, direction: Direction = "min", hostile: bool = False, seed: int = 1) -> list[RunView]:
    """Runs of a metric that gets better: every seventh is kept, every eleventh crashes, the others are a bit worse."""
    rng = random.Random(seed)
    sign = 1 if direction == "min" else -1
    level, base = 1.0, None
    runs = []
    for seq in range(1, count + 1):
        name = HOSTILE[seq % len(HOSTILE)] if hostile else f"idea {seq}: MATRIX_LR {seq / 1000}"
        if seq % 11 == 5:
            runs.append(run(seq, "crash", None, name, error_kind="oom", next_action="fix_and_retry",
                            error_summary=HOSTILE[seq % 7] if hostile else "CUDA out of memory"))  # fmt: skip
            continue
        kept = seq % 7 == 1
        level -= 0.03 / seq if kept else 0.0
        value = sign * (level if kept else level + abs(rng.gauss(0.002, 0.002)) + (1.5 if seq % 29 == 3 else 0.0))
        action = "promote" if kept else "abandon"
        runs.append(run(seq, "keep" if kept else "discard", value, name, base_value=base, rank=sign * value,
                        next_action=action, depth=seq // 7))  # fmt: skip
        base = value if kept else base
    return runs


def followed(runs: Sequence[RunView], noise: Noise, direction: Direction = "min") -> Track:
    """What the runs teach of true values; each was built on the kept run before it."""
    trials, base = [], None
    for one in runs:
        if one.value is not None:
            trials.append(Trial(one.candidate, base, good(one.value, direction)))
            base = one.candidate if one.status == "keep" else base
    return Track(noise).follow(trials)


def points(runs: Sequence[RunView]) -> list[Point]:
    """The runs as the chart takes them."""
    return [Point(r.seq, r.run_id, r.status, r.value, r.description) for r in runs]


def options(kept: Sequence[RunView], discarded: Sequence[RunView]) -> list[dict[str, Any]]:
    """What the next run may be spent on: the champion again, a discarded idea again, something new."""
    priced = {"minutes": 5.0, "per_minute": 1e-4, "chance": 0.7, "reruns": 2, "runs": 1}
    new = {"action": "new", "run_id": None, "description": "", "worth": 2e-4, "minutes": 5.0, "per_minute": 4e-5}
    found = [{"action": "replicate", **brief_of(run), "mean": run.value, "worth": 5e-4, **priced} for run in kept[:1]]
    found += [{"action": "retry", **brief_of(run), "mean": run.value, "worth": 3e-4, **priced} for run in discarded[:2]]
    return [*found, new | {"chance": None, "reruns": None, "mean": None, "runs": None}] if found else []


def tree(line: Sequence[RunView]) -> list[Step]:
    """A line from its newest run back, with a branch beside it."""
    return [
        Step(run, int(place == 1), line[place + 1].seq if place + 1 < len(line) else None, 0)
        for place, run in enumerate(line[:6])
    ]


def held_back(runs: Sequence[RunView]) -> list[Blocked]:
    """The guard refused to run these again."""
    return [Blocked(r.timestamp_utc, r.description, r.family, "duplicate_run", f"tried: {r.description}", "night",
                    (r.run_id,)) for r in runs]  # fmt: skip


def named(runs: Sequence[RunView]) -> Appendix:
    """Runs as a page tells them in full, each with a hostile packet, log and diff of its own."""
    packet = {"summary": HOSTILE[0], "rationale": list(HOSTILE)}
    files = ("decision_packet.md", "run.log", "train.patch")
    return {
        r.run_id: Detail(r, packet, "\n".join(HOSTILE), "--- a\n+++ b\n" + "\n".join(f"+{t}" for t in HOSTILE), files)
        for r in runs
    }


def report(runs: Sequence[RunView], direction: Direction = "min", since: bool = True, **more: Any) -> Morning:
    """The morning report of a night; `since` cuts the first third off the window."""
    arena = Arena(metric="val_bpb", direction=direction, budget_s=300.0, device="H100")
    ranked = sorted((r for r in runs if r.rank is not None), key=lambda r: r.rank or 0.0)
    kept = [r for r in ranked if r.status == "keep"]
    crashes = [r for r in runs if r.status == "crash"]
    line = [r for r in runs if r.status == "keep"][::-1]
    cut = len(runs) // 3 if since else 0
    window, before = runs[cut:], next((r for r in reversed(runs[:cut]) if r.status == "keep"), None)
    noise = estimate(1.0, (5e-4,) * 4)
    board = Board(
        arena, noise, Contender(kept[0], 1, kept[0].value or 0.0) if kept else None,
        [Contender(r, 1, r.value or 0.0) for r in ranked[:20]],
        Contender(kept[1], 1, kept[1].value or 0.0) if len(kept) > 1 else None,
        [Lineage(line[0], line[:5], line[-1])] if line else [],
        [FailureCluster("crash", "oom\tDEPTH", len(crashes), crashes[-1])] if crashes else [],
        {status: sum(r.status == status for r in runs) for status in ("keep", "discard", "crash")},
        followed(runs, noise, direction),
        options=options(kept, [r for r in ranked if r.status == "discard"]),
    )  # fmt: skip
    counts = {status: sum(r.status == status for r in window) for status in ("keep", "discard", "crash")}
    families = {f"optimizer\t{status}": count for status, count in counts.items() if count}
    found = morning.morning(
        board, Window(counts, {status: 300.0 * n for status, n in counts.items()}, window[::-1], before,
                      held_back(runs[:5]), 7),
        Seen(families, points(runs), tree=tree(line), failed={("crash", "oom\tDEPTH"): crashes[::-1]}),
        now="2026-01-06T06:58:00Z", since="2026-01-05T22:00:00Z" if before else None,
    )  # fmt: skip
    return found._replace(**more)
